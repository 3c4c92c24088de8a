//! From a query to an answer. [`catalogue`] holds every report once; a [`query::Query`] goes to an [`engine::Engine`],
//! which returns an [`answer::Answer`]. Knows neither HTTP nor HTML.

pub mod answer;
pub mod attribution;
mod broken_link;
pub mod catalogue;
pub mod cohort_unit;
pub mod columns;
pub mod comparison;
pub mod data_reader;
pub mod date_range;
pub mod dimension;
pub mod engine;
pub mod filter;
pub mod filter_sentence;
pub mod filter_value;
pub mod filtered_hits;
pub mod filters_naming_funnel;
pub mod filters_naming_goal;
pub mod filters_naming_visitor;
pub mod funnel_filter;
pub mod funnel_step;
pub mod heatmap_want;
pub mod hour_metrics;
pub mod hourly_visits;
pub mod journey_middle;
pub mod missing_names;
#[cfg(test)]
pub mod oracle;
pub mod other_hosts;
pub mod page_reading;
pub mod partial;
pub mod query;
pub mod recent_list;
pub mod report;
pub mod results;
pub mod retention_period;
pub mod search;
pub mod significance;
pub mod site_summary;
pub mod split_report;
pub mod step_names;
pub mod table_query;
pub mod uptime;
pub mod usage;
pub mod visibility;
pub mod visits;
