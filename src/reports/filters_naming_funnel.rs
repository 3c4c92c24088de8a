//! Stored filters that name a funnel: segments and guest links, which find no visits any more once the funnel is removed, and
//! would find none, or those of another funnel, once it is renamed.

use super::dimension::ValueKind;
use super::filter;
use super::filters_naming_visitor::{FilterReference, list_stored};
use super::funnel_filter;
use super::funnel_step::FunnelStepValue;
use crate::error::Result;
use crate::model::funnel::Funnel;
use crate::model::id::{FunnelId, SiteId};
use crate::store::stored_filters;
use rusqlite::{Connection, Transaction};

/// Finds the stored filters of a site that name a step of a funnel.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId, funnel: &Funnel) -> Result<Vec<FilterReference>> {
    let mut stored = list_stored(connection, site)?;
    stored.retain(|(_, text)| {
        let filters = filter::read(text).unwrap_or_default();
        let mut of_steps =
            filters.iter().filter(|filter| filter.dimension.value_kind == ValueKind::FunnelStep);
        of_steps.any(|filter| filter.values.iter().any(|value| funnel_filter::names(value, funnel)))
    });
    Ok(stored.into_iter().map(|(reference, _)| reference).collect())
}

/// Puts the id of a funnel in the place of its name in the stored filters of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn keep(tx: &Transaction<'_>, site: SiteId, funnel: FunnelId, name: &str) -> Result<()> {
    for stored in stored_filters::list(tx, site)? {
        let Ok(mut filters) = filter::read(&stored.text) else { continue };
        let of_steps = filters.iter_mut().filter(|one| one.dimension.value_kind == ValueKind::FunnelStep);
        let mut has_changed = false;
        for value in of_steps.flat_map(|filter| &mut filter.values) {
            let named = FunnelStepValue::parse(value).ok().filter(|step| step.funnel == name);
            if let Some(step) = named {
                *value = FunnelStepValue { funnel: funnel.0.to_string(), ..step }.text();
                has_changed = true;
            }
        }
        if has_changed {
            stored_filters::update(tx, &stored, &filter::write(&filters))?;
        }
    }
    Ok(())
}
