-- To version 3: rules and limits of sites, the second factor and preferences of users, stored letters and tasks.

alter table users add column second_factor blob;
alter table users add column second_factor_step integer;
alter table users add column theme text not null default 'system';
alter table users add column start_page text not null default '/';
alter table users add column panels text;
alter table sites add column hits_per_minute_max integer not null default 3000;
alter table sites add column actions_per_day_max integer;
create table recovery_codes (
  user_id integer not null references users (id) on delete cascade,
  code_hash blob not null,
  primary key (user_id, code_hash)
) strict, without rowid;
create table resets (
  token_hash blob primary key,
  user_id integer not null references users (id) on delete cascade,
  created_at integer not null
) strict, without rowid;
create index resets_by_user on resets (user_id);
create table exclusions (
  site_id integer not null references sites (id) on delete cascade,
  kind text not null,
  value text not null,
  primary key (site_id, kind, value)
) strict, without rowid;
create table shares (
  site_id integer not null references sites (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  level text not null,
  created_at integer not null,
  primary key (site_id, user_id)
) strict, without rowid;
create index shares_by_user on shares (user_id);
create table transfers (
  site_id integer primary key references sites (id) on delete cascade,
  offered_to text not null,
  user_id integer references users (id) on delete cascade,
  created_at integer not null
) strict;
create index transfers_by_user on transfers (user_id);
create table outbox (
  id integer primary key autoincrement,
  recipient text not null,
  subject text not null,
  text text not null,
  html text not null,
  created_at integer not null,
  due_at integer not null,
  tries integer not null default 0,
  problem text,
  given_up_at integer
) strict;
create index outbox_by_due on outbox (due_at) where given_up_at is null;
create table jobs (
  name text primary key,
  ran_at integer not null,
  milliseconds integer not null,
  problem text
) strict, without rowid;
