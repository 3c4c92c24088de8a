//! From a question to an answer: what is in the file, as people and programs ask for it. [`catalogue`] holds every
//! report once; [`reader`] gives [`questions`] the days of one moment as columns to count. Knows neither HTTP nor HTML.

pub mod actions;
pub mod aggregate;
pub mod block_cache;
pub mod catalogue;
pub mod columns;
pub mod comparison;
pub mod cross_tab;
pub mod date_range;
pub mod details;
pub mod dimension;
pub mod filter;
pub mod filtered_hits;
pub mod filters_naming_visitor;
pub mod item_name;
mod live_day;
mod live_days;
mod loader;
pub mod metrics;
pub mod online;
#[cfg(test)]
mod oracle;
pub mod other_hosts;
pub mod predicate;
pub mod pruning;
pub mod query;
pub mod ranking;
pub mod reading;
pub mod recent;
pub mod rollups;
pub mod sealing;
pub mod site_summary;
pub mod snapshot;
pub mod table;
pub mod usage;
pub mod visibility;
pub mod visible_visits;
pub mod visitor_data;
mod visitor_numbers;
pub mod visits;
