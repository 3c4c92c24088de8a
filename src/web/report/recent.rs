//! The screen of recent or first occurrences, newest first: each with its time and a link to its visit.

use super::page::ReportPage;
use crate::ingest::page_url::without_scheme;
use crate::reports::answer::Answer;
use crate::reports::query::Wants;
use crate::reports::recent_list::RecentList;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::recent::{self, RecentRow};
use crate::store::sites::Site;
use crate::web::ui::format::{self, Moment, NumberUnit};
use crate::web::ui::pager;
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};

/// Returns the parts of the answer that the screen of a recent list shows.
pub fn wants(page: &ReportPage, list: RecentList) -> Wants {
    Wants { recent: Some((list, page.address.params.page())), ..Wants::default() }
}

/// Renders the report.
pub fn draw(page: &ReportPage, list: RecentList, answer: Answer) -> Markup {
    let (page_query, site) = (page.address.params.page(), &page.query.site);
    let (mut recent, count) = answer.recent.map(|recent| (recent.rows, recent.count)).unwrap_or_default();
    if count.now == 0 {
        return page.nothing(count.before, NumberUnit::Count);
    }
    let rows = usize::try_from(page_query.rows).unwrap_or(usize::MAX);
    let has_older = recent.len() > rows;
    recent.truncate(rows);
    let newer = (page_query.number > 1).then(|| page.address.page(page_query.number - 1));
    let older = has_older.then(|| page.address.page(page_query.number + 1));
    html! {
        p.big {
            b { (format::count(count.now)) } " " (count_label(list, count.now))
            @if let Some((before, comparison)) = count.before.zip(page.query.comparison) {
                (ValueChange::of_count(count.now, before, comparison).draw(GoodChange::More))
                (page.earlier(before, NumberUnit::Count, comparison))
            }
        }
        table.list.chronicle {
            thead { tr { th scope="col" { "When" } th scope="col" { "What" } th.number scope="col" { span.hidden { "Visitors" } } } }
            tbody { @for recent in &recent { (row(page, site, list, recent)) } }
        }
        (pager::draw(newer.as_deref(), older.as_deref()))
    }
}

/// Returns the words after a count.
fn count_label(list: RecentList, count: i64) -> &'static str {
    match (list, count) {
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

fn row(page: &ReportPage, site: &Site, list: RecentList, row: &RecentRow) -> Markup {
    let visibility = &page.query.visibility;
    let has_list = visibility.has(VisitorData::LiveList);
    let visitors = || page.address.visitors(&recent::narrowed_to(list, &page.address.filters, &row.item));
    let visit = visibility
        .has(VisitorData::SingleVisits)
        .then(|| format!("{}/visits/{}", page.address.base, row.visit));
    html! {
        tr {
            td.when { a href=[visit] { (format::moment(&site.zone, row.at, Moment::Short)) } }
            td {
                @match format::safe_link(&row.item) {
                    Some(address) => a href=(address) target="_blank" rel="noreferrer noopener" { (without_scheme(address)) },
                    None => (row.item),
                }
            }
            td.number { @if has_list { a href=(visitors()) { "visitors" } } }
        }
    }
}
