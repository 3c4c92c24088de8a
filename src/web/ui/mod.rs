//! The parts that screens are made of: charts, maps, parts of forms, icons, texts of numbers and times.

pub mod account_fields;
pub mod action_name;
pub mod chart;
pub mod chart_notes;
pub mod field;
pub mod flow;
pub mod format;
pub mod icon;
pub mod map;
pub mod map_projection;
pub mod metric_chart;
pub mod page_code;
pub mod pager;
pub mod value_change;
