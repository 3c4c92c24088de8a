//! Stored filters that name a funnel: segments and guest links, which find no visits any more once the funnel is removed.

use super::dimension::ValueKind;
use super::filter;
use super::filters_naming_visitor::{FilterReference, list_stored};
use super::funnel_filter;
use crate::error::Result;
use crate::model::funnel::Funnel;
use crate::model::id::SiteId;
use rusqlite::Connection;

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
