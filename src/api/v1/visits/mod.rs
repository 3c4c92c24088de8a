//! Visits, actions and visitors.

pub mod actions;
pub mod list;
pub mod visit;
pub mod visit_json;
mod visit_page;
pub mod visitor;
