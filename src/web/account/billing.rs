//! Account → Billing: the user's plan and its use, and the sub-accounts that the user charges.

pub mod managed;

use super::page as tabbed;
use crate::access::capability::UseOwnAccount;
use crate::accounts::billing::bill::Bill;
use crate::accounts::billing::months;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::AccountAccess;
use crate::model::id::UserId;
use crate::model::month::Month;
use crate::reports::data_reader::DataReader;
use crate::store::{plans, sites, sub_accounts, users};
use crate::web::account::statement;
use crate::web::layout::Frame;
use crate::web::layout::load;
use crate::web::ui::format;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The path of this screen.
const PATH: &str = "/account/billing";

/// A sub-account in the list.
struct Managed {
    user: UserId,
    username: String,
    /// Name, price and included actions of its plan this month.
    terms: Option<plans::Terms>,
    /// Actions of this month so far.
    actions: i64,
}

struct View {
    /// The months since the plan began, the newest first.
    bills: Vec<Bill>,
    /// The parent who sets the plan; `None`: the operator of the server.
    parent: Option<String>,
    /// The number of own sites, and the most that the plan allows.
    sites: (usize, Option<i64>),
    managed: Vec<Managed>,
}

/// Returns the bills of a user, one a month.
fn bills(snapshot: &DataReader<'_>, user: UserId) -> Result<Vec<Bill>> {
    Ok(months::list(snapshot, user)?.iter().map(Bill::new).collect())
}

fn view(snapshot: &DataReader<'_>, id: UserId) -> Result<View> {
    let (connection, month) = (snapshot.connection, Month::current(snapshot.now));
    let user = users::get(connection, id)?;
    let parent = user.parent.map(|parent| users::get(connection, parent)).transpose()?;
    let managed = sub_accounts::list(connection, id)?.into_iter().map(|child| {
        let lines = months::lines(snapshot, child.id, month)?;
        Ok(Managed {
            user: child.id,
            username: child.username,
            terms: plans::find(connection, child.id, month)?.map(|plan| plan.terms),
            actions: lines.iter().map(|line| line.actions).sum(),
        })
    });
    Ok(View {
        bills: bills(snapshot, id)?,
        parent: parent.map(|parent| parent.username),
        sites: (sites::list_of(connection, id)?.len(), users::sites_max(connection, id)?),
        managed: managed.collect::<Result<_>>()?,
    })
}

/// `GET /account/billing`: shows the plan, this month's use and the sub-accounts.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let frame = load::frame(&app, &request, &account.user, "Billing").await?;
    let id = account.user.user;
    let view = app.view(move |snapshot| view(snapshot, id)).await?;
    Ok(load::html(page(&frame, &view)))
}

/// Returns the caller's own bill for the month in an address.
async fn bill_of(app: &Data<App>, account: &AccountAccess<UseOwnAccount>, name: String) -> Result<Bill> {
    let id = account.user.user;
    app.view(move |snapshot| statement::for_month(bills(snapshot, id)?, &name)).await
}

/// `GET /account/billing/statements/{month}`: shows a month's statement.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such month, and when the data file cannot be read.
pub async fn statement(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    month: Path<String>,
) -> Result<HttpResponse> {
    let bill = bill_of(&app, &account, month.into_inner()).await?;
    let frame = load::frame(&app, &request, &account.user, "Billing").await?;
    Ok(load::html(tabbed(&frame, PATH, &statement::statement(&bill, PATH))))
}

/// `GET /account/billing/statements/{month}.csv`: returns a month's statement as CSV.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such month, with `Error::Invalid` for a bad option of the file, and
/// when the data file cannot be read.
pub async fn file(
    account: AccountAccess<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    month: Path<String>,
) -> Result<HttpResponse> {
    let bill = bill_of(&app, &account, month.into_inner()).await?;
    statement::file(&bill, &statement::file_name(&bill, ""), &request)
}

fn page(frame: &Frame, view: &View) -> Markup {
    tabbed(
        frame,
        PATH,
        &html! {
            @match view.bills.first() {
                Some(now) => (plan(view, now)),
                None => (no_plan(frame, view)),
            }
            @if !view.managed.is_empty() { (managed_list(&view.managed)) }
        },
    )
}

/// Renders who sets the plan.
fn setter(view: &View) -> Markup {
    html! {
        @match &view.parent {
            Some(parent) => { b { (parent) } ", who manages this account, sets the plan here. Ask them about it." }
            None => { "Whoever runs this server sets the plan. Ask them about it." }
        }
    }
}

fn plan(view: &View, now: &Bill) -> Markup {
    let (count, most) = view.sites;
    html! {
        section {
            h2 { "Your plan" }
            dl.facts {
                (statement::facts(now))
                dt { "Sites" } dd { (count) @match most { Some(most) => { " of " (most) }, None => { ", and room for more" } } }
            }
            p.help { (setter(view)) }
        }
        section {
            h2 { (format::month_of_year(now.month)) " so far" }
            (statement::usage(now))
        }
        section {
            h2 { "Months" }
            (statement::list(&view.bills, PATH))
        }
    }
}

fn no_plan(frame: &Frame, view: &View) -> Markup {
    html! {
        section.empty {
            h2 { "No plan is set for this account" }
            p { "With a plan you will see here what you pay, what your sites used of it this month, and a statement for every month that is over." }
            p {
                @match (&view.parent, &frame.user) {
                    (Some(parent), _) => { b { (parent) } ", who manages this account, can set one." }
                    (None, Some(user)) => { "Whoever runs this server can set one: " code { "clickstead user plan " (user) } "." }
                    (None, None) => { "Whoever runs this server can set one." }
                }
            }
        }
    }
}

fn managed_list(managed: &[Managed]) -> Markup {
    html! {
        section id="sub-accounts" {
            h2 { "Sub-accounts" }
            p { "What you charge the accounts that you manage, and what they used this month so far." }
            table.list.bills {
                thead { tr { th scope="col" { "Account" } th.wide scope="col" { "Plan" } th.number scope="col" { "Price" } th.number scope="col" { "Actions" } th.wide scope="col" { "Of what is included" } } }
                tbody {
                    @for account in managed {
                        tr {
                            td { a.row-link href={ (PATH) "/" (account.user) } { b { (account.username) } } @if is_over(account) { " " span.tag.over { "over the plan" } } }
                            @match &account.terms {
                                Some(terms) => {
                                    td.wide { (terms.name) }
                                    td.number { (terms.price) }
                                    td.number { (format::grouped(account.actions)) }
                                    td.wide { (statement::meter(account.actions, terms.actions_max)) @if terms.actions_max.is_none() { span.quiet { "any number" } } }
                                }
                                None => {
                                    td.wide { span.quiet { "no plan yet" } }
                                    td.number { (format::UNKNOWN) }
                                    td.number { (format::grouped(account.actions)) }
                                    td.wide {}
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn is_over(account: &Managed) -> bool {
    let most = account.terms.as_ref().and_then(|terms| terms.actions_max);
    most.is_some_and(|most| account.actions > most)
}
