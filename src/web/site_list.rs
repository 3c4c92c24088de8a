//! The list of a user's sites.

use super::account::preferences::start_page;
use super::format::UNKNOWN;
use super::layout::Frame;
use super::layout::load;
use super::{chart, format};
use crate::access::capability::SeeSiteInList;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::AccountAccess;
use crate::http::client::header_text;
use crate::http::errors::see_other;
use crate::model::id::UserId;
use crate::reports::data_reader::DataReader;
use crate::reports::site_summary;
use crate::store::sites::{self, Site};
use crate::store::sub_accounts;
use crate::store::users::User;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

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
    let owner = account.user.user;
    // A user who types this server's address, or opens it from a bookmark, gets their start page.
    if header_text(&request, "sec-fetch-site") == "none" {
        let sites = app.read(move |connection| sites::list_open_to(connection, owner)).await?;
        let start = start_page(&account.user.preferences, &sites);
        if start != "/" {
            return Ok(see_other(start));
        }
    }
    let frame = load::frame(&app, &request, &account.user, "Sites").await?;
    let (online, accounts) = app
        .view(move |snapshot| {
            let sites = sites::list_open_to(snapshot.connection, owner)?;
            let online = sites.iter().map(|(site, _)| site_summary::online(snapshot, site));
            let accounts = sub_accounts::list(snapshot.connection, owner)?;
            let accounts = accounts.into_iter().map(|account| Account::load(snapshot, account));
            Ok((online.collect::<Result<Vec<_>>>()?, accounts.collect::<Result<Vec<_>>>()?))
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
    let view = View { sites: rows.collect(), accounts };
    Ok(load::html(page(&frame, &view)))
}

impl Account {
    fn load(snapshot: &DataReader<'_>, user: User) -> Result<Self> {
        let row = |site: Site| {
            let (spark, online) =
                (site_summary::spark(snapshot, &site)?, site_summary::online(snapshot, &site)?);
            let Site { id, name, domain, .. } = site;
            Ok(Row { id: id.0, name, domain, level: None, spark: Some(spark), online: Some(online) })
        };
        let sites = sites::list_of(snapshot.connection, user.id)?.into_iter().map(row);
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
