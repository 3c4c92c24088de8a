//! The list of one's sites.

use super::account::preferences::start_page;
use super::format::UNKNOWN;
use super::frame::Frame;
use super::shell;
use super::{chart, format};
use crate::access::capability::SeeSiteInList;
use crate::app::App;
use crate::error::Result;
use crate::http::client::header_text;
use crate::http::entry::Member;
use crate::http::reply::see_other;
use crate::reports::online;
use crate::store::sites;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    sites: Vec<Row>,
}

struct Row {
    id: i64,
    name: String,
    domain: String,
    level: Option<&'static str>,
    spark: Option<Vec<i64>>,
    online: Option<i64>,
}

/// `GET /`
pub async fn show(
    member: Member<SeeSiteInList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let owner = member.user.user;
    // Somebody who types this server's address, or opens it anew, begins where they like to.
    if header_text(&request, "sec-fetch-site") == "none" {
        let known = app.read(move |connection| sites::list_open_to(connection, owner)).await?;
        let start = start_page(&member.user.preferences, &known);
        if start != "/" {
            return Ok(see_other(start));
        }
    }
    let frame = shell::frame(&app, &request, &member.user, "Sites").await?;
    let online = app
        .report(move |reader| {
            let sites = sites::list_open_to(reader.connection, owner)?;
            sites.iter().map(|(site, _)| online::count(reader, site)).collect::<Result<Vec<_>>>()
        })
        .await?;
    let rows = frame.sites.iter().zip(online).map(|(site, online)| Row {
        id: site.id,
        name: site.name.clone(),
        domain: site.domain.clone(),
        level: site.level,
        spark: site.spark.clone(),
        online: site.has_online.then_some(online),
    });
    let view = View { sites: rows.collect() };
    Ok(shell::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        div.head { h1 { "Sites" } @if frame.may_add_sites { a.button.primary href="/sites/new" { "Add a site" } } }
        @if view.sites.is_empty() {
            section.empty {
                h2 { "No site yet" }
                @if frame.may_add_sites {
                    p { "Here you will see your sites with their visits today. Add the first one: you get a line of code for its pages." }
                    p { a.button.primary href="/sites/new" { "Add a site" } }
                } @else {
                    p { "No site is shared with you at present. Here you will see those that are, with their visits today." }
                }
            }
        } @else {
            table.list.sites {
                thead { tr { th scope="col" { "Site" } th.number scope="col" { "Visits today" } th.number.wide scope="col" { "Two weeks" } th.number scope="col" { "Online now" } } }
                tbody {
                    @for site in &view.sites {
                        tr {
                            td { a.row-link href={ "/sites/" (site.id) } { b { (site.name) } @if site.name != site.domain { " " span.quiet { (site.domain) } } } @if let Some(level) = site.level { " " span.tag { (level) } } }
                            td.number { @match &site.spark { Some(spark) => (format::count(spark.last().copied().unwrap_or(0))), None => (UNKNOWN) } }
                            td.number.wide { @if let Some(spark) = &site.spark { (chart::spark_alone(spark)) } }
                            td.number { @match site.online { Some(online) => { span.dot.on[online > 0] {} " " (format::count(online)) }, None => (UNKNOWN) } }
                        }
                    }
                }
            }
        }
    })
}
