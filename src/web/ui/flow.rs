//! The picture of a flow: columns of boxes as high as their numbers, and bands between them. A box with an address is a link;
//! a script adds the arrow keys. Whoever draws one puts the same numbers beside it as a table.

use super::format;
use maud::{Markup, html};

/// A box of a flow.
pub struct FlowBox {
    /// The text in the box, which is shortened, and the whole one that a pointer and screen readers find.
    pub title: String,
    /// The number.
    pub value: i64,
    /// The address to which it leads.
    pub href: Option<String>,
    /// The kind, which is a class of the style sheet.
    pub class: &'static str,
}

/// A band between boxes of neighbouring columns, by their places.
pub struct FlowBand {
    /// The place of the box on the left.
    pub from: usize,
    /// The place of the box on the right.
    pub to: usize,
    /// The number.
    pub value: i64,
}

/// A flow.
pub struct Flow {
    /// The accessible name.
    pub title: String,
    /// The headings of the columns.
    pub heads: Vec<&'static str>,
    /// The boxes of each column.
    pub columns: Vec<Vec<FlowBox>>,
    /// The bands from each column to the next one.
    pub bands: Vec<Vec<FlowBand>>,
}

/// The width of a box, and the distance between the beginnings of two columns.
const BOX_WIDTH: f64 = 132.0;
const PITCH: f64 = 171.0;
/// The height of all visits together, and the least one of a box, which holds two lines of text.
const HEIGHT: f64 = 320.0;
const BOX_HEIGHT_MIN: f64 = 38.0;
const GAP: f64 = 8.0;
/// The room for the headings.
const HEAD: f64 = 28.0;
/// The letters that fit into a box.
const LETTERS: usize = 17;

/// A box with its place in the picture.
struct Placed {
    top: f64,
    height: f64,
}

impl Flow {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    fn scaled(&self, value: i64) -> f64 {
        let sum = |column: &Vec<FlowBox>| column.iter().map(|one| one.value).sum::<i64>();
        let most = self.columns.iter().map(sum).max().unwrap_or(0).max(1);
        value as f64 * HEIGHT / most as f64
    }

    fn placed(&self) -> Vec<Vec<Placed>> {
        let place = |column: &Vec<FlowBox>| {
            let mut top = HEAD;
            let placed = column.iter().map(|one| {
                let height = self.scaled(one.value).max(BOX_HEIGHT_MIN);
                let placed = Placed { top, height };
                top += height + GAP;
                placed
            });
            placed.collect()
        };
        self.columns.iter().map(place).collect()
    }

    /// Renders the flow.
    pub fn draw(&self) -> Markup {
        let placed = self.placed();
        let bottoms = placed.iter().filter_map(|column| column.last().map(|last| last.top + last.height));
        let height = bottoms.fold(HEAD, f64::max) + 2.0;
        let width = left(self.columns.len().saturating_sub(1)) + BOX_WIDTH;
        html! {
            svg.flow viewBox={ "0 0 " (number(width)) " " (number(height)) } role="group" aria-label=(self.title) data-flow {
                @for (column, bands) in self.bands.iter().enumerate() { (self.bands(&placed, column, bands)) }
                @for (column, boxes) in self.columns.iter().enumerate() {
                    @let left = left(column);
                    @if let Some(head) = self.heads.get(column) {
                        text.flow-head x=(number(left)) y="14" { (head) }
                    }
                    @for (place, (one, placed)) in boxes.iter().zip(&placed[column]).enumerate() {
                        (draw_box(one, placed, (column, place)))
                    }
                }
            }
        }
    }

    fn bands(&self, placed: &[Vec<Placed>], column: usize, bands: &[FlowBand]) -> Markup {
        // Bands leave and arrive below each other, in the order of the boxes on the other side.
        let mut left_used = vec![0.0; placed[column].len()];
        let mut right_used = vec![0.0; placed[column + 1].len()];
        let (start, end) = (left(column) + BOX_WIDTH, left(column + 1));
        let middle = f64::midpoint(start, end);
        html! {
            @for band in bands {
                @let thickness = self.scaled(band.value);
                @let from = placed[column][band.from].top + left_used[band.from] + thickness / 2.0;
                @let to = placed[column + 1][band.to].top + right_used[band.to] + thickness / 2.0;
                @let used = (left_used[band.from] + thickness, right_used[band.to] + thickness);
                @let () = { left_used[band.from] = used.0; right_used[band.to] = used.1; };
                path.flow-band data-from={ (column) "-" (band.from) } data-to={ (column + 1) "-" (band.to) } fill="none" stroke-width=(number(thickness.max(1.0)))
                    d={ "M" (number(start)) " " (number(from)) "C" (number(middle)) " " (number(from)) " " (number(middle)) " " (number(to)) " " (number(end)) " " (number(to)) } {
                    title { (self.columns[column][band.from].title) " → " (self.columns[column + 1][band.to].title) ": " (format::grouped(band.value)) }
                }
            }
        }
    }
}

/// Returns the left edge of a column.
fn left(column: usize) -> f64 {
    PITCH * u32::try_from(column).map_or(0.0, f64::from)
}

fn draw_box(one: &FlowBox, placed: &Placed, (column, place): (usize, usize)) -> Markup {
    let left = left(column);
    let content = html! {
        title { (one.title) ": " (format::grouped(one.value)) }
        rect x=(number(left)) y=(number(placed.top)) width=(BOX_WIDTH) height=(number(placed.height)) rx="6" {}
        text.flow-title x=(number(left + 8.0)) y=(number(placed.top + 16.0)) { (shortened(&one.title)) }
        text.flow-value x=(number(left + 8.0)) y=(number(placed.top + 31.0)) { (format::count(one.value)) }
    };
    let name = format!("{column}-{place}");
    let class = format!("flow-box {}", one.class);
    html! {
        @if let Some(href) = &one.href {
            a class=(class) href=(href) data-box=(name) { (content) }
        } @else {
            g class=(class) data-box=(name) { (content) }
        }
    }
}

/// Returns a text that fits into a box: of a path the end, which tells more.
fn shortened(text: &str) -> String {
    let letters = text.chars().count();
    if letters <= LETTERS {
        return text.to_owned();
    }
    if text.starts_with('/') {
        return format!("…{}", text.chars().skip(letters + 1 - LETTERS).collect::<String>());
    }
    format!("{}…", text.chars().take(LETTERS - 1).collect::<String>())
}

/// Returns a coordinate as the picture writes it.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}
