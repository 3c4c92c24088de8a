//! The usage of a site in a month, as the report of actions counts it.

use super::filter::Filter;
use super::questions::Totals;
use super::range::Range;
use super::reader::Reader;
use crate::error::Result;
use crate::month::Month;
use crate::store::sites::Site;

/// Returns the actions of a month, in the site's own days.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn actions(reader: &Reader<'_>, site: &Site, month: Month) -> Result<i64> {
    let mut totals = Totals::default();
    let range = Range { first: month.first(), last: month.last() };
    reader.ask(site, range, &Filter::everything(), &mut [&mut totals])?;
    Ok(totals.0.actions)
}
