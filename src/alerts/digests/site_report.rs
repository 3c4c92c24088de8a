//! The report about one site, as values: an e-mail report is made of one or more of them.

use crate::model::clock::Day;
use crate::model::metrics::{Metric, NumberUnit};
use crate::reports::catalogue::Report;
use crate::store::sites::Site;

/// The report about one site.
#[derive(Clone, Debug)]
pub struct SiteReport {
    /// The site.
    pub site: Site,
    /// The sentence on what changed; `None` if there is nothing to compare with.
    pub change: Option<String>,
    /// The numbers, each with that of the period compared.
    pub numbers: Vec<Number>,
    /// The visits over time; empty where they are hidden.
    pub chart: Vec<Bar>,
    /// The lists that have rows.
    pub lists: Vec<TopList>,
    /// The annotations of the period's days.
    pub annotations: Vec<(Day, String)>,
}

/// A number of a report.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The report of the catalogue that shows it.
    pub report: &'static Report,
    /// The metric.
    pub metric: Metric,
    /// The unit.
    pub unit: NumberUnit,
    /// The value.
    pub now: i64,
    /// The value in the period compared; `None` if nothing is kept of it.
    pub before: Option<i64>,
}

/// A bar of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The label below the bar, such as `Mon`; empty where there is no room.
    pub label: String,
    /// The day, or the hour of a single day.
    pub title: String,
    /// The value.
    pub value: i64,
}

/// A list of the most frequent items.
#[derive(Clone, Debug)]
pub struct TopList {
    /// The report of the catalogue that shows it.
    pub report: &'static Report,
    /// The rows, most frequent first.
    pub rows: Vec<ListRow>,
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The name of the item.
    pub name: String,
    /// The occurrences.
    pub now: i64,
    /// The occurrences in the period compared; `None` if nothing is kept of it.
    pub before: Option<i64>,
}
