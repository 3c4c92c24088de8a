//! The billed usage of a site in a month: the number that its report of actions shows.

use super::data_reader::DataReader;
use super::date_range::DateRange;
use super::query::Query;
use super::visibility::Visibility;
use crate::error::Result;
use crate::model::metrics::Measure;
use crate::model::month::Month;
use crate::store::sites::Site;

/// Returns the number of actions in a month, in the site's time zone.
///
/// # Errors
/// Fails when the query is cancelled or the data file cannot be read.
pub fn actions(reader: &DataReader<'_>, site: &Site, month: Month) -> Result<i64> {
    let range = DateRange { first: month.first(), last: month.last() };
    let query = Query::new(site.clone(), range, Visibility::everything());
    Ok(reader.engine.partial(&query, range)?.totals()[Measure::Actions])
}
