//! The picture of a funnel: a bar for each step, narrower from step to step, with those who go on between the bars and those
//! who are lost beside them.

use super::view::View;
use crate::reports::dimension::ValueKind;
use crate::reports::results::funnel::{NextPage, StepResult};
use crate::reports::results::reading;
use crate::web::report::report_row::permille;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange};
use maud::{Markup, html};

/// The width of the picture, in units of its view box.
const WIDTH: i64 = 1_000;
/// The least width of a bar that stands for somebody.
const BAR_MIN: i64 = 4;

/// Renders the picture.
pub fn draw(view: &View<'_>) -> Markup {
    let steps = &view.result.steps;
    html! {
        ol.plain.funnel {
            @for (place, step) in steps.iter().enumerate() {
                li {
                    (bar(view, place, step))
                    @if let Some(next) = steps.get(place + 1) { (passage(view, place, step, next)) }
                }
            }
        }
    }
}

/// Returns the width of the bar for a count.
fn width(view: &View<'_>, count: i64) -> i64 {
    if count == 0 { 0 } else { (WIDTH * count / view.entered().max(1)).clamp(BAR_MIN, WIDTH) }
}

fn bar(view: &View<'_>, place: usize, step: &StepResult) -> Markup {
    let (count, number) = (step.reached.now, place + 1);
    let name = view.names.get(place).map_or("", String::as_str);
    let share = format::percent(permille(count, view.entered()));
    let (width, compared) = (
        width(view, count),
        step.reached.before.filter(|before| *before > 0).zip(view.page.query.comparison),
    );
    let content = html! {
        span.funnel-name { span.funnel-number { span.hidden { "Step " } (number) } " " span.cut title=(name) { (name) } }
        svg.funnel-bar viewBox={ "0 0 " (WIDTH) " 1" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect x=((WIDTH - width) / 2) width=(width) height="1" {}
        }
        span.funnel-count { b { (format::count(count)) } span.hidden { " " (view.counted(count)) "," } " " span.quiet { (share) } @if let Some((before, comparison)) = compared { " " (ValueChange::of_count(count, before, comparison).draw(GoodChange::More)) } }
    };
    let is_across = view.funnel.settings.window_days.is_some();
    let opens = if is_across { "Visits with this step" } else { "Open these visits" };
    html! {
        @match view.visits(number, false).filter(|_| count > 0) {
            Some(href) => a.funnel-step href=(href) title=(opens) { (content) span.hidden { ". " (opens) } },
            None => div.funnel-step { (content) },
        }
    }
}

/// Renders those who go on from a step to the next one, and those who are lost.
fn passage(view: &View<'_>, place: usize, step: &StepResult, next: &StepResult) -> Markup {
    let (above, below) = (width(view, step.reached.now), width(view, next.reached.now));
    let at = |width: i64| ((WIDTH - width) / 2, WIDTH.midpoint(width));
    let ((top_left, top_right), (bottom_left, bottom_right)) = (at(above), at(below));
    let points = format!("{top_left},0 {top_right},0 {bottom_right},1 {bottom_left},1");
    html! {
        div.funnel-passage {
            div.funnel-onward {
                svg viewBox={ "0 0 " (WIDTH) " 1" } preserveAspectRatio="none" aria-hidden="true" focusable="false" { polygon points=(points) {} }
                p {
                    b { (format::percent(permille(next.reached.now, step.reached.now))) } " go on"
                    @if let Some(median) = next.median_ms.now { br; span.quiet { "half of them within " (time(median)) } }
                }
            }
            div.funnel-lost { (lost(view, place, step)) }
        }
    }
}

/// Renders a time.
pub fn time(milliseconds: i64) -> Markup {
    html! { @if milliseconds < 1_000 { "a second" } @else { (format::short(NumberUnit::Seconds, (milliseconds + 500) / 1_000)) } }
}

fn lost(view: &View<'_>, place: usize, step: &StepResult) -> Markup {
    let count = step.lost.now;
    let text = html! { b { (format::count(count)) } " lost" span.hidden { " after step " (place + 1) } };
    html! {
        @if count == 0 {
            p.quiet { "None lost" }
        } @else {
            p {
                @match view.visits(place + 1, true) {
                    Some(href) => a href=(href) { (text) span.hidden { ". Open these visits" } },
                    None => (text),
                }
                " " span.quiet { (format::percent(permille(count, step.reached.now))) }
            }
            @if !step.next.is_empty() {
                ul.plain.small { @for next in &step.next { li { (went(next)) } } }
            }
        }
    }
}

/// Renders where some of the lost went.
fn went(next: &NextPage) -> Markup {
    html! {
        @match &next.page {
            Some(name) => { "→ " span.cut title=(name.title) { (reading::text(ValueKind::Page, name)) } },
            None => "✕ left the site",
        }
        " " span.quiet { (format::count(next.count)) }
    }
}
