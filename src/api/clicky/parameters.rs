//! The parameters of a request to the stats API.

use super::stats_type::StatsType;
use super::words;
use crate::error::{Error, Result};
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::VisitId;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::ValueKind;
use crate::reports::filter::{self, Filter, Operator};
use crate::reports::query::ActionFilters;
use crate::reports::search::Search;
use crate::reports::table_query::Page;
use std::collections::BTreeMap;
use std::time::Duration;
use url::form_urlencoded;

/// The parameters of a query string. Of several with one name the last counts, as in PHP.
#[derive(Clone, Debug, Default)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Reads a query string.
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Returns the value of a parameter; `None` if it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Returns true for a parameter that is there, also without a value, unless that is `0`.
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value != "0")
    }

    /// Returns true for a parameter that is `1`, or another text than `0`.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "0")
    }

    /// Returns true if a list of single visits is asked for, of which one is made at a time.
    pub fn has_lists(&self) -> bool {
        self.list("type").filter_map(StatsType::find).any(StatsType::is_list)
    }

    /// Returns the parts of a comma list.
    fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name)
            .into_iter()
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }
}

/// The parts into which an answer is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// One for the whole range.
    Whole,
    /// One a day.
    Daily,
    /// One a day, in which tallies have one item an hour.
    Hourly,
}

/// A type with the name by which it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedType {
    /// The name.
    pub name: String,
    /// The type.
    pub kind: StatsType,
}

/// A request to the stats API.
#[derive(Clone, Debug)]
pub struct StatsRequest {
    /// The types, in the order asked.
    pub types: Vec<NamedType>,
    /// The types of `segmentation`; if there are none, the other types of the request are about the filtered visits.
    pub segments: Vec<NamedType>,
    /// The days.
    pub range: DateRange,
    /// The days of lists of visits and actions.
    pub list_range: DateRange,
    /// The parts of the range that are answered.
    pub granularity: Granularity,
    /// The page of items.
    pub page: Page,
    /// The items wanted.
    pub search: Search,
    /// The filters of visits.
    pub filters: Vec<Filter>,
    /// The filters of actions.
    pub action_filters: ActionFilters,
    /// The fields of visitors; empty for the usual ones.
    pub visitor_details: Vec<String>,
    /// The time since which visits and actions are wanted.
    pub since: Option<Timestamp>,
}

impl StatsRequest {
    /// Reads the parameters of a request about a site in a time zone.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`], whose sentence is part of the interface, for an unknown type, a text that is no
    /// date, a range that is too long for a list, and a filter that cannot be understood.
    pub fn parse(parameters: &Parameters, zone: &Zone, now: Timestamp) -> Result<Self> {
        let types = types(parameters, "type", StatsType::find)?;
        if types.is_empty() {
            return Err(refused("Name a type, such as type=visitors."));
        }
        let has_lists = types.iter().any(|one| one.kind.is_list());
        let (today, since) = (zone.day(now), time_offset(parameters).map(|offset| now.before(offset)));
        let date = parameters.get("date");
        let range = date_range(date.unwrap_or("today"), today)?;
        let list_range =
            if date.is_some() { range } else { usual_list_range(parameters, since, zone, today) };
        if has_lists && range.days().max(list_range.days()) > limits::API_LIST_DAYS_MAX {
            return Err(too_long(limits::API_LIST_DAYS_MAX));
        }
        let granularity = if parameters.is_on("hourly") {
            Granularity::Hourly
        } else if parameters.is_on("daily") {
            Granularity::Daily
        } else {
            Granularity::Whole
        };
        let details =
            if parameters.get("visitor-details").is_some() { "visitor-details" } else { "visitor_details" };
        Ok(Self {
            segments: segments(parameters, &types)?,
            range,
            list_range,
            granularity,
            page: page(parameters, has_lists),
            search: search(parameters),
            filters: if has_lists { filters(parameters)? } else { Vec::new() },
            action_filters: action_filters(parameters)?,
            visitor_details: parameters.list(details).map(str::to_owned).collect(),
            since,
            types,
        })
    }

    /// Returns the parts of a range, newest first: the whole of it, or each day that has begun.
    pub fn parts(&self, range: DateRange, today: Day) -> Vec<DateRange> {
        if self.granularity == Granularity::Whole || range.first > today {
            return vec![range];
        }
        let days = range.each().take_while(|day| *day <= today);
        let mut days: Vec<_> = days.map(|day| DateRange { first: day, last: day }).collect();
        days.reverse();
        days
    }
}

fn refused(sentence: impl Into<String>) -> Error {
    Error::invalid("parameter", sentence)
}

/// Returns the error for more types or segments than a request may have.
pub fn too_many_types() -> Error {
    refused(format!("Ask for {} types at most.", limits::API_TYPES_MAX))
}

fn too_long(days: i32) -> Error {
    refused(format!("Date range too long: {days} days at most."))
}

fn date_range(text: &str, today: Day) -> Result<DateRange> {
    let range = DateRange::find(text, today).ok_or_else(|| refused("Invalid date."))?;
    if range.days() > limits::RANGE_DAYS_MAX { Err(too_long(limits::RANGE_DAYS_MAX)) } else { Ok(range) }
}

/// Reads the types of a segmentation, if the request has one.
fn segments(parameters: &Parameters, types_of_request: &[NamedType]) -> Result<Vec<NamedType>> {
    if types_of_request.iter().all(|one| one.kind != StatsType::Segmentation) {
        return Ok(Vec::new());
    }
    types(parameters, "segments", StatsType::find_segment)
}

fn types(
    parameters: &Parameters,
    list: &str,
    find: impl Fn(&str) -> Option<StatsType>,
) -> Result<Vec<NamedType>> {
    let names: Vec<&str> = parameters.list(list).collect();
    if names.len() > limits::API_TYPES_MAX {
        return Err(too_many_types());
    }
    let read = |name: &&str| {
        let kind = find(name).ok_or_else(|| refused(format!("Unknown type: {name}.")))?;
        Ok(NamedType { name: (*name).to_owned(), kind })
    };
    names.iter().map(read).collect()
}

/// Returns the days of a list for which none are named: today, with the beginning of the last seconds; those of a visit
/// that is asked for are known by its id.
fn usual_list_range(parameters: &Parameters, since: Option<Timestamp>, zone: &Zone, today: Day) -> DateRange {
    if let Some(visit) = parameters.get("session_id").and_then(VisitId::parse) {
        let day = zone.day(visit.began());
        return DateRange { first: day, last: day };
    }
    DateRange { first: since.map_or(today, |since| zone.day(since).min(today)), last: today }
}

/// Returns the page of items. What is no number counts as missing, and a list has no longer pages than it may.
fn page(parameters: &Parameters, has_lists: bool) -> Page {
    let most = if has_lists { limits::API_LIST_ROWS_MAX } else { limits::API_ROWS_MAX };
    let number = |name| parameters.get(name).and_then(positive);
    let rows = match parameters.get("limit") {
        Some("all") => most,
        _ => number("limit").unwrap_or(limits::API_ROWS),
    };
    Page { number: number("page").unwrap_or(1), rows: rows.min(most) }
}

/// Reads a number above 0; one that is too large is the largest.
fn positive(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX)).filter(|number| *number > 0)
}

fn search(parameters: &Parameters) -> Search {
    match (parameters.get("item"), parameters.get("filter")) {
        (Some(item), _) => Search::Exactly(item.to_owned()),
        (None, Some(text)) => Search::Contains(text.to_owned()),
        (None, None) => Search::Everything,
    }
}

/// Reads the filters of visits.
fn filters(parameters: &Parameters) -> Result<Vec<Filter>> {
    let mut found = Vec::new();
    for (name, value) in &parameters.0 {
        let filter = match name.strip_prefix("custom[").and_then(|name| name.strip_suffix(']')) {
            Some(key) => Filter::parse("custom", &format!("{key}: {}", value.trim()))?,
            // The parameter `download` asks for a file.
            None if name == "download" => None,
            None => Filter::parse(name, value.trim())?,
        };
        found.extend(filter.map(with_all_channels).transpose()?);
    }
    filter::check(&found)?;
    Ok(found)
}

/// Returns a filter of channels with those that Clicky does not tell apart.
fn with_all_channels(filter: Filter) -> Result<Filter> {
    let is_of_channels = filter.dimension.value_kind == ValueKind::Channel;
    if !is_of_channels || !matches!(filter.operator, Operator::Is | Operator::OneOf) {
        return Ok(filter);
    }
    let titles = |value: &String| {
        let titles = words::titles_of_channel(value);
        if titles.is_empty() { vec![value.clone()] } else { titles }
    };
    let values: Vec<String> = filter.values.iter().flat_map(titles).collect();
    let operator = if values.len() > 1 { Operator::OneOf } else { filter.operator };
    Filter::new(filter.dimension, operator, values)
}

fn action_filters(parameters: &Parameters) -> Result<ActionFilters> {
    let kind = match parameters.get("action_type") {
        None => None,
        Some("pageview") => Some(ActionKind::PageView),
        Some("download") => Some(ActionKind::Download),
        Some("outbound") => Some(ActionKind::Outbound),
        Some("click" | "event") => Some(ActionKind::Event),
        Some(other) => return Err(refused(format!("Unknown action type: {other}."))),
    };
    let search = |name, search: fn(String) -> Search| {
        parameters.get(name).map_or(Search::Everything, |text| search(text.to_owned()))
    };
    Ok(ActionFilters {
        kind,
        title: search("title", Search::Contains),
        href: search("href", Search::Exactly),
    })
}

fn time_offset(parameters: &Parameters) -> Option<Duration> {
    parameters.get("time_offset").and_then(|text| text.parse().ok()).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> std::result::Result<StatsRequest, String> {
        let now = Timestamp(1_764_547_200_000);
        StatsRequest::parse(&Parameters::parse(query), &Zone::utc(), now).map_err(|error| error.to_string())
    }

    #[test]
    fn the_last_of_several_parameters_counts_and_unknown_ones_are_ignored() {
        let request = parse("type=pages&limit=5&limit=7&page=0&colour=red&type=visitors").unwrap();
        assert_eq!((request.page.rows, request.page.number), (7, 1));
        assert_eq!(request.types[0].name, "visitors");
    }

    #[test]
    fn what_cannot_be_answered_is_said_in_the_words_of_the_interface() {
        for (query, sentence) in [
            ("", "Name a type, such as type=visitors."),
            ("type=pages,nonsense", "Unknown type: nonsense."),
            ("type=pages&date=yesteryear", "Invalid date."),
            ("type=pages&date=2010-01-01,2026-11-30", "Date range too long: "),
            ("type=visitors-list&date=last-32-days", "Date range too long: 31 days at most."),
            ("type=actions-list&action_type=dance", "Unknown action type: dance."),
            ("type=segmentation&segments=segmentation", "Unknown type: segmentation."),
        ] {
            assert!(parse(query).unwrap_err().contains(sentence), "{query}");
        }
        assert!(parse("type=pages&date=last-year").is_ok());
    }

    #[test]
    fn lists_have_pages_of_a_thousand_rows_and_others_what_is_asked() {
        assert_eq!(parse("type=pages").unwrap().page.rows, 10);
        assert_eq!(parse("type=pages&limit=5000").unwrap().page.rows, 5_000);
        assert_eq!(parse("type=pages,visitors-list&limit=5000").unwrap().page.rows, 1_000);
        assert_eq!(parse("type=visitors-list&limit=all").unwrap().page.rows, 1_000);
        assert_eq!(parse("type=pages&limit=all").unwrap().page.rows, limits::API_ROWS_MAX);
        let page = parse("type=pages&page=5000000000").unwrap().page;
        assert_eq!(page.number, u32::MAX, "a program that pages on gets no first page again");
    }

    #[test]
    fn filters_are_read_for_lists_of_visits_alone_and_download_is_none() {
        let filters = |query: &str| parse(query).unwrap().filters.len();
        assert_eq!(filters("type=pages&country=DE"), 0);
        assert_eq!(filters("type=visitors-list&country=DE&href=/&download=1&x=1"), 2);
        assert_eq!(filters("type=visitors-list&goal=*&goal.not=1"), 2);
    }
}
