//! The choice of what is recorded of visits' behavior on pages (the pages, the share of visits, and the days for which it is
//! kept), and the links that show it over those pages. Knows neither HTTP nor HTML.

pub mod heatmap_links;
pub mod heatmap_settings;
