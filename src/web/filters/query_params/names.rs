//! The names of the query parameters that screens read, apart from filters.

/// The fields of the form that adds a filter: the dimension, the operator and the value.
pub const FILTER_FORM: [&str; 3] = ["filter", "operator", "value"];
/// The parameters of the range and of the page's look, which lead from screen to screen.
const RANGE: [&str; 7] = ["date", "from", "to", "compare", "conversions-of", "embed", "theme"];
/// The other parameters of the screens. A name that is not listed is refused: links and forms repeat the known
/// parameters many times on a page.
const SCREENS: [&str; 26] = [
    "around",
    "attribution",
    "baseline",
    "before",
    "bom",
    "by",
    "chart",
    "columns",
    "device",
    "done",
    "find",
    "funnel",
    "item",
    "key",
    "letter",
    "limit",
    "of",
    "metric",
    "order",
    "page",
    "row",
    "since",
    "site",
    "sort",
    "test",
    "user",
];
/// The panels of the dashboard; the value is the report of the chosen tab.
pub const PANELS: [&str; 10] = [
    "pages",
    "sources",
    "places",
    "searches",
    "machines",
    "campaigns",
    "goals",
    "events",
    "engagement",
    "visitors",
];

/// Returns all names.
pub fn all() -> impl Iterator<Item = &'static str> {
    RANGE.into_iter().chain(SCREENS).chain(FILTER_FORM).chain(PANELS)
}

/// Returns true if a parameter sets the range or the page's look.
pub fn is_of_range(name: &str) -> bool {
    RANGE.contains(&name)
}

/// Returns true if a screen reads a parameter.
pub fn is_known(name: &str) -> bool {
    is_of_range(name) || SCREENS.contains(&name) || PANELS.contains(&name)
}
