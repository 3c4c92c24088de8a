-- To version 6: sealed days, named segments, imports of files, and totals of old visits. Values that repeat together
-- in visits are stored once.

create table sources (
  id integer primary key,
  medium integer not null,
  referrer integer not null default 0,
  referrer_domain integer not null default 0,
  referrer_name integer not null default 0,
  search_terms integer not null default 0,
  campaign integer not null default 0,
  campaign_source integer not null default 0,
  campaign_medium integer not null default 0,
  campaign_term integer not null default 0,
  campaign_content integer not null default 0,
  unique (
    referrer, search_terms, campaign, medium, referrer_domain, referrer_name,
    campaign_source, campaign_medium, campaign_term, campaign_content
  )
) strict;
create table machines (
  id integer primary key,
  browser integer not null default 0,
  system integer not null default 0,
  hardware integer not null,
  screen integer not null default 0,
  language integer not null default 0,
  unique (browser, system, screen, language, hardware)
) strict;
create table places (
  id integer primary key,
  country integer not null default 0,
  region integer not null default 0,
  city integer not null default 0,
  organization integer not null default 0,
  latitude integer not null default 0,
  longitude integer not null default 0,
  unique (city, organization, country, region, latitude, longitude)
) strict;
create temp view before as
select site_id, id, visitor_id, stay, actions, page_views, traits, landing, exit, address, address_key,
  hostname, medium, ifnull(referrer, 0) as referrer, ifnull(referrer_domain, 0) as referrer_domain,
  ifnull(referrer_name, 0) as referrer_name, ifnull(search_terms, 0) as search_terms,
  ifnull(campaign, 0) as campaign, ifnull(campaign_source, 0) as campaign_source,
  ifnull(campaign_medium, 0) as campaign_medium, ifnull(campaign_term, 0) as campaign_term,
  ifnull(campaign_content, 0) as campaign_content, ifnull(browser, 0) as browser,
  ifnull(system, 0) as system, hardware, ifnull(screen, 0) as screen, ifnull(language, 0) as language,
  ifnull(country, 0) as country, ifnull(region, 0) as region, ifnull(city, 0) as city,
  ifnull(organization, 0) as organization,
  iif(longitude is null, 0, ifnull(cast(round(latitude * 100000) as integer), 0)) as latitude,
  iif(latitude is null, 0, ifnull(cast(round(longitude * 100000) as integer), 0)) as longitude
from main.visits;
insert into sources (
  medium, referrer, referrer_domain, referrer_name, search_terms,
  campaign, campaign_source, campaign_medium, campaign_term, campaign_content)
select distinct medium, referrer, referrer_domain, referrer_name, search_terms,
  campaign, campaign_source, campaign_medium, campaign_term, campaign_content
from before;
insert into machines (browser, system, hardware, screen, language)
select distinct browser, system, hardware, screen, language from before;
insert into places (country, region, city, organization, latitude, longitude)
select distinct country, region, city, organization, latitude, longitude from before;
create table visits_shared (
  site_id integer not null,
  id integer not null,
  visitor_id integer not null,
  stay integer not null,
  actions integer not null,
  page_views integer not null,
  traits integer not null,
  source integer not null,
  machine integer not null,
  place integer not null,
  landing integer,
  exit integer,
  address blob,
  address_key integer,
  hostname integer,
  primary key (site_id, id)
) strict, without rowid;
insert into visits_shared (
  site_id, id, visitor_id, stay, actions, page_views, traits, source, machine, place,
  landing, exit, address, address_key, hostname)
select site_id, before.id, visitor_id, stay, actions, page_views, traits,
  sources.id, machines.id, places.id, landing, exit, address, address_key, hostname
from before
cross join sources using (
  medium, referrer, referrer_domain, referrer_name, search_terms,
  campaign, campaign_source, campaign_medium, campaign_term, campaign_content)
cross join machines using (browser, system, hardware, screen, language)
cross join places using (country, region, city, organization, latitude, longitude)
order by site_id, before.id;
drop view before;
drop table visits;
alter table visits_shared rename to visits;
create index visits_by_visitor on visits (site_id, visitor_id, id);

alter table sites add column visits_kept_days integer;
alter table sites add column dropping_begins integer;
alter table sites add column dropping_ends integer;
alter table sites add column edition integer not null default 0;
alter table sites add column swept integer not null default 0;
alter table links add column segment text;
create table segments (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  user_id integer references users (id) on delete cascade,
  name text not null,
  conditions text not null,
  created_at integer not null
) strict;
create index segments_by_site on segments (site_id);
create index segments_by_user on segments (user_id) where user_id is not null;
create table stretches (
  site_id integer not null,
  first_day integer not null,
  last_day integer not null,
  begins integer not null,
  ends integer not null,
  seal integer not null,
  format integer not null,
  zone text not null,
  days blob not null,
  primary key (site_id, first_day)
) strict, without rowid;
create table blocks (
  site_id integer not null,
  part integer not null,
  first_day integer not null,
  seal integer not null,
  data blob not null,
  primary key (site_id, part, first_day, seal)
) strict, without rowid;
create table totals (
  site_id integer not null,
  dimension text not null,
  day integer not null,
  item integer not null,
  within integer not null,
  code integer not null,
  beside integer,
  hits integer not null,
  visits integer not null,
  uniques integer not null,
  new integer not null,
  actions integer not null,
  seconds integer not null,
  bounces integer not null,
  kinds text,
  primary key (site_id, dimension, day, item, within, code)
) strict, without rowid;
create table imports (
  site_id integer not null,
  hash blob not null,
  format text not null,
  name text not null,
  head_bytes integer not null,
  bytes integer not null,
  lines integer not null,
  taken integer not null,
  left_out integer not null,
  refused integer not null,
  begun_at integer not null,
  ended_at integer,
  primary key (site_id, hash)
) strict, without rowid;
