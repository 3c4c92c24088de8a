-- To version 8: sealed columns are found by an index.

create table blocks_8 (
  site_id integer not null,
  part integer not null,
  first_day integer not null,
  seal integer not null,
  data blob not null,
  primary key (site_id, part, first_day, seal)
) strict;
insert into blocks_8 (site_id, part, first_day, seal, data)
select site_id, part, first_day, seal, data from blocks order by site_id, part, first_day, seal;
drop table blocks;
alter table blocks_8 rename to blocks;
