//! The spelling of names that programs and people type: the known name that was probably meant.

use crate::limits;

/// Returns a name as it is repeated in a sentence.
pub fn clipped(name: &str) -> String {
    name.chars().take(limits::NAME_REPEATED_CHARS_MAX).collect()
}

/// Returns the known name with the nearest spelling.
pub fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let distances = known.map(|known| (distance(name, known), known));
    let near = distances.min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, known)| *distance <= limits::MISSPELLED_LETTERS_MAX.min(known.len() / 2))
        .map(|(_, known)| known)
}

/// Returns the number of letters to add, remove or replace that make one word of another
/// (<https://en.wikipedia.org/wiki/Levenshtein_distance>).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().take(64).enumerate() {
        let mut above = row[0];
        row[0] = index + 1;
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
    fn distances_count_letters() {
        for (one, other, letters) in
            [("", "ab", 2), ("ab", "ab", 0), ("contry", "country", 1), ("abc", "axc", 1)]
        {
            assert_eq!(distance(one, other), letters, "{one} {other}");
        }
    }
}
