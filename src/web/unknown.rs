//! Names in an address that no screen reads. Passed over, a misspelled filter would show everybody: such an address is
//! refused, with the name that was probably meant. Links pick up parameters on their way, though: what only tells a click
//! is none of them, nor is a name that begins with `_`.

use super::query_params;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clicks;
use crate::reports::catalogue;

/// The filter of Clicky's for which there is nothing to look at here.
const NOT_HERE: &str = "goal";

/// Returns true for a name in an address that has nothing to say here, and that nobody meant to.
pub fn is_harmless(name: &str) -> bool {
    name.is_empty() || name.starts_with('_') || clicks::tells_a_click(name)
}

/// Refuses an address with these names, of which there may be none.
pub fn check(names: &[String]) -> Result<()> {
    match names.first() {
        Some(name) => Err(Error::invalid("address", sentence(name))),
        None => Ok(()),
    }
}

/// Says what is wrong with a name, and what to do.
fn sentence(name: &str) -> String {
    let filter = name.split_once('.').map_or(name, |(filter, _)| filter);
    let name: String = name.chars().take(60).collect();
    if filter == NOT_HERE {
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

/// The known name that is spelled nearly so.
fn nearest(name: &str) -> Option<&'static str> {
    let dimensions = catalogue::dimensions().iter().chain(&catalogue::SINGLE_VISITS);
    let filters = dimensions.map(|dimension| dimension.filter);
    let known = filters.chain(query_params::names());
    let measured = known.map(|known| (distance(name, known), known));
    let near = measured.min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, known)| *distance <= limits::MISSPELLED_LETTERS_MAX.min(known.len() / 2))
        .map(|(_, known)| known)
}

/// Counts the letters that must be added, left out or replaced to make one word of another
/// (<https://en.wikipedia.org/wiki/Levenshtein_distance>).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().take(64).enumerate() {
        let mut above = row[0];
        row[0] = place + 1;
        for (column, known) in other.iter().enumerate() {
            let replaced = above + usize::from(letter != *known);
            above = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(above + 1);
        }
    }
    row[other.len()]
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

    #[test]
    fn distances_count_letters() {
        for (one, other, letters) in
            [("", "ab", 2), ("ab", "ab", 0), ("contry", "country", 1), ("abc", "axc", 1)]
        {
            assert_eq!(distance(one, other), letters, "{one} {other}");
        }
    }
}
