//! The unknown names of an address. If a misspelled filter were ignored, the page would show all visits: such an address
//! is refused, and the error names the nearest known name. Names that links pick up on their way, such as click ids and
//! names that begin with `_`, are ignored.

use super::names;
use crate::error::{Error, Result};
use crate::http::spelling;
use crate::model::clicks;
use crate::reports::catalogue;

/// The filter of Clicky's by goal, which has no counterpart here.
const GOAL: &str = "goal";

/// Returns true for a name that no person typed as a filter.
pub fn is_harmless(name: &str) -> bool {
    name.is_empty() || name.starts_with('_') || clicks::tells_a_click(name)
}

/// Checks that there are no unknown names.
///
/// # Errors
///
/// Fails with `Error::Invalid` for the first unknown name.
pub fn check(names: &[String]) -> Result<()> {
    match names.first() {
        Some(name) => Err(Error::invalid("address", sentence(name))),
        None => Ok(()),
    }
}

/// Returns the problem with a name, and its remedy.
fn sentence(name: &str) -> String {
    let filter = name.split_once('.').map_or(name, |(filter, _)| filter);
    let name: String = name.chars().take(60).collect();
    if filter == GOAL {
        return format!("Visits can't be filtered by {name} here. Take it out of the address.");
    }
    match nearest(filter) {
        Some(near) => {
            format!("There is no filter “{name}”. Did you mean “{near}”? Correct it in the address.")
        }
        None => format!(
            "There is no filter “{name}”. Take it out of the address, or add a filter above a report."
        ),
    }
}

/// Returns the known name with the nearest spelling.
fn nearest(name: &str) -> Option<&'static str> {
    let dimensions = catalogue::dimensions().iter().chain(&catalogue::SINGLE_VISITS);
    let filters = dimensions.map(|dimension| dimension.filter);
    let known = filters.chain(names::all());
    spelling::nearest(name, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_is_refused_with_the_one_that_was_meant() {
        for (typed, meant) in [
            ("contry", "“country”"),
            ("contry.not", "“country”"),
            ("rang", "no filter “rang”"),
            ("dat", "“date”"),
            ("serach", "“search”"),
            ("zzzzzz", "Take it out"),
            ("goal", "can't be filtered"),
            ("sesion_id", "“session_id”"),
        ] {
            assert!(sentence(typed).contains(meant), "{typed}: {}", sentence(typed));
        }
    }

    #[test]
    fn what_links_pick_up_on_their_way_is_harmless() {
        for name in ["utm_source", "UTM_X", "gclid", "fbclid", "_", "_ga", "_anything", ""] {
            assert!(is_harmless(name), "{name}");
        }
        assert!(!is_harmless("contry") && !is_harmless("ref"));
    }
}
