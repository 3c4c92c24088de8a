//! The screen of a report, drawn as the catalogue says what it answers with.

mod chronicle;
mod index;
mod items;
mod left_out;
mod tally;

pub use index::show as index;
pub use items::part;

use super::asked::Asked;
use super::chips::{self, Bar};
use super::frame::{Frame, Place};
use super::{icon, kept, shell};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::entry::Look;
use crate::reports::catalogue::{self, Answer, Report};
use crate::reports::inquiry::Scope;
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
    asked: Asked,
    scope: Scope,
    may_export: bool,
    bar: Bar,
}

/// `GET /sites/{site}/reports/{report}`
pub async fn show(
    entry: Look<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&named.1).ok_or(Error::Missing("report"))?;
    if !entry.view().shows(report) {
        return Err(entry.refusal());
    }
    let scope = asked.scope(&app, &entry)?;
    let (path, range) = (format!("{}/reports/{}", entry.base(), report.name), scope.range);
    let bar = chips::bar(&app, &entry, (&asked, &path), &scope.wanted).await?;
    let may_export = entry.may(Capability::ExportCsv);
    let head = Head { report, base: entry.base(), scope, may_export, bar, path, asked };
    let mut frame =
        shell::site_frame(&app, &request, &entry, (report.title, Place::Report(report.name))).await?;
    frame.range = Some(head.asked.control(&app, &entry, &head.path, range));
    let needs_visits = kept::needs_visits(report, &head.scope);
    let since = if needs_visits { kept::since(&app, &entry.site, &head.scope).await? } else { None };
    let site = entry.site.clone();
    let content = match report.answer {
        Answer::Tally(tally) => tally::draw(&app, site, (&head, tally)).await?,
        Answer::Items(dimension) => items::draw(&app, site, (&head, dimension)).await?,
        Answer::Chronicle(chronicle) => chronicle::draw(&app, site, (&head, chronicle)).await?,
        Answer::LeftOut => left_out::draw(&app, site, &head).await?,
    };
    let note = match report.answer {
        Answer::Chronicle(_) => kept::of_list(since),
        _ => kept::of_report(since, &head.scope),
    };
    Ok(shell::html(page(&frame, &head, &html! { (note) (content) })))
}

fn page(frame: &Frame, head: &Head, content: &Markup) -> Markup {
    frame.page(&html! {
        div.head {
            h1 { (head.report.title) }
            @if head.may_export {
                a.button href=(head.asked.link(&format!("{}/export/{}.csv", head.base, head.report.name), &[("page", ""), ("limit", "")])) download { (icon::download()) "CSV" }
            }
        }
        p.about.quiet { (head.report.about) }
        (head.bar.draw())
        div id="answer" { (content) }
    })
}

/// What a report without an answer says: what it will show, and the next step.
fn nothing(head: &Head) -> Markup {
    html! {
        section.empty {
            h2 { "Nothing in this range" }
            p { (head.report.about) }
            @if head.scope.wanted.is_empty() {
                p { a.button.primary href=(head.asked.link(&head.path, &[("date", "last-30-days"), ("find", "")])) { "Show the last 30 days" } }
            } @else {
                p { a.button.primary href=(head.asked.link_of(&head.path, &[])) { "Take the filters away" } }
            }
        }
    }
}

/// Links to the pages beside this one, and which rows these are.
fn pager(head: &Head, count: usize) -> Markup {
    let page = head.asked.page();
    let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let number = usize::try_from(page.number).unwrap_or(1);
    let (first, last) = ((number - 1) * rows + 1, (number * rows).min(count));
    let link = |number: usize| head.asked.link(&head.path, &[("page", &number.to_string())]);
    html! {
        @if count > rows || number > 1 {
            nav.pager aria-label="Pages" {
                @if number > 1 { a.button href=(link(number - 1)) rel="prev" { "← Before" } }
                @if last < count { a.button href=(link(number + 1)) rel="next" { "Next →" } }
                span.quiet { @if first <= last { (first) " to " (last) " of " (count) } @else { (count) " in all" } }
            }
        }
    }
}
