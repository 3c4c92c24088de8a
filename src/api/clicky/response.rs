//! Responses: replies in the style that a request asks for.

use super::output::script::Script;
use super::output::{Output, Rendered, Style};
use super::parameters::Parameters;
use super::reply::Reply;
use crate::error::{Error, Result};
use crate::http::errors::Failure;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse};

/// Returns the style that parameters ask for.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a name that no script may have.
pub fn style_of(parameters: &Parameters) -> Result<Style> {
    let script = Script::from_params(parameters.get("json_callback"), parameters.get("json_var"));
    let script = script.map_err(|sentence| Error::invalid("json_callback", sentence))?;
    Ok(Style { script, ..plain_style_of(parameters) })
}

/// Returns the style that parameters ask for, without a script.
pub fn plain_style_of(parameters: &Parameters) -> Style {
    Style {
        output: Output::parse(parameters.get("output")),
        keeps_empty: parameters.is_on("null_values"),
        script: None,
        is_download: parameters.has("download"),
    }
}

/// Returns the response with a reply.
pub fn of_reply(rendered: Rendered) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(rendered.content_type);
    if let Some(name) = rendered.file_name {
        let parameters = vec![DispositionParam::Filename(name)];
        response.insert_header(ContentDisposition { disposition: DispositionType::Attachment, parameters });
    }
    response.body(rendered.body)
}

/// Returns the response to a failed request, in the style that it asks for, without a script.
pub fn of_failure(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    render_failure(failure, plain_style_of(&Parameters::parse(request.query_string())))
}

/// Returns the response to a failed request, in the style that it asks for, which may be a script.
pub fn of_failure_for_script(request: &HttpRequest, failure: &Failure) -> HttpResponse {
    let parameters = Parameters::parse(request.query_string());
    render_failure(failure, style_of(&parameters).unwrap_or_else(|_| plain_style_of(&parameters)))
}

fn render_failure(failure: &Failure, style: Style) -> HttpResponse {
    let style = Style { is_download: false, ..style };
    let rendered = style.render(&Reply::Error(failure.sentence.clone()));
    rendered.map_or_else(|_| HttpResponse::InternalServerError().finish(), of_reply)
}
