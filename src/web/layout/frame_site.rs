//! The site of a screen, as the frame around the screen shows it.

use super::nav_item::NavItem;
use crate::reports::visibility::Visibility;

/// The site of a screen.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is another screen that the caller may open or not")]
pub struct FrameSite {
    /// The id.
    pub id: i64,
    /// The path below which the site's screens are.
    pub base: String,
    /// The data that the caller may see.
    pub visibility: Visibility,
    /// The name.
    pub name: String,
    /// The name of the time zone.
    pub zone: String,
    /// The number of visitors online.
    pub online: i64,
    /// The current entry of the sidebar.
    pub current: NavItem,
    /// True if the caller may open reports.
    pub has_reports: bool,
    /// True if the caller may see heatmaps.
    pub has_heatmaps: bool,
    /// True if the caller may set own alerts.
    pub has_alerts: bool,
    /// True if the caller may open the site's preferences.
    pub has_preferences: bool,
}
