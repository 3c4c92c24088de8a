//! The addresses of the screens of webhooks.

use crate::error::{Error, Result};
use crate::model::id::{SiteId, WebhookId};
use crate::web::settings::Tabs;

/// The name of the screen in addresses.
pub const SCREEN: &str = "webhooks";

/// Returns the path of the list.
pub fn base(site: SiteId) -> String {
    Tabs::path(site, SCREEN)
}

/// Reads the id in an address.
///
/// # Errors
/// Fails with `Error::Missing` for a text that is none.
pub fn webhook_id(name: &str) -> Result<WebhookId> {
    WebhookId::parse(name).ok_or(Error::Missing("webhook"))
}
