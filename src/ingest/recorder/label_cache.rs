//! The writer's cache of labels. A new text without room in its budget becomes "(other)".

use crate::error::Result;
use crate::ingest::budgets::Budgets;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::new_text::TextKind;
use crate::ingest::sender::HitContext;
use crate::limits;
use crate::store::labels;
use rusqlite::Transaction;
use std::collections::HashMap;

/// The cached labels by text, and the budgets for new ones.
pub struct LabelCache {
    known: HashMap<Box<str>, i64>,
    budgets: Budgets,
    refusals: Vec<DropReason>,
}

impl LabelCache {
    /// Returns an empty cache.
    pub fn new() -> Self {
        Self { known: HashMap::new(), budgets: Budgets::default(), refusals: Vec::new() }
    }

    /// Discards the cached labels; the day's budgets stay as they are.
    pub fn forget(&mut self) {
        self.known.clear();
        self.refusals.clear();
    }

    /// Returns the reasons why texts had no room since the last call, each once.
    pub fn take_refusals(&mut self) -> Vec<DropReason> {
        std::mem::take(&mut self.refusals)
    }

    /// Returns the label of a text; creates a new one while its budget has room, else returns that of "(other)".
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn label(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        kind: TextKind,
        text: &str,
    ) -> Result<i64> {
        if let Some(label) = self.known.get(text) {
            return Ok(*label);
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None if text == labels::OTHER => labels::create(tx, text)?,
            None => match self.budgets.spend(context, kind) {
                Ok(()) => labels::create(tx, text)?,
                Err(budget) => {
                    let reason = DropReason::NewText(kind, budget);
                    if !self.refusals.contains(&reason) {
                        self.refusals.push(reason);
                    }
                    return self.label(tx, context, kind, labels::OTHER);
                }
            },
        };
        if self.known.len() >= limits::LABELS_CACHED_MAX {
            self.known.clear();
        }
        if text.len() <= limits::LABEL_CACHED_BYTES_MAX {
            self.known.insert(text.into(), label);
        }
        Ok(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::new_text::Budget;
    use crate::ingest::sender::Sender;
    use crate::model::clock::Day;
    use crate::model::id::SiteId;

    #[test]
    fn one_text_too_many_of_a_sites_day_becomes_other_and_the_next_day_has_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let mut cache = LabelCache::new();
        let on = |site, day| HitContext { site: SiteId(site), day: Day(day), sender: Sender::Program };
        let (flooded, pages) = (on(1, 20_000), TextKind::Pages);
        for number in 0..limits::NEW_PAGES_PER_SITE_DAY_MAX {
            cache.label(&tx, flooded, pages, &format!("page {number}")).unwrap();
        }
        assert_eq!(cache.take_refusals(), []);
        let other = cache.label(&tx, flooded, pages, "one too many").unwrap();
        cache.label(&tx, flooded, pages, "two too many").unwrap();
        assert_eq!(cache.take_refusals(), [DropReason::NewText(TextKind::Pages, Budget::Site)]);
        assert_eq!(labels::find(&tx, labels::OTHER).unwrap(), Some(other));
        assert_eq!(labels::find(&tx, "one too many").unwrap(), None);
        assert_eq!(
            labels::find(&tx, "page 7").unwrap(),
            Some(cache.label(&tx, flooded, pages, "page 7").unwrap())
        );
        assert_ne!(cache.label(&tx, on(2, 20_000), TextKind::Pages, "another site's").unwrap(), other);
        assert_ne!(cache.label(&tx, on(1, 20_000), TextKind::Sources, "another kind's").unwrap(), other);
        assert_ne!(cache.label(&tx, on(1, 20_001), TextKind::Pages, "one too many").unwrap(), other);
        assert_eq!(cache.take_refusals(), []);
    }
}
