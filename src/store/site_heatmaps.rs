//! The settings of a site on its heatmaps, in its row.

use crate::error::{Error, Result};
use crate::model::clock::Day;
use crate::model::id::SiteId;
use rusqlite::{Row, Transaction, named_params};

/// The settings of a site on clicks and depths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatmapSettings {
    /// The patterns of the pages, one a line; empty: nothing is recorded.
    pub pages: String,
    /// The share of visits in percent.
    pub sample: i64,
    /// The days for which clicks and depths are kept.
    pub days: i64,
}

impl HeatmapSettings {
    /// Reads the columns, from a place on.
    pub(super) fn read(row: &Row<'_>, place: usize) -> rusqlite::Result<Self> {
        Ok(Self { pages: row.get(place)?, sample: row.get(place + 1)?, days: row.get(place + 2)? })
    }

    /// Returns true if anything is recorded.
    pub fn is_on(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Returns the first day whose clicks and depths are kept.
    pub fn first_kept(&self, today: Day) -> Day {
        today.plus(1 - i32::try_from(self.days).unwrap_or(i32::MAX))
    }
}

/// Replaces the settings. They hold from the next hit on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn update(tx: &Transaction<'_>, site: SiteId, settings: &HeatmapSettings) -> Result<()> {
    let changed = tx.execute(
        "update sites set heatmap_pages = :pages, heatmap_sample = :sample, heatmap_days = :days where id = :id",
        named_params! {
            ":pages": settings.pages, ":sample": settings.sample, ":days": settings.days, ":id": site.0,
        },
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}
