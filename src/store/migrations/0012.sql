-- To version 12: the last use of site keys.

create table key_uses (
  site_id integer primary key references sites (id) on delete cascade,
  used_at integer not null,
  address text not null,
  user_agent text not null
) strict;
