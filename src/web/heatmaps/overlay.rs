//! The numbers of a heatmap for the script that shows it over its page, on any website. A token of a few minutes opens the
//! numbers of its page and nothing else: no cookie, no other page, no name of a filter.

use crate::access::capability::{Capability, OpenPublicPages};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::any_origin;
use crate::http::auth::Public;
use crate::http::authorize::authorize;
use crate::model::device_class::DeviceClass;
use crate::model::id::Token;
use crate::recordings::heatmap_links::HeatmapLink;
use crate::reports::date_range::DateRange;
use crate::reports::heatmap_want::HeatmapWant;
use crate::reports::query::{Query, Wants};
use crate::reports::results::heatmap::Heatmap;
use crate::web::layout::RANGES;
use crate::web::ui::format;
use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::{Data, Form};
use serde::Deserialize;
use serde_json::{Value, json};
use strum::VariantArray;

/// The path of the numbers.
pub const PATH: &str = "/heatmap-overlay";

/// The sentence where a token opens nothing, whatever the reason.
const ENDED: &str = "This heatmap has ended: it is shown for ten minutes, to those who may see it. Open the page from its heatmap again.";

/// The question of the script. Without a choice, that of the screen holds from which the page was opened.
#[derive(Deserialize)]
pub struct OverlayForm {
    token: String,
    /// The range, as addresses name it.
    date: Option<String>,
    /// The class of windows; empty for all.
    device: Option<String>,
    /// `0` to leave the screen's filters out.
    filtered: Option<String>,
}

/// `POST /heatmap-overlay`: returns the heatmap of a token's page as JSON, and the choices that were made.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a range or a class that there is not, and when the data file cannot be read. A token that
/// opens nothing, or nothing any more, is answered 404 with one sentence.
pub async fn show(
    _: Public<OpenPublicPages>,
    app: Data<App>,
    form: Form<OverlayForm>,
) -> Result<HttpResponse> {
    let link = app.heatmap_links.take(&Token::known(form.token.as_str()), app.clock.now());
    let answer = match link {
        Some(link) => answer(&app, link, form.into_inner()).await,
        None => Err(Error::Missing("link")),
    };
    match answer {
        Ok(answer) => Ok(HttpResponse::Ok().json(answer)),
        Err(Error::SignedOut(_) | Error::Missing(_) | Error::Forbidden) => {
            Ok(HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(ENDED))
        }
        Err(error) => Err(error),
    }
}

async fn answer(app: &App, link: HeatmapLink, form: OverlayForm) -> Result<Value> {
    let device = match form.device.as_deref() {
        None => link.device,
        Some("") => None,
        Some(name) => {
            let unknown = || Error::invalid("device", "Choose phone, tablet or desktop.");
            Some(DeviceClass::find(name).ok_or_else(unknown)?)
        }
    };
    let date = form.date.unwrap_or_else(|| link.date.clone());
    let is_filtered = form.filtered.as_deref() != Some("0") && !link.filters.is_empty();
    let now = app.clock.now();
    let (of_date, link_date, filters) = (date.clone(), link.date.clone(), link.filters.len());
    let (found, range, opened_range) = app
        .view(move |reader| {
            let (_, site, grant) =
                authorize(reader.connection, &link.sign_in, now, link.site, Capability::SeeHeatmaps)?;
            let today = site.zone.day(now);
            let (range, opened) = (DateRange::parse(&of_date, today)?, DateRange::parse(&link.date, today)?);
            let mut query = Query::new(site, range, grant.view);
            if is_filtered {
                query.visibility.check(&link.filters)?;
                query.filters = link.filters;
            }
            let want = HeatmapWant { page: link.page, device };
            let answer = reader.run(&query.with(Wants { heatmap: Some(want), ..Wants::default() }))?;
            Ok((answer.heatmap.unwrap_or_default(), range, opened))
        })
        .await?;
    let mut numbers = numbers(&found);
    let ranges = RANGES.iter().map(|(name, title)| json!([name, title]));
    let own = (!RANGES.iter().any(|(name, _)| *name == link_date))
        .then(|| json!([link_date, format::days(opened_range)]));
    let all = json!(["", "All devices"]);
    let devices = DeviceClass::VARIANTS.iter().map(|class| json!([class.name(), class.title()]));
    numbers["choices"] = json!({
        "date": own.into_iter().chain(ranges).collect::<Vec<_>>(),
        "device": std::iter::once(all).chain(devices).collect::<Vec<_>>(),
        "filtered": filters > 0,
    });
    numbers["chosen"] = json!({
        "date": date,
        "days": format::days(range),
        "device": device.map_or("", DeviceClass::name),
        "filtered": is_filtered,
    });
    Ok(numbers)
}

/// Returns a heatmap as the script reads it: points as lists of numbers.
fn numbers(found: &Heatmap) -> Value {
    let elements = found.elements.iter().map(|element| {
        let points = element.points.iter().map(|point| json!([point.x, point.y, point.count]));
        json!({
            "selector": element.selector,
            "clicks": element.clicks.clicks,
            "rage": element.clicks.rage,
            "dead": element.clicks.dead,
            "points": points.collect::<Vec<_>>(),
        })
    });
    let points = found.points.iter().map(|point| json!([point.x, point.y, point.width, point.count]));
    json!({
        "clicks": found.clicks.clicks,
        "rage": found.clicks.rage,
        "dead": found.clicks.dead,
        "visits": found.visits,
        "elements": elements.collect::<Vec<_>>(),
        "points": points.collect::<Vec<_>>(),
        "measured": found.reading.measured,
        "reached": found.reached,
        "depth": found.reading.average_depth(),
    })
}

/// A middleware that lets pages of every website read the numbers, and no cache keep them.
///
/// # Errors
///
/// Fails only as the handler itself does.
pub async fn for_any_origin<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let mut response = next.call(request).await?;
    any_origin::allow(response.headers_mut());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
