-- To version 2: an index for recent links and searches, samples of filtered hits, and host names of addresses.

create index visits_by_referrer on visits (site_id, referrer, id, medium) where referrer is not null;
create index visits_by_search on visits (site_id, search_terms, id) where search_terms is not null;
create table filtered_samples (
  site_id integer not null,
  day integer not null,
  reason text not null,
  number integer not null,
  at integer not null,
  page text,
  agent text,
  referrer text,
  primary key (site_id, day, reason, number)
) strict, without rowid;
alter table visits add column hostname integer;
