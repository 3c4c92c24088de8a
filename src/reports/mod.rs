//! From a question to an answer: what is in the file, as people and programs ask for it. Knows neither HTTP nor HTML.

pub mod actions;
pub mod online;
pub mod range;
pub mod site_list;
pub mod visits;
