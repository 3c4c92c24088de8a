//! The screens of heatmaps: the list of pages that were clicked and read, one page, and both as files.

pub mod export;
pub mod list;
pub mod page;
mod reading;
mod screen;
