//! Reports of browsers on single pages of an exported visit: that they were not found, and their web vitals.

use super::label_maps::LabelMap;
use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::visit_tables;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};

/// A view of a page that was not found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingPageRecord {
    pub page: String,
    /// The page whose link led there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
}

/// A measurement of the web vitals of a page, in the units of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VitalsRecord {
    pub page: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lcp: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inp: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cls: Option<u32>,
}

/// Writes the rows that belong to a visit.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    (missing_pages, vitals): (&[MissingPageRecord], &[VitalsRecord]),
    labels: &mut LabelMap,
) -> Result<()> {
    for MissingPageRecord { page, referrer } in missing_pages {
        let referrer = labels.label(tx, referrer.as_deref())?;
        if let Some(page) = labels.label(tx, Some(page))? {
            let most = limits::MISSING_PAGES_PER_VISIT_MAX;
            visit_tables::create_missing_page(tx, site, id, page, referrer, most)?;
        }
    }
    for VitalsRecord { page, lcp, inp, cls } in vitals {
        if let Some(page) = labels.label(tx, Some(page))? {
            let most = limits::VITALS_PER_VISIT_MAX;
            visit_tables::create_vitals(tx, site, id, page, [*lcp, *inp, *cls], most)?;
        }
    }
    Ok(())
}
