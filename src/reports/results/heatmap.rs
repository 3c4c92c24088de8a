//! Heatmaps: the pages that were clicked and read, and of one page its elements, the points of clicks, and how far
//! visits scrolled.

use super::item_name::ItemName;
use crate::model::metrics::{Measure, Metrics, quotient};

/// A page of the table of pages that were clicked or read.
#[derive(Debug, Default)]
pub struct HeatmapPages {
    /// The pages.
    pub pages: Vec<HeatmapPage>,
    /// The number of pages on all pages of the table.
    pub count: usize,
}

/// A page that was clicked or read.
#[derive(Clone, Debug)]
pub struct HeatmapPage {
    /// The page.
    pub name: ItemName,
    /// Its numbers.
    pub summary: HeatmapSummary,
}

/// The numbers of a page that was clicked or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeatmapSummary {
    /// The clicks.
    pub clicks: ClickCounts,
    /// The number of visits that clicked.
    pub visits: i64,
    /// The reading of the page.
    pub reading: PageReading,
}

/// The numbers of some clicks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClickCounts {
    /// The number of clicks.
    pub clicks: i64,
    /// The number of rage clicks.
    pub rage: i64,
    /// The number of dead clicks.
    pub dead: i64,
}

/// The sums of how long and how far visits read a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageReading {
    /// The number of visits whose time was measured.
    pub visits: i64,
    /// The seconds in which the page was visible to them.
    pub seconds: i64,
    /// The number of visits whose depth was measured.
    pub measured: i64,
    /// The sum of their depths, in thousandths of the page's height.
    pub depth: i64,
}

/// The parts of a page's height at which a depth is told: 0, 5, … 100 %.
pub const DEPTH_STEPS: usize = 21;

/// The heatmap of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heatmap {
    /// The clicks.
    pub clicks: ClickCounts,
    /// The number of visits that clicked.
    pub visits: i64,
    /// The elements with most clicks, at most `HEATMAP_ELEMENTS_MAX`.
    pub elements: Vec<HeatmapElement>,
    /// The number of all elements.
    pub element_count: usize,
    /// The points of clicks of which no element is known, at most `HEATMAP_POINTS_MAX`.
    pub points: Vec<LoosePoint>,
    /// The reading of the page.
    pub reading: PageReading,
    /// The number of visits that reached each step of the page's height, of those whose depth was measured.
    pub reached: [i64; DEPTH_STEPS],
}

/// An element that was clicked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeatmapElement {
    /// The CSS selector; roots of shadow trees are joined by ` >>> `.
    pub selector: String,
    /// The text that it had in most clicks; empty without one.
    pub text: String,
    /// The clicks.
    pub clicks: ClickCounts,
    /// The points of the clicks, at most `HEATMAP_POINTS_MAX` of all elements together.
    pub points: Vec<ElementPoint>,
}

/// A point within an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementPoint {
    /// The distance from the element's left edge, in ten-thousandths of its width, as it was sent, about to a thousandth.
    pub x: u32,
    /// The distance from the element's upper edge, in ten-thousandths of its height.
    pub y: u32,
    /// The number of clicks.
    pub count: i64,
}

/// A point of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoosePoint {
    /// The distance from the page's left edge, in pixels.
    pub x: u32,
    /// The distance from the page's upper edge, in pixels.
    pub y: u32,
    /// The width of the window, in pixels; 0 if it is not known.
    pub width: u32,
    /// The number of clicks.
    pub count: i64,
}

impl PageReading {
    /// Returns the average time on the page, in seconds; `None` if nothing was measured.
    pub fn average_seconds(&self) -> Option<i64> {
        (self.visits > 0).then(|| quotient(self.seconds, self.visits))
    }

    /// Returns the average depth, in thousandths; `None` if nothing was measured.
    pub fn average_depth(&self) -> Option<i64> {
        (self.measured > 0).then(|| quotient(self.depth, self.measured))
    }

    /// Adds the sums to the metrics of the page.
    pub fn add_to(&self, metrics: &mut Metrics) {
        metrics[Measure::Reads] += self.visits;
        metrics[Measure::ReadSeconds] += self.seconds;
        metrics[Measure::DepthReads] += self.measured;
        metrics[Measure::ReadDepth] += self.depth;
    }

    /// Adds the sums of other visits.
    pub fn add(&mut self, more: &Self) {
        self.visits += more.visits;
        self.seconds += more.seconds;
        self.measured += more.measured;
        self.depth += more.depth;
    }
}

impl ClickCounts {
    /// Adds the numbers of other clicks.
    pub fn add(&mut self, more: &Self) {
        self.clicks += more.clicks;
        self.rage += more.rage;
        self.dead += more.dead;
    }
}
