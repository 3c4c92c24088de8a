//! The use of a page, as a beacon tells it: the clicks on it, how long it was visible, and how far it was read. What no
//! browser measures is left out.

use super::beacon::Beacon;
use super::clean_text::clean;
use super::hit::{ClickedElement, HeatmapPoint, HitKind, PageReading, PageRef};
use super::page_ref::page_of;
use crate::limits;
use std::ops::RangeInclusive;

/// The bytes of a character in UTF-8, at most.
const CHAR_BYTES_MAX: usize = 4;
/// The flag of a rage click.
const RAGE: i64 = 1;
/// The flag of a dead click.
const DEAD: i64 = 2;

/// Returns the clicks of a beacon of clicks: Clicky's, each with its page, and those on elements of the beacon's page.
pub fn clicks(beacon: &Beacon, host: Option<&str>) -> Vec<HeatmapPoint> {
    let points = beacon.heatmap.iter().filter_map(|text| point(text, host));
    let page = of_site(&beacon.href, host, beacon.has_hash_routes);
    let on_elements = beacon.clicks.iter().filter_map(|text| click(text, page.as_ref()?));
    points.chain(on_elements).take(limits::HEATMAP_CLICKS_MAX).collect()
}

/// Returns how a page was read since it was told last; `None` if the beacon does not tell.
pub fn reading(beacon: &Beacon, host: Option<&str>) -> Option<PageReading> {
    let sent = &beacon.reading;
    let seconds =
        whole(&sent.seconds, 0..=i64::MAX).map(|seconds| seconds.min(limits::READ_SECONDS_PER_HIT_MAX));
    let depth = whole(&sent.depth, 0..=limits::READ_DEPTH_MAX);
    if seconds.is_none_or(|seconds| seconds == 0) && depth.is_none() {
        return None;
    }
    let page = of_site(&sent.page, host, beacon.has_hash_routes)?;
    Some(PageReading { page, seconds: seconds.unwrap_or(0), depth })
}

/// Returns a page by its address.
fn of_site(href: &str, host: Option<&str>, has_hash_routes: bool) -> Option<PageRef> {
    let (page, _) = page_of(HitKind::Heatmap, href, host, has_hash_routes);
    page.address().is_some_and(|address| address.len() <= limits::URL_BYTES_MAX).then_some(page)
}

fn whole(text: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
    text.trim().parse().ok().filter(|number| bounds.contains(number))
}

/// Parses `HREF|x|y|width`.
fn point(text: &str, host: Option<&str>) -> Option<HeatmapPoint> {
    let mut parts = text.rsplitn(4, '|');
    let mut pixels = || whole(parts.next()?, 0..=limits::HEATMAP_PIXELS_MAX);
    let (width, y, x) = (pixels()?, pixels()?, pixels()?);
    Some(HeatmapPoint { page: of_site(parts.next()?, host, false)?, x, y, width, element: None })
}

/// Parses `x|y|width|element_x|element_y|flags|selector|text`.
fn click(text: &str, page: &PageRef) -> Option<HeatmapPoint> {
    let mut parts = text.splitn(8, '|');
    let mut number = |most| whole(parts.next()?, 0..=most);
    let mut pixels = || number(limits::HEATMAP_PIXELS_MAX);
    let (x, y, width) = (pixels()?, pixels()?, pixels()?);
    let (element_x, element_y) = (number(limits::ELEMENT_SIDE)?, number(limits::ELEMENT_SIDE)?);
    let flags = number(RAGE | DEAD)?;
    let selector = short(parts.next()?, limits::SELECTOR_CHARS_MAX)?;
    let element = ClickedElement {
        selector,
        text: parts.next().and_then(|text| short(text, limits::ELEMENT_TEXT_CHARS_MAX)),
        x: element_x,
        y: element_y,
        is_rage: flags & RAGE != 0,
        is_dead: flags & DEAD != 0,
    };
    Some(HeatmapPoint { page: page.clone(), x, y, width, element: Some(element) })
}

/// Returns a text in one line with so many characters at most; `None` if nothing is left of it.
fn short(text: &str, most: usize) -> Option<String> {
    let cleaned = clean(text, most * CHAR_BYTES_MAX)?;
    let short: String = cleaned.chars().take(most).collect();
    Some(short.trim_end().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beacon(clicks: &[&str]) -> Beacon {
        let clicks = clicks.iter().map(|text| (*text).to_owned()).collect();
        Beacon { href: "/shop".into(), clicks, ..Beacon::default() }
    }

    #[test]
    fn points_without_a_place_or_a_page_are_not_there() {
        let heatmap = vec!["/a|b|1|2|3".into(), "/a|-1|2|3".into(), "|".into()];
        let found = clicks(&Beacon { heatmap, ..Beacon::default() }, Some("h.example"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].element, None);
    }

    #[test]
    fn a_click_on_an_element_has_its_place_its_flags_and_a_text_with_bars() {
        let found = clicks(&beacon(&["10|20|1400|5000|10000|3|main > a|Bread | rolls"]), Some("h.example"));
        let [HeatmapPoint { page, x: 10, y: 20, width: 1_400, element: Some(element) }] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(page.address(), Some("https://h.example/shop"));
        assert_eq!((element.selector.as_str(), element.text.as_deref()), ("main > a", Some("Bread | rolls")));
        assert_eq!((element.x, element.y, element.is_rage, element.is_dead), (5_000, 10_000, true, true));
    }

    #[test]
    fn clicks_that_no_browser_sends_are_left_out_and_long_texts_are_cut() {
        let wrong = [
            "",
            "1|2|3",
            "1|2|3|10001|1|0|a|",
            "1|2|3|1|1|4|a|",
            "1|2|3|1|1|0||text",
            "1|2|-3|1|1|0|a|",
            "100001|2|3|1|1|0|a|",
        ];
        assert_eq!(clicks(&beacon(&wrong), Some("h.example")), []);
        let long = format!("1|2|3|1|1|0|{}|{}", "ü".repeat(300), "ß".repeat(90));
        let found = clicks(&beacon(&[&long]), Some("h.example"));
        let element = found[0].element.as_ref().unwrap();
        assert_eq!(element.selector.chars().count(), 200);
        assert_eq!(element.text.as_ref().unwrap().chars().count(), 60);
        let without_page = Beacon { href: String::new(), ..beacon(&["1|2|3|1|1|0|a|"]) };
        assert_eq!(clicks(&without_page, Some("h.example")), []);
        assert_eq!(clicks(&beacon(&["1|2|3|1|1|0|a|"; 60]), Some("h.example")).len(), 50);
    }

    #[test]
    fn a_reading_needs_its_page_and_something_that_can_be() {
        let read = |page: &str, seconds: &str, depth: &str| {
            let mut beacon = Beacon::default();
            beacon.reading.page = page.into();
            (beacon.reading.seconds, beacon.reading.depth) = (seconds.into(), depth.into());
            reading(&beacon, Some("h.example")).map(|found| (found.seconds, found.depth))
        };
        assert_eq!(read("/a", "12", "700"), Some((12, Some(700))));
        assert_eq!(read("/a", "", "0"), Some((0, Some(0))));
        assert_eq!(read("/a", "5", "1001"), Some((5, None)));
        assert_eq!(read("/a", "0", ""), None);
        assert_eq!(read("/a", "-5", "x"), None);
        assert_eq!(read("/a", "3601", ""), Some((3_600, None)));
        assert_eq!(read("", "12", "700"), None);
    }
}
