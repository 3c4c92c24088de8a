//! The writer's memory of labels, and the bound on how many new ones a site's visitors may add in a day.

use crate::clock::Day;
use crate::error::Result;
use crate::id::SiteId;
use crate::limits;
use crate::store::labels;
use rusqlite::Transaction;
use std::collections::HashMap;

/// Labels by text.
pub struct Words {
    known: HashMap<Box<str>, i64>,
    new_today: HashMap<SiteId, (Day, u32)>,
}

impl Words {
    /// Knows none.
    pub fn new() -> Self {
        Self { known: HashMap::new(), new_today: HashMap::new() }
    }

    /// Drops what is remembered of the file; the day's count stays.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// The label of a text; a new one is made as long as the site's day has room.
    pub fn label(&mut self, tx: &Transaction<'_>, (site, day): (SiteId, Day), text: &str) -> Result<i64> {
        if let Some(label) = self.known.get(text) {
            return Ok(*label);
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None if text != labels::OTHER && !self.has_room(site, day) => {
                return self.label(tx, (site, day), labels::OTHER);
            }
            None => labels::create(tx, text)?,
        };
        if self.known.len() >= limits::LABELS_CACHED_MAX {
            self.known.clear();
        }
        if text.len() <= limits::LABEL_CACHED_BYTES_MAX {
            self.known.insert(text.into(), label);
        }
        Ok(label)
    }

    fn has_room(&mut self, site: SiteId, day: Day) -> bool {
        let (counted, count) = self.new_today.entry(site).or_insert((day, 0));
        if *counted != day {
            (*counted, *count) = (day, 0);
        }
        *count += 1;
        *count <= limits::NEW_LABELS_PER_SITE_DAY_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_too_many_of_a_sites_day_becomes_other_and_the_next_day_has_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let (mut words, flooded) = (Words::new(), (SiteId(1), Day(20_000)));
        for number in 0..limits::NEW_LABELS_PER_SITE_DAY_MAX {
            words.label(&tx, flooded, &format!("page {number}")).unwrap();
        }
        let other = words.label(&tx, flooded, "one too many").unwrap();
        assert_eq!(labels::find(&tx, labels::OTHER).unwrap(), Some(other));
        assert_eq!(labels::find(&tx, "one too many").unwrap(), None);
        assert_eq!(labels::find(&tx, "page 7").unwrap(), Some(words.label(&tx, flooded, "page 7").unwrap()));
        assert_ne!(words.label(&tx, (SiteId(2), Day(20_000)), "another site's").unwrap(), other);
        assert_ne!(words.label(&tx, (SiteId(1), Day(20_001)), "one too many").unwrap(), other);
    }
}
