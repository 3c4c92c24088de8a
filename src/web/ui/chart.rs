//! Charts: spark lines, and the chart over time. The server draws the chart as plain lines next to a table of the same
//! numbers; a script reads the table and draws an interactive chart.

use super::chart_notes::ChartNotes;
use super::format::{self, NumberUnit};
use crate::model::clock::Day;
use crate::model::currency::Currency;
use crate::reports::comparison::Comparison;
use maud::{Markup, html};

/// The area in which lines are drawn, in pixels or in units of a view box.
struct PlotArea {
    width: f64,
    height: f64,
}

/// The area of a spark line, in pixels.
const SPARK: PlotArea = PlotArea { width: 96.0, height: 24.0 };
/// The area of a chart, in units of its view box, before a script draws the chart anew.
const CHART: PlotArea = PlotArea { width: 960.0, height: 220.0 };

impl PlotArea {
    /// Returns the view box of the SVG.
    fn view_box(&self) -> String {
        format!("0 0 {} {}", self.width, self.height)
    }

    /// Returns the SVG points of a line over so many steps, the highest value at the top; 0 is at the bottom unless values are
    /// negative. A line may have fewer values: months differ in their number of days.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn points(&self, values: &[i64], steps: usize, (lowest, highest): (i64, i64)) -> String {
        let step = self.width / (steps.max(2) - 1) as f64;
        let scale = (self.height - 3.0) / (highest - lowest).max(1) as f64;
        let point = |(index, value): (usize, &i64)| {
            format!("{:.1},{:.1}", index as f64 * step, self.height - 1.5 - (*value - lowest) as f64 * scale)
        };
        values.iter().take(steps).enumerate().map(point).collect::<Vec<_>>().join(" ")
    }
}

/// Returns the lowest and the highest value of lines, between which 0 lies.
fn bounds<'a>(values: impl Iterator<Item = &'a i64>) -> (i64, i64) {
    values.fold((0, 0), |(lowest, highest), value| (lowest.min(*value), highest.max(*value)))
}

/// Renders a spark line without text, with the comparison dashed below it; the numbers stand next to it.
pub fn spark(now: &[i64], before: Option<&[i64]>) -> Markup {
    let bounds = bounds(now.iter().chain(before.unwrap_or_default()));
    let line = |values: &[i64]| SPARK.points(values, now.len(), bounds);
    html! {
        svg.spark viewBox=(SPARK.view_box()) width=(SPARK.width) height=(SPARK.height) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            @if let Some(before) = before { polyline.before points=(line(before)) fill="none" vector-effect="non-scaling-stroke" {} }
            polyline points=(line(now)) fill="none" stroke="currentColor" vector-effect="non-scaling-stroke" {}
        }
    }
}

/// Renders a spark line that stands alone, with its numbers as hidden text for screen readers.
pub fn spark_alone(values: &[i64], before: Option<&[i64]>) -> Markup {
    let text = values.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    html! { (spark(values, before)) span.hidden { (text) } }
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
    pub fn name(&self, index: usize) -> String {
        match self {
            Self::Days(days) => format::day(days[index]),
            Self::Hours => format!("{index:02}:00"),
        }
    }

    fn value(&self, index: usize) -> String {
        match self {
            Self::Days(days) => days[index].to_string(),
            Self::Hours => index.to_string(),
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
    /// The annotations of the days.
    pub notes: ChartNotes,
}

impl Chart {
    /// Returns the chart with the annotations of its days.
    #[must_use]
    pub fn with_notes(self, notes: ChartNotes) -> Self {
        Self { notes, ..self }
    }

    /// Returns true if the chart shows several items, each with a line of the comparison period.
    fn has_pairs(&self) -> bool {
        self.series.iter().filter(|series| series.is_before).count() > 1
    }

    /// Returns the CSS class of a line. Both lines of an item have the same colour.
    fn class(&self, index: usize) -> String {
        let items = self.series.iter().filter(|series| !series.is_before).count();
        match self.series[index].is_before {
            true if self.has_pairs() => format!("line-{} before paired", index % items.max(1)),
            true => format!("line-{index} before"),
            false => format!("line-{index}"),
        }
    }

    fn currency(&self) -> Option<Currency> {
        match self.unit {
            NumberUnit::Money(currency) => Some(currency),
            NumberUnit::Count | NumberUnit::Seconds | NumberUnit::Permille | NumberUnit::Hundredths => None,
        }
    }

    /// Returns the number of steps of the lines: for a range that is not over, only those that have begun.
    fn drawn_steps(&self) -> usize {
        let own = self.series.iter().filter(|series| !series.is_before).map(|series| series.values.len());
        own.max().unwrap_or(0)
    }

    /// Renders the chart, and its numbers as a table.
    pub fn draw(&self) -> Markup {
        let bounds = bounds(self.series.iter().flat_map(|series| &series.values));
        let line = |series: &Series| CHART.points(&series.values, self.drawn_steps(), bounds);
        html! {
            figure.chart data-chart data-unit=(self.unit.name()) data-currency=[self.currency().map(Currency::code)] data-decimals=[self.currency().map(Currency::decimals)] data-steps=(if self.steps == Steps::Hours { "hours" } else { "days" }) data-select=[self.select.as_deref()] data-annotate[self.notes.has_forms()] {
                div.plot aria-hidden="true" {
                    svg viewBox=(CHART.view_box()) preserveAspectRatio="none" focusable="false" {
                        @for (index, series) in self.series.iter().enumerate() {
                            polyline class=(self.class(index)) points=(line(series)) vector-effect="non-scaling-stroke" {}
                        }
                    }
                }
                @if self.series.len() > 1 {
                    ul.legend { @for (index, series) in self.series.iter().enumerate().filter(|(_, series)| !series.is_before || !self.has_pairs()) { li class=(self.class(index)) { span.cut { (series.name) } } }
                        @if let Some(comparison) = self.comparison.filter(|_| self.has_pairs()) { li.before { span.cut { "dashed: " (comparison.label()) } } } }
                }
                (self.notes.draw())
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
                    @for index in 0..self.steps.len() {
                        tr {
                            th scope="row" data-at=(self.steps.value(index)) { (self.steps.name(index)) }
                            @for series in &self.series {
                                @let value = series.values.get(index).copied();
                                td.number data-value=[value] { @if let Some(value) = value { (format::exact(self.unit, value)) } @else { "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
