//! The one handler: takes a message, answers it within one view of the data, and sends the answer.

use super::dispatch::{self, Incoming};
use super::headers;
use super::message::{Message, MessageError, RequestOnItsWay};
use crate::access::capability::SeeSiteInList;
use crate::app::App;
use crate::error::Result;
use crate::http::api_access::ApiCaller;
use crate::http::client;
use crate::http::program_request::ProgramCaller;
use crate::reports::data_reader::DataReader;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, JsonRpcResponse, JsonRpcVersion2_0, ProtocolVersion};
use serde::Serialize;

/// `POST /mcp`: answers a message of an assistant.
///
/// # Errors
///
/// Fails for wrong or missing credentials, for a site key, when too many programs ask, and when the data file cannot be
/// read.
pub async fn serve(
    caller: ApiCaller<SeeSiteInList>,
    app: Data<App>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse> {
    caller.require_token()?;
    let (message, value) = match Message::parse(&body) {
        Ok(Message::Request(message, value)) => (message, value),
        Ok(Message::Unanswered) => {
            // Strangers are told so also here.
            caller.view(|_, _| Ok(())).await?;
            return Ok(HttpResponse::Accepted().finish());
        }
        Err(refused) => {
            caller.view(|_, _| Ok(())).await?;
            return Ok(refusal(StatusCode::BAD_REQUEST, refused));
        }
    };
    let id = message.id.clone();
    request.extensions_mut().insert(RequestOnItsWay(id.clone()));
    let version = match headers::version(&request, &message.request, &value) {
        Ok(version) => version,
        Err(error) => {
            caller.view(|_, _| Ok(())).await?;
            return Ok(refusal(StatusCode::BAD_REQUEST, MessageError { id: Some(id), error }));
        }
    };
    let origin = client::origin(&request, &app.config);
    let incoming = Incoming { request: message.request, version: version.clone(), origin };
    let is_long = dispatch::is_long(&incoming.request);
    let read =
        move |reader: &DataReader<'_>, caller: &ProgramCaller| dispatch::answer(reader, caller, incoming);
    let answer = if is_long { caller.view_alone(read).await? } else { caller.view(read).await? };
    Ok(match answer {
        Ok(result) => json(StatusCode::OK, &JsonRpcResponse { jsonrpc: JsonRpcVersion2_0, id, result }),
        Err(error) => refusal(status(&error, &version), MessageError { id: Some(id), error }),
    })
}

/// Returns the status of an error in an answer: 404 for an unknown method from 2026-07-28 on, 200 otherwise, as the
/// protocol has it.
fn status(error: &ErrorData, version: &ProtocolVersion) -> StatusCode {
    match error.code {
        ErrorCode::METHOD_NOT_FOUND if !version.has_initialize() => StatusCode::NOT_FOUND,
        _ => StatusCode::OK,
    }
}

fn refusal(status: StatusCode, refused: MessageError) -> HttpResponse {
    json(status, &JsonRpcError::new(refused.id, refused.error))
}

fn json(status: StatusCode, value: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status).json(value)
}
