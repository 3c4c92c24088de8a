//! Visits, actions and visitors.

pub mod actions;
pub mod list;
mod parts;
pub mod visit;
pub mod visit_json;
pub mod visitor;
