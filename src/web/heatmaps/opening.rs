//! The way from the heatmap of a page to that page, over which it is shown for a few minutes.

use super::page::want;
use crate::access::capability::SeeHeatmaps;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::model::page_form::opening_address;
use crate::recordings::heatmap_links::HeatmapLink;
use crate::store::sites;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::{Frame, Theme, load};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::html;
use url::Url;

/// The fragment by which the tracker on the page knows that its heatmap is to be shown, and with which token.
const FRAGMENT: &str = "clickstead-heatmap";

/// The time after which browsers go on to the page, and its address (HTML Standard, "shared declarative refresh steps"). A
/// redirect of the form would break the screen's content security policy.
const REFRESH: HeaderName = HeaderName::from_static("refresh");

/// `POST /sites/{site}/heatmaps/open?of=…`: opens a page with its heatmap over it.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the address names no page of the web and for other bad parameters, and when the data file
/// cannot be read.
pub async fn open(
    access: SiteAccess<SeeHeatmaps>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let query = params.query(&app, &access)?;
    let want = want(&params)?;
    let site = access.site.id;
    let page_origin = app.read(move |connection| sites::page_origin(connection, site)).await?;
    let address = address(&want.page, &access.site.domain, page_origin.as_deref()).ok_or_else(|| {
        Error::invalid("of", "Only pages whose address begins with http:// or https:// can be opened.")
    })?;
    let link = HeatmapLink {
        sign_in: access.token.clone(),
        user: access.user.user,
        site,
        page: want.page,
        date: params.date(),
        device: want.device,
        filters: query.filters,
    };
    let token = app.heatmap_links.open(link, app.clock.now())?;
    let address = format!("{address}#{FRAGMENT}={}", token.expose());
    let frame = Frame::bare("Open on page", Theme::from_cookie(&request));
    let mut response = load::html(frame.page(&html! {
        section.card.narrow {
            h1 { "Opening the page with its heatmap" }
            p { "It shows the heatmap for ten minutes, to you alone." }
            p { a.button.primary href=(address) rel="noreferrer" { "Open the page now" } }
            p.help { "No heatmap there? The page needs the tracking code of this server. " a href="/help/heatmaps" { "More about heatmaps" } }
        }
    }));
    let refresh = HeaderValue::from_str(&format!("0; url={address}"));
    response.headers_mut().insert(REFRESH, refresh.map_err(|error| Error::Internal(error.to_string()))?);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// Returns the address that opens a page, in ASCII; `None` for what is no page of the web.
fn address(page: &str, domain: &str, page_origin: Option<&str>) -> Option<Url> {
    let address = Url::parse(&opening_address(page, domain, page_origin)).ok()?;
    matches!(address.scheme(), "http" | "https").then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_web_are_opened_at_the_address_of_the_newest_page_view() {
        let opened = |page| address(page, "bakery.example", Some("http://www.bakery.example:8080"));
        assert_eq!(
            opened("https://bakery.example/a b?c").unwrap().as_str(),
            "http://www.bakery.example:8080/a%20b?c"
        );
        assert_eq!(
            opened("https://bakery.example/#/shop").unwrap().as_str(),
            "http://www.bakery.example:8080/#/shop"
        );
        assert_eq!(opened("https://other.example/ü").unwrap().as_str(), "https://other.example/%C3%BC");
        for wrong in ["javascript:alert(1)", "/shop", "file:///etc/passwd", "data:text/html,x", ""] {
            assert_eq!(opened(wrong), None, "{wrong}");
        }
    }
}
