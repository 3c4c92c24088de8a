//! The screen of single things, newest first: each with its time, leading to its visit.

use super::super::format::{self, Moment};
use super::super::visitors;
use super::{Head, nothing};
use crate::app::App;
use crate::error::Result;
use crate::reports::chronicle::{Chronicle, Occurrence};
use crate::reports::inquiry::{Inquiry, Scope};
use crate::reports::view::VisitorData;
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// Asks and draws.
pub async fn draw(app: &Data<App>, site: Site, (head, chronicle): (&Head, Chronicle)) -> Result<Markup> {
    let scope = Scope { comparison: None, ..head.scope.clone() };
    let (page, asked) = (head.asked.page(), site.clone());
    let mut found = app
        .report(move |reader| Inquiry::new(reader, &asked, &scope)?.occurrences(chronicle, None, page))
        .await?;
    if found.is_empty() {
        return Ok(nothing(head));
    }
    let rows = usize::try_from(page.rows).unwrap_or(usize::MAX);
    let has_older = found.len() > rows;
    found.truncate(rows);
    let link = |number: u32| head.asked.link(&head.path, &[("page", &number.to_string())]);
    let newer = (page.number > 1).then(|| link(page.number - 1));
    let older = has_older.then(|| link(page.number + 1));
    Ok(html! {
        table.list.chronicle {
            thead { tr { th scope="col" { "When" } th scope="col" { "What" } th.number scope="col" { span.hidden { "Visitors" } } } }
            tbody { @for one in &found { (row(head, &site, (chronicle, one))) } }
        }
        (visitors::pager(newer.as_deref(), older.as_deref()))
    })
}

fn row(head: &Head, site: &Site, (chronicle, one): (Chronicle, &Occurrence)) -> Markup {
    let view = &head.scope.view;
    let (has_list, has_visits) = (view.has(VisitorData::LiveList), view.has(VisitorData::SingleVisits));
    let all = || {
        let only = chronicle.only(&head.scope.wanted, &one.item);
        head.asked.link_for(&format!("{}/visitors", head.base), &only)
    };
    let visit = has_visits.then(|| format!("{}/visits/{}", head.base, one.visit));
    html! {
        tr {
            td.when { a href=[visit] { (format::moment(&site.zone, one.at, Moment::Short)) } }
            td {
                @match format::safe_link(&one.item) {
                    Some(address) => a href=(address) target="_blank" rel="noreferrer noopener" { (one.item) },
                    None => (one.item),
                }
            }
            td.number { @if has_list { a href=(all()) { "visitors" } } }
        }
    }
}
