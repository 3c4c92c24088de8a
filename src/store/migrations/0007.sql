-- To version 7, after accounts have their keys (see version_7.rs): the trusted clock, by which address keys are deleted with
-- their salts, and known devices, which signed-in browsers become at the next sign-in.

create table trusted_clock (
  id integer primary key check (id = 1),
  trusted_at integer not null
) strict;
insert into trusted_clock (id, trusted_at)
select 1, max(ran_at) from jobs having max(ran_at) is not null;
alter table sites add column address_keys_since integer not null default 0;

create table devices (
  token_hash blob not null,
  user_id integer not null references users (id) on delete cascade,
  seen_at integer not null,
  agent text not null,
  address text not null,
  primary key (token_hash, user_id)
) strict, without rowid;
create index devices_by_user on devices (user_id);
