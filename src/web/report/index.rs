//! The page that lists all reports, each with its explanation.

use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::{NavItem, RangeControl, ReportLinks};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

/// `GET /sites/{site}/reports`: lists the reports.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad range, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let range = params.range(&app, &access)?;
    let base = access.base();
    let mut frame = load::site_frame(&app, &request, &access, "All reports", NavItem::Reports).await?;
    let today = access.site.zone.day(app.clock.now());
    frame.range = Some(RangeControl::new(&params, &format!("{base}/reports"), range, today));
    let links =
        ReportLinks { base: &base, visibility: access.visibility(), params: Some(&params), query: "" };
    Ok(load::html(frame.page(&html! {
        h1 { "All reports" }
        ul.plain.index { (links.list(true)) }
    })))
}
