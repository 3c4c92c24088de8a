//! A journey: what visits did before and after a page, a goal or an event, as columns of nodes with links between them.

use super::item_name::ItemName;
use crate::reports::comparison::Compared;

/// The steps before and after the middle of a journey.
pub const JOURNEY_STEPS: usize = 3;

/// A journey around its middle.
#[derive(Debug, Default)]
pub struct Journey {
    /// The visits with the middle: its first occurrence in each counts.
    pub visits: Compared<i64>,
    /// The columns, the earliest first: [`JOURNEY_STEPS`] before the middle, the middle, and as many after it.
    pub columns: Vec<Vec<JourneyNode>>,
    /// The links from each column to the next one.
    pub links: Vec<Vec<JourneyLink>>,
}

/// A node of a journey.
#[derive(Debug)]
pub struct JourneyNode {
    /// The step.
    pub step: JourneyStep,
    /// The visits that took it there.
    pub visits: i64,
}

/// A step of a journey.
#[derive(Debug)]
pub enum JourneyStep {
    /// A page that was viewed.
    Page(ItemName),
    /// All further pages together.
    OtherPages,
    /// The source of visits that began with the next step; only before the middle.
    Source(ItemName),
    /// The end of the visit; only after the middle.
    Left,
    /// The middle.
    Middle,
}

impl JourneyStep {
    /// Returns the name of the kind of step in files and for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            Self::OtherPages => "other_pages",
            Self::Source(_) => "source",
            Self::Left => "left",
            Self::Middle => "middle",
        }
    }

    /// Returns the name of the page or source.
    pub fn item_name(&self) -> Option<&ItemName> {
        match self {
            Self::Page(name) | Self::Source(name) => Some(name),
            Self::OtherPages | Self::Left | Self::Middle => None,
        }
    }
}

/// A link between two nodes of neighbouring columns, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JourneyLink {
    /// The place of the earlier node in its column.
    pub from: usize,
    /// The place of the later node in the next column.
    pub to: usize,
    /// The visits that went from one to the other.
    pub visits: i64,
}
