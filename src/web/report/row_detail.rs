//! One row of a report: how it went over the range, and what its visits are counted by in a second report. Opens below
//! the row; without a script it is a page of its own.

use super::super::chart::{self, Chart, Series, Steps};
use super::super::format::{self, NumberUnit};
use super::super::query_params::QueryParams;
use super::{Second, controls, refused, second};
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::page_form::{is_on, opening_address};
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::reports::engine::query::QueryRunner;
use crate::reports::engine::rollups;
use crate::reports::filter;
use crate::reports::query::Query;
use crate::reports::results::reading;
use crate::reports::results::table::{Table, TableRow};
use crate::reports::table_query::TableQuery;
use crate::store::sites::{self, Site};
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::{filter_bar, icon, report_row, retention_note};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// Items of the second report that are shown.
const ROWS: u32 = 10;
/// What belongs to a whole report and not to a row of it.
const OF_REPORT: [(&str, &str); 6] =
    [("find", ""), ("sort", ""), ("order", ""), ("limit", ""), ("chart", ""), ("by", "")];

struct View {
    report: &'static Report,
    dimension: &'static Dimension,
    base: String,
    path: String,
    asked: QueryParams,
    /// What is asked of the visits of the row.
    scope: Query,
    bar: filter_bar::FilterBar,
    answer: Answered,
    second: Option<(Second, Table)>,
}

/// Opens a row.
pub fn opener((asked, report): (&QueryParams, &str), line: &TableRow) -> Markup {
    let path = format!("{report}/item");
    let changes: Vec<_> = OF_REPORT.into_iter().chain([("item", line.name.filter.as_str())]).collect();
    let within: Vec<_> = changes.iter().copied().chain([("row", "1")]).collect();
    let what = format!("How it went, and a breakdown: {}", line.name.title);
    html! {
        a.button.icon-button href=(asked.link(&path, &changes)) aria-label=(what) title=(what) data-opens-row
            hx-get=(asked.link(&path, &within)) hx-target="closest tr" hx-select="tr.detail" hx-select-oob="unset" hx-swap="afterend" hx-boost="false" hx-push-url="false" { (icon::chart()) }
    }
}

/// `GET /sites/{site}/reports/{report}/item?value=…`; with `row=1` only what opens below the row.
pub async fn show(
    entry: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&named.1).ok_or(Error::Missing("report"))?;
    let ReportKind::Items(dimension) = report.answer else { return Err(Error::Missing("report")) };
    if !entry.view().shows(report) {
        return Err(entry.refusal());
    }
    let second = second(entry.view(), &asked, report).map_err(|error| refused(error, &entry))?;
    let value = asked.get("item").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Error::invalid("item", "Choose a row of the report."))?.to_owned();
    let mut scope = asked.scope(&app, &entry)?;
    let others = scope.wanted.clone();
    scope.wanted = filter::narrowed_to(&others, dimension, &value);
    let (base, range) = (entry.base(), scope.range);
    let path = format!("{base}/reports/{}/item", report.name);
    let of_report = Query { wanted: others.clone(), ..scope.clone() };
    let ((answer, table), scope) =
        ask(&app, entry.site.clone(), (scope, of_report), (dimension, value), second).await?;
    let second = second.zip(table);
    let is_row = asked.get("row") == Some("1");
    let control = asked.control(&app, &entry, &path, range);
    let bar = filter_bar::bar(&app, &entry, (&asked, &path), &others).await?;
    let view = View { report, dimension, base, path, asked, scope, bar, answer, second };
    if is_row {
        return Ok(load::html(row(&view)));
    }
    let mut frame =
        load::site_frame(&app, &request, &entry, (report.title, NavItem::Report(report.name))).await?;
    frame.range = Some(control);
    Ok(load::html(page(&frame, &view)))
}

/// What is known of a row.
struct Answered {
    /// The row in words.
    title: String,
    /// The page's address, as it opens, where the row is a page or a file.
    address: Option<String>,
    count: Compared<i64>,
    steps: Steps,
    /// Step by step; nothing where that is not kept.
    course: Compared<Vec<i64>>,
    /// Since when single visits are kept, where the range reaches back further.
    kept_since: Option<Day>,
    /// The days before count too, by their totals.
    counts_past: bool,
}

async fn ask(
    app: &Data<App>,
    site: Site,
    (scope, of_report): (Query, Query),
    (dimension, value): (&'static Dimension, String),
    second: Option<Second>,
) -> Result<((Answered, Option<Table>), Query)> {
    app.report(move |reader| {
        let inquiry = QueryRunner::new(reader, &site, &scope)?;
        let kept_since = inquiry.kept_since();
        // Totals tell of a row as part of its report; of the visits that have it they know nothing.
        let counts_past = kept_since.is_some() && !of_report.is_filtered() && rollups::covers(dimension.by);
        let whole = if counts_past { Some(QueryRunner::new(reader, &site, &of_report)?) } else { None };
        let teller = whole.as_ref().unwrap_or(&inquiry);
        let line = teller.line(dimension, &value)?;
        let address = line.as_ref().and_then(|line| line.name.address.as_deref());
        let address = match address.filter(|_| dimension.naming == ValueKind::Page) {
            // A file elsewhere has its own address, which another one may not lead to.
            Some(address)
                if dimension.by == GroupKey::Actions(ActionKind::Download)
                    && !is_on(address, &site.domain) =>
            {
                Some(address.to_owned())
            }
            Some(address) => {
                let page_origin = sites::page_origin(reader.connection, site.id)?;
                Some(opening_address(address, &site.domain, page_origin.as_deref()))
            }
            None => None,
        };
        let title = line.as_ref().map_or(value, |line| reading::text(dimension.naming, &line.name));
        let steps = if inquiry.is_one_day() { Steps::Hours } else { Steps::Days(inquiry.days()) };
        let course = match &line {
            Some(line) => {
                let Compared { now, before } = teller.item_series(dimension, std::slice::from_ref(line))?;
                let before = before.and_then(|before| before.into_iter().next());
                Compared { now: now.into_iter().next().unwrap_or_default(), before }
            }
            None => Compared { now: vec![0; steps.len()], before: None },
        };
        let count = line.map_or_else(Compared::default, |line| Compared {
            now: line.measures.hits,
            before: line.before.map(|before| before.hits),
        });
        let table = second
            .map(|(_, dimension)| inquiry.table(dimension, &TableQuery::top(dimension, ROWS)))
            .transpose()?;
        Ok(((Answered { title, address, count, steps, course, kept_since, counts_past }, table), scope))
    })
    .await
}

/// What a row counts.
fn counted(view: &View, count: i64) -> &'static str {
    let is_page = view.dimension.naming == ValueKind::Page && view.dimension.filter == "href";
    match (view.dimension.counts_actions(), is_page) {
        (true, true) if count == 1 => " view",
        (true, true) => " views",
        (true, false) if count == 1 => " time",
        (true, false) => " times",
        (false, _) if count == 1 => " visit",
        (false, _) => " visits",
    }
}

fn summary(view: &View) -> Markup {
    let Compared { now, before } = view.answer.count;
    html! {
        p.big {
            b { (format::count(now)) } (counted(view, now)) " "
            @if let Some((before, comparison)) = before.zip(view.scope.comparison) {
                (chart::change((now, before), false, (NumberUnit::Count, comparison)))
                span.quiet { " from " (format::grouped(before)) " in " (comparison.label()) }
            }
        }
    }
}

/// Says what a row does not count, where totals can't tell of it.
fn note_of_whole(view: &View) -> Markup {
    let Answered { kept_since, counts_past, .. } = view.answer;
    retention_note::of_part(kept_since.filter(|_| !counts_past), "This view")
}

/// The row that opens below another.
fn row(view: &View) -> Markup {
    let Answered { title, steps, course, .. } = &view.answer;
    let highest = course
        .now
        .iter()
        .copied()
        .enumerate()
        .max_by_key(|(place, value)| (*value, std::cmp::Reverse(*place)));
    let highest = highest.filter(|(_, value)| *value > 0);
    let words = course.now.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let whole: Vec<_> = view.second.iter().map(|((second, _), _)| ("by", second.name)).collect();
    let whole = [&[("row", "")], whole.as_slice()].concat();
    html! {
        tr.detail {
            td {
                div.detail-box {
                    section aria-label={ "Course of " (title) } {
                        (summary(view))
                        (note_of_whole(view))
                        @if course.now.is_empty() {
                            p.quiet { (retention_note::NO_HOURS) }
                        } @else {
                            (chart::spark(&course.now, course.before.as_deref()))
                            span.hidden { (steps.word()) " by " (steps.word()) ": " (words) }
                        }
                        p.quiet {
                            @if let Some((place, value)) = highest { "Most: " (format::grouped(value)) ", " (steps.name(place)) ". " }
                            a href=(view.asked.link(&view.path, &whole)) { "Open as a page" }
                            @if let Some(link) = opening_link(view) { " · " (link) }
                        }
                    }
                    section aria-label={ "Breakdown of " (title) } {
                        form.break-down method="get" action=(view.path) {
                            (hidden_fields(view))
                            label {
                                "Break down by "
                                select name="by" hx-get=(view.path) hx-trigger="change" hx-include="closest form" hx-vals=r#"{"row":"1"}"# hx-target="closest tr" hx-select="tr.detail" hx-select-oob="unset" hx-swap="outerHTML" hx-push-url="false" {
                                    option value="" { "nothing" }
                                    (controls::options(&view.scope.view, (view.report, view.second.as_ref().map(|(second, _)| *second))))
                                }
                            }
                        }
                        (breakdown(view))
                    }
                }
            }
        }
    }
}

/// Leads to the page or the file that the row is about.
fn opening_link(view: &View) -> Option<Markup> {
    let link = view.answer.address.as_deref().and_then(format::safe_link)?;
    let is_file = view.dimension.by == GroupKey::Actions(ActionKind::Download);
    let words = if is_file { "Open this file" } else { "Visit this page" };
    Some(html! { a href=(link) target="_blank" rel="noreferrer noopener" title=(link) { (words) } })
}

fn hidden_fields(view: &View) -> Markup {
    html! { @for (name, value) in view.asked.hidden_fields(&["by", "row"]) { input type="hidden" name=(name) value=(value); } }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let back = view.asked.link(
        &format!("{}/reports/{}", view.base, view.report.name),
        &[("item", ""), ("row", ""), ("by", "")],
    );
    frame.page(&html! {
        p.crumbs { a href=(back) { (view.report.title) } }
        div.head { h1 { (view.answer.title) } }
        @if let Some(link) = opening_link(view) { p { (link) } }
        (view.bar.draw())
        (summary(view))
        (note_of_whole(view))
        @if view.answer.course.now.is_empty() { p.quiet { (retention_note::NO_HOURS) } } @else { (course_chart(view).draw()) }
        form.break-down method="get" action=(view.path) {
            (hidden_fields(view))
            label for="by" { "Break down by" }
            select id="by" name="by" { option value="" { "nothing" } (controls::options(&view.scope.view, (view.report, view.second.as_ref().map(|(second, _)| *second)))) }
            button type="submit" { "Show" }
        }
        (breakdown(view))
    })
}

fn course_chart(view: &View) -> Chart {
    let Answered { title, steps, course, .. } = &view.answer;
    let now = Series { name: title.clone(), values: course.now.clone(), is_before: false };
    let before = course.before.clone().zip(view.scope.comparison);
    let before = before.map(|(values, comparison)| Series {
        name: comparison.title().into(),
        values,
        is_before: true,
    });
    Chart {
        title: format!("{title} over time"),
        steps: steps.clone(),
        series: std::iter::once(now).chain(before).collect(),
        unit: NumberUnit::Count,
        select: Some(view.asked.link(&view.path, &[("date", "")])),
        comparison: view.scope.comparison,
    }
}

/// What the visits of the row are counted by.
fn breakdown(view: &View) -> Markup {
    let Some(((report, dimension), table)) = &view.second else { return html! {} };
    let title = format!("{} of visits: {} is {}", report.title, view.dimension.noun, view.answer.title);
    let all = view
        .asked
        .to_screen_with_filters(&format!("{}/reports/{}", view.base, report.name), &view.scope.wanted);
    let comparison = view.scope.comparison.filter(|_| table.is_compared());
    html! {
        h2.of-row { (title) }
        @if view.answer.counts_past { (retention_note::of_part(view.answer.kept_since, "A breakdown")) }
        @if table.lines.is_empty() {
            p.quiet { "Nothing in this range. " (report.about) }
        } @else {
            table.list.small-list.bars {
                thead {
                    tr {
                        th scope="col" { (dimension.noun) }
                        th.number scope="col" { "Count" }
                        th.number scope="col" { "Share" }
                        @if let Some(comparison) = comparison { th.number scope="col" title={ "Against " (comparison.label()) } { "Change" } }
                    }
                }
                tbody {
                    @for line in &table.lines {
                        tr {
                            td { (report_row::bar(line.measures.hits, table.highest)) span.row-link.cut title=(line.name.title) { (report_row::picture(&line.name.picture)) " " (reading::text(dimension.naming, &line.name)) } }
                            td.number { (format::count(line.measures.hits)) }
                            td.number.quiet { (format::percent(report_row::permille(line.measures.hits, table.sum))) }
                            @if let (Some(comparison), Some(before)) = (comparison, &line.before) {
                                td.number { (chart::change((line.measures.hits, before.hits), false, (NumberUnit::Count, comparison))) }
                            }
                        }
                    }
                }
            }
        }
        p.panel-foot { a href=(all) { "All " (report.title.to_lowercase()) " of these visits →" } }
    }
}
