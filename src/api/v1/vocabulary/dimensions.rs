//! The dimensions by which visits are filtered and counted, by their names here and in Plausible's Stats API.

use crate::http::spelling::{clipped, nearest};
use crate::reports::catalogue;
use crate::reports::dimension::{Dimension, GroupKey};

/// The name of the dimension of durations. Its filter is `time`, which a query would take for steps of time.
const TIME_ON_SITE: &str = "time_on_site";

/// The dimensions of steps of time.
pub const TIME_STEPS: [&str; 4] = ["time:hour", "time:day", "time:week", "time:month"];

/// Names of dimensions in Plausible's Stats API, for those that mean the same here.
const ALIASES: [(&str, &str); 21] = [
    ("event:page", "href"),
    ("event:hostname", "host"),
    ("event:goal", "goal"),
    ("visit:entry_page", "landing"),
    ("visit:exit_page", "exit"),
    ("visit:channel", "source"),
    ("visit:referrer", "link"),
    ("visit:utm_campaign", "campaign"),
    ("visit:utm_source", "campaign-source"),
    ("visit:utm_medium", "campaign-medium"),
    ("visit:utm_term", "campaign-term"),
    ("visit:utm_content", "campaign-content"),
    ("visit:country", "country"),
    ("visit:region_name", "region"),
    ("visit:city_name", "city"),
    ("visit:city", "city"),
    ("visit:device", "hardware"),
    ("visit:browser", "browser"),
    ("visit:browser_version", "browser-version"),
    ("visit:os", "os"),
    ("visit:os_version", "os-version"),
];

/// The name in Plausible's Stats API that means something else here, with what to write instead.
const PLAUSIBLE_SOURCE: (&str, &str) = (
    "visit:source",
    "Write source (or visit:channel) for channels, domain for linking domains, or engine for search engines.",
);

/// Returns the name of a dimension here, if it is one of Plausible's.
fn own_name(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| own)
}

/// Returns the name of a dimension in a query.
pub fn query_name(dimension: &Dimension) -> &'static str {
    if dimension.group_key == GroupKey::TimeOnSite { TIME_ON_SITE } else { dimension.filter }
}

/// Finds the dimension by which visits are filtered.
pub fn find_filter(name: &str) -> Option<&'static Dimension> {
    find_dimension(name).or_else(|| catalogue::dimension_of_filter(own_name(name)))
}

/// Finds the dimension by which visits are counted.
pub fn find_dimension(name: &str) -> Option<&'static Dimension> {
    let own = own_name(name);
    catalogue::dimensions().iter().find(|dimension| query_name(dimension) == own)
}

/// Returns the dimensions by which visits are filtered, those by which they are also counted first.
pub fn filters() -> impl Iterator<Item = &'static Dimension> {
    catalogue::dimensions().iter().chain(&catalogue::SINGLE_VISITS)
}

/// Iterates over the names of all filters.
pub fn filter_names() -> impl Iterator<Item = &'static str> {
    filters().map(|dimension| dimension.filter)
}

/// Returns the sentence that refuses a name which is that of no filter.
pub fn no_filter(name: &str) -> String {
    no_name("filter", name, filter_names())
}

/// Returns the sentence that refuses a name which is that of no dimension of a query.
pub fn no_dimension(name: &str) -> String {
    if name == "time" || name.starts_with("time:") {
        let steps = TIME_STEPS.join(", ");
        let shown = clipped(name);
        return format!(
            "There is no dimension “{shown}”. Write {steps} for steps, or {TIME_ON_SITE} for the length of visits."
        );
    }
    no_name("dimension", name, catalogue::dimensions().iter().map(query_name).chain(TIME_STEPS))
}

/// Returns true for a name of Plausible's that means something else here.
pub fn is_ambiguous(name: &str) -> bool {
    name == PLAUSIBLE_SOURCE.0
}

fn no_name(kind: &str, name: &str, known: impl Iterator<Item = &'static str>) -> String {
    let hint = match (name, nearest(name, known)) {
        (name, _) if is_ambiguous(name) => PLAUSIBLE_SOURCE.1.to_owned(),
        (_, Some(near)) => format!("Did you mean “{near}”?"),
        (_, None) => format!("GET …/reports lists the {kind}s."),
    };
    format!("There is no {kind} “{}”. {hint}", clipped(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_leads_to_a_dimension_and_every_filter_is_found_by_its_name() {
        for (alias, _) in ALIASES {
            assert!(find_dimension(alias).is_some(), "{alias}");
        }
        for dimension in filters() {
            assert_eq!(find_filter(dimension.filter), Some(dimension));
        }
        for dimension in catalogue::dimensions() {
            let name = query_name(dimension);
            assert_eq!((find_dimension(name), find_filter(name)), (Some(dimension), Some(dimension)));
        }
    }

    #[test]
    fn names_that_could_mean_several_things_are_refused_with_all_of_them() {
        assert_eq!((find_dimension("time"), find_dimension("visit:source")), (None, None));
        assert_eq!(find_filter("visit:source"), None);
        for (sentence, hint) in [
            (no_dimension("time"), "time_on_site"),
            (no_dimension("time:year"), "time:month"),
            (no_dimension("visit:source"), "engine for search engines"),
            (no_filter("visit:source"), "visit:channel"),
            (no_filter("contry"), "“country”"),
            (no_dimension("xyzxyzxyz"), "lists the dimensions"),
        ] {
            assert!(sentence.contains(hint), "{sentence}");
        }
    }
}
