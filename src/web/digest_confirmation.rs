//! The question to an address outside whether it wants an e-mail report. Opening the link changes nothing: mail programs open links
//! too. The page has the brand of a white-labelled report.

use super::layout::frame_request::FrameRequest;
use super::layout::load;
use super::layout::{Frame, Theme};
use crate::access::capability::OpenPublicPages;
use crate::alerts::digests::outside;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::Public;
use crate::model::id::Token;
use crate::reports::data_reader::DataReader;
use crate::store::digests::{Digest, Outside};
use crate::store::links;
use crate::store::sites::Site;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The title of the page.
const TITLE: &str = "E-mail report";

/// The report that is asked about.
type Question = (Digest, Outside, Site);

/// `GET /digest/{token}`: shows the button that confirms an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be read.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let found = app.read(move |connection| outside::find_question(connection, &link, now)).await?;
    answer(&app, &request, found, Some(token.as_str())).await
}

/// `POST /digest/{token}`: confirms an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when the link is not valid, and when the data file cannot be written.
pub async fn confirm(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    request: HttpRequest,
    token: Path<String>,
) -> Result<HttpResponse> {
    let (link, now) = (Token::known(token.as_str()), app.clock.now());
    let known = link.clone();
    // Wrong tokens cost no write.
    app.read(move |connection| outside::find_question(connection, &known, now)).await?;
    let found = app.write(move |tx| outside::confirm(tx, &link, now)).await?;
    answer(&app, &request, found, None).await
}

/// Returns the page, with the brand of a white-labelled guest link.
async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    found: Question,
    asking: Option<&str>,
) -> Result<HttpResponse> {
    let (_, Outside { link, .. }, site) = &found;
    let (link, site) = (*link, site.id);
    let link =
        app.read(move |connection| link.map(|link| links::get(connection, site, link)).transpose()).await?;
    let branded = link.filter(|link| link.is_white_label);
    let frame = match branded.map(|link| FrameRequest::for_guest(request, &link)) {
        Some(frame) => app.view(move |reader: &DataReader<'_>| frame.load(reader, TITLE)).await?,
        None => Frame::bare(TITLE, Theme::from_cookie(request)),
    };
    Ok(load::html(page(&frame, &found, asking)))
}

/// Renders the question with the form of a link; without a link, the result.
fn page(frame: &Frame, (digest, outside, site): &Question, link: Option<&str>) -> Markup {
    frame.page(&html! {
        section.card.narrow {
            @if let Some(link) = link {
                h1 { (digest.rhythm.title()) " report on " (site.name) }
                p { "Do you want the numbers of " b { (site.domain) } " by e-mail, " (digest.rhythm.when()) "? They go to " b { (outside.recipient) } "." }
                p.help { "Every report has a link to unsubscribe. If you don't want it, close this page." }
                form method="post" action={ "/digest/" (link) } { button.primary type="submit" { "Yes, send me the report" } }
            } @else {
                h1 { "You'll get the report" }
                p role="status" { "✓ The " (digest.rhythm.title().to_lowercase()) " report on " b { (site.name) } " goes to " b { (outside.recipient) } ", " (digest.rhythm.when()) "." }
            }
        }
    })
}
