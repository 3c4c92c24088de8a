//! Funnels: [`steps`] compares items with the steps, [`visit_events`] reads what a visit did in order, [`chain`] finds the chain
//! that comes furthest. [`visit_counts`] and [`visitor_counts`] count within visits and across them, [`answer`] names the result.

pub mod answer;
pub mod chain;
pub mod funnel_counts;
pub mod funnel_match;
pub mod next_pages;
pub mod step_times;
pub mod steps;
pub mod visit_counts;
pub mod visit_events;
pub mod visitor_counts;
