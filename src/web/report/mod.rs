//! The screen of a report, drawn as the catalogue says what it answers with.

mod controls;
mod cross_tab;
mod filtered;
mod index;
mod items;
mod metric;
mod recent;
mod row_detail;

pub use index::show as index;
pub use items::part;
pub use row_detail::show as item;

use super::filter_bar::{self, FilterBar};
use super::format::{self, NumberUnit};
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::query_params::QueryParams;
use super::{chart, csv, icon, retention_note};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::{SiteContext, SiteReader};
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::query::Query;
use crate::reports::visibility::Visibility;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// What every report's screen has.
struct Head {
    report: &'static Report,
    /// The path below which the site's screens stand.
    base: String,
    /// The path of this screen.
    path: String,
    asked: QueryParams,
    scope: Query,
    may_export: bool,
    /// The caller may say which hosts are the site's.
    may_decide: bool,
    bar: FilterBar,
}

/// `GET /sites/{site}/reports/{report}`
pub async fn show(
    entry: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&named.1).ok_or(Error::Missing("report"))?;
    if !entry.view().shows(report) {
        return Err(entry.refusal());
    }
    let second = second(entry.view(), &asked, report).map_err(|error| refused(error, &entry))?;
    let scope = Query { visits_alone: second.is_some(), ..asked.scope(&app, &entry)? };
    let (path, range) = (format!("{}/reports/{}", entry.base(), report.name), scope.range);
    let bar = filter_bar::bar(&app, &entry, (&asked, &path), &scope.wanted).await?;
    let may_export = entry.may(Capability::ExportCsv);
    let may_decide = entry.may(Capability::ChangeSiteSettings);
    let head = Head { report, base: entry.base(), scope, may_export, may_decide, bar, path, asked };
    let mut frame =
        load::site_frame(&app, &request, &entry, (report.title, NavItem::Report(report.name))).await?;
    frame.range = Some(head.asked.control(&app, &entry, &head.path, range));
    let since = retention_note::since_in(&app, &entry.site, (report, &head.scope)).await?;
    let site = entry.site.clone();
    let content = match report.answer {
        ReportKind::Tally(tally) => metric::draw(&app, site, (&head, tally)).await?,
        ReportKind::Items(dimension) => {
            let drawn = match second {
                Some(second) => cross_tab::draw(&app, site, (&head, dimension), second).await,
                None => items::draw(&app, site, (&head, dimension)).await,
            };
            // An order by what is hidden.
            drawn.map_err(|error| refused(error, &entry))?
        }
        ReportKind::Chronicle(chronicle) => recent::draw(&app, site, (&head, chronicle)).await?,
        ReportKind::LeftOut => filtered::draw(&app, site, &head).await?,
    };
    let note = match report.answer {
        ReportKind::Chronicle(_) if !head.scope.is_filtered() => retention_note::of_list(since),
        _ => retention_note::of_report(since, &head.scope),
    };
    Ok(load::html(page(&frame, &head, &html! { (note) (content) })))
}

/// A report that another one is broken down by, and what it counts by.
pub type Second = (&'static Report, &'static Dimension);

/// The report that an address breaks this one down by, if it names one. A hidden one is forbidden.
pub fn second(view: &Visibility, asked: &QueryParams, report: &Report) -> Result<Option<Second>> {
    let Some(name) = asked.get("by").filter(|name| !name.is_empty() && *name != report.name) else {
        return Ok(None);
    };
    let second = catalogue::find(name).ok_or(Error::Missing("report"))?;
    match second.answer {
        ReportKind::Items(_) if !view.shows(second) => Err(Error::Forbidden),
        ReportKind::Items(dimension) => Ok(Some((second, dimension))),
        _ => Err(Error::Missing("report")),
    }
}

/// What is forbidden, as this caller is told of it.
fn refused(error: Error, ground: &SiteContext) -> Error {
    if matches!(error, Error::Forbidden) { ground.refusal() } else { error }
}

fn page(frame: &Frame, head: &Head, content: &Markup) -> Markup {
    frame.page(&html! {
        div.head {
            h1 { (head.report.title) }
            @if head.may_export {
                a.button id="export" href=(head.asked.link(&format!("{}/export/{}.csv", head.base, head.report.name), &[("page", ""), ("limit", ""), (csv::BOM, "1")])) { (icon::download()) "CSV" }
            }
        }
        p.about.quiet { (head.report.about) }
        (head.bar.draw())
        div id="answer" { (content) }
    })
}

/// What a whole report adds up to was in the days that are compared, beside how it went.
fn earlier(head: &Head, (unit, before): (NumberUnit, i64), comparison: Comparison) -> Markup {
    html! { span.quiet { " from " (chart::against(before, (unit, comparison))) ", " (format::days(comparison.period(head.scope.range))) } }
}

/// What a report without an answer says: what there was in the days that are compared, what it will show, and the next step.
fn nothing(head: &Head, before: Option<i64>, unit: NumberUnit) -> Markup {
    html! {
        section.empty {
            h2 { "Nothing in this range" }
            @if let Some((before, comparison)) = before.filter(|before| *before > 0).zip(head.scope.comparison) {
                p { "It was " (chart::against(before, (unit, comparison))) ", " (format::days(comparison.period(head.scope.range))) "." }
            }
            p { (head.report.about) }
            @if head.scope.wanted.is_empty() {
                p { a.button.primary href=(head.asked.link(&head.path, &[("date", "last-30-days"), ("find", "")])) { "Show the last 30 days" } }
            } @else {
                p { a.button.primary href=(head.asked.with_filters(&head.path, &[])) { "Take the filters away" } }
            }
        }
    }
}
