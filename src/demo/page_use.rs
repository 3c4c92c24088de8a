//! The use of the demo's pages by its visitors: what they click, how long they read, and how far. It is drawn from a source of
//! its own for each visit, so that visits stay as they are.

use super::business::Business;
use super::visitors::PlannedVisit;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::device_type::DeviceType;
use crate::model::id::VisitId;
use crate::store::visit_tables::HeatmapClick;
use fastrand::Rng;

/// The use of a page by a visit.
pub struct PageUse {
    /// The address of the page.
    pub page: String,
    /// The seconds in which it was visible.
    pub seconds: i64,
    /// The deepest point seen, in thousandths of its height.
    pub depth: i64,
    /// The clicks.
    pub clicks: Vec<DemoClick>,
}

/// A click on an element.
pub struct DemoClick {
    /// The CSS selector and the text.
    pub element: (&'static str, &'static str),
    /// The place on the page in pixels.
    pub place: (i64, i64),
    /// The width of the window in pixels.
    pub width: i64,
    /// The place within the element, in ten-thousandths.
    pub element_place: (i64, i64),
    /// True for a rage click.
    pub is_rage: bool,
    /// True for a dead click.
    pub is_dead: bool,
}

impl DemoClick {
    /// Returns the text of the element, if it has some.
    pub fn text(&self) -> Option<&'static str> {
        Some(self.element.1).filter(|text| !text.is_empty())
    }

    /// Returns the row of the click, with the labels of the page, the selector and the text.
    pub fn row(&self, page: i64, selector: i64, text: Option<i64>) -> HeatmapClick {
        HeatmapClick {
            page,
            x: self.place.0,
            y: self.place.1,
            width: self.width,
            element: Some(selector),
            text,
            element_place: Some(self.element_place),
            is_rage: self.is_rage,
            is_dead: self.is_dead,
        }
    }
}

/// An element of a page: selector, text, its distance from the top in pixels on a desktop, its weight among the others, and
/// whether a click on it does nothing.
type Element = (&'static str, &'static str, i64, u32, bool);

/// The elements of every page.
const EVERYWHERE: [Element; 4] = [
    ("header > nav > a:nth-of-type(1)", "Shop", 40, 30, false),
    ("header > nav > a:nth-of-type(2)", "Recipes", 40, 14, false),
    ("header > nav > a:nth-of-type(3)", "Contact", 40, 8, false),
    ("footer > a:nth-of-type(1)", "Opening hours", 2_300, 6, false),
];
/// The elements of the shop.
const SHOP: [Element; 4] = [
    ("#order", "Order bread", 620, 60, false),
    ("main > section:nth-of-type(1) > button", "Add to basket", 980, 34, false),
    ("main > figure > img", "", 420, 12, true),
    ("#coupon > span", "Have a coupon?", 1_240, 9, true),
];
/// The elements of other pages.
const OTHER: [Element; 3] = [
    ("main > p > a.more", "Read more", 880, 24, false),
    ("main > figure > img", "", 460, 10, true),
    ("aside > a", "This week’s offer", 700, 12, false),
];

/// Returns how a visit used its pages; nothing of a business that records no heatmaps.
pub fn page_uses(id: VisitId, business: &Business, planned: &PlannedVisit) -> Vec<PageUse> {
    if business.heatmap_pages.is_empty() {
        return Vec::new();
    }
    let mut rng = Rng::with_seed(id.0.cast_unsigned() ^ 0x4EA7);
    let views: Vec<_> = planned.steps.iter().filter(|step| step.kind == ActionKind::PageView).collect();
    let ends = views.iter().skip(1).map(|step| step.at).chain([planned.length]);
    let read = views.iter().zip(ends).map(|(step, end)| {
        let stay = ((end - step.at) / 1_000).clamp(2, limits::READ_SECONDS_PER_HIT_MAX);
        let seconds = (stay * rng.i64(60..=100) / 100).max(1);
        let depth = (rng.i64(150..600) + seconds * 6).min(limits::READ_DEPTH_MAX);
        let clicks = clicks(&mut rng, planned.visitor.device().device_type, &step.address);
        PageUse { page: step.address.clone(), seconds, depth, clicks }
    });
    read.collect()
}

fn clicks(rng: &mut Rng, device: DeviceType, page: &str) -> Vec<DemoClick> {
    let own: &[Element] = if page.contains("/shop") { &SHOP } else { &OTHER };
    let elements: Vec<Element> = EVERYWHERE.iter().chain(own).copied().collect();
    let total: u32 = elements.iter().map(|element| element.3).sum();
    let width = match device {
        DeviceType::Phone => [360, 390, 412][rng.usize(0..3)],
        DeviceType::Tablet => [768, 820][rng.usize(0..2)],
        _ => [1_280, 1_440, 1_920][rng.usize(0..3)],
    };
    let click = |rng: &mut Rng| {
        let mut drawn = rng.u32(0..total);
        let found = elements.iter().find(|element| {
            let is_it = drawn < element.3;
            drawn = drawn.saturating_sub(element.3);
            is_it
        });
        let &(selector, text, top, _, is_dead) = found.unwrap_or(&elements[0]);
        // People aim at the middle.
        let mut aim = || rng.i64(500..9_500).midpoint(rng.i64(500..9_500));
        let (x, y) = (aim(), aim());
        let left = width / 4 + x * width / 30_000;
        let top = if width < 768 { top * 3 / 2 } else { top } + y / 250;
        let is_rage = is_dead && rng.u32(0..5) == 0;
        DemoClick {
            element: (selector, text),
            place: (left, top),
            width,
            element_place: (x, y),
            is_rage,
            is_dead,
        }
    };
    (0..rng.u32(0..4)).map(|_| click(rng)).collect()
}
