-- Personal tokens, and the ids of hits that programs sent.
-- Personal tokens, each by the hash of its text: keys with which a person's programs read what the person may read.
create table tokens (
  id integer primary key autoincrement,
  token_hash blob not null unique,
  user_id integer not null references users (id) on delete cascade,
  name text not null,
  may_write integer not null,             -- where its person is owner or Administrator
  has_all_sites integer not null,         -- 0: those in token_sites
  created_at integer not null,
  expires_at integer,
  used_at integer,                        -- about
  used_from text,                         -- the IP address of the program
  used_by text                            -- the user agent of the program, shortened; may be empty
) strict;
create index tokens_by_user on tokens (user_id);

-- The sites to which a token is limited. A token keeps its limit when its sites are deleted.
create table token_sites (
  token_id integer not null references tokens (id) on delete cascade,
  site_id integer not null references sites (id) on delete cascade,
  primary key (token_id, site_id)
) strict, without rowid;
create index token_sites_by_site on token_sites (site_id);

-- Hits that programs sent with an id of their own, by its hash, so that a hit sent again within a day counts once.
create table sent_hits (
  site_id integer not null,
  day integer not null,                   -- days since 1970, UTC
  id_hash integer not null,               -- the first 64 bits of its hash under a key made of the site's line_key
  sent_at integer not null,
  dropped text,                           -- the reason; null: recorded
  primary key (site_id, day, id_hash)
) strict, without rowid;

-- The newest of these ids, as they arrived: a row for each site and transaction. They are moved to sent_hits from time to
-- time, many at once and in its order.
create table sent_runs (
  id integer primary key,
  site_id integer not null,
  sent_at integer not null,               -- of the newest
  hits blob not null                      -- id_hash, sent_at, and the reason for each
) strict;
create index sent_runs_by_site on sent_runs (site_id);
