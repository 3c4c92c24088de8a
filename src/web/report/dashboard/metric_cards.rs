//! The metric cards above the chart of a dashboard, and the chart of the chosen metric.

use crate::model::currency::Currency;
use crate::model::metrics::{Measure, Metrics};
use crate::reports::catalogue::{self, Metric, Report, ReportKind};
use crate::reports::comparison::{Compared, Comparison};
use crate::reports::results::time_series::TimeSeries;
use crate::reports::visibility::Visibility;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::ui::chart::{self, Chart};
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::metric_chart;
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};

/// The metrics of the cards, by the names of their reports.
const CARDS: [&str; 5] = ["visitors", "visitors-unique", "actions", "time-average", "bounce-rate"];

/// The metrics of the cards about goals, by the names of their reports.
const GOAL_CARDS: [&str; 4] = ["conversions", "conversion-rate", "revenue", "revenue-average"];

/// A metric card: a number, its change and its spark line.
pub struct MetricCard {
    report: &'static Report,
    unit: NumberUnit,
    value: i64,
    before: Option<(i64, Comparison)>,
    good: GoodChange,
    spark: Vec<i64>,
    spark_before: Option<Vec<i64>>,
    /// The address of the dashboard with the chart of this metric.
    link: String,
    is_current: bool,
}

/// Returns the report of a name and its metric.
fn metric_of(name: &str) -> Option<(&'static Report, Metric)> {
    let report = catalogue::find(name)?;
    match report.kind {
        ReportKind::Metric(metric) => Some((report, metric)),
        _ => None,
    }
}

/// Returns the metrics that the caller may see.
fn shown(visibility: &Visibility) -> impl Iterator<Item = &'static str> {
    let all = CARDS.into_iter().chain(GOAL_CARDS);
    all.filter(move |name| catalogue::find(name).is_some_and(|report| visibility.shows(report)))
}

/// Returns the name of the report that the chart shows.
fn chosen(address: &ScreenAddress, visibility: &Visibility) -> Option<&'static str> {
    let chosen = address.params.get("chart");
    shown(visibility).find(|name| Some(*name) == chosen).or_else(|| shown(visibility).next())
}

/// Returns the cards about traffic that the caller may see.
pub fn cards(
    address: &ScreenAddress,
    visibility: &Visibility,
    currency: Currency,
    totals: &Compared<Metrics>,
    series: &Compared<TimeSeries>,
) -> Vec<MetricCard> {
    cards_of(&CARDS, address, visibility, currency, totals, series)
}

/// Returns the cards about goals that the caller may see; none if no goal was reached in the range and in the one that it is
/// compared with.
pub fn goal_cards(
    address: &ScreenAddress,
    visibility: &Visibility,
    currency: Currency,
    totals: &Compared<Metrics>,
    series: &Compared<TimeSeries>,
) -> Vec<MetricCard> {
    let has_some = |metrics: &Metrics| metrics[Measure::Conversions] != 0;
    if !has_some(&totals.now) && !totals.before.as_ref().is_some_and(has_some) {
        return Vec::new();
    }
    cards_of(&GOAL_CARDS, address, visibility, currency, totals, series)
}

/// Returns the cards of some metrics, as far as the caller may see them.
fn cards_of(
    names: &[&str],
    address: &ScreenAddress,
    visibility: &Visibility,
    currency: Currency,
    totals: &Compared<Metrics>,
    series: &Compared<TimeSeries>,
) -> Vec<MetricCard> {
    let chosen = chosen(address, visibility);
    let card = |name: &'static str| {
        let (report, metric) = metric_of(name)?;
        let value = |metrics: &Metrics| metric.value(metrics);
        Some(MetricCard {
            report,
            unit: metric.unit(currency),
            value: value(&totals.now),
            before: totals.before.as_ref().map(value).zip(address.params.comparison()),
            good: GoodChange::of_metric(metric),
            spark: series.now.metrics().iter().map(value).collect(),
            spark_before: series.before.as_ref().map(|before| before.metrics().iter().map(value).collect()),
            link: address.link(&[("chart", if name == CARDS[0] { "" } else { name })]),
            is_current: Some(name) == chosen,
        })
    };
    shown(visibility).filter(|name| names.contains(name)).filter_map(card).collect()
}

/// Returns the chart of the chosen metric.
pub fn chart(
    address: &ScreenAddress,
    visibility: &Visibility,
    currency: Currency,
    series: &Compared<TimeSeries>,
) -> Option<Chart> {
    let (report, metric) = metric_of(chosen(address, visibility)?)?;
    let select = address.link(&[("date", "")]);
    Some(metric_chart::new(report, (metric, currency), series, address.params.comparison(), select))
}

impl MetricCard {
    fn change(&self) -> Option<ValueChange> {
        let (before, comparison) = self.before?;
        Some(ValueChange { now: self.value, before, unit: self.unit, comparison })
    }

    /// Renders the card; it links to the chart of its metric.
    pub fn draw(&self) -> Markup {
        html! {
            li.card-tally.current[self.is_current] {
                a href=(self.link) title=(self.report.about) aria-current=[self.is_current.then_some("true")] {
                    span.quiet { (self.report.title) }
                    span.figure { b data-tally=(self.report.name) { (format::short(self.unit, self.value)) }
                        @if let Some(change) = self.change() { (change.draw(self.good)) } }
                    (chart::spark(&self.spark, self.spark_before.as_deref()))
                }
            }
        }
    }
}
