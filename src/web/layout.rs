//! The layout of every screen: the frame with top bar and sidebar, the range control, and their data.

mod account_menu;
mod branding;
mod frame;
mod frame_site;
pub mod load;
mod nav_item;
mod notice;
mod range;
mod report_links;
mod sidebar;
mod site_menu;
mod theme;

pub use branding::Branding;
pub use frame::{Frame, GuestFrame};
pub use frame_site::FrameSite;
pub use nav_item::NavItem;
pub use notice::{Banner, Note};
pub use range::RangeControl;
pub use report_links::ReportLinks;
pub use site_menu::SiteLink;
pub use theme::Theme;
