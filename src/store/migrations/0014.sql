-- Goals, campaigns and annotations; revenue in whole minor units of a currency.
alter table sites add column currency text not null default 'USD';
alter table sites add column custom_keys text not null default '';
alter table visits add column first_source integer;
alter table visits add column last_source integer;
alter table rollups add column conversions integer not null default 0;
alter table rollups add column converted integer not null default 0;
alter table rollups add column earned integer not null default 0;
alter table rollups add column refunded integer not null default 0;

-- Goals of sites: those set up, and those that pages named and nobody has set up yet.
create table goals (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null,
  code text not null,                     -- the id or name by which pages and programs name it
  kind text,                              -- page, event, download, outbound, actions, seconds, custom, campaign; null: only named
  match text not null default 'exact',    -- exact, starts, wildcard, regex
  pattern text not null default '',       -- what is matched; of actions and seconds the number
  revenue integer,                        -- of each conversion; null: as it is sent
  every_time integer not null default 0,  -- 0: counts once a visit
  is_set_up integer not null,             -- 0: found, since a page named it
  created_at integer not null,
  removed_at integer,                     -- its conversions stay and count no more; null: it is there
  match_below integer,                    -- visits with lower ids are still to be matched with its rule; null: none are
  matching_began integer,                 -- the value of match_below when that began, for its progress
  unique (site_id, code)
) strict;
create index goals_to_match on goals (site_id) where match_below is not null;

-- Campaigns of a site's own: visits without utm_campaign that begin on these pages or come from these domains.
create table campaign_rules (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  campaign text not null,
  kind text not null,                     -- landing, referrer
  match text not null,                    -- exact, starts, wildcard, regex; of a referrer always exact
  pattern text not null,
  created_at integer not null
) strict;
create index campaign_rules_by_site on campaign_rules (site_id);

-- Further names of query parameters that describe campaigns, such as mtm_campaign.
create table campaign_parameters (
  site_id integer not null references sites (id) on delete cascade,
  parameter text not null,
  part text not null,                     -- campaign, source, medium, term, content
  primary key (site_id, parameter)
) strict, without rowid;

-- Costs of campaigns, by day, in the minor unit of the site's currency.
create table campaign_costs (
  site_id integer not null,
  campaign integer not null,              -- labels
  day integer not null,                   -- days since 1970, in the site's zone
  cost integer not null,
  primary key (site_id, campaign, day)
) strict, without rowid;

-- Campaign links that were made, newest last.
create table campaign_links (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  url text not null,                      -- with its parameters
  campaign text not null,
  author text,                            -- a user name; null: a program or the command line
  created_at integer not null
) strict;
create index campaign_links_by_site on campaign_links (site_id);

-- Annotations of dates.
create table annotations (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  day integer not null,                   -- days since 1970, in the site's zone
  kind text not null,                     -- note, deploy
  text text not null,
  author text,                            -- a user name; null: a program with the site key, or the command line
  created_at integer not null
) strict;
create index annotations_by_day on annotations (site_id, day);

-- Annotations of visitors. They belong to the visitor's data: whoever erases it erases them.
create table visitor_notes (
  site_id integer not null,
  visitor_id integer not null,
  name text not null,                     -- shown wherever the visitor is; may be empty
  tags text not null,                     -- one a line
  note text not null,
  author text,                            -- a user name; null: a program with the site key, or the command line
  changed_at integer not null,
  primary key (site_id, visitor_id)
) strict, without rowid;

alter table conversions rename to earlier_conversions;
-- Goals that a visit reached. Amounts are in the minor unit of the site's currency.
create table conversions (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  at integer not null,                    -- milliseconds since the visit began
  goal integer not null,                  -- goals
  origin integer not null,                -- 0: sent by a page or a program; 1: matched by the goal's rule
  sent integer,                           -- the revenue that was sent; null: none, or one that cannot count
  revenue integer not null,               -- what counts of it, or the goal's own; negative: a refund
  counts integer not null,                -- 0: the visit had reached a goal before that counts once a visit
  primary key (site_id, visit_id, number)
) strict, without rowid;
