-- To version 4: sites shared at View Only and by invitation, and a limit on the sites that a user owns.

alter table users add column sites_max integer;
alter table sign_ins add column preview_site integer references sites (id) on delete set null;
alter table sites add column view_only_reports text;
alter table sites add column view_only_data text;
alter table shares add column given_by integer references users (id) on delete set null;
alter table shares add column given_as text;
alter table shares add column is_invited integer not null default 0;
alter table shares add column seen_at integer;
alter table shares add column view_only_reports text;
alter table shares add column view_only_data text;
create table invitations (
  token_hash blob primary key,
  site_id integer not null references sites (id) on delete cascade,
  email text not null,
  level text not null,
  given_by integer references users (id) on delete set null,
  created_at integer not null,
  unique (site_id, email)
) strict, without rowid;
