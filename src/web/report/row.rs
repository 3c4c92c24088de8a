//! One row of a report: how it went over the range, and what its visits are counted by in a second report. Opens below
//! the row; without a script it is a page of its own.

use super::super::asked::Asked;
use super::super::chart::{self, Chart, Series, Steps};
use super::super::format::{self, Unit};
use super::super::frame::{Frame, Place};
use super::super::{chips, icon, item, shell};
use super::{Second, controls, refused, second};
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::entry::Look;
use crate::reports::catalogue::{self, Answer, Report};
use crate::reports::dimension::{Dimension, Naming};
use crate::reports::inquiry::{Compared, Inquiry, Scope};
use crate::reports::table::{Line, Part, Table};
use crate::reports::wanted;
use crate::store::sites::Site;
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
    asked: Asked,
    /// What is asked of the visits of the row.
    scope: Scope,
    bar: chips::Bar,
    /// The row in words.
    title: String,
    steps: Steps,
    course: Compared<Vec<i64>>,
    second: Option<(Second, Table)>,
}

/// Opens a row.
pub fn opener((asked, report): (&Asked, &str), line: &Line) -> Markup {
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
    entry: Look<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&named.1).ok_or(Error::Missing("report"))?;
    let Answer::Items(dimension) = report.answer else { return Err(Error::Missing("report")) };
    if !entry.view().shows(report) {
        return Err(entry.refusal());
    }
    let second = second(entry.view(), &asked, report).map_err(|error| refused(error, &entry))?;
    let value = asked.get("item").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Error::invalid("item", "Choose a row of the report."))?.to_owned();
    let mut scope = asked.scope(&app, &entry)?;
    let others = scope.wanted.clone();
    scope.wanted = wanted::only_this(&others, dimension, &value);
    let (base, range) = (entry.base(), scope.range);
    let path = format!("{base}/reports/{}/item", report.name);
    let (answer, scope) = ask(&app, entry.site.clone(), scope, (dimension, value), second).await?;
    let Answered { title, steps, course, table } = answer;
    let second = second.zip(table);
    let is_row = asked.get("row") == Some("1");
    let control = asked.control(&app, &entry, &path, range);
    let bar = chips::bar(&app, &entry, (&asked, &path), &others).await?;
    let view = View { report, dimension, base, path, asked, scope, bar, title, steps, course, second };
    if is_row {
        return Ok(shell::html(row(&view)));
    }
    let mut frame =
        shell::site_frame(&app, &request, &entry, (report.title, Place::Report(report.name))).await?;
    frame.range = Some(control);
    Ok(shell::html(page(&frame, &view)))
}

struct Answered {
    title: String,
    steps: Steps,
    course: Compared<Vec<i64>>,
    table: Option<Table>,
}

async fn ask(
    app: &Data<App>,
    site: Site,
    scope: Scope,
    (dimension, value): (&'static Dimension, String),
    second: Option<Second>,
) -> Result<(Answered, Scope)> {
    app.report(move |reader| {
        let inquiry = Inquiry::new(reader, &site, &scope)?;
        let line = inquiry.line(dimension, &value)?;
        let title = line.as_ref().map_or(value, |line| item::words(dimension.naming, &line.name));
        let courses = inquiry.lines(dimension, line.as_slice())?;
        let steps = if inquiry.is_one_day() { Steps::Hours } else { Steps::Days(inquiry.days()) };
        let now = courses.now.into_iter().next().unwrap_or_else(|| vec![0; steps.len()]);
        let before = courses.before.and_then(|before| before.into_iter().next());
        let table =
            second.map(|(_, dimension)| inquiry.table(dimension, &Part::top(dimension, ROWS))).transpose()?;
        Ok((Answered { title, steps, course: Compared { now, before }, table }, scope))
    })
    .await
}

/// What a row counts.
fn counted(view: &View, count: i64) -> &'static str {
    let is_page = view.dimension.naming == Naming::Page && view.dimension.filter == "href";
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
    let sum = view.course.now.iter().sum::<i64>();
    let before = view.course.before.as_ref().map(|before| before.iter().sum::<i64>());
    html! {
        p.big {
            b { (format::count(sum)) } (counted(view, sum)) " "
            @if let Some((before, comparison)) = before.zip(view.scope.comparison) {
                (chart::change((sum, before), false, (Unit::Count, comparison)))
                span.quiet { " from " (format::grouped(before)) " in " (comparison.words()) }
            }
        }
    }
}

/// The row that opens below another.
fn row(view: &View) -> Markup {
    let highest = view
        .course
        .now
        .iter()
        .copied()
        .enumerate()
        .max_by_key(|(place, value)| (*value, std::cmp::Reverse(*place)));
    let highest = highest.filter(|(_, value)| *value > 0);
    let words = view.course.now.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let whole: Vec<_> = view.second.iter().map(|((second, _), _)| ("by", second.name)).collect();
    let whole = [&[("row", "")], whole.as_slice()].concat();
    html! {
        tr.detail {
            td {
                div.detail-box {
                    section aria-label={ "Course of " (view.title) } {
                        (summary(view))
                        (chart::spark(&view.course.now, view.course.before.as_deref()))
                        span.hidden { (view.steps.word()) " by " (view.steps.word()) ": " (words) }
                        p.quiet {
                            @if let Some((place, value)) = highest { "Most: " (format::grouped(value)) ", " (view.steps.name(place)) ". " }
                            a href=(view.asked.link(&view.path, &whole)) { "Open as a page" }
                        }
                    }
                    section aria-label={ "Breakdown of " (view.title) } {
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

fn hidden_fields(view: &View) -> Markup {
    html! { @for (name, value) in view.asked.carried(&["by", "row"]) { input type="hidden" name=(name) value=(value); } }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let back = view.asked.link(
        &format!("{}/reports/{}", view.base, view.report.name),
        &[("item", ""), ("row", ""), ("by", "")],
    );
    frame.page(&html! {
        p.crumbs { a href=(back) { (view.report.title) } }
        div.head { h1 { (view.title) } }
        (view.bar.draw())
        (summary(view))
        (course_chart(view).draw())
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
    let now = Series { name: view.title.clone(), values: view.course.now.clone(), is_before: false };
    let before = view.course.before.clone().zip(view.scope.comparison);
    let before = before.map(|(values, comparison)| Series {
        name: comparison.title().into(),
        values,
        is_before: true,
    });
    Chart {
        title: format!("{} over time", view.title),
        steps: view.steps.clone(),
        series: std::iter::once(now).chain(before).collect(),
        unit: Unit::Count,
        select: Some(view.asked.link(&view.path, &[("date", "")])),
        comparison: view.scope.comparison,
    }
}

/// What the visits of the row are counted by.
fn breakdown(view: &View) -> Markup {
    let Some(((report, dimension), table)) = &view.second else { return html! {} };
    let title = format!("{} of visits: {} is {}", report.title, view.dimension.noun, view.title);
    let all = view.asked.link_for(&format!("{}/reports/{}", view.base, report.name), &view.scope.wanted);
    html! {
        h2.of-row { (title) }
        @if table.lines.is_empty() {
            p.quiet { "Nothing in this range. " (report.about) }
        } @else {
            table.list.small-list.bars {
                thead {
                    tr {
                        th scope="col" { (dimension.noun) }
                        th.number scope="col" { "Count" }
                        th.number scope="col" { "Share" }
                        @if let Some(comparison) = view.scope.comparison { th.number scope="col" title={ "Against " (comparison.words()) } { "Change" } }
                    }
                }
                tbody {
                    @for line in &table.lines {
                        tr {
                            td { (item::bar(line.measures.hits, table.highest)) span.row-link.cut title=(line.name.title) { (item::picture(&line.name.picture)) " " (item::words(dimension.naming, &line.name)) } }
                            td.number { (format::count(line.measures.hits)) }
                            td.number.quiet { (format::percent(item::permille(line.measures.hits, table.sum))) }
                            @if let (Some(comparison), Some(before)) = (view.scope.comparison, &line.before) {
                                td.number { (chart::change((line.measures.hits, before.hits), false, (Unit::Count, comparison))) }
                            }
                        }
                    }
                }
            }
        }
        p.panel-foot { a href=(all) { "All " (report.title.to_lowercase()) " of these visits →" } }
    }
}
