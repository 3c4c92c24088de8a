//! What a site used in a month: the number that the report of actions shows for it.

use super::filter::Filter;
use super::questions::Totals;
use super::range::Range;
use super::reader::Reader;
use crate::error::Result;
use crate::month::Month;
use crate::store::sites::Site;

/// The actions of a month, in the site's own days.
pub fn actions(reader: &Reader<'_>, site: &Site, month: Month) -> Result<i64> {
    let mut totals = Totals::default();
    let range = Range { first: month.first(), last: month.last() };
    reader.ask(site, range, &Filter::everything(), &mut [&mut totals])?;
    Ok(totals.0.actions)
}
