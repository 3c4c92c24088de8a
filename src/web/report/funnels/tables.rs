//! The tables of a funnel: its steps with the numbers of the picture, and the items of another report within it.

use super::picture::time;
use super::view::View;
use crate::reports::comparison::Compared;
use crate::reports::results::funnel::FunnelRow;
use crate::reports::results::reading;
use crate::web::report::report_row::{self, permille};
use crate::web::report::second_dimension::SecondDimension;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::value_change::{GoodChange, ValueChange, earlier_value};
use maud::{Markup, html};

/// Renders the steps.
pub fn steps(view: &View<'_>) -> Markup {
    let (steps, entered) = (&view.result.steps, view.entered());
    let comparison = view.page.query.comparison;
    let counted = if view.funnel.settings.window_days.is_some() { "Visitors" } else { "Visits" };
    html! {
        table.list.bars.funnel-table {
            caption.hidden { "The steps of " (view.funnel.settings.name) }
            thead {
                tr {
                    th scope="col" { "Step" } th.number scope="col" { (counted) }
                    @if let Some(comparison) = comparison { th.number.wide scope="col" title={ "Against " (comparison.label()) } { "Change" } }
                    th.number scope="col" { "Of first step" } th.number.wide scope="col" { "Of step before" } th.number scope="col" { "Lost after" } th.number.wide scope="col" { "Median time" }
                }
            }
            tbody {
                @for (place, step) in steps.iter().enumerate() {
                    @let earlier = place.checked_sub(1).and_then(|earlier| steps.get(earlier));
                    tr {
                        th.item scope="row" { (report_row::bar(step.reached.now, entered)) (place + 1) ". " (view.names.get(place).map_or("", String::as_str)) }
                        td.number { (format::count(step.reached.now)) }
                        @if let Some(comparison) = comparison { td.number.wide { (change(&step.reached, comparison)) } }
                        td.number { (format::percent(permille(step.reached.now, entered))) }
                        td.number.wide { @match earlier { Some(earlier) => (format::percent(permille(step.reached.now, earlier.reached.now))), None => "–" } }
                        td.number { @if place + 1 == steps.len() { "–" } @else { (format::count(step.lost.now)) } }
                        td.number.wide { @match step.median_ms.now { Some(median) => (time(median)), None => "–" } }
                    }
                }
            }
        }
    }
}

fn change(count: &Compared<i64>, comparison: crate::reports::comparison::Comparison) -> Markup {
    html! { @if let Some(before) = count.before.filter(|before| *before > 0) { (ValueChange::of_count(count.now, before, comparison).draw(GoodChange::More)) } }
}

/// Renders the items of a report, each with those who took each step. Phones show the first and the last step.
pub fn items(view: &View<'_>, second: SecondDimension) -> Markup {
    let last = view.names.len().saturating_sub(1);
    html! {
        @if view.result.rows.is_empty() {
            p.quiet { "Nothing to break down in this period." }
        } @else {
            table.list.bars.funnel-items {
                caption { "By " (second.report.title.to_lowercase()) }
                thead {
                    tr {
                        th scope="col" { (second.dimension.noun) }
                        @for (place, name) in view.names.iter().enumerate() { th.number.wide[place != 0 && place != last] scope="col" title=(name) { span.cut { (place + 1) ". " (name) } } }
                        th.number scope="col" { "All the way" }
                    }
                }
                tbody { @for row in &view.result.rows { (item(view, second, row, last)) } }
            }
        }
    }
}

fn item(view: &View<'_>, second: SecondDimension, row: &FunnelRow, last: usize) -> Markup {
    let first = row.reached.first().map_or(0, |reached| reached.now);
    let end = row.reached.last().map_or(0, |reached| reached.now);
    html! {
        tr {
            th.item scope="row" { (report_row::bar(first, view.entered())) span.cut title=(row.item.title) { (report_row::icon(&row.item.icon)) " " (reading::text(second.dimension.value_kind, &row.item)) } }
            @for (place, reached) in row.reached.iter().enumerate() {
                td.number.wide[place != 0 && place != last] title=[earlier_text(view, reached)] { (format::count(reached.now)) }
            }
            td.number { (format::percent(permille(end, first))) }
        }
    }
}

/// Returns a count of the comparison period as text.
fn earlier_text(view: &View<'_>, reached: &Compared<i64>) -> Option<String> {
    let (before, comparison) = reached.before.zip(view.page.query.comparison)?;
    Some(earlier_value(before, NumberUnit::Count, comparison))
}
