//! The headers of the protocol: its version, and from 2026-07-28 on the method and name of the message, which must agree
//! with the body.

use crate::http::client::header_text;
use actix_web::HttpRequest;
use rmcp::model::{ClientRequest, ErrorData, GetMeta, ProtocolVersion};
use serde_json::Value;

/// The versions of the protocol that this server speaks.
pub const VERSIONS: [ProtocolVersion; 4] = [
    ProtocolVersion::V_2025_03_26,
    ProtocolVersion::V_2025_06_18,
    ProtocolVersion::V_2025_11_25,
    ProtocolVersion::V_2026_07_28,
];

/// Returns the version of the protocol in which a request is written. Without a header it is 2025-03-26, as the
/// protocol says.
///
/// # Errors
///
/// Fails for a version that this server does not speak, and when the headers of a request of 2026-07-28 are missing or
/// say something else than its body.
pub fn version(
    headers: &HttpRequest,
    request: &ClientRequest,
    body: &Value,
) -> Result<ProtocolVersion, ErrorData> {
    let header = match header_text(headers, "mcp-protocol-version") {
        "" => None,
        text => Some(parse(text)?),
    };
    let meta = request.get_meta().protocol_version();
    if let Some(meta) = &meta
        && !VERSIONS.contains(meta)
    {
        return Err(ErrorData::unsupported_protocol_version(meta.clone(), &VERSIONS));
    }
    if let (Some(meta), true) = (&meta, header != meta) {
        return Err(mismatch(format!(
            "The header MCP-Protocol-Version must say {meta}, as the message does."
        )));
    }
    let version = header.or(meta).unwrap_or(ProtocolVersion::V_2025_03_26);
    if !version.has_initialize() && !matches!(request, ClientRequest::InitializeRequest(_)) {
        check_metadata(request, &version)?;
        check_names(headers, body)?;
    }
    Ok(version)
}

fn parse(text: &str) -> Result<ProtocolVersion, ErrorData> {
    let known = VERSIONS.into_iter().find(|version| version.as_str() == text);
    known.ok_or_else(|| {
        let requested = serde_json::from_value(Value::from(text)).unwrap_or_default();
        ErrorData::unsupported_protocol_version(requested, &VERSIONS)
    })
}

fn check_metadata(request: &ClientRequest, version: &ProtocolVersion) -> Result<(), ErrorData> {
    let missing = request.get_meta().missing_required_keys(version);
    if missing.is_empty() {
        return Ok(());
    }
    let sentence =
        format!("The _meta of the request lacks {}, or has it in another form.", missing.join(" and "));
    Err(ErrorData::invalid_params(sentence, None))
}

/// Compares the headers `Mcp-Method` and `Mcp-Name` with the body.
fn check_names(headers: &HttpRequest, body: &Value) -> Result<(), ErrorData> {
    let method = body["method"].as_str().unwrap_or_default();
    if header_text(headers, "mcp-method") != method {
        return Err(mismatch(format!("The header Mcp-Method must say {method}, as the message does.")));
    }
    let name = match method {
        "tools/call" => body["params"]["name"].as_str(),
        "resources/read" => body["params"]["uri"].as_str(),
        _ => None,
    };
    match name {
        Some(name) if header_text(headers, "mcp-name") != name => {
            Err(mismatch("The header Mcp-Name must name the tool or resource, as the message does."))
        }
        _ => Ok(()),
    }
}

fn mismatch(sentence: impl Into<std::borrow::Cow<'static, str>>) -> ErrorData {
    ErrorData::header_mismatch(sentence, None)
}
