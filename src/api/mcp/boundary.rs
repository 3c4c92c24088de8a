//! The border of the endpoint: refuses requests from pages of other origins, and turns every failure into a JSON-RPC
//! error, with the sentence and the details that the API would send.

use super::message::RequestOnItsWay;
use crate::api::v1::problem::ProblemDetails;
use crate::api::v1::response;
use crate::app::App;
use crate::error::Error;
use crate::http::client::{self, header_text};
use crate::http::errors::Failure;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, RequestId};

/// A middleware that lets requests of other origins' pages go no further, makes JSON-RPC errors of failures, and sets the
/// headers of every response.
///
/// # Errors
///
/// Fails only as the handler itself does; a refusal is a response.
pub async fn answer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = if is_of_another_origin(request.request()) {
        request.into_response(Error::OtherOrigin.error_response())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let failure = response.response_mut().extensions_mut().remove::<Failure>();
    let status = response.status();
    // What actix itself refuses has no body, or one in plain text.
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let is_explained = !status.is_client_error() || is_json;
    let failure = failure.or_else(|| (!is_explained).then(|| of_status(status)));
    if let Some(failure) = failure {
        let id = response.request().extensions().get::<RequestOnItsWay>().map(|one| one.0.clone());
        let mut rendered = render(&failure, id);
        for name in [header::RETRY_AFTER, header::ACCEPT_ENCODING, header::ALLOW] {
            if let Some(value) = response.headers().get(&name).cloned() {
                rendered.headers_mut().insert(name, value);
            }
        }
        response = response.into_response(rendered);
    }
    response::set_headers(&mut response);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    Ok(response)
}

/// Returns true for a request that a browser sends for a page that is not ours. Programs send no `Origin`.
fn is_of_another_origin(request: &HttpRequest) -> bool {
    let Some(app) = request.app_data::<Data<App>>() else { return true };
    let ours = client::origin(request, &app.config);
    request.headers().contains_key(header::ORIGIN) && header_text(request, "origin") != ours
}

/// Describes a status that no handler explains.
fn of_status(status: StatusCode) -> Failure {
    let sentence = match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "This endpoint has no sessions and sends nothing by itself: send each message by POST."
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            "This message is larger than the endpoint takes. Send less at a time."
        }
        _ => "That did not arrive as it should.",
    };
    Failure { status, sentence: sentence.into(), request_id: None, problems: Vec::new() }
}

/// Returns the response to a failure: a JSON-RPC error whose data are the problem details of the API.
fn render(failure: &Failure, id: Option<RequestId>) -> HttpResponse {
    let code = match failure.status {
        StatusCode::UNPROCESSABLE_ENTITY => ErrorCode::INVALID_PARAMS,
        status if status.is_client_error() => ErrorCode::INVALID_REQUEST,
        _ => ErrorCode::INTERNAL_ERROR,
    };
    let details = serde_json::to_value(ProblemDetails::new(failure)).ok();
    let error = JsonRpcError::new(id, ErrorData::new(code, failure.sentence.clone(), details));
    HttpResponse::build(failure.status).json(error)
}
