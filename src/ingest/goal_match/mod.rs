//! The matching of goals with what visits did: [`rule_set`] knows the compiled rules, [`visit_matches`] finds what rules match
//! in stored visits, [`counting`] decides what counts. The recorder matches hits as they arrive; [`back_fill`] matches
//! earlier visits with goals that are new or changed, and [`preview`] counts what a rule would have matched.

pub mod back_fill;
pub mod counting;
pub mod preview;
#[cfg(test)]
mod property;
pub mod rule_set;
pub mod stored_text;
pub mod visit_matches;

pub use back_fill::{match_all_now, match_slice};
pub use preview::count_matches;
