//! The screens of heatmaps: the list of pages that were clicked and read, one page, and both as files; and the heatmap over
//! its page.

pub mod export;
pub mod list;
pub mod opening;
pub mod overlay;
pub mod page;
mod reading;
mod screen;
