//! The world map: the countries as shapes of one cacheable file, shaded by visits.

use super::format::{self, NumberUnit};
use super::map_projection::{self, HEIGHT, WIDTH};
use super::value_change::earlier_value;
use crate::http::assets;
use crate::model::metrics::Measure;
use crate::reports::comparison::Comparison;
use crate::reports::results::item_name::Icon;
use crate::reports::results::table::TableRow;
use maud::{Markup, html};

/// The middle of each country on the map, by its two-letter code.
const CENTERS: &[(&str, f64, f64)] = &include!(concat!(env!("OUT_DIR"), "/data/centers.rs"));

/// The number of shades; the darkest is for most visits.
const SHADES: i64 = 5;

/// Returns the point of a location on the map; the middle of its country if its coordinates are not known.
pub fn point(country: Option<&str>, coordinates: Option<(f64, f64)>) -> Option<(f64, f64)> {
    let middle = || {
        let code = country?;
        let at = CENTERS.binary_search_by(|(known, ..)| (*known).cmp(code)).ok()?;
        Some((CENTERS[at].1, CENTERS[at].2))
    };
    let (x, y) = coordinates
        .map(|(latitude, longitude)| map_projection::project(latitude, longitude))
        .or_else(middle)?;
    ((0.0..WIDTH).contains(&x) && (0.0..HEIGHT).contains(&y)).then_some((x, y))
}

/// Renders the empty map with content on it.
pub fn frame(label: &str, content: &Markup) -> Markup {
    html! {
        svg.map viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="group" aria-label=(label) {
            use.land href={ (assets::path("world.svg")) "#all" } {}
            (content)
        }
    }
}

/// Renders the countries shaded by visits, each as a link with its numbers as text. The hits of a country are its
/// visits: the map counts nothing else.
pub fn countries(
    lines: &[TableRow],
    comparison: Option<Comparison>,
    link: &dyn Fn(&TableRow) -> Option<String>,
) -> Markup {
    let label = |line: &TableRow| {
        let now = format!("{}: {}", line.name.title, format::grouped(line.metrics[Measure::Hits]));
        let before = line.before.zip(comparison);
        before.map_or(now.clone(), |(before, comparison)| {
            format!("{now}, {}", earlier_value(before[Measure::Hits], NumberUnit::Count, comparison))
        })
    };
    let highest = lines.iter().map(|line| line.metrics[Measure::Hits]).max().unwrap_or(0);
    let shaded = html! {
        @for line in lines {
            @if let Icon::Flag(code) = &line.name.icon {
                a href=[link(line)] aria-label=(label(line)) {
                    title { (label(line)) }
                    use class={ "shade-" (shade(line.metrics[Measure::Hits], highest)) } href={ (assets::path("world.svg")) "#" (code.to_lowercase()) } {}
                }
            }
        }
    };
    frame("Visits by country; the table has the numbers", &shaded)
}

/// Returns the shade of a value: by the square root, so that small countries are visible next to the largest.
fn shade(value: i64, highest: i64) -> i64 {
    (1..=SHADES).find(|shade| value * SHADES * SHADES <= highest * shade * shade).unwrap_or(SHADES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_where_they_are() {
        let berlin = point(None, Some((52.5, 13.4))).unwrap();
        let germany = point(Some("DE"), None).unwrap();
        let sydney = point(None, Some((-33.9, 151.2))).unwrap();
        assert!((berlin.0 - germany.0).abs() < 25.0 && (berlin.1 - germany.1).abs() < 25.0);
        assert!(sydney.0 > berlin.0 && sydney.1 > berlin.1);
        assert_eq!(point(Some("XX"), None), None);
        assert_eq!(point(None, Some((-89.0, 0.0))), None, "Antarctica is not on the map");
    }

    #[test]
    fn the_largest_has_the_darkest_shade_and_one_visit_can_be_seen() {
        assert_eq!((shade(1_000, 1_000), shade(1, 1_000), shade(0, 0)), (5, 1, 1));
        assert_eq!(shade(250, 1_000), 3);
    }
}
