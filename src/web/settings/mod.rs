//! Preferences → Site settings: one file for each screen, and the tabs that lead from one to another, which show only the
//! screens that the caller may open.

pub mod access;
pub mod audit;
pub mod billing;
pub mod campaigns;
pub mod code_check;
pub mod digests;
pub mod goals;
pub mod heatmaps;
pub mod hosts;
pub mod info;
pub mod key_use;
pub mod new_site;
pub mod other_hosts;
pub mod privacy;
pub mod public_access;
pub mod sharing;
pub mod site_form;
mod tabs;
pub mod tracking;
pub mod transfer;
pub mod uptime;
pub mod view_only;
pub mod webhooks;
pub mod white_label;

use super::layout::Frame;
use crate::http::auth::SiteAccess;
use maud::Markup;
use tabs::{BILLING, Tabs};

/// Renders a screen of the alerts of the whole site as a whole document.
pub fn alerts_page<R>(access: &SiteAccess<R>, frame: &Frame, content: &Markup) -> Markup {
    Tabs::for_screen(access, "alerts").page(frame, content)
}
