//! The addresses of the forms of monitors.

use crate::error::{Error, Result};
use crate::model::id::{MonitorId, SiteId};
use crate::web::settings::Tabs;

/// The name of the tab.
pub const TAB: &str = "uptime";

/// Returns the path of the form of a monitor.
pub fn form_path(site: SiteId, monitor: MonitorId) -> String {
    format!("{}/{monitor}", Tabs::path(site, TAB))
}

/// Returns the id of a monitor in an address.
///
/// # Errors
///
/// Fails with `Error::Missing` when it is none.
pub fn monitor_id(name: &str) -> Result<MonitorId> {
    MonitorId::parse(name).ok_or(Error::Missing("monitor"))
}
