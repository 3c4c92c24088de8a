//! The health check of the server, for monitoring programs.

use crate::access::capability::OpenPublicPages;
use crate::app::{App, health};
use crate::http::auth::Public;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

/// `GET /healthz`: 200 while hits can be stored; else 503 with the cause as text.
pub async fn show(_: Public<OpenPublicPages>, app: Data<App>) -> HttpResponse {
    let (status, text) = match health::check(&app).await {
        Ok(()) => (StatusCode::OK, "ok".to_owned()),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
    };
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text + "\n")
}
