//! The layout of every screen: the frame with top bar and sidebar, the range control, and their data.

mod account_menu;
pub mod asset;
mod branding;
pub mod error_page;
pub mod form_state;
mod frame;
pub mod frame_request;
mod frame_site;
pub mod letter_page;
pub mod load;
mod nav_item;
mod notice;
pub mod page_headers;
mod range;
mod report_links;
pub mod screen_address;
mod sidebar;
pub mod site_frame_request;
mod site_menu;
mod theme;

pub use frame::{Frame, GuestFrame};
pub use nav_item::NavItem;
pub use notice::Note;
pub use range::{RANGES, RangeControl};
pub use report_links::ReportLinks;
pub use theme::Theme;
