//! Single visits: their actions, lists of the latest, who is online, and what of a visitor may be seen.

pub mod actions;
pub mod details;
pub mod listed;
pub mod online;
pub mod recent;
pub mod visible_visits;
pub mod visit;
pub mod visit_attributes;
pub mod visit_fields;
pub mod visitor_data;
