//! The world map: every country as a path of one SVG file that pages refer to, and where the middle of each country is.

#[path = "../../src/web/ui/map_projection.rs"]
mod map_projection;

use crate::packages::Packages;
use crate::{Desk, Result};
use map_projection::{HEIGHT, WIDTH, project};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// Points that are nearer than this to the line between their neighbours are left out.
const TOLERANCE: f64 = 0.9;
/// Islands smaller than this are left out, unless they are all that a country has.
const AREA_MIN: f64 = 4.0;
/// The number of Antarctica, where nobody has a website.
const ANTARCTICA: &str = "010";

type Point = (f64, f64);

#[derive(Deserialize)]
struct Atlas {
    objects: Objects,
    arcs: Vec<Vec<(f64, f64)>>,
    transform: Transform,
}

#[derive(Deserialize)]
struct Objects {
    countries: Collection,
}

#[derive(Deserialize)]
struct Collection {
    geometries: Vec<Geometry>,
}

#[derive(Deserialize)]
struct Transform {
    scale: (f64, f64),
    translate: (f64, f64),
}

#[derive(Deserialize)]
struct Geometry {
    id: Option<String>,
    #[serde(flatten)]
    shape: Shape,
}

#[derive(Deserialize)]
#[serde(tag = "type", content = "arcs")]
enum Shape {
    Polygon(Vec<Vec<i64>>),
    MultiPolygon(Vec<Vec<Vec<i64>>>),
}

/// Writes `world.svg` and `centers.rs`.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    let atlas: Atlas = serde_json::from_str(&packages.text("world-atlas/countries-50m.json")?)?;
    let codes: Vec<(String, String, String, String)> =
        serde_json::from_str(&packages.text("i18n-iso-countries/codes.json")?)?;
    let codes: BTreeMap<&str, &str> =
        codes.iter().map(|(alpha, _, number, _)| (number.as_str(), alpha.as_str())).collect();
    let arcs: Vec<Vec<Point>> = atlas.arcs.iter().map(|arc| drawn(arc, &atlas.transform)).collect();
    let mut svg =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\"><g id=\"all\">");
    let mut centers = String::from("[");
    let mut sorted: BTreeMap<&str, Point> = BTreeMap::new();
    for country in &atlas.objects.countries.geometries {
        if country.id.as_deref() == Some(ANTARCTICA) {
            continue;
        }
        let (path, center) = outline(&country.shape, &arcs);
        match country.id.as_deref().and_then(|number| codes.get(number)) {
            Some(code) => {
                write!(svg, "<path id=\"{}\" d=\"{path}\"/>", code.to_lowercase())?;
                sorted.insert(code, center);
            }
            None => write!(svg, "<path d=\"{path}\"/>")?,
        }
    }
    svg.push_str("</g></svg>");
    for (code, (x, y)) in sorted {
        write!(centers, "({code:?}, {x:.1}, {y:.1}),")?;
    }
    centers.push(']');
    fs::write(desk.embedded.join("world.svg"), svg)?;
    Ok(fs::write(desk.data.join("centers.rs"), centers)?)
}

/// An arc as longitudes and latitudes: its points are differences on a grid; most of them are not needed.
fn drawn(arc: &[(f64, f64)], transform: &Transform) -> Vec<Point> {
    let (mut x, mut y) = (0.0, 0.0);
    let points: Vec<Point> = arc
        .iter()
        .map(|(dx, dy)| {
            (x, y) = (x + dx, y + dy);
            (x * transform.scale.0 + transform.translate.0, y * transform.scale.1 + transform.translate.1)
        })
        .collect();
    simplified(&points)
}

fn on_map((longitude, latitude): Point) -> Point {
    project(latitude, longitude)
}

/// Douglas and Peucker's way: keep the point that is farthest from the line, and go on with both halves.
fn simplified(points: &[Point]) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let (from, to) = (on_map(*first), on_map(*last));
    let distance = |point: &Point| {
        let (point, first) = (on_map(*point), from);
        let (dx, dy) = (to.0 - first.0, to.1 - first.1);
        let length = dx.hypot(dy);
        if length < f64::EPSILON {
            return (point.0 - first.0).hypot(point.1 - first.1);
        }
        ((point.0 - first.0) * dy - (point.1 - first.1) * dx).abs() / length
    };
    let farthest = points.iter().enumerate().max_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)));
    match farthest {
        Some((place, point)) if points.len() > 2 && distance(point) > TOLERANCE => {
            let mut kept = simplified(&points[..=place]);
            kept.pop();
            kept.extend(simplified(&points[place..]));
            kept
        }
        _ => vec![*first, *last],
    }
}

/// A country's path, and the middle of its largest part.
fn outline(shape: &Shape, arcs: &[Vec<Point>]) -> (String, Point) {
    let polygons = match shape {
        Shape::Polygon(rings) => std::slice::from_ref(rings),
        Shape::MultiPolygon(polygons) => polygons,
    };
    let mut rings: Vec<(f64, Vec<Point>)> = polygons
        .iter()
        .flatten()
        .flat_map(|ring| halves(&ring_of(ring, arcs)))
        .map(|ring| (area(&ring).abs(), ring))
        .collect();
    rings.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut path = String::new();
    for (place, (area, ring)) in rings.iter().enumerate() {
        if place == 0 || *area >= AREA_MIN {
            path.push_str(&path_of(ring));
        }
    }
    (path, rings.first().map_or((0.0, 0.0), |(_, ring)| middle(ring)))
}

/// The points of a ring: its arcs one after the other; a negative number is an arc that runs backwards.
fn ring_of(ring: &[i64], arcs: &[Vec<Point>]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for arc in ring {
        let forward = *arc >= 0;
        let place = usize::try_from(if forward { *arc } else { !*arc }).unwrap_or(0);
        points.pop();
        if forward {
            points.extend(&arcs[place]);
        } else {
            points.extend(arcs[place].iter().rev());
        }
    }
    points
}

/// A ring on the map. One that crosses the date line is two: what lies east of it, and what lies west.
fn halves(ring: &[Point]) -> Vec<Vec<Point>> {
    let mut turns = 0.0;
    let mut last: Option<f64> = None;
    let unrolled: Vec<Point> = ring
        .iter()
        .map(|(longitude, latitude)| {
            if let Some(last) = last {
                let step = longitude - last;
                turns -= if step > 180.0 {
                    360.0
                } else if step < -180.0 {
                    -360.0
                } else {
                    0.0
                };
            }
            last = Some(*longitude);
            (longitude + turns, *latitude)
        })
        .collect();
    let shifted = |by: f64| unrolled.iter().map(move |(longitude, latitude)| (longitude + by, *latitude));
    [-360.0, 0.0, 360.0]
        .into_iter()
        .map(|by| cut(&cut(&shifted(by).collect::<Vec<_>>(), -180.0, 1.0), 180.0, -1.0))
        .filter(|part| part.len() > 2)
        .map(|part| part.into_iter().map(on_map).collect())
        .collect()
}

/// The part of a ring on one side of a longitude (Sutherland and Hodgman's way).
fn cut(ring: &[Point], at: f64, side: f64) -> Vec<Point> {
    let is_inside = |point: &Point| (point.0 - at) * side >= 0.0;
    let mut kept = Vec::new();
    for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        if is_inside(from) {
            kept.push(*from);
        }
        if is_inside(from) != is_inside(to) {
            let part = (at - from.0) / (to.0 - from.0);
            kept.push((at, from.1 + (to.1 - from.1) * part));
        }
    }
    kept
}

/// Relative steps in whole units; a speck gets a size that can be seen.
fn path_of(ring: &[Point]) -> String {
    let grid: Vec<(i32, i32)> = ring.iter().map(|(x, y)| (whole(*x), whole(*y))).collect();
    let Some(first) = grid.first() else { return String::new() };
    let mut path = format!("M{} {}", first.0, first.1);
    let mut last = *first;
    let mut steps = 0;
    for point in &grid[1..] {
        let step = (point.0 - last.0, point.1 - last.1);
        if step != (0, 0) {
            let gap = if step.1 < 0 { "" } else { " " };
            path.extend(["l", &step.0.to_string(), gap, &step.1.to_string()]);
            last = *point;
            steps += 1;
        }
    }
    if steps < 3 { format!("M{} {}h3v3h-3z", first.0 - 1, first.1 - 1) } else { path + "z" }
}

#[expect(clippy::cast_possible_truncation, reason = "the map is two thousand units wide")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}

fn area(ring: &[Point]) -> f64 {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum::<f64>() / 2.0
}

fn middle(ring: &[Point]) -> Point {
    let (mut x, mut y) = (0.0, 0.0);
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let cross = a.0 * b.1 - b.0 * a.1;
        (x, y) = (x + (a.0 + b.0) * cross, y + (a.1 + b.1) * cross);
    }
    let six_areas = 6.0 * area(ring);
    if six_areas.abs() < f64::EPSILON {
        ring.first().copied().unwrap_or((0.0, 0.0))
    } else {
        (x / six_areas, y / six_areas)
    }
}
