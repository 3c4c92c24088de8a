//! Heatmaps: the pages of a site that were clicked or read, and what is known of one page.

use super::aggregate::page_heat::PageHeat;
use super::aggregate::page_uses::PageUses;
use super::page_rows::page_of;
use super::runner::QueryRunner;
use crate::error::Result;
use crate::limits;
use crate::reports::catalogue;
use crate::reports::columns::{DictKey, unpack_pair};
use crate::reports::heatmap_want::{HeatmapPagesWant, HeatmapSort, HeatmapWant};
use crate::reports::results::heatmap::{
    ClickCounts, ElementPoint, Heatmap, HeatmapElement, HeatmapPage, HeatmapPages, HeatmapSummary, LoosePoint,
};
use crate::store::labels;
use crate::store::page_forms::PageForms;
use foldhash::{HashMap, HashMapExt};
use std::cmp::Reverse;

/// The ten-thousandths in a step of the places that columns have.
const PLACE_PARTS: u32 = 10;

/// Returns one page of the table of pages that were clicked, or of which depths were measured. Time is measured on all pages.
///
/// # Errors
/// Fails with `Error::Forbidden` where pages are hidden, with `Error::Abandoned` when the request is cancelled, and when
/// the data cannot be read.
pub fn heatmap_pages(runner: &QueryRunner<'_>, want: &HeatmapPagesWant) -> Result<HeatmapPages> {
    runner.require(catalogue::pages())?;
    let mut found = PageUses::default();
    runner.run(&mut [&mut found])?;
    let has_heatmap = |found: &HeatmapSummary| found.clicks.clicks > 0 || found.reading.measured > 0;
    let mut rows: Vec<(DictKey, HeatmapSummary)> = found.found.into_iter().collect();
    rows.retain(|(_, found)| has_heatmap(found));
    if rows.len() > limits::HEATMAP_PAGES_MAX {
        rows.sort_unstable_by_key(|(page, found)| {
            (Reverse(found.clicks.clicks), Reverse(found.reading.visits), *page)
        });
        rows.truncate(limits::HEATMAP_PAGES_MAX);
    }
    let (listed, count) = page_of(runner, rows, (&want.search, want.page), |found| rank(found, want))?;
    let pages = listed.into_iter().map(|(_, summary, name)| HeatmapPage { name, summary }).collect();
    Ok(HeatmapPages { pages, count })
}

/// Returns the place of a page in the order of the table; pages without a value come last.
fn rank(found: &HeatmapSummary, want: &HeatmapPagesWant) -> (Reverse<Option<i64>>, Reverse<i64>) {
    let value = match want.sort {
        HeatmapSort::Clicks => Some(found.clicks.clicks),
        HeatmapSort::Rage => Some(found.clicks.rage),
        HeatmapSort::Dead => Some(found.clicks.dead),
        HeatmapSort::Visits => Some(found.visits),
        HeatmapSort::Depth => found.reading.average_depth(),
        HeatmapSort::Time => found.reading.average_seconds(),
    };
    let value = if want.is_ascending { value.map(|value| -value) } else { value };
    (Reverse(value), Reverse(found.clicks.clicks))
}

/// Returns the heatmap of a page; an empty one for a page that nobody knows.
///
/// # Errors
/// Fails as [`heatmap_pages`] does.
pub fn heatmap(runner: &QueryRunner<'_>, want: &HeatmapWant) -> Result<Heatmap> {
    runner.require(catalogue::pages())?;
    let connection = runner.snapshot.connection;
    let Some(label) = labels::find(connection, &want.page)? else { return Ok(Heatmap::default()) };
    let label = PageForms::for_site(connection, runner.site().id)?.page(connection, label)?;
    let mut found = PageHeat::new(label.cast_unsigned(), want.device);
    runner.run(&mut [&mut found])?;
    let reached = found.reached();
    let (mut elements, element_count) = top_elements(runner, &found.elements)?;
    let mut places: HashMap<DictKey, usize> = HashMap::new();
    places.extend(elements.iter().enumerate().map(|(place, (element, _))| (*element, place)));
    let spots =
        found.spots.into_points(limits::HEATMAP_POINTS_MAX, |point| places.contains_key(&point.element()));
    for (point, count) in spots {
        if let Some(place) = places.get(&point.element()) {
            let spot = point.spot();
            let (x, y) = (spot.x * PLACE_PARTS, spot.y * PLACE_PARTS);
            elements[*place].1.points.push(ElementPoint { x, y, count });
        }
    }
    let points = found.points.into_points(limits::HEATMAP_POINTS_MAX, |_| true).into_iter();
    let points = points.map(|(point, count)| {
        let place = point.place();
        LoosePoint { x: place.x, y: place.y, width: point.width, count }
    });
    Ok(Heatmap {
        clicks: found.clicks,
        visits: found.visits,
        elements: elements.into_iter().map(|(_, element)| element).collect(),
        element_count,
        points: points.collect(),
        reading: found.reading,
        reached,
    })
}

/// Returns the elements with most clicks, each with its label, and the number of all.
fn top_elements(
    runner: &QueryRunner<'_>,
    counted: &HashMap<DictKey, ClickCounts>,
) -> Result<(Vec<(DictKey, HeatmapElement)>, usize)> {
    let text = |label: DictKey| -> Result<String> {
        Ok(labels::text(runner.snapshot.connection, label.cast_signed())?.unwrap_or_default())
    };
    // Each element with its clicks and its texts, each text with its clicks.
    let mut elements: HashMap<DictKey, (ClickCounts, Vec<(i64, DictKey)>)> = HashMap::new();
    for (key, counts) in counted {
        let (element, text) = unpack_pair(*key);
        let (sums, texts) = elements.entry(element).or_default();
        sums.add(counts);
        if text != 0 {
            texts.push((counts.clicks, text));
        }
    }
    let count = elements.len();
    let mut elements: Vec<_> = elements.into_iter().collect();
    elements.sort_unstable_by_key(|(element, (counts, _))| (Reverse(counts.clicks), *element));
    elements.truncate(limits::HEATMAP_ELEMENTS_MAX);
    let mut top = Vec::with_capacity(elements.len());
    for (element, (clicks, texts)) in elements {
        let most = texts.iter().map(|(clicks, _)| *clicks).max();
        let most = texts.iter().filter(|(clicks, _)| Some(*clicks) == most);
        // Of texts with as many clicks the first one by its letters.
        let texts = most.map(|(_, label)| text(*label)).collect::<Result<Vec<_>>>()?;
        let text_of = texts.into_iter().min().unwrap_or_default();
        top.push((
            element,
            HeatmapElement { selector: text(element)?, text: text_of, clicks, points: Vec::new() },
        ));
    }
    top.sort_by(|(_, one), (_, next)| {
        (Reverse(one.clicks.clicks), &one.selector).cmp(&(Reverse(next.clicks.clicks), &next.selector))
    });
    Ok((top, count))
}
