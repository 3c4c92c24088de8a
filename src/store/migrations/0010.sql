-- To version 10: a site's own hosts, and the forms of its pages; version_10.rs does the rest.

alter table sites add column own_hosts_only integer not null default 1;
alter table sites add column page_origin text;
alter table sites add column rules_changed_at integer;
update sites set own_hosts_only = 0, rules_changed_at = cast(unixepoch('subsec') * 1000 as integer);
create table site_hosts (
  site_id integer not null references sites (id) on delete cascade,
  host text not null,
  is_own integer not null,
  primary key (site_id, host)
) strict, without rowid;
create table other_hosts (
  site_id integer not null references sites (id) on delete cascade,
  day integer not null,
  host text not null,
  page_views integer not null,
  filtered integer not null default 0,
  primary key (site_id, day, host)
) strict, without rowid;
create table page_forms (
  label integer primary key,
  form integer not null
) strict;
create index page_forms_by_form on page_forms (form);
