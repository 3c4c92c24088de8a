//! The questions about heatmaps: the pages that have one, and the clicks and the reading of one page.

use super::search::Search;
use super::table_query::Page;
use crate::model::device_class::DeviceClass;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A page of the table of pages that were clicked or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatmapPagesWant {
    /// The sort column.
    pub sort: HeatmapSort,
    /// True for ascending order. Pages without a value come last in either order.
    pub is_ascending: bool,
    /// The search among the pages.
    pub search: Search,
    /// The page.
    pub page: Page,
}

/// The sort column of the pages with heatmaps, by its name in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum HeatmapSort {
    /// The number of clicks.
    Clicks,
    /// The number of rage clicks.
    Rage,
    /// The number of dead clicks.
    Dead,
    /// The number of visits that clicked.
    Visits,
    /// The average scroll depth.
    Depth,
    /// The average time on the page.
    Time,
}

impl HeatmapSort {
    /// Finds a sort column by its name.
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The heatmap of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatmapWant {
    /// The address of the page, as it is stored.
    pub page: String,
    /// The class of windows whose clicks count; `None` for all of them. Visits that read the page belong to the class of their device.
    pub device: Option<DeviceClass>,
}
