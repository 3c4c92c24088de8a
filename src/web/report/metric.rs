//! The screen of a metric: its value, its change, and a table of its steps.

use super::super::dashboard::metric_cards::{course_chart, unit_of};
use super::super::{chart, format};
use super::{Head, earlier, nothing};
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
use actix_web::web::Data;
use maud::{Markup, html};

/// Runs the report and renders it.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn draw(app: &Data<App>, site: Site, (head, tally): (&Head, Metric)) -> Result<Markup> {
    if tally == Metric::Online {
        let has_list = head.scope.view.has(VisitorData::LiveList);
        let scope = head.scope.clone();
        let shown = move |reader: &Snapshot<'_>| {
            online::count(&VisibleVisits::new(reader, &site, &scope.view, &scope.wanted)?)
        };
        let online = app.report(shown).await?;
        return Ok(html! {
            p.big { b { (format::count(online)) } @if online == 1 { " visitor is online" } @else { " visitors are online" } }
            @if has_list { p { a.button.primary href={ (head.base) "/spy" } { "Watch them live" } } }
        });
    }
    let scope = head.scope.clone();
    let (totals, courses) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &site, &scope)?;
            Ok((inquiry.compare::<Totals>()?, inquiry.timeseries()?))
        })
        .await?;
    let (now, unit) = (tally.value(&totals.now.0), unit_of(tally));
    let before = totals.before.map(|before| tally.value(&before.0));
    if totals.now.0.visits == 0 {
        return Ok(nothing(head, before, unit));
    }
    let comparison = head.scope.comparison;
    let select = head.asked.link(&head.path, &[("date", "")]);
    Ok(html! {
        p.big {
            b { (unit.short(now)) }
            @if let Some((before, comparison)) = before.zip(comparison) {
                (chart::change((now, before), tally == Metric::BounceRate, (unit, comparison)))
                (earlier(head, (unit, before), comparison))
            }
        }
        (course_chart((head.report, tally), (&courses, comparison), Some(select)).draw())
    })
}
