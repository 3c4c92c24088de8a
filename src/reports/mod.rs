//! From a question to an answer: what is in the file, as people and programs ask for it. [`catalogue`] holds every
//! report once; [`reader`] gives [`questions`] the days of one moment as columns to count. Knows neither HTTP nor HTML.

pub mod actions;
pub mod breakdown;
mod built;
mod built_days;
pub mod catalogue;
pub mod chronicle;
pub mod columns;
pub mod comparison;
pub mod days;
pub mod details;
pub mod dimension;
pub mod filter;
pub mod inquiry;
pub mod left_out;
mod loading;
pub mod measures;
pub mod mentions;
pub mod naming;
mod numbering;
pub mod online;
#[cfg(test)]
mod oracle;
pub mod other_hosts;
pub mod person;
pub mod pruning;
pub mod questions;
pub mod range;
pub mod ranking;
pub mod reader;
pub mod reading;
pub mod sealing;
pub mod shown;
pub mod site_list;
pub mod table;
pub mod totals;
pub mod usage;
pub mod view;
pub mod visits;
pub mod wanted;
