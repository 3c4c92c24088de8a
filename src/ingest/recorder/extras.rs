//! What a hit carries beside its action: custom data, goals, split tests, clicks of the heat map.

use super::dictionary::LabelDictionary;
use super::site_cache::CachedSite;
use crate::error::Result;
use crate::ingest::hit::{ActionKind, Hit};
use crate::ingest::new_text::TextKind;
use crate::ingest::sender::HitContext;
use crate::limits;
use crate::model::id::VisitId;
use crate::store::visits::{self, Conversion, HeatmapClick};
use rusqlite::Transaction;

/// Writes it, as far as the visit has room.
pub fn write(
    vocabulary: &mut LabelDictionary,
    tx: &Transaction<'_>,
    here: HitContext,
    known: &CachedSite,
    visit: VisitId,
    (at, may_be_known, hit): (i64, bool, &Hit),
) -> Result<()> {
    for (key, value) in hit.custom.iter().filter(|_| may_be_known) {
        let key = vocabulary.word(tx, here, TextKind::Custom, key)?;
        let value = vocabulary.word(tx, here, TextKind::Custom, value)?;
        visits::set_custom(tx, hit.site, visit, key, value, limits::CUSTOM_KEYS_MAX)?;
    }
    for goal in &hit.goals {
        let conversion = Conversion {
            at,
            goal: vocabulary.word(tx, here, TextKind::Custom, &goal.name)?,
            revenue: goal.revenue,
        };
        visits::create_conversion(tx, hit.site, visit, &conversion, limits::CONVERSIONS_PER_VISIT_MAX)?;
    }
    for split in &hit.splits {
        let test = vocabulary.word(tx, here, TextKind::Custom, &split.test)?;
        let version = vocabulary.word(tx, here, TextKind::Custom, &split.version)?;
        let goal = vocabulary.label(tx, here, TextKind::Custom, split.goal.as_deref())?;
        visits::create_split(tx, hit.site, visit, test, version, goal, limits::SPLITS_PER_VISIT_MAX)?;
    }
    for point in &hit.heatmap {
        if let Some(page) = vocabulary.page(tx, here, known, ActionKind::PageView, &point.page)? {
            let click = HeatmapClick { page, x: point.x, y: point.y, width: point.width };
            visits::create_heatmap_click(tx, hit.site, visit, &click, limits::HEATMAP_CLICKS_PER_VISIT_MAX)?;
        }
    }
    Ok(())
}
