//! The preview of a person's e-mail report in the browser, as it would be sent about the newest period that is over.

use super::form::DigestForm;
use crate::access::capability::UseOwnAccount;
use crate::alerts::digests::{due, sending, standing};
use crate::app::App;
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::http::auth::OwnAccount;
use crate::http::client;
use crate::http::requester;
use crate::limits;
use crate::mail::templates::Letters;
use crate::web::layout::letter_page;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};

/// `GET /account/digests/preview`: shows the letter of a rhythm and sites.
///
/// # Errors
///
/// Fails with `Error::Invalid` when no rhythm or site is chosen, and when the data cannot be read.
pub async fn show(
    account: OwnAccount<UseOwnAccount>,
    app: Data<App>,
    request: HttpRequest,
    fields: Query<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let mut form = DigestForm::read(&fields);
    let rhythm = form.rhythm()?;
    form.sites.truncate(limits::DIGEST_SITES_MAX);
    let (user, now) = (account.user.user, app.clock.now());
    let _permit = app.limited_work.preview_permit(requester::person(&app, &request, &account.user)).await?;
    let report = app
        .view(move |reader| {
            let sites = standing::visible_sites(reader.connection, user, &form.sites)?;
            let period = due::newest(rhythm, &sites, now);
            let period = period.ok_or_else(|| Error::invalid("sites", "Choose at least one site first."))?;
            sending::compose(reader, rhythm, &sites, None, period)
        })
        .await?;
    let letters = Letters { home: PublicUrl::parse(&client::origin(&request, &app.config))? };
    let letter = letters.compose("", None, &report.body(&letters, None));
    Ok(letter_page::respond(&request, letter.html))
}
