//! The screen of a metric: its value, its change, and a table of its steps.

use super::page::ReportPage;
use crate::model::metrics::Measure;
use crate::reports::answer::Answer;
use crate::reports::catalogue::Metric;
use crate::reports::query::Wants;
use crate::reports::visibility::VisitorData;
use crate::web::ui::value_change::{GoodChange, ValueChange};
use crate::web::ui::{format, metric_chart};
use maud::{Markup, html};

/// Returns the parts of the answer that the screen of a metric shows.
pub fn wants(metric: Metric) -> Wants {
    let is_online = metric == Metric::Online;
    Wants { online: is_online, totals: !is_online, series: !is_online, ..Wants::default() }
}

/// Renders the report.
pub fn draw(page: &ReportPage, metric: Metric, answer: Answer) -> Markup {
    if metric == Metric::Online {
        let has_list = page.query.visibility.has(VisitorData::LiveList);
        let online = answer.online.unwrap_or(0);
        return html! {
            p.big { b { (format::count(online)) } @if online == 1 { " visitor is online" } @else { " visitors are online" } }
            @if has_list { p { a.button.primary href={ (page.address.base) "/spy" } { "Watch them live" } } }
        };
    }
    let (totals, series) = (answer.totals.unwrap_or_default(), answer.series.unwrap_or_default());
    let currency = page.query.site.currency;
    let (now, unit) = (metric.value(&totals.now), metric.unit(currency));
    let before = totals.before.map(|before| metric.value(&before));
    if totals.now[Measure::Visits] == 0 {
        return page.nothing(before, unit);
    }
    let comparison = page.query.comparison;
    let good = GoodChange::of_metric(metric);
    let select = page.address.link(&[("date", "")]);
    html! {
        p.big {
            b { (format::short(unit, now)) }
            @if let Some((before, comparison)) = before.zip(comparison) {
                (ValueChange { now, before, unit, comparison }.draw(good))
                (page.earlier(before, unit, comparison))
            }
        }
        (metric_chart::new(page.report, (metric, currency), &series, comparison, select).with_notes(page.notes.clone()).draw())
    }
}
