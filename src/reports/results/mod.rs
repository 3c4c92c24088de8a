//! The results of a query as people read them: tables, cross-tabs and the names of items.

pub mod cross_tab;
pub mod item_name;
pub mod reading;
pub mod table;
pub mod time_series;
