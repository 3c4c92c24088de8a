//! The list of a user's sites.

use super::preferences::start_page;
use crate::access::capability::SeeSiteInList;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::AccountAccess;
use crate::http::client::header_text;
use crate::http::errors::see_other;
use crate::model::id::UserId;
use crate::model::level::Level;
use crate::reports::data_reader::DataReader;
use crate::reports::site_summary;
use crate::store::sites::{self, Site};
use crate::store::sub_accounts;
use crate::store::users::User;
use crate::web::layout::Frame;
use crate::web::layout::frame_request::FrameRequest;
use crate::web::layout::load;
use crate::web::ui::format::UNKNOWN;
use crate::web::ui::{chart, format};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The screen at the address of the list.
enum Screen {
    /// The start page of the user, to which they are redirected.
    StartPage(String),
    /// The list.
    List(Box<Frame>, View),
}

struct View {
    sites: Vec<Row>,
    /// The sub-accounts with their sites, which are opened by acting for them.
    accounts: Vec<Account>,
}

struct Row {
    id: i64,
    name: String,
    domain: String,
    level: Option<&'static str>,
    spark: Option<Vec<i64>>,
    online: Option<i64>,
}

/// A sub-account with its sites.
struct Account {
    id: UserId,
    name: String,
    is_disabled: bool,
    sites: Vec<Row>,
}

/// `GET /`: shows the list, or redirects to the start page.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: AccountAccess<SeeSiteInList>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    // A user who types this server's address, or opens it from a bookmark, gets their start page.
    let is_typed = header_text(&request, "sec-fetch-site") == "none";
    let frame = FrameRequest::for_user(&request, &account.user);
    let user = account.user;
    let screen = app.view(move |reader| {
        let sites = sites::list_open_to(reader.connection, user.user)?;
        let start = if is_typed { start_page(&user.preferences, &sites) } else { "/" };
        if start != "/" {
            return Ok(Screen::StartPage(start.to_owned()));
        }
        let frame = frame.load(reader, "Sites")?;
        let view = View::load(reader, &frame, &sites, user.user)?;
        Ok(Screen::List(Box::new(frame), view))
    });
    Ok(match screen.await? {
        Screen::StartPage(path) => see_other(&path),
        Screen::List(frame, view) => load::html(page(&frame, &view)),
    })
}

impl View {
    /// Loads the list of the sites that are open to a user, whose entries the frame has in the same order.
    fn load(
        reader: &DataReader<'_>,
        frame: &Frame,
        sites: &[(Site, Option<Level>)],
        user: UserId,
    ) -> Result<Self> {
        let online = sites.iter().map(|(site, _)| site_summary::online(reader, site));
        let online = online.collect::<Result<Vec<_>>>()?;
        let rows = frame.sites.iter().zip(online).map(|(site, online)| Row {
            id: site.id,
            name: site.name.clone(),
            domain: site.domain.clone(),
            level: site.level,
            spark: site.spark.clone(),
            online: site.has_online.then_some(online),
        });
        let accounts = sub_accounts::list(reader.connection, user)?;
        let accounts = accounts.into_iter().map(|account| Account::load(reader, account));
        Ok(Self { sites: rows.collect(), accounts: accounts.collect::<Result<_>>()? })
    }
}

impl Account {
    fn load(reader: &DataReader<'_>, user: User) -> Result<Self> {
        let row = |site: Site| {
            let (spark, online) = (site_summary::spark(reader, &site)?, site_summary::online(reader, &site)?);
            let Site { id, name, domain, .. } = site;
            Ok(Row { id: id.0, name, domain, level: None, spark: Some(spark), online: Some(online) })
        };
        let sites = sites::list_of(reader.connection, user.id)?.into_iter().map(row);
        Ok(Self {
            id: user.id,
            is_disabled: user.disabled_at.is_some(),
            sites: sites.collect::<Result<_>>()?,
            name: user.username,
        })
    }
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
                (head("Site"))
                tbody {
                    @for site in &view.sites {
                        tr {
                            td { a.row-link href={ "/sites/" (site.id) } { (name(site)) } @if let Some(level) = site.level { " " span.tag { (level) } } }
                            (numbers(site))
                        }
                    }
                }
            }
        }
        @if !view.accounts.is_empty() {
            section.sub-accounts {
                h2 { "Sites of your sub-accounts" }
                p.help { "Opening one, you act for its account until you stop." }
                table.list.sites {
                    (head("Account and site"))
                    @for account in &view.accounts { (group(account)) }
                }
            }
        }
    })
}

fn head(first: &str) -> Markup {
    html! { thead { tr { th scope="col" { (first) } th.number scope="col" { "Visits today" } th.number.wide scope="col" { "Two weeks" } th.number scope="col" { "Online now" } } } }
}

fn name(site: &Row) -> Markup {
    html! { b { (site.name) } @if site.name != site.domain { " " span.quiet { (site.domain) } } }
}

fn numbers(site: &Row) -> Markup {
    html! {
        td.number { @match &site.spark { Some(spark) => (format::count(spark.last().copied().unwrap_or(0))), None => (UNKNOWN) } }
        td.number.wide { @if let Some(spark) = &site.spark { (chart::spark_alone(spark, None)) } }
        td.number { @match site.online { Some(online) => { span.dot.on[online > 0] {} " " (format::count(online)) }, None => (UNKNOWN) } }
    }
}

/// Renders a sub-account with its sites. A GET changes nothing: acting for it begins with a form's button.
fn group(account: &Account) -> Markup {
    let act = format!("/account/sub-accounts/{}/act", account.id);
    html! {
        tbody {
            tr.group {
                th colspan="2" scope="rowgroup" {
                    div.group-head {
                        span { (account.name) @if account.is_disabled { " " span.tag.quiet-tag { "disabled" } } @if account.sites.is_empty() { " " span.quiet { "no site yet" } } }
                        form method="post" action=(act) { button.small type="submit" { "Act for " (account.name) } }
                    }
                }
                td.wide {}
                td {}
            }
            @for site in &account.sites {
                tr {
                    td { form method="post" action=(act) { input type="hidden" name="site" value=(site.id); button.link.row-link type="submit" { (name(site)) } } }
                    (numbers(site))
                }
            }
        }
    }
}
