-- Funnels, pages that were not found, and web vitals.
alter table sites add column vitals_measured integer not null default 0;

-- Funnels of sites.
create table funnels (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null,
  window_days integer,                    -- days in which a visitor may take all steps; null: within a visit
  created_at integer not null
) strict;
create index funnels_by_site on funnels (site_id);

-- Steps of funnels.
create table funnel_steps (
  funnel_id integer not null references funnels (id) on delete cascade,
  number integer not null,                -- from 1
  name text not null default '',          -- empty: its goal or pattern names it
  kind text not null,                     -- goal, page, event, download, outbound
  goal integer,                           -- goals; only of the kind goal
  match text not null default 'exact',    -- exact, starts, wildcard, regex
  pattern text not null default '',
  is_direct integer not null default 0,   -- 1: no other page is viewed between the step before and this one
  primary key (funnel_id, number)
) strict, without rowid;

-- Views of pages that were not found.
create table missing_pages (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  page integer not null,                  -- labels: address
  referrer integer,                       -- labels: address of the page whose link led there; null: unknown
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Web vitals of page views, as browsers measured them.
create table vitals (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  page integer not null,                  -- labels: address
  lcp integer,                            -- Largest Contentful Paint, in milliseconds; null: not measured, and so those below
  inp integer,                            -- Interaction to Next Paint, in milliseconds
  cls integer,                            -- Cumulative Layout Shift, in ten-thousandths
  primary key (site_id, visit_id, number)
) strict, without rowid;
