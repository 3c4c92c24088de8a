-- To version 5: guest links with their brand, sub-accounts, plans with their statements, and the audit log.

alter table users add column parent_id integer references users (id) on delete set null;
create index users_by_parent on users (parent_id) where parent_id is not null;
alter table users add column email_proved integer not null default 1;
alter table outbox add column expires_at integer;
create table proofs (
  token_hash blob primary key,
  user_id integer references users (id) on delete cascade,
  email text not null,
  created_at integer not null
) strict, without rowid;
create index proofs_by_user on proofs (user_id);
create table offer_letters (
  site_id integer not null references sites (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  at integer not null,
  primary key (site_id, user_id)
) strict, without rowid;
alter table sign_ins add column acting_for integer references users (id) on delete set null;
alter table sites add column admin_key_used_at integer;
alter table shares add column sees_billing integer not null default 0;
create table links (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  token text not null unique,
  name text not null,
  password text,
  expires_at integer,
  reports text not null,
  visitor_data text not null,
  embed_origins text not null default '',
  is_white_label integer not null default 0,
  created_at integer not null,
  created_by integer references users (id) on delete set null,
  disabled_at integer,
  views integer not null default 0,
  opened_at integer
) strict;
create index links_by_site on links (site_id);
create table link_passes (
  token_hash blob primary key,
  link_id integer not null references links (id) on delete cascade,
  created_at integer not null
) strict, without rowid;
create index link_passes_by_link on link_passes (link_id);
create table brands (
  site_id integer primary key references sites (id) on delete cascade,
  name text not null,
  accent text,
  footer text not null default '',
  logo blob,
  updated_at integer not null
) strict;
create table plans (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,
  name text not null,
  price integer not null,
  currency text not null,
  actions_max integer,
  contact text not null,
  notes text not null,
  primary key (user_id, month)
) strict, without rowid;
create table statements (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,
  plan text not null,
  price integer not null,
  currency text not null,
  actions_max integer,
  contact text not null,
  closed_at integer not null,
  primary key (user_id, month)
) strict, without rowid;
create table statement_lines (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,
  site_id integer not null,
  domain text not null,
  actions integer not null,
  primary key (user_id, month, site_id)
) strict, without rowid;
create table audit (
  id integer primary key autoincrement,
  site_id integer not null,
  at integer not null,
  actor text,
  acting_for text,
  act text not null,
  about text not null,
  address text
) strict;
create index audit_by_site on audit (site_id, id);
create index audit_by_time on audit (at);
