//! The page of all reports, each with what it counts.

use super::super::query_params::QueryParams;
use crate::access::capability::OpenReport;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::web::layout;
use crate::web::layout::NavItem;
use crate::web::layout::load;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::html;

/// `GET /sites/{site}/reports`: lists the reports.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad range, and when the data file cannot be read.
pub async fn show(
    entry: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
) -> Result<HttpResponse> {
    let range = asked.range(&app, &entry)?;
    let path = format!("{}/reports", entry.base());
    let mut frame = load::site_frame(&app, &request, &entry, ("All reports", NavItem::Reports)).await?;
    frame.range = Some(asked.control(&app, &entry, &path, range));
    Ok(load::html(frame.page(&html! {
        h1 { "All reports" }
        ul.plain.index { (layout::index((&entry.base(), entry.view()), Some(&asked), true)) }
    })))
}
