//! The screen of recent or first occurrences, newest first: each with its time and a link to its visit.

use super::super::format::{self, Moment, NumberUnit};
use super::super::{chart, visitors};
use super::{Head, earlier, nothing};
use crate::app::App;
use crate::error::Result;
use crate::ingest::page_url::without_scheme;
use crate::reports::engine::query::QueryRunner;
use crate::reports::recent_list::RecentList;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::recent::{self, RecentRow};
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// Runs the report and renders it.
///
/// # Errors
///
/// Fails with `Error::Abandoned` when the request is cancelled, and when the data file cannot be read.
pub async fn draw(app: &Data<App>, site: Site, (head, chronicle): (&Head, RecentList)) -> Result<Markup> {
    let (page, asked, scope) = (head.asked.page(), site.clone(), head.scope.clone());
    let (mut found, count) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &asked, &scope)?;
            Ok((inquiry.recent(chronicle, None, page)?, inquiry.occurrence_count(chronicle)?))
        })
        .await?;
    if count.now == 0 {
        return Ok(nothing(head, count.before, NumberUnit::Count));
    }
    let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let has_older = found.len() > rows;
    found.truncate(rows);
    let link = |number: u32| head.asked.link(&head.path, &[("page", &number.to_string())]);
    let newer = (page.number > 1).then(|| link(page.number - 1));
    let older = has_older.then(|| link(page.number + 1));
    Ok(html! {
        p.big {
            b { (format::count(count.now)) } " " (words(chronicle, count.now))
            @if let Some((before, comparison)) = count.before.zip(head.scope.comparison) {
                (chart::change((count.now, before), false, (NumberUnit::Count, comparison)))
                (earlier(head, (NumberUnit::Count, before), comparison))
            }
        }
        table.list.chronicle {
            thead { tr { th scope="col" { "When" } th scope="col" { "What" } th.number scope="col" { span.hidden { "Visitors" } } } }
            tbody { @for one in &found { (row(head, &site, (chronicle, one))) } }
        }
        (visitors::pager(newer.as_deref(), older.as_deref()))
    })
}

/// Returns the words after a count.
fn words(chronicle: RecentList, count: i64) -> &'static str {
    match (chronicle, count) {
        (RecentList::LinksRecent, 1) => "visit by a link",
        (RecentList::LinksRecent, _) => "visits by a link",
        (RecentList::LinksFirst, 1) => "new link",
        (RecentList::LinksFirst, _) => "new links",
        (RecentList::SearchesRecent, 1) => "visit by a search",
        (RecentList::SearchesRecent, _) => "visits by a search",
        (RecentList::SearchesFirst, 1) => "new search",
        (RecentList::SearchesFirst, _) => "new searches",
    }
}

fn row(head: &Head, site: &Site, (chronicle, one): (RecentList, &RecentRow)) -> Markup {
    let view = &head.scope.view;
    let (has_list, has_visits) = (view.has(VisitorData::LiveList), view.has(VisitorData::SingleVisits));
    let all = || {
        let only = recent::narrowed_to(chronicle, &head.scope.wanted, &one.item);
        head.asked.to_screen_with_filters(&format!("{}/visitors", head.base), &only)
    };
    let visit = has_visits.then(|| format!("{}/visits/{}", head.base, one.visit));
    html! {
        tr {
            td.when { a href=[visit] { (format::moment(&site.zone, one.at, Moment::Short)) } }
            td {
                @match format::safe_link(&one.item) {
                    Some(address) => a href=(address) target="_blank" rel="noreferrer noopener" { (without_scheme(address)) },
                    None => (one.item),
                }
            }
            td.number { @if has_list { a href=(all()) { "visitors" } } }
        }
    }
}
