//! The visits by hour of finished days, kept in memory for alerts, which ask for the same days again and again.

use crate::limits;
use crate::model::clock::Day;
use crate::model::id::SiteId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The number of hours of a day.
pub const HOURS: usize = 24;

/// The visits of each hour of a day.
pub type Hours = [i64; HOURS];

/// A day of a site, as its visits that match some filters were counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DayKey {
    /// The site.
    pub site: SiteId,
    /// The site's generation, which grows whenever finished days change.
    pub generation: i64,
    /// The name of the time zone.
    pub zone: String,
    /// The filters, as in a URL.
    pub segment: String,
    /// The day.
    pub day: Day,
}

/// A cache of finished days; bounded.
#[derive(Debug, Default)]
pub struct DayHours(Mutex<HashMap<DayKey, Hours>>);

impl DayHours {
    fn days(&self) -> MutexGuard<'_, HashMap<DayKey, Hours>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the hours of a day, if they are there.
    pub fn find(&self, key: &DayKey) -> Option<Hours> {
        self.days().get(key).copied()
    }

    /// Keeps the hours of a day. A full cache is emptied first.
    pub fn insert(&self, key: DayKey, hours: Hours) {
        let mut days = self.days();
        if days.len() >= limits::ALERT_DAYS_CACHED_MAX {
            days.clear();
        }
        days.insert(key, hours);
    }
}
