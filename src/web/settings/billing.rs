//! The billing screen of a site: its owner sees all of the account; an Administrator, if the owner allows it, sees the
//! plan, the totals and this site.

use super::{BILLING, Tabs};
use crate::access::capability::SeeBilling;
use crate::accounts::billing::bill::Bill;
use crate::accounts::billing::months;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::web::account::statement;
use crate::web::export;
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::format;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    tabs: Tabs,
    path: String,
    /// The months since the plan began, the newest first.
    bills: Vec<Bill>,
    /// True if the caller sees all sites of the account.
    is_whole: bool,
}

/// Returns the months of the site's owner, as far as the caller may see them.
async fn bills(app: &Data<App>, access: &SiteAccess<SeeBilling>) -> Result<Vec<Bill>> {
    let (site, is_whole) = (access.site.clone(), access.grant.sees_all_billing());
    app.view(move |snapshot| {
        let months = months::list(snapshot, site.owner)?;
        let whole = months.iter().filter(|_| is_whole).map(Bill::new);
        let of_site = months.iter().filter(|_| !is_whole);
        let of_site = of_site.map(|statement| Bill::for_site(statement, site.id, &site.domain));
        Ok(whole.chain(of_site).collect())
    })
    .await
}

/// `GET /sites/{site}/billing`: shows the plan and the months.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeeBilling>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let bills = bills(&app, &access).await?;
    let frame = load::site_frame(&app, &request, &access, "Billing", NavItem::Preferences).await?;
    let view = View {
        tabs: Tabs::for_screen(&access, BILLING),
        path: Tabs::path(access.site.id, BILLING),
        bills,
        is_whole: access.grant.sees_all_billing(),
    };
    Ok(load::html(page(&frame, &view)))
}

/// `GET /sites/{site}/billing/statements/{month}`: shows a month's statement.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such month, and when the data file cannot be read.
pub async fn statement(
    access: SiteAccess<SeeBilling>,
    app: Data<App>,
    request: HttpRequest,
    address: Path<(String, String)>,
) -> Result<HttpResponse> {
    let bill = statement::for_month(bills(&app, &access).await?, &address.1)?;
    let frame = load::site_frame(&app, &request, &access, "Billing", NavItem::Preferences).await?;
    let content = statement::statement(&bill, &Tabs::path(access.site.id, BILLING));
    Ok(load::html(Tabs::for_screen(&access, BILLING).page(&frame, &content)))
}

/// `GET /sites/{site}/billing/statements/{month}.csv`: returns a month's statement as CSV.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such month, with `Error::Invalid` for a bad option of the file, when
/// the caller's right has ended, and when the data file cannot be written.
pub async fn file(
    access: SiteAccess<SeeBilling>,
    app: Data<App>,
    request: HttpRequest,
    address: Path<(String, String)>,
) -> Result<HttpResponse> {
    let bill = statement::for_month(bills(&app, &access).await?, &address.1)?;
    let name = statement::file_name(&bill, &format!("{}-", access.site.domain));
    export::record_export(&access, &app, &request, &name).await?;
    statement::file(&bill, &name, &request)
}

fn page(frame: &Frame, view: &View) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            @match view.bills.first() {
                None => section.empty {
                    h2 { "No plan is set" }
                    p { "The account that owns this site has no plan. With one you will see here what it costs and what was used of it." }
                    @if view.is_whole { p { a.button href="/account/billing" { "Account → Billing" } } }
                },
                Some(now) => {
                    section {
                        h2 { "Plan" }
                        dl.facts { (statement::facts(now)) }
                        @if view.is_whole { p { a href="/account/billing" { "All of it: Account → Billing →" } } }
                        @else { p.help { "The owner of this site shows you this. Everything but this site is one line." } }
                    }
                    section { h2 { (format::month_of_year(now.month)) " so far" } (statement::usage(now)) }
                    section { h2 { "Months" } (statement::list(&view.bills, &view.path)) }
                },
            }
        },
    )
}
