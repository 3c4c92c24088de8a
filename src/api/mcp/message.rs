//! The messages that arrive: JSON-RPC requests, notifications, and responses to nothing.

use rmcp::model::{ClientRequest, ErrorData, JsonRpcRequest, RequestId};
use serde_json::Value;

/// The id of the request that is being answered, in the extensions of its HTTP request, for an error on the way.
pub struct RequestOnItsWay(pub RequestId);

/// A message that arrived.
pub enum Message {
    /// A request, which gets an answer.
    Request(Box<JsonRpcRequest<ClientRequest>>, Value),
    /// A notification, or the response to a request that this server never sends: both are accepted and change nothing.
    Unanswered,
}

/// An error of a message, with the id of its request if it could be read.
pub struct MessageError {
    /// The id of the request.
    pub id: Option<RequestId>,
    /// The error.
    pub error: ErrorData,
}

impl Message {
    /// Parses the body of an HTTP request.
    ///
    /// # Errors
    ///
    /// Fails when the body is no JSON, holds several messages, or is no message of JSON-RPC 2.0.
    pub fn parse(body: &[u8]) -> Result<Self, MessageError> {
        let invalid = |sentence: &'static str, id: Option<RequestId>| MessageError {
            id,
            error: ErrorData::invalid_request(sentence, None),
        };
        let value: Value = serde_json::from_slice(body).map_err(|error| MessageError {
            id: None,
            error: ErrorData::parse_error(format!("The body is no JSON: {error}."), None),
        })?;
        if value.is_array() {
            return Err(invalid("Send one message at a time: batches are no part of this protocol.", None));
        }
        let Some(members) = value.as_object() else {
            return Err(invalid("A message is a JSON object.", None));
        };
        let id = members.get("id").and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
        if members.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(invalid("A message says “jsonrpc”: “2.0”.", id));
        }
        if !members.contains_key("method") {
            let is_response = members.contains_key("result") || members.contains_key("error");
            return if is_response {
                Ok(Self::Unanswered)
            } else {
                Err(invalid("A request names its method.", id))
            };
        }
        if !members.contains_key("id") {
            return Ok(Self::Unanswered);
        }
        if id.is_none() {
            return Err(invalid("The id of a request is a string or a whole number.", None));
        }
        match serde_json::from_value(value.clone()) {
            Ok(request) => Ok(Self::Request(Box::new(request), value)),
            Err(_) => Err(invalid("The method of a request is a string, and its params are an object.", id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rmcp::model::ErrorCode;

    fn code(body: &str) -> Option<ErrorCode> {
        Message::parse(body.as_bytes()).err().map(|refused| refused.error.code)
    }

    #[test]
    fn a_message_is_one_object_of_json_rpc() {
        for (body, refused) in [
            ("{", Some(ErrorCode::PARSE_ERROR)),
            ("[]", Some(ErrorCode::INVALID_REQUEST)),
            ("7", Some(ErrorCode::INVALID_REQUEST)),
            (r#"{"id":1,"method":"ping"}"#, Some(ErrorCode::INVALID_REQUEST)),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Some(ErrorCode::INVALID_REQUEST)),
            (r#"{"jsonrpc":"2.0","id":1}"#, Some(ErrorCode::INVALID_REQUEST)),
            (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, Some(ErrorCode::INVALID_REQUEST)),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, None),
            (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, None),
            (r#"{"jsonrpc":"2.0","id":"a","result":{}}"#, None),
        ] {
            assert_eq!(code(body), refused, "{body}");
        }
    }

    #[test]
    fn a_request_with_wrong_params_keeps_its_method() {
        let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#;
        let Ok(Message::Request(request, _)) = Message::parse(body) else { panic!("a request") };
        assert!(matches!(request.request, ClientRequest::CustomRequest(_)));
        assert_eq!(request.request.method(), "tools/call");
    }
}
