//! The writing of hits in batches: the body of a batch, its way to the writer, and the result of each hit.

mod diagnosis;
mod hit;
mod sent_batch;

use super::parameters::{KnownParameters, Parameters};
use super::problem::ProblemDetails;
use super::request_body;
use crate::access::capability::WriteApi;
use crate::app::App;
use crate::app::blocking;
use crate::error::{Error, Result};
use crate::http::api_access::ApiAccess;
use crate::ingest::beacon::RequestInfo;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::Hit;
use crate::ingest::pipeline::HitReceipt;
use crate::ingest::user_agent::ClientHints;
use crate::limits;
use crate::model::id::SiteId;
use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use hit::HitBatchBody;
use serde::Serialize;
use std::net::IpAddr;
use utoipa::ToSchema;

/// The results of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitResults {
    /// The result of each hit, in the order in which they were sent.
    results: Vec<HitResult>,
    /// The number of hits that were recorded.
    recorded: usize,
    /// The number of hits that were dropped.
    dropped: usize,
    /// The number of hits that were sent before.
    duplicates: usize,
}

/// The result of a hit.
#[derive(Debug, Serialize, ToSchema)]
pub struct HitResult {
    /// The id of the hit, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order-4711")]
    id: Option<String>,
    /// The outcome.
    status: HitStatus,
    /// The outcome of the hit with the same id that was sent before, for a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<HitStatus>,
    /// The reason why the hit was dropped, or why a recorded one has no revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "no-visitor")]
    reason: Option<&'static str>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

/// The outcome of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HitStatus {
    /// It is on the disk.
    Recorded,
    /// It was not counted, for the given reason.
    Dropped,
    /// A hit with the same id was sent in the last 24 hours, and this one was not counted again.
    Duplicate,
}

/// Records hits of a site, from a program on the site's own server.
///
/// A batch is recorded as a whole or, with a status other than 200, not at all; within it, each hit has its own result. A hit
/// with an `id` that was sent in the last 24 hours isn't counted again, so that a batch can be sent again when its answer
/// got lost.
#[utoipa::path(
    post,
    path = "/api/v1/sites/{site}/hits",
    operation_id = "create_hits",
    tag = "Hits",
    summary = "Send hits",
    description = "Records hits of a site, from a program on the site's own server. A batch is recorded as a whole or, with a status other than 200, not at all; within it, each hit has its own result. A hit with an `id` that was sent before isn't counted again, so that a batch can be sent again when its answer got lost. It needs a token that also writes, or the site key.",
    params(("site" = String, Path, description = "The id of the site, as in `GET /api/v1/sites`.", example = "1")),
    request_body(content = HitBatchBody, description = format!("The batch, uncompressed: {} hits and {} MiB at most.", limits::HITS_PER_BATCH_MAX, limits::BATCH_BYTES_MAX / 1_048_576)),
    responses(
        (status = 200, description = "What became of each hit. What was recorded is on the disk.", body = HitResults),
        (status = 400, description = "The body is no JSON.", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 413, description = format!("The body is larger than {} MiB.", limits::BATCH_BYTES_MAX / 1_048_576), body = ProblemDetails, content_type = "application/problem+json"),
        (status = 415, description = "The body is compressed.", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = format!("A member is unknown or of the wrong type, there are more than {} hits, or a hit has more than {} KiB or more than {} names of custom data.", limits::HITS_PER_BATCH_MAX, limits::BODY_BYTES_MAX / 1_024, limits::CUSTOM_KEYS_MAX), body = ProblemDetails, content_type = "application/problem+json"),
        (status = 503, description = "The server is busy. Send the batch again after the time in Retry-After.", body = ProblemDetails, content_type = "application/problem+json"),
        (status = "default", description = "A problem.", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
///
/// # Errors
///
/// Fails when the credentials are wrong or don't allow it, before the body is read and again when the hits are written;
/// for a parameter in the address; when the body is not a batch; and with `Error::Busy` when too many batches come at once.
pub async fn create(
    access: ApiAccess<WriteApi>,
    app: Data<App>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse> {
    let parameters = request.query_string().to_owned();
    access.view(move |_, _| Parameters::parse(&parameters, KnownParameters::NONE).map(|_| ())).await?;
    // Only bodies of programs that may write are held in memory, and few at once.
    let _place = app.limited_work.batches.take(access.site_id()).ok_or(Error::Busy)?;
    let body = request_body::read(body, limits::BATCH_BYTES_MAX, || Error::BatchTooLarge).await?;
    let (site, address) = (access.site_id(), access.address());
    let (ids, hits) = blocking::run(move || enrich(&app, site, address, &body)).await?;
    let receipts = if hits.is_empty() { Vec::new() } else { access.record(hits).await? };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(results(ids, &receipts)))
}

/// Makes hits of the body of a batch; returns their ids, too. User agents are parsed in any case: the sender has proved that
/// it may write.
fn enrich(app: &App, site: SiteId, address: IpAddr, body: &[u8]) -> Result<(Vec<Option<String>>, Vec<Hit>)> {
    let request = RequestInfo {
        at: app.clock.now(),
        address,
        agent: "",
        hints: ClientHints::default(),
        host: None,
        language: "",
        opted_out: false,
    };
    let hits = hit::parse(body)?;
    let ids = hits.iter().map(|hit| hit.id.clone()).collect();
    let beacons = hits.into_iter().map(|hit| hit.into_beacon(site));
    Ok((ids, beacons.filter_map(|beacon| app.intake.enricher.enrich(beacon, &request)).collect()))
}

/// Returns the results of hits with these ids.
fn results(ids: Vec<Option<String>>, receipts: &[HitReceipt]) -> HitResults {
    let results: Vec<HitResult> =
        ids.into_iter().zip(receipts).map(|(id, receipt)| result(id, *receipt)).collect();
    let count = |status| results.iter().filter(|result| result.status == status).count();
    HitResults {
        recorded: count(HitStatus::Recorded),
        dropped: count(HitStatus::Dropped),
        duplicates: count(HitStatus::Duplicate),
        results,
    }
}

fn result(id: Option<String>, receipt: HitReceipt) -> HitResult {
    let outcome = if receipt.dropped.is_some() { HitStatus::Dropped } else { HitStatus::Recorded };
    let is_duplicate = receipt.is_duplicate;
    let reason = receipt.dropped.or(receipt.uncounted_revenue);
    HitResult {
        id,
        status: if is_duplicate { HitStatus::Duplicate } else { outcome },
        first: is_duplicate.then_some(outcome),
        reason: reason.map(DropReason::name),
        detail: reason.map(detail),
    }
}

/// Returns a reason in words, with the names of this API's members.
fn detail(reason: DropReason) -> &'static str {
    match reason {
        DropReason::NoVisitor => {
            "Give the ip_address of the visitor, one address such as 203.0.113.7, or the id of a visit."
        }
        DropReason::NoPage => "Give the href of the page, file or link.",
        DropReason::UnknownVisit => "No visit of the last 12 hours has this id.",
        DropReason::RevenueNumber => {
            "The goal counts without its revenue. Send that as a number, such as 19.5, without a currency."
        }
        DropReason::Bot => "Left out: the user_agent is a robot's.",
        DropReason::ReferrerSpam => "Left out: the referrer is known for referrer spam.",
        reason => reason.sentence(),
    }
}
