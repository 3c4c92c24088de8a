//! The results of a query as people read them: tables, cross-tabs and the names of items.

pub mod cross_tab;
pub mod funnel;
pub mod heatmap;
pub mod item_name;
pub mod journey;
pub mod reading;
pub mod retention;
pub mod split_test;
pub mod table;
pub mod time_series;
pub mod vitals;
pub mod week_hours;
