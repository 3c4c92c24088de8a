//! Charts: spark lines, and the chart over time. The server draws the chart as plain lines next to a table of the same
//! numbers; a script reads the table and draws an interactive chart.

use super::format::{self, NumberUnit};
use crate::model::clock::Day;
use crate::reports::comparison::Comparison;
use crate::reports::metrics::quotient;
use maud::{Markup, html};

/// Width and height of a spark line, in pixels.
const SPARK: (f64, f64) = (96.0, 24.0);
/// Width and height of a chart, in units of its view box, before a script draws it anew.
const CHART: (f64, f64) = (960.0, 220.0);

/// Returns the SVG points of a line over so many steps, the highest value at the top. A line may have fewer values:
/// months differ in their number of days.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn points(values: &[i64], (steps, highest): (usize, i64), (width, height): (f64, f64)) -> String {
    let step = width / (steps.max(2) - 1) as f64;
    let scale = (height - 3.0) / highest.max(1) as f64;
    let point = |(place, value): (usize, &i64)| {
        format!("{:.1},{:.1}", place as f64 * step, height - 1.5 - *value as f64 * scale)
    };
    values.iter().take(steps).enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// Renders a spark line without text, with the comparison dashed below it; the numbers stand next to it.
pub fn spark(now: &[i64], before: Option<&[i64]>) -> Markup {
    let highest = now.iter().chain(before.unwrap_or_default()).copied().max().unwrap_or(0);
    let line = |values: &[i64]| points(values, (now.len(), highest), SPARK);
    html! {
        svg.spark viewBox={ "0 0 " (SPARK.0) " " (SPARK.1) } width=(SPARK.0) height=(SPARK.1) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @if let Some(before) = before { polyline.before points=(line(before)) fill="none" vector-effect="non-scaling-stroke" {} }
            polyline points=(line(now)) fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" {}
        }
    }
}

/// Renders a spark line that stands alone, with its numbers as hidden text for screen readers.
pub fn spark_alone(values: &[i64], before: Option<&[i64]>) -> Markup {
    let words = values.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    html! { (spark(values, before)) span.hidden { (words) } }
}

/// The horizontal axis of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// One point a day.
    Days(Vec<Day>),
    /// One point an hour of the local day.
    Hours,
}

impl Steps {
    /// Returns the number of steps.
    pub fn len(&self) -> usize {
        match self {
            Self::Days(days) => days.len(),
            Self::Hours => 24,
        }
    }

    /// Returns the word for one step.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Days(_) => "day",
            Self::Hours => "hour",
        }
    }

    /// Returns the name of a step.
    pub fn name(&self, place: usize) -> String {
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

/// A line of a chart.
#[derive(Clone, Debug)]
pub struct Series {
    /// The name.
    pub name: String,
    /// The values, one a step.
    pub values: Vec<i64>,
    /// True for a line of the comparison period.
    pub is_before: bool,
}

/// A chart over time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The title, for screen readers.
    pub title: String,
    /// The steps of the horizontal axis.
    pub steps: Steps,
    /// The lines.
    pub series: Vec<Series>,
    /// The unit of the values.
    pub unit: NumberUnit,
    /// The address that a selected range is appended to.
    pub select: Option<String>,
    /// The comparison, if there is one.
    pub comparison: Option<Comparison>,
}

impl Chart {
    /// Returns true if the chart shows several items, each with a line of the comparison period.
    fn has_pairs(&self) -> bool {
        self.series.iter().filter(|series| series.is_before).count() > 1
    }

    /// Returns the CSS class of a line. Both lines of an item have the same colour.
    fn class(&self, place: usize) -> String {
        let things = self.series.iter().filter(|series| !series.is_before).count();
        match self.series[place].is_before {
            true if self.has_pairs() => format!("line-{} before paired", place % things.max(1)),
            true => format!("line-{place} before"),
            false => format!("line-{place}"),
        }
    }

    /// Returns the number of steps of the lines: for a range that is not over, only those that have begun.
    fn drawn_steps(&self) -> usize {
        let own = self.series.iter().filter(|series| !series.is_before).map(|series| series.values.len());
        own.max().unwrap_or(0)
    }

    /// Renders the chart, and its numbers as a table.
    pub fn draw(&self) -> Markup {
        let values = self.series.iter().flat_map(|series| &series.values);
        let highest = values.copied().max().unwrap_or(0);
        let line = |series: &Series| points(&series.values, (self.drawn_steps(), highest), CHART);
        html! {
            figure.chart data-chart data-unit=(self.unit.name()) data-steps=(if self.steps == Steps::Hours { "hours" } else { "days" }) data-select=[self.select.as_deref()] {
                div.plot aria-hidden="true" {
                    svg viewBox={ "0 0 " (CHART.0) " " (CHART.1) } preserveAspectRatio="none" focusable="false" {
                        @for (place, series) in self.series.iter().enumerate() {
                            polyline class=(self.class(place)) points=(line(series)) vector-effect="non-scaling-stroke" {}
                        }
                    }
                }
                @if self.series.len() > 1 {
                    ul.legend { @for (place, series) in self.series.iter().enumerate().filter(|(_, series)| !series.is_before || !self.has_pairs()) { li class=(self.class(place)) { span.cut { (series.name) } } }
                        @if let Some(comparison) = self.comparison.filter(|_| self.has_pairs()) { li.before { span.cut { "dashed: " (comparison.label()) } } } }
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

/// Returns the earlier value and the comparison period as text.
pub fn against(before: i64, (unit, comparison): (NumberUnit, Comparison)) -> String {
    format!("{} in {}", unit.exact(before), comparison.label())
}

/// Renders a change as an arrow and a percentage, with the earlier value as text.
pub fn change(values: (i64, i64), is_good_when_less: bool, against: (NumberUnit, Comparison)) -> Markup {
    went(values, |is_more| Some(is_more != is_good_when_less), against)
}

/// Renders a change that is neither good nor bad.
pub fn plain_change(values: (i64, i64), against: (NumberUnit, Comparison)) -> Markup {
    went(values, |_| None, against)
}

fn went(
    (now, before): (i64, i64),
    is_good: impl Fn(bool) -> Option<bool>,
    (unit, comparison): (NumberUnit, Comparison),
) -> Markup {
    let against = against(before, (unit, comparison));
    if before == 0 {
        return html! { @if now > 0 { span.change title=(against) { "new" } } @else { span.change title=(against) { "–" } } };
    }
    let percent = quotient((now - before) * 100, before);
    let is_good = if percent == 0 { None } else { is_good(percent > 0) };
    let (arrow, word) = match percent {
        1.. => ("▲", "up"),
        0 => ("=", "unchanged"),
        _ => ("▼", "down"),
    };
    html! {
        span.change.good[is_good == Some(true)].bad[is_good == Some(false)] title=(against) {
            span aria-hidden="true" { (arrow) " " } span.hidden { (word) " " }
            @if percent > 999 { "> 999 %" } @else { (percent.abs()) " %" }
        }
    }
}
