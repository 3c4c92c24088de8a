//! The use of an exported visit's pages: the clicks on them, how long they were visible, and how far they were read.

use super::label_maps::LabelMap;
use crate::error::Result;
use crate::limits;
use crate::model::id::{SiteId, VisitId};
use crate::store::page_reads::{self, PageRead};
use crate::store::visit_tables::{self, HeatmapClick};
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};

/// A click on a page, in the units of the schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClickRow {
    pub page: String,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The place within the element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element_place: Option<(i64, i64)>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_rage: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_dead: bool,
}

/// The reading of a page, in the units of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageReadRecord {
    pub page: String,
    pub seconds: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<i64>,
}

/// Writes the rows that belong to a visit.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    (clicks, reads): (&[ClickRow], &[PageReadRecord]),
    labels: &mut LabelMap,
) -> Result<()> {
    for row in clicks {
        let Some(page) = labels.page(tx, Some(&row.page))? else { continue };
        let click = HeatmapClick {
            page,
            x: row.x,
            y: row.y,
            width: row.width,
            element: labels.label(tx, row.element.as_deref())?,
            text: labels.label(tx, row.text.as_deref())?,
            element_place: row.element_place,
            is_rage: row.is_rage,
            is_dead: row.is_dead,
        };
        visit_tables::create_heatmap_click(tx, site, id, &click, limits::HEATMAP_CLICKS_PER_VISIT_MAX)?;
    }
    for PageReadRecord { page, seconds, depth } in reads {
        if let Some(page) = labels.page(tx, Some(page))? {
            page_reads::add(tx, site, id, &PageRead { page, seconds: *seconds, depth: *depth })?;
        }
    }
    Ok(())
}
