//! The check of the page code: fetches a page of the site like a visitor's browser and reports what it finds.

use super::Tabs;
use super::info::{self, InfoFormState};
use crate::access::capability::SeeTrackingCode;
use crate::access::requester::Requester;
use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::auth::SiteAccess;
use crate::http::client;
use crate::http::requester;
use crate::model::clock::Timestamp;
use crate::outbound::page_code;
use crate::outbound::page_code::Seen;
use crate::store::sites::Site;
use crate::web::field;
use crate::web::format::{self, Moment};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::Deserialize;

/// The form.
#[derive(Deserialize)]
pub struct CodeCheckForm {
    #[serde(default)]
    page: String,
}

/// The result of a check.
pub struct CheckOutcome {
    /// The address, as typed.
    pub typed: String,
    /// The fetched address and what was found there; `None` if it could not be fetched.
    pub seen: Option<(String, Seen)>,
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
    typed: Form<CodeCheckForm>,
) -> Result<HttpResponse> {
    let typed = typed.into_inner().page.trim().to_owned();
    let origin = client::origin(&request, &app.config);
    let requester = requester::person(&app, &request, &access.user);
    let extra = match fetch_page(&app, requester, &access.site, &typed, &origin).await {
        Ok(seen) => InfoFormState {
            check: Some(CheckOutcome { typed, seen: Some(seen) }),
            ..InfoFormState::default()
        },
        Err(error) => {
            let problems = error.problems()?;
            InfoFormState {
                check: Some(CheckOutcome { typed, seen: None }),
                problems,
                ..InfoFormState::default()
            }
        }
    };
    info::answer(&app, &request, &access, extra).await
}

async fn fetch_page(
    app: &App,
    requester: Requester,
    site: &Site,
    typed: &str,
    origin: &str,
) -> Result<(String, Seen)> {
    let read = |page: crate::outbound::FetchedPage| {
        let seen = page_code::read(&page, site.id, origin);
        (page.address, seen)
    };
    if typed.is_empty() {
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
    let address = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let parsed = url::Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let is_own = parsed.as_ref().and_then(url::Url::host_str).is_some_and(|host| site.owns_host(host));
    if !is_own {
        let sentence = format!("Enter the address of a page of {}.", site.domain);
        return Err(Error::invalid("page", sentence));
    }
    app.limited_work.fetch(parsed.map(String::from).unwrap_or_default(), requester).await.map(read)
}

/// Renders the form, and the result of a check.
pub fn section(
    site: &Site,
    newest_visit: Option<Timestamp>,
    outcome: Option<&CheckOutcome>,
    problems: &[Problem],
) -> Markup {
    let typed = outcome.map_or("", |outcome| outcome.typed.as_str());
    let sentence = field::problem(problems, "page");
    html! {
        div.code-check id="check" {
            h3 { "Is my code working?" }
            @match newest_visit {
                Some(at) => p { "The newest visit began " (format::moment(&site.zone, at, Moment::Full)) "." },
                None => p { "No visit has arrived yet." },
            }
            form method="post" action={ (Tabs::path(site.id, "info")) "/check#check" } {
                label for="page" { "Page to look at " span.quiet { "(the first page of " (site.domain) " if you leave it empty)" } }
                div.with-button {
                    input id="page" name="page" type="text" value=(typed) inputmode="url" autocomplete="off" placeholder={ "https://" (site.domain) "/" }
                        aria-invalid=[sentence.map(|_| "true")] aria-describedby=[sentence.map(|_| "page-problem")];
                    button type="submit" { "Look" }
                }
                @if let Some(sentence) = sentence { p.problem id="page-problem" role="alert" { (sentence) } }
            }
            @if let Some((address, seen)) = outcome.and_then(|outcome| outcome.seen.as_ref()) { (verdict(address, seen)) }
        }
    }
}

fn verdict(address: &str, seen: &Seen) -> Markup {
    let (is_good, what) = match seen {
        Seen::Right => (true, "The code is there and right.".to_owned()),
        Seen::Proxied(path) => (
            true,
            format!(
                "The code is there, by way of the site's own server, which takes hits at {path}. Whether it passes \
                 them on, a visit tells: open the page and look at Spy."
            ),
        ),
        Seen::HeldBack => (
            false,
            "The code is there, but no browser runs it as it stands: a consent tool holds it back until a visitor \
             agrees. Everybody else is not counted. Without cookies, which is how this server counts unless you say \
             otherwise, you may not need the tool for it."
                .to_owned(),
        ),
        Seen::OtherServer(host) => (
            false,
            format!("The code of this site is there, but it loads the tracker from {host}. Put this server's code in its place."),
        ),
        Seen::OtherSite(id) => (
            false,
            format!("There is code of this server, but for site {id}. Put this site's code in its place, or beside it."),
        ),
        Seen::NoSite => (false, "The tracker is loaded, but the number of the site is missing. Copy the code again.".to_owned()),
        Seen::Blocked => (
            false,
            "The code is there, but the page's Content-Security-Policy keeps browsers from loading it or from sending \
             hits. Add this server to script-src and connect-src."
                .to_owned(),
        ),
        Seen::Status(status) => (false, format!("The server answered {status} instead of a page.")),
        Seen::Nothing => (
            false,
            "The code is not on this page. If a script or a consent tool adds it later, only a browser can tell: open \
             the page yourself and look at Spy."
                .to_owned(),
        ),
    };
    html! {
        div.verdict.good[is_good] role="status" {
            p { b { (if is_good { "✓ " } else { "✗ " }) (what) } }
            p.quiet { "Looked at " span.cut-any { (address) } "." }
        }
    }
}
