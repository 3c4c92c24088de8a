-- Heatmaps: the elements that were clicked, and how long and how far pages were read.
alter table heatmap_clicks add column element integer;
alter table heatmap_clicks add column text integer;
alter table heatmap_clicks add column element_x integer;
alter table heatmap_clicks add column element_y integer;
alter table heatmap_clicks add column is_rage integer not null default 0;
alter table heatmap_clicks add column is_dead integer not null default 0;

create table page_reads (
  site_id integer not null,
  visit_id integer not null,
  page integer not null,                  -- labels: address
  seconds integer not null,               -- in which it was visible
  depth integer,                          -- the deepest point seen, in thousandths of its height; null: not measured
  primary key (site_id, visit_id, page)
) strict, without rowid;

alter table sites add column heatmap_pages text not null default '';
alter table sites add column heatmap_sample integer not null default 100;
alter table sites add column heatmap_days integer not null default 365;
