//! Pictures of numbers: spark lines, and the chart over time. The chart is drawn by the server as plain lines, with a
//! table of the same numbers beside it; a script reads that table and draws a chart that answers the pointer.

use super::format::{self, Unit};
use crate::clock::Day;
use maud::{Markup, html};

/// Points of a spark line's box.
const SPARK: (f64, f64) = (96.0, 24.0);
/// Points of a chart's box, before a script draws it anew.
const CHART: (f64, f64) = (960.0, 220.0);

/// The points of a line in a box, the highest value at the top.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn points(values: &[i64], highest: i64, (width, height): (f64, f64)) -> String {
    let step = width / (values.len().max(2) - 1) as f64;
    let scale = (height - 3.0) / highest.max(1) as f64;
    let point = |(place, value): (usize, &i64)| {
        format!("{:.1},{:.1}", place as f64 * step, height - 1.5 - *value as f64 * scale)
    };
    values.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// A small line without words; what it shows stands in words beside it.
pub fn spark(values: &[i64]) -> Markup {
    let highest = values.iter().copied().max().unwrap_or(0);
    html! {
        svg.spark viewBox={ "0 0 " (SPARK.0) " " (SPARK.1) } width=(SPARK.0) height=(SPARK.1) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            polyline points=(points(values, highest, SPARK)) fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" {}
        }
    }
}

/// A small line that stands alone: its numbers in words are for those who do not see it.
pub fn spark_alone(values: &[i64]) -> Markup {
    let words = values.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    html! { (spark(values)) span.hidden { (words) } }
}

/// What stands along a chart's lower edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// One point a day.
    Days(Vec<Day>),
    /// One point an hour of the local day.
    Hours,
}

impl Steps {
    fn len(&self) -> usize {
        match self {
            Self::Days(days) => days.len(),
            Self::Hours => 24,
        }
    }

    fn name(&self, place: usize) -> String {
        match self {
            Self::Days(days) => format::day(days[place]),
            Self::Hours => format!("{place:02}:00"),
        }
    }

    fn value(&self, place: usize) -> String {
        match self {
            Self::Days(days) => days[place].to_string(),
            Self::Hours => place.to_string(),
        }
    }
}

/// One line of a chart.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// Its values, one a step.
    pub values: Vec<i64>,
    /// It is the period before.
    pub is_before: bool,
}

/// A chart over time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows, for those who do not see it.
    pub title: String,
    /// Its steps.
    pub steps: Steps,
    /// Its lines.
    pub series: Vec<Series>,
    /// How its numbers are written.
    pub unit: Unit,
    /// The address that a selected range is added to.
    pub select: Option<String>,
}

impl Chart {
    /// The chart, and its numbers as a table.
    pub fn draw(&self) -> Markup {
        let values = self.series.iter().flat_map(|series| &series.values);
        let highest = values.copied().max().unwrap_or(0);
        html! {
            figure.chart data-chart data-unit=(self.unit.name()) data-steps=(if self.steps == Steps::Hours { "hours" } else { "days" }) data-select=[self.select.as_deref()] {
                div.plot aria-hidden="true" {
                    svg viewBox={ "0 0 " (CHART.0) " " (CHART.1) } preserveAspectRatio="none" focusable="false" {
                        @for (place, series) in self.series.iter().enumerate() {
                            polyline class={ "line-" (place) @if series.is_before { " before" } } points=(points(&series.values, highest, CHART)) vector-effect="non-scaling-stroke" {}
                        }
                    }
                }
                @if self.series.len() > 1 {
                    ul.legend { @for (place, series) in self.series.iter().enumerate() { li class={ "line-" (place) @if series.is_before { " before" } } { span.cut { (series.name) } } } }
                }
                details.twin {
                    summary { "Show as a table" }
                    (self.table())
                }
            }
        }
    }

    fn table(&self) -> Markup {
        html! {
            table.list.small-list {
                caption.hidden { (self.title) }
                thead {
                    tr {
                        th scope="col" { @if self.steps == Steps::Hours { "Hour" } @else { "Day" } }
                        @for series in &self.series { th.number scope="col" data-before[series.is_before] { (series.name) } }
                    }
                }
                tbody {
                    @for place in 0..self.steps.len() {
                        tr {
                            th scope="row" data-at=(self.steps.value(place)) { (self.steps.name(place)) }
                            @for series in &self.series {
                                @let value = series.values.get(place).copied();
                                td.number data-value=[value] { @if let Some(value) = value { (self.unit.exact(value)) } @else { "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How a number went: an arrow, how much, and against what, in words.
pub fn change(now: i64, before: i64, is_good_when_less: bool) -> Markup {
    let (Some(percent), true) = (((now - before) * 100).checked_div(before), before != 0) else {
        return html! { @if now > 0 { span.change { "new" } } @else { span.change { "–" } } };
    };
    let is_good = (percent > 0) != is_good_when_less;
    let (arrow, word) = match percent {
        1.. => ("▲", "up"),
        0 => ("=", "unchanged"),
        _ => ("▼", "down"),
    };
    html! {
        span.change.good[percent != 0 && is_good].bad[percent != 0 && !is_good] {
            span aria-hidden="true" { (arrow) " " } span.hidden { (word) " " }
            @if percent > 999 { "> 999 %" } @else { (percent.abs()) " %" }
        }
    }
}
