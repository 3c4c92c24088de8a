//! The handlers of beacons: turn a request into a hit, and the outcome into a response.

use super::answer;
use super::parameters::{self, Mime};
use crate::access::capability::SendHits;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::Public;
use crate::http::client::{Client, header_text};
use crate::http::compressed_body;
use crate::ingest::beacon::{Beacon, RequestInfo};
use crate::ingest::drop_reason::DropReason;
use crate::ingest::page_url;
use crate::ingest::pipeline::{HitReceipt, Step};
use crate::ingest::user_agent::ClientHints;
use crate::model::id::SiteId;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};

/// A middleware that counts and refuses a beacon with a compressed body before the body is read.
///
/// # Errors
///
/// Fails only as the handler itself does; a refusal is a response.
pub async fn refuse_compressed<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if !compressed_body::is_compressed(request.headers()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    if let Some(app) = request.app_data::<Data<App>>().filter(|_| request.method() == Method::POST) {
        app.intake.dropped_hits.add(Step::Read.drops(DropReason::CompressedBody));
    }
    Ok(request.into_response(answer::compressed()).map_into_right_body())
}

/// `GET|POST /in.php`: records a hit.
///
/// # Errors
///
/// Fails with `Error::Internal` or `Error::Damaged` when the data file cannot be used; a full queue or disk
/// gives a 503 response.
pub async fn take(
    _: Public<SendHits>,
    app: Data<App>,
    request: HttpRequest,
    body: actix_web::Result<Bytes>,
) -> Result<HttpResponse> {
    let Ok(body) = body else {
        return Ok(answer::to_browser(refuse(&app, Step::Read.drops(DropReason::TooLarge)), Mime::Any));
    };
    let (beacon, mime) = parameters::read(request.query_string().as_bytes(), &body);
    let is_program = beacon.program.is_some();
    let answer = match record(&app, &request, beacon).await {
        Ok(answer) => answer,
        Err(Error::Busy | Error::Unwritable(_)) => return Ok(answer::busy()),
        Err(error) => return Err(error),
    };
    Ok(if is_program { answer::to_program(answer) } else { answer::to_browser(answer, form(&request, mime)) })
}

/// `GET /{id}ns.gif`: records a page view by its referrer.
///
/// # Errors
///
/// Fails as [`take`] does.
pub async fn pixel(
    _: Public<SendHits>,
    app: Data<App>,
    request: HttpRequest,
    site: Path<String>,
) -> Result<HttpResponse> {
    let beacon = Beacon {
        site: SiteId::parse(&site),
        kind: "pageview".into(),
        href: header_text(&request, "referer").into(),
        ..Beacon::default()
    };
    match record(&app, &request, beacon).await {
        Ok(answer) => Ok(answer::to_browser(answer, Mime::Gif)),
        Err(Error::Busy | Error::Unwritable(_)) => Ok(answer::busy()),
        Err(error) => Err(error),
    }
}

async fn record(app: &App, request: &HttpRequest, beacon: Beacon) -> Result<HitReceipt> {
    let client = Client::from_request(request, &app.config);
    let sender = RequestInfo {
        at: app.clock.now(),
        address: client.address,
        agent: header_text(request, "user-agent"),
        hints: hints(request),
        host: host(request),
        language: header_text(request, "accept-language"),
        opted_out: header_text(request, "sec-gpc") == "1" || header_text(request, "dnt") == "1",
    };
    let Some((mut hit, unread)) = app.intake.enricher.begin(beacon, &sender) else {
        return Ok(refuse(app, Step::Enrich.drops(DropReason::UnknownSite)));
    };
    if let Some(unread) = unread {
        // An unknown user agent costs most to parse: it is not parsed for hits that will probably be refused.
        let expects = || app.intake.admission.expects(hit.site, hit.address, hit.at);
        if hit.server_side.is_some() || !Step::Predict.pass(expects) {
            let answer = app.record(hit.clone()).await?;
            if !answer.needs_agent {
                return Ok(answer);
            }
        }
        app.intake.enricher.read_agent(&mut hit, &unread);
    }
    app.record(hit).await
}

/// Counts a beacon that names no valid site or was not read.
fn refuse(app: &App, reason: DropReason) -> HitReceipt {
    app.intake.dropped_hits.add(reason);
    HitReceipt::dropped(reason)
}

fn hints(request: &HttpRequest) -> ClientHints<'_> {
    let mobile = match header_text(request, "sec-ch-ua-mobile") {
        "?1" => Some(true),
        "?0" => Some(false),
        _ => None,
    };
    let platform = header_text(request, "sec-ch-ua-platform").trim_matches('"');
    ClientHints { mobile, platform: (!platform.is_empty()).then_some(platform) }
}

/// Returns the host of the web page that sent the beacon; `None` for other origins, such as a browser extension.
fn host(request: &HttpRequest) -> Option<String> {
    let host = |name| {
        let page = page_url::parse(header_text(request, name))
            .filter(|page| matches!(page.scheme(), "http" | "https"))?;
        page.host_str().map(str::to_owned)
    };
    host("origin").or_else(|| host("referer"))
}

/// Returns the response form for a sender, from its parameter or the way in which the browser sent it.
fn form(request: &HttpRequest, mime: Mime) -> Mime {
    if mime != Mime::Any {
        return mime;
    }
    match header_text(request, "sec-fetch-dest") {
        "script" => Mime::JavaScript,
        "image" => Mime::Gif,
        _ if header_text(request, "accept").starts_with("image/") => Mime::Gif,
        _ => Mime::Any,
    }
}
