//! The addresses of the forms of funnels.

use crate::http::errors::see_other;
use crate::model::id::SiteId;
use crate::web::settings::Tabs;
use actix_web::HttpResponse;

/// Returns the path of the funnels' forms.
pub fn base(site: SiteId) -> String {
    Tabs::path(site, "funnels")
}

/// Returns the redirect to the list after a change.
pub fn done(site: SiteId, change: &str) -> HttpResponse {
    see_other(&format!("{}?done={change}#funnels", Tabs::path(site, "goals")))
}
