//! The list of one's sites.

use super::format;
use super::frame::Frame;
use super::shell;
use crate::access::capability::SeeSiteInList;
use crate::app::App;
use crate::error::Result;
use crate::http::entry::Member;
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
    today: i64,
    online: i64,
}

/// `GET /`
pub async fn show(
    member: Member<SeeSiteInList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let frame = shell::frame(&app, &request, &member.user, "Sites").await?;
    let (owner, now, asked) = (member.user.user, app.clock.now(), app.clone());
    let online = app
        .read(move |connection| {
            let sites = sites::list_of(connection, owner)?;
            sites.iter().map(|site| asked.online.count(connection, site.id, now)).collect::<Result<Vec<_>>>()
        })
        .await?;
    let rows = frame.sites.iter().zip(online).map(|(site, online)| Row {
        id: site.id,
        name: site.name.clone(),
        domain: site.domain.clone(),
        today: site.today,
        online,
    });
    let view = View { sites: rows.collect() };
    Ok(shell::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        div.head { h1 { "Sites" } a.button.primary href="/sites/new" { "Add a site" } }
        @if view.sites.is_empty() {
            section.empty {
                h2 { "No site yet" }
                p { "Here you will see your sites with their visits today. Add the first one: you get a line of code for its pages." }
                p { a.button.primary href="/sites/new" { "Add a site" } }
            }
        } @else {
            table.list {
                thead { tr { th scope="col" { "Site" } th.number scope="col" { "Visits today" } th.number scope="col" { "Online now" } } }
                tbody {
                    @for site in &view.sites {
                        tr {
                            td { a.row-link href={ "/sites/" (site.id) } { b { (site.name) } @if site.name != site.domain { " " span.quiet { (site.domain) } } } }
                            td.number { (format::count(site.today)) }
                            td.number { span.dot.on[site.online > 0] {} " " (format::count(site.online)) }
                        }
                    }
                }
            }
        }
    })
}
