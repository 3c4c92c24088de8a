//! Limits on the batches of hits whose bodies are in memory. The slow programs of one site leave room to those of others.

use crate::limits;
use crate::model::id::SiteId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The batches that arrive, counted by site; cheap to clone.
#[derive(Clone, Default)]
pub struct BatchLimits(Arc<Mutex<HashMap<SiteId, usize>>>);

/// The place of a batch, free again when it is dropped.
pub struct BatchPlace {
    all: BatchLimits,
    site: SiteId,
}

impl BatchLimits {
    fn taken(&self) -> MutexGuard<'_, HashMap<SiteId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a place for a batch of a site, or `None` if all places or those that one site may have are taken.
    pub fn take(&self, site: SiteId) -> Option<BatchPlace> {
        let mut taken = self.taken();
        let is_full = taken.values().sum::<usize>() >= limits::BATCHES_AT_ONCE_MAX
            || taken.get(&site).is_some_and(|count| *count >= limits::BATCHES_PER_SITE_MAX);
        if is_full {
            return None;
        }
        *taken.entry(site).or_default() += 1;
        drop(taken);
        Some(BatchPlace { all: self.clone(), site })
    }
}

impl Drop for BatchPlace {
    fn drop(&mut self) {
        let mut taken = self.all.taken();
        if let Some(count) = taken.get_mut(&self.site) {
            *count -= 1;
        }
        taken.retain(|_, count| *count > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_site_takes_the_places_of_all_and_a_place_that_was_left_is_free_again() {
        let all = BatchLimits::default();
        let of_one: Vec<_> = std::iter::from_fn(|| all.take(SiteId(1))).collect();
        assert_eq!(of_one.len(), limits::BATCHES_PER_SITE_MAX);
        let of_others: Vec<_> = (2..100).map_while(|site| all.take(SiteId(site))).collect();
        assert_eq!(of_one.len() + of_others.len(), limits::BATCHES_AT_ONCE_MAX);
        drop((of_one, of_others));
        assert!(all.taken().is_empty());
        assert!(all.take(SiteId(1)).is_some());
    }
}
