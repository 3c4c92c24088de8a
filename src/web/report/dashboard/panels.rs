//! A panel of a dashboard: the tabs of its reports, and the first rows of the chosen one.

use super::panel_spec::{PanelSpec, Tab};
use crate::model::metrics::Measure;
use crate::reports::catalogue::Report;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::results::reading;
use crate::reports::results::table::Table;
use crate::reports::visibility::Visibility;
use crate::web::filters::filter_bar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::report::report_row;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::map;
use crate::web::ui::value_change::{GoodChange, ValueChange, earlier_value};
use maud::{Markup, html};

/// The number of rows of a panel.
pub const ROWS: u32 = 10;
/// The most countries on the map of the panel.
pub const MAP_ROWS: u32 = 300;

/// A panel with the table of one of its reports.
pub struct Panel {
    /// The name and the title.
    pub spec: &'static PanelSpec,
    /// The tabs that the caller may see.
    pub tabs: Vec<Tab>,
    /// The report of the chosen tab.
    pub report: &'static Report,
    /// The dimension of the report.
    pub dimension: &'static Dimension,
    /// The rows of the report.
    pub table: Table,
}

impl Panel {
    /// Returns a panel with the report that the address chooses, still without rows; `None` if the caller may see none
    /// of its reports.
    pub fn new(spec: &'static PanelSpec, params: &QueryParams, visibility: &Visibility) -> Option<Self> {
        let (report, dimension) = spec.chosen_report(params, visibility)?;
        let tabs = spec.open_tabs(visibility).collect();
        Some(Self { spec, tabs, report, dimension, table: Table::default() })
    }

    /// Renders the panel on the dashboard at this address.
    pub fn draw(&self, address: &ScreenAddress) -> Markup {
        let (params, table, dimension) = (&address.params, &self.table, self.dimension);
        let id = format!("panel-{}", self.spec.name);
        let comparison = params.comparison();
        let column = comparison.filter(|_| table.is_compared());
        html! {
            section.panel id=(id) aria-labelledby={ (id) "-title" } {
                div.panel-head {
                    h2 id={ (id) "-title" } { (self.spec.title) }
                    // All other links of the page carry the tabs of all panels.
                    ul.tabs aria-label={ "Sides of " (self.spec.title) } hx-boost="true" hx-target="#content" hx-select="#content" hx-select-oob="#range,#side,#finder-list" hx-swap="outerHTML" {
                        @for tab in &self.tabs {
                            li { a id={ (id) "-" (tab.report) } href=(address.link(&[(self.spec.name, tab.report)])) aria-current=[(tab.report == self.report.name).then_some("true")] { (tab.title) } }
                        }
                    }
                }
                @if dimension.value_kind == ValueKind::Country { (map::countries(&table.rows, comparison, &|line| Some(address.narrowed_to(dimension, &line.name.filter)))) }
                @if table.rows.is_empty() {
                    p.nothing.quiet { "Nothing in this range" @if let Some((before, comparison)) = table.sum_before.filter(|before| *before > 0).zip(comparison) { ", " (earlier_value(before, NumberUnit::Count, comparison)) } ". " (self.report.about) }
                } @else {
                    table.list.small-list.bars {
                        thead.silent { tr { th scope="col" { span.hidden { (self.report.title) } } th.number scope="col" { span.hidden { "Count" } } th.number.wide scope="col" { span.hidden { "Share" } }
                            @if let Some(comparison) = column { th.number scope="col" { span.hidden { "Against " (comparison.label()) } } } } }
                        tbody {
                            @for line in table.rows.iter().take(ROWS as usize) {
                                @let value = line.metrics[Measure::Hits];
                                tr {
                                    td { (report_row::bar(value, table.highest))
                                        a.row-link.cut href=(address.narrowed_to(dimension, &line.name.filter)) title={ "Only this: " (line.name.title) } { (report_row::icon(&line.name.icon)) " " (reading::text(dimension.value_kind, &line.name)) }
                                        (filter_bar::row_without(address, dimension, &line.name)) }
                                    td.number { (format::count(value)) }
                                    td.number.quiet.wide { (format::percent(report_row::permille(value, table.sum))) }
                                    @if let (Some(comparison), Some(before)) = (column, &line.before) { td.number { (ValueChange::of_count(value, before[Measure::Hits], comparison).draw(GoodChange::More)) } }
                                }
                            }
                        }
                    }
                }
                p.panel-foot { a href=(params.to_screen(&format!("{}/reports/{}", address.base, self.report.name))) { "All " (self.report.title.to_lowercase()) " →" } }
            }
        }
    }
}
