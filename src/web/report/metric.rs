//! The screen of a metric: its value, its change, and a table of its steps.

use super::page::ReportPage;
use crate::app::App;
use crate::error::Result;
use crate::reports::catalogue::Metric;
use crate::reports::engine::aggregate::totals::Totals;
use crate::reports::engine::query::QueryRunner;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::online;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::store::sites::Site;
use crate::web::value_change::{GoodChange, ValueChange};
use crate::web::{format, metric_chart};
use actix_web::web::Data;
use maud::{Markup, html};

/// Runs the report and renders it.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn draw(app: &Data<App>, site: Site, page: &ReportPage, metric: Metric) -> Result<Markup> {
    if metric == Metric::Online {
        let has_list = page.query.view.has(VisitorData::LiveList);
        let query = page.query.clone();
        let shown = move |reader: &Snapshot<'_>| {
            online::count(&VisibleVisits::new(reader, &site, &query.view, &query.wanted)?)
        };
        let online = app.report(shown).await?;
        return Ok(html! {
            p.big { b { (format::count(online)) } @if online == 1 { " visitor is online" } @else { " visitors are online" } }
            @if has_list { p { a.button.primary href={ (page.address.base) "/spy" } { "Watch them live" } } }
        });
    }
    let query = page.query.clone();
    let (totals, series) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &site, &query)?;
            Ok((inquiry.compare::<Totals>()?, inquiry.timeseries()?))
        })
        .await?;
    let (now, unit) = (metric.value(&totals.now.0), metric_chart::unit_of(metric));
    let before = totals.before.map(|before| metric.value(&before.0));
    if totals.now.0.visits == 0 {
        return Ok(page.nothing(before, unit));
    }
    let comparison = page.query.comparison;
    let good = if metric == Metric::BounceRate { GoodChange::Less } else { GoodChange::More };
    let select = page.address.link(&[("date", "")]);
    Ok(html! {
        p.big {
            b { (unit.short(now)) }
            @if let Some((before, comparison)) = before.zip(comparison) {
                (ValueChange { now, before, unit, comparison }.draw(good))
                (page.earlier(before, unit, comparison))
            }
        }
        (metric_chart::new(page.report, metric, &series, comparison, select).draw())
    })
}
