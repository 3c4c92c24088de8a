//! The filters of a report on screens: their form, their text, saved segments, and the query of an address.

pub mod filter_bar;
pub mod filter_text;
pub mod open_segments;
pub mod query_params;
pub mod segments;
