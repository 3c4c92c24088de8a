//! The parameters in the address of a request, in the grammar of the screens. One that is unknown is refused: a misspelled
//! filter must not give the numbers of all visits.

use super::read_context::ReadContext;
use super::visit_selection::VisitSelection;
use super::vocabulary::dimensions::{self, filter_names, find_filter};
use crate::error::{Error, Result};
use crate::http::spelling::{clipped, nearest};
use crate::limits;
use crate::model::clock::Day;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::{self, Filter};
use crate::store::goals::{self, Goal};
use url::form_urlencoded;

/// The days of a request that names none.
const DEFAULT_DATE: &str = "last-7-days";

/// The parameters that a route knows. A test holds them against its description.
#[derive(Clone, Copy, Debug)]
pub struct KnownParameters {
    /// The names of those that are no filters.
    pub names: &'static [&'static str],
    /// True if filters are known, too.
    pub has_filters: bool,
}

impl KnownParameters {
    /// The parameters of routes that take none.
    pub const NONE: Self = Self { names: &[], has_filters: false };
}

/// The parameters in the address of a request.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    filters: Vec<Filter>,
}

impl Parameters {
    /// Reads the query of an address.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` that names each unknown parameter, each that is sent twice, and each malformed filter.
    pub fn parse(query: &str, known: KnownParameters) -> Result<Self> {
        let (mut found, mut problems) = (Self::default(), Vec::new());
        let pairs: Vec<_> =
            form_urlencoded::parse(query.as_bytes()).take(limits::API_PARAMETERS_MAX + 1).collect();
        if pairs.len() > limits::API_PARAMETERS_MAX {
            return Err(Error::invalid("parameters", "That are too many parameters. Take some away."));
        }
        for (name, value) in pairs {
            let added = if known.names.contains(&&*name) {
                found.add(&name, &value)
            } else if known.has_filters && find_filter(base_name(&name)).is_some() {
                found.add_filter(&name, &value)
            } else {
                Err(unknown(&name, known))
            };
            if let Err(error) = added {
                problems.extend(error.problems()?);
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        filter::check(&found.filters)?;
        Ok(found)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<()> {
        if self.get(name).is_some() {
            return Err(Error::invalid(clipped(name), "Send it once."));
        }
        self.pairs.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn add_filter(&mut self, name: &str, value: &str) -> Result<()> {
        let filter = read_filter(name, value).map_err(|error| renamed(error, name))?;
        let Some(filter) = filter else {
            return Err(Error::invalid(clipped(name), "Write what to look for."));
        };
        self.filters.push(filter);
        Ok(())
    }

    /// Returns the value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter that is `true` or `false`.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for another value.
    pub fn flag(&self, name: &'static str) -> Result<bool> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Error::invalid(name, "Write true or false.")),
        }
    }

    /// Returns the parameter `limit`; 0, which no limit allows, for a text that is no number.
    pub fn limit(&self) -> Option<u32> {
        let text = self.get("limit")?;
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        Some(digits.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Returns the days of the parameter `date`.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a date that is none.
    pub fn days(&self, today: Day) -> Result<DateRange> {
        DateRange::parse(self.get("date").unwrap_or(DEFAULT_DATE), today)
    }

    /// Resolves the days, filters and comparison.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a date, comparison or segment that is none, and for too many filters.
    pub fn selection(&self, context: &ReadContext<'_>) -> Result<VisitSelection> {
        let date = self.get("date").unwrap_or(DEFAULT_DATE);
        let range = DateRange::parse(date, context.today())?;
        let comparison = comparison(self.get("compare"))?.map(|comparison| comparison.for_date(date));
        let segment = self.get("segment");
        let filters = with_segment(context, segment, self.filters.clone())?;
        let goal = goal(context, self.get("conversions_of"))?;
        Ok(VisitSelection { range, comparison, filters, segment: segment.map(str::to_owned), goal })
    }
}

/// Finds the goal whose conversions are counted alone, by code, name or id.
///
/// # Errors
///
/// Fails with `Error::Invalid` when there is no such goal, and when the data file cannot be read.
pub fn goal(context: &ReadContext<'_>, name: Option<&str>) -> Result<Option<Goal>> {
    let Some(name) = name else { return Ok(None) };
    let found = goals::find_named(context.reader.connection, context.site.site.id, name)?;
    let found = found.filter(|goal| goal.removed_at.is_none());
    if found.is_none() && name == goals::ALL {
        return Ok(None);
    }
    // Its progress is not part of the request, which the next page repeats.
    found.map(|goal| Some(Goal { matching: None, ..goal })).ok_or_else(|| {
        let sentence = format!("There is no goal “{}”. The report “goals” lists all of them.", clipped(name));
        Error::invalid("conversions_of", sentence)
    })
}

/// Returns filters after those of a segment.
///
/// # Errors
///
/// Fails with `Error::Invalid` when there is no such segment and for too many filters.
pub fn with_segment(
    context: &ReadContext<'_>,
    segment: Option<&str>,
    filters: Vec<Filter>,
) -> Result<Vec<Filter>> {
    let Some(segment) = segment else { return Ok(filters) };
    let all: Vec<Filter> = context.segment(segment)?.into_iter().chain(filters).collect();
    filter::check(&all).map_err(|error| renamed(error, "segment"))?;
    Ok(all)
}

/// Reads a comparison; none without a name.
///
/// # Errors
///
/// Fails with `Error::Invalid` for an unknown name.
pub fn comparison(name: Option<&str>) -> Result<Option<Comparison>> {
    match name {
        None | Some("none") => Ok(None),
        Some(name) => {
            let found = Comparison::ALL.into_iter().find(|one| one.name() == name);
            found.map(Some).ok_or_else(|| Error::invalid("compare", "Write before, weekdays, year or none."))
        }
    }
}

/// Returns the name of a filter without its operator.
fn base_name(name: &str) -> &str {
    name.split_once('.').map_or(name, |(filter, _)| filter)
}

fn read_filter(name: &str, value: &str) -> Result<Option<Filter>> {
    let (base, suffix) = name.split_at(base_name(name).len());
    let Some(dimension) = find_filter(base) else { return Ok(None) };
    Filter::parse(&format!("{}{suffix}", dimension.filter), value)
}

/// Returns an error about a parameter, with its name as the field.
pub fn renamed(error: Error, name: &str) -> Error {
    match error {
        Error::Invalid(problems) => {
            let problems = problems.into_iter();
            Error::Invalid(
                problems
                    .map(|problem| crate::error::Problem { field: clipped(name).into(), ..problem })
                    .collect(),
            )
        }
        error => error,
    }
}

fn unknown(name: &str, known: KnownParameters) -> Error {
    let shown = clipped(name);
    if known.has_filters && dimensions::is_ambiguous(base_name(name)) {
        return Error::invalid(shown, dimensions::no_filter(base_name(name)));
    }
    let filters = filter_names().filter(|_| known.has_filters);
    let sentence = match nearest(base_name(name), known.names.iter().copied().chain(filters)) {
        Some(near) => format!("There is no parameter “{shown}”. Did you mean “{near}”?"),
        None => format!("There is no parameter “{shown}” here. Take it out."),
    };
    Error::invalid(shown, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: KnownParameters = KnownParameters { names: &["date", "limit"], has_filters: true };

    fn problems(query: &str) -> Vec<(String, String)> {
        let problems = Parameters::parse(query, KNOWN).unwrap_err().problems().unwrap();
        problems.into_iter().map(|problem| (problem.field.into_owned(), problem.sentence)).collect()
    }

    #[test]
    fn an_unknown_parameter_is_named_with_the_one_that_was_meant() {
        let found = problems("visit:source=Google&contry=DE&dat=today&zzzzzz=1&date=today&date=today");
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["visit:source", "contry", "dat", "zzzzzz", "date"]);
        for (place, hint) in
            ["visit:channel", "“country”", "“date”", "Take it out", "once"].into_iter().enumerate()
        {
            assert!(found[place].1.contains(hint), "{found:?}");
        }
    }

    #[test]
    fn a_malformed_filter_is_named() {
        let found = problems("country.like=DE&time=many&country=");
        let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["country.like", "time", "country"]);
        let twenty_one = vec!["country=DE"; limits::CONDITIONS_MAX + 1].join("&");
        assert!(problems(&twenty_one)[0].1.contains("too many filters"));
    }

    #[test]
    fn filters_are_read_as_in_the_address_of_a_screen() {
        let found =
            Parameters::parse("date=today&country.in=DE,AT&goal=Order&time_on_site=5", KNOWN).unwrap();
        assert_eq!((found.get("date"), found.filters.len()), (Some("today"), 3));
        assert_eq!(found.filters[0].values, ["DE", "AT"]);
        assert_eq!(found.filters[2].dimension.filter, "time");
        assert!(Parameters::parse("country=DE", KnownParameters { has_filters: false, ..KNOWN }).is_err());
    }
}
