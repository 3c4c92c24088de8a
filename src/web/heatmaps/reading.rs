//! The scroll depth of a page's visits, as bars: one for each tenth of its height.

use crate::reports::results::heatmap::{DEPTH_STEPS, Heatmap};
use crate::web::report::report_row;
use crate::web::ui::format;
use maud::{Markup, html};

/// The steps between two bars.
const STEPS_A_BAR: usize = 2;

/// Returns the per cent of a page's height that a step stands for.
pub fn percent_of(step: usize) -> usize {
    step * 100 / (DEPTH_STEPS - 1)
}

/// Renders the share of visits that reached each tenth of the page.
pub fn draw(heatmap: &Heatmap) -> Markup {
    let measured = heatmap.reading.measured;
    html! {
        h2 { "Scroll depth" }
        @if measured == 0 {
            p.quiet { "No scroll depth was measured in this period." }
        } @else {
            p.quiet { "Share of visits that scrolled at least this far, of " (format::count(measured)) @if measured == 1 { " visit" } @else { " visits" } " that were measured." }
            table.list.bars.items.depths {
                thead { tr { th scope="col" { "Page height" } th.number scope="col" { "Share" } th.number scope="col" { "Visits" } } }
                tbody {
                    @for (step, reached) in heatmap.reached.iter().enumerate().step_by(STEPS_A_BAR) {
                        tr {
                            td.item { (report_row::bar(*reached, measured)) span.row-link { @if step == 0 { "Top" } @else { (percent_of(step)) " %" @if step == DEPTH_STEPS - 1 { " (end)" } } } }
                            td.number { (format::percent(report_row::permille(*reached, measured))) }
                            td.number { (format::count(*reached)) }
                        }
                    }
                }
            }
        }
    }
}
