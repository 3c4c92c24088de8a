//! The preview of an e-mail report to an address outside, as it would be sent about the newest period that is over.

use crate::access::capability::ManageGuestLinks;
use crate::alerts::digests::{due, sending, standing};
use crate::app::App;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::requester;
use crate::mail::templates::Letters;
use crate::model::id::LinkId;
use crate::model::rhythm::Rhythm;
use crate::store::links;
use crate::web::layout::letter_page;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The query of a preview; other fields of the form are ignored.
#[derive(Deserialize)]
pub struct PreviewQuery {
    #[serde(default)]
    link: String,
    #[serde(default)]
    rhythm: String,
}

/// `GET /sites/{site}/preferences/digests/preview`: shows the letter of a guest link and a rhythm.
///
/// # Errors
///
/// Fails with `Error::Invalid` when no guest link or rhythm is chosen or the link shows nothing, and when the data cannot be read.
pub async fn show(
    access: SiteAccess<ManageGuestLinks>,
    app: Data<App>,
    request: HttpRequest,
    query: Query<PreviewQuery>,
) -> Result<HttpResponse> {
    let rhythm: Rhythm =
        query.rhythm.parse().map_err(|_| Error::invalid("rhythm", "Choose daily, weekly or monthly."))?;
    let link =
        LinkId::parse(&query.link).ok_or_else(|| Error::invalid("link", "Choose a guest link first."))?;
    let (site, now) = (access.site.clone(), app.clock.now());
    let _permit = app.limited_work.preview_permit(requester::person(&app, &request, &access.user)).await?;
    let report = app
        .view(move |reader| {
            let link = links::get(reader.connection, site.id, link)?;
            let visible = standing::visible_by_link(site, &link);
            let sites: Vec<_> = visible.into_iter().collect();
            let period = due::newest(rhythm, &sites, now);
            let period = period.ok_or_else(|| {
                Error::invalid("link", "That guest link shows no reports. Choose another one.")
            })?;
            sending::compose(reader, rhythm, &sites, Some(&link), period)
        })
        .await?;
    let letters = Letters { home: PublicUrl::parse(&client::origin(&request, &app.config))? };
    let letter = letters.compose("", None, &report.body(&letters, None));
    Ok(letter_page::respond(&request, letter.html))
}
