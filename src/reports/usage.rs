//! The billed usage of a site in a month: the number that its report of actions shows.

use super::date_range::DateRange;
use super::engine::aggregate::totals::Totals;
use super::engine::predicate::Predicate;
use super::engine::snapshot::Snapshot;
use crate::error::Result;
use crate::model::month::Month;
use crate::store::sites::Site;

/// Returns the number of actions in a month, in the site's time zone.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn actions(reader: &Snapshot<'_>, site: &Site, month: Month) -> Result<i64> {
    let mut totals = Totals::default();
    let range = DateRange { first: month.first(), last: month.last() };
    reader.run(site, range, &Predicate::everything(), &mut [&mut totals])?;
    Ok(totals.0.actions)
}
