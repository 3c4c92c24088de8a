//! The check of the page code: fetches a page of the site like a visitor's browser and reports what it finds.

use super::info::CheckOutcome;
use super::info::page::{self, SentForm};
use crate::access::capability::SeeTrackingCode;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::requester;
use crate::outbound::page_code::{self, Seen};
use crate::store::sites::Site;
use crate::web::layout::form_state::FormState;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// The form.
#[derive(Deserialize)]
pub struct CodeCheckForm {
    #[serde(default)]
    page: String,
}

/// `POST /sites/{site}/preferences/info/check`: checks a page.
///
/// # Errors
///
/// Fails with the error of the check when it is not `Error::Invalid`, such as `Error::Busy`, and when the data
/// file cannot be read.
pub async fn check(
    access: SiteAccess<SeeTrackingCode>,
    app: Data<App>,
    request: HttpRequest,
    form: Form<CodeCheckForm>,
) -> Result<HttpResponse> {
    let input = form.into_inner().page.trim().to_owned();
    let origin = client::origin(&request, &app.config);
    let requester = requester::person(&app, &request, &access.user);
    let state = match fetch_page(&app, requester, &access.site, &input, &origin).await {
        Ok(finding) => FormState::new(SentForm::Check(CheckOutcome { input, finding: Some(finding) })),
        Err(error) => {
            FormState::refused(SentForm::Check(CheckOutcome { input, finding: None }), error.problems()?)
        }
    };
    page::answer(&app, &request, &access, state).await
}

async fn fetch_page(
    app: &App,
    requester: Requester,
    site: &Site,
    input: &str,
    origin: &str,
) -> Result<(String, Seen)> {
    let read = |page: crate::outbound::FetchedPage| {
        let finding = page_code::read(&page, site.id, origin);
        (page.address, finding)
    };
    if input.is_empty() {
        // Most sites use HTTPS; one that fails is tried again without.
        let secure = app.limited_work.fetch(format!("https://{}/", site.domain), requester).await;
        return match secure {
            Ok(page) => Ok(read(page)),
            Err(Error::Invalid(problems)) => {
                let plain = app.limited_work.fetch(format!("http://{}/", site.domain), requester).await;
                plain.map(read).map_err(|_| Error::Invalid(problems))
            }
            Err(error) => Err(error),
        };
    }
    let address = if input.contains("://") { input.to_owned() } else { format!("https://{input}") };
    let parsed = url::Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let is_own = parsed.as_ref().and_then(url::Url::host_str).is_some_and(|host| site.owns_host(host));
    if !is_own {
        let sentence = format!("Enter the address of a page of {}.", site.domain);
        return Err(Error::invalid("page", sentence));
    }
    app.limited_work.fetch(parsed.map(String::from).unwrap_or_default(), requester).await.map(read)
}
