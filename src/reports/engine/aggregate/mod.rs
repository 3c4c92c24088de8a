//! Accumulators: aggregations computed in one pass over days, such as totals, sums by day and by hour, items with their
//! metrics, and matching visits.

pub mod accumulator;
pub mod action_counts;
pub mod cells;
pub mod cohort_visits;
mod counted_points;
mod counted_values;
pub mod external_sort;
pub mod first_times;
mod goal_items;
pub mod group_by;
pub mod grouped;
pub mod item_series;
pub mod key_filter;
pub mod page_heat;
pub mod page_uses;
pub mod pairs;
pub mod parted;
pub mod spill;
pub mod spill_folder;
pub mod totals;
pub mod visit_ids;
pub mod vital_values;
pub mod week_hours;
