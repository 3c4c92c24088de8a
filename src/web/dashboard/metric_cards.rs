//! The metric cards above the chart of a dashboard, and the chart of the chosen metric.

use crate::reports::catalogue::{self, Metric, Report, ReportKind};
use crate::reports::comparison::Compared;
use crate::reports::comparison::Comparison;
use crate::reports::metrics::Metrics;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::visibility::Visibility as Seen;
use crate::web::chart::{self, Chart, Series, Steps};
use crate::web::format::NumberUnit;
use crate::web::query_params::QueryParams;
use maud::{Markup, html};

/// The metrics of the cards, by the names of their reports.
const TALLIES: [&str; 5] = ["visitors", "visitors-unique", "actions", "time-average", "bounce-rate"];

/// A metric card: a number and its change.
pub(super) struct TallyView {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    unit: NumberUnit,
    value: i64,
    before: Option<(i64, Comparison)>,
    is_good_when_less: bool,
    spark: Vec<i64>,
    spark_before: Option<Vec<i64>>,
    link: String,
    is_current: bool,
}

/// Returns the unit of a metric.
pub fn unit_of(tally: Metric) -> NumberUnit {
    match tally {
        Metric::ActionsAverage => NumberUnit::Hundredths,
        Metric::TimeAverage | Metric::TimeTotal => NumberUnit::Seconds,
        Metric::BounceRate => NumberUnit::Permille,
        Metric::Visits
        | Metric::Uniques
        | Metric::New
        | Metric::Online
        | Metric::Actions
        | Metric::Kind(_) => NumberUnit::Count,
    }
}

/// Returns the report of a name and its metric.
fn tally_of(name: &str) -> Option<(&'static Report, Metric)> {
    let report = catalogue::find(name)?;
    match report.answer {
        ReportKind::Tally(tally) => Some((report, tally)),
        _ => None,
    }
}

/// Returns the metrics that may be seen.
fn shown(seen: &Seen) -> impl Iterator<Item = &'static str> {
    TALLIES.into_iter().filter(move |name| catalogue::find(name).is_some_and(|report| seen.shows(report)))
}

/// Returns the name of the report that the chart shows.
fn chosen((asked, seen): (&QueryParams, &Seen)) -> Option<&'static str> {
    let wanted = asked.get("chart");
    shown(seen).find(|name| Some(*name) == wanted).or_else(|| shown(seen).next())
}

/// Returns the cards of the metrics that may be seen.
pub(super) fn cards(
    (asked, seen): (&QueryParams, &Seen),
    path: &str,
    totals: &Compared<Metrics>,
    courses: &Compared<TimeSeries>,
) -> Vec<TallyView> {
    let chosen = chosen((asked, seen));
    let view = |name: &'static str| {
        let (report, tally) = tally_of(name)?;
        let of = |measures: &Metrics| tally.value(measures);
        Some(TallyView {
            name,
            title: report.title,
            about: report.about,
            unit: unit_of(tally),
            value: of(&totals.now),
            before: totals.before.as_ref().map(of).zip(asked.comparison()),
            is_good_when_less: tally == Metric::BounceRate,
            spark: courses.now.measures().iter().map(of).collect(),
            spark_before: courses.before.as_ref().map(|before| before.measures().iter().map(of).collect()),
            link: asked.link(path, &[("chart", if name == TALLIES[0] { "" } else { name })]),
            is_current: Some(name) == chosen,
        })
    };
    shown(seen).filter_map(view).collect()
}

/// Returns the chart of a metric over a range, with the comparison period.
pub fn course_chart(
    (report, tally): (&'static Report, Metric),
    (courses, comparison): (&Compared<TimeSeries>, Option<Comparison>),
    select: Option<String>,
) -> Chart {
    let values = |course: &TimeSeries| course.measures().iter().map(|step| tally.value(step)).collect();
    let now = Series { name: report.title.into(), values: values(&courses.now), is_before: false };
    let before = courses.before.as_ref().zip(comparison).map(|(before, comparison)| Series {
        name: comparison.title().into(),
        values: values(before),
        is_before: true,
    });
    Chart {
        title: format!("{} over time", report.title),
        steps: match &courses.now {
            TimeSeries::Days(days, _) => Steps::Days(days.clone()),
            TimeSeries::Hours(_) => Steps::Hours,
        },
        series: std::iter::once(now).chain(before).collect(),
        unit: unit_of(tally),
        select,
        comparison,
    }
}

/// Returns the chart of the chosen metric.
pub(super) fn chart(
    (asked, seen): (&QueryParams, &Seen),
    path: &str,
    courses: &Compared<TimeSeries>,
) -> Option<Chart> {
    let tally = tally_of(chosen((asked, seen))?)?;
    Some(course_chart(tally, (courses, asked.comparison()), Some(asked.link(path, &[("date", "")]))))
}

/// Renders a card; it links to the chart of its metric.
pub(super) fn card(tally: &TallyView) -> Markup {
    html! {
        li.card-tally.current[tally.is_current] {
            a href=(tally.link) title=(tally.about) aria-current=[tally.is_current.then_some("true")] {
                span.quiet { (tally.title) }
                span.figure { b data-tally=(tally.name) { (tally.unit.short(tally.value)) }
                    @if let Some(before) = tally.before { (chart::change((tally.value, before.0), tally.is_good_when_less, (tally.unit, before.1))) } }
                (chart::spark(&tally.spark, tally.spark_before.as_deref()))
            }
        }
    }
}
