//! The filters and days of a query, as Plausible's Stats API v2 writes them.

use super::request::FilterRequest;
use crate::api::v1::parameters::renamed;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::dimensions::{find_filter, no_filter};
use crate::api::v1::vocabulary::operators::OperatorDefinition;
use crate::error::{Error, Result};
use crate::http::spelling::clipped;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::reports::filter::{self, Filter, Operator};
use crate::store::{retention, rollups};

/// Reads the filters of a query.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an unknown operator or filter, and for values that the filter does not have.
pub fn read(requests: &[FilterRequest]) -> Result<Vec<Filter>> {
    let mut found = Vec::new();
    for filter in requests {
        found.extend(read_one(filter).map_err(|error| renamed(error, "filters"))?);
    }
    filter::check(&found).map_err(|error| renamed(error, "filters"))?;
    Ok(found)
}

/// Reads one filter, which is several where none of several values may hold.
fn read_one(FilterRequest(operator, name, values): &FilterRequest) -> Result<Vec<Filter>> {
    let refused = |sentence: String| Error::invalid("filters", sentence);
    let operator = OperatorDefinition::find(operator).ok_or_else(|| {
        let known = "is, is_not, in, contains, contains_not or starts";
        refused(format!("There is no operator “{}”. Write {known}.", clipped(operator)))
    })?;
    let dimension = find_filter(name).ok_or_else(|| refused(no_filter(name)))?;
    let one = |value: &String| Filter::new(dimension, operator, vec![value.clone()]);
    match (operator, values.len()) {
        (Operator::Is, 2..) => Ok(vec![Filter::new(dimension, Operator::OneOf, values.clone())?]),
        (Operator::OneOf, _) | (_, 0) => Ok(vec![Filter::new(dimension, operator, values.clone())?]),
        (Operator::Contains | Operator::Starts, 2..) => {
            Err(refused(format!("Write one text after {}.", OperatorDefinition::name(operator))))
        }
        _ => values.iter().map(one).collect(),
    }
}

/// Finds the days of one of Plausible's names that is no name here.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn range_of_plausible(name: &str, context: &ReadContext<'_>) -> Result<Option<DateRange>> {
    let today = context.today();
    let days = |days: i32| Some(DateRange { first: today.plus(1 - days), last: today });
    Ok(match name {
        "day" => days(1),
        "7d" => days(7),
        "28d" => days(28),
        "30d" => days(30),
        "91d" => days(91),
        "month" => DateRange::find("this-month", today),
        "6mo" => Some(months(6, today)),
        "12mo" => Some(months(12, today)),
        "year" => DateRange::find("this-year", today),
        "all" => {
            let first = first_day(context)?.unwrap_or(today).min(today);
            Some(DateRange { first: first.max(today.plus(1 - limits::RANGE_DAYS_MAX)), last: today })
        }
        _ => None,
    })
}

/// Returns the days of this month so far and of the whole months before, `count` months in all.
fn months(count: i32, today: Day) -> DateRange {
    let first =
        DateRange::find(&format!("{}-months-ago", count - 1), today).map_or(today, |month| month.first);
    DateRange { first, last: today }
}

/// Returns the first day of which the site has visits or their totals.
fn first_day(context: &ReadContext<'_>) -> Result<Option<Day>> {
    let (connection, site) = (context.reader.connection, &context.site.site);
    let oldest = retention::oldest_visit(connection, site.id)?.map(|visit| site.zone.day(visit.began()));
    let totals = rollups::first_day(connection, site.id)?;
    Ok([oldest, totals].into_iter().flatten().min())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(operator: &str, name: &str, values: &[&str]) -> Result<Vec<String>> {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let found = super::read(&[FilterRequest(operator.into(), name.into(), values)])?;
        Ok(found.iter().map(|filter| filter::write(std::slice::from_ref(filter))).collect())
    }

    #[test]
    fn filters_of_plausible_mean_the_same_here() {
        assert_eq!(read("is", "visit:country", &["DE"]).unwrap(), ["country=DE"]);
        assert_eq!(read("is", "country", &["DE", "AT"]).unwrap(), ["country.in=DE%2CAT"]);
        assert_eq!(read("is_not", "country", &["DE", "AT"]).unwrap(), ["country.not=DE", "country.not=AT"]);
        assert_eq!(read("contains_not", "event:page", &["x"]).unwrap(), ["href.lacks=x"]);
    }

    #[test]
    fn what_is_no_filter_is_refused_in_the_name_of_filters() {
        for (operator, name, values, hint) in [
            ("matches", "country", &["DE"][..], "Write is"),
            ("is", "contry", &["DE"], "“country”"),
            ("is", "country", &[], "what to look for"),
            ("contains", "href", &["a", "b"], "one text"),
            ("is", "time", &["many"], "such as 4-6"),
        ] {
            let problems = read(operator, name, values).unwrap_err().problems().unwrap();
            assert_eq!(problems[0].field, "filters");
            assert!(problems[0].sentence.contains(hint), "{}", problems[0].sentence);
        }
    }

    #[test]
    fn months_are_whole_but_for_this_one() {
        let today = Day::parse("2026-11-30").unwrap();
        assert_eq!(months(12, today).text(), "2025-12-01,2026-11-30");
        assert_eq!(months(6, today).text(), "2026-06-01,2026-11-30");
    }
}
