//! The panels of a dashboard: one for each subject, with a tab for each of its reports.

use super::View;
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::filter;
use crate::reports::results::reading;
use crate::reports::results::table::{Table, TableRow};
use crate::reports::visibility::Visibility as Seen;
use crate::web::format::{self, NumberUnit};
use crate::web::query_params::QueryParams;
use crate::web::{chart, filter_bar, map, report_row};
use maud::{Markup, html};

/// The number of rows of a panel.
pub(super) const ROWS: u32 = 10;
/// The most countries on the map of the panel.
pub(super) const MAP_ROWS: u32 = 300;

/// A panel: its name in addresses, its title, and its tabs, each with a title and the name of its report.
pub(super) struct PanelSpec {
    pub name: &'static str,
    title: &'static str,
    sides: &'static [(&'static str, &'static str)],
}

const fn panel(
    name: &'static str,
    title: &'static str,
    sides: &'static [(&'static str, &'static str)],
) -> PanelSpec {
    PanelSpec { name, title, sides }
}

/// All panels with reports, in the default order.
pub(super) const PANELS: [PanelSpec; 8] = [
    panel(
        "pages",
        "Pages",
        &[("Most seen", "pages"), ("Entrance", "pages-entrance"), ("Exit", "pages-exit")],
    ),
    panel(
        "sources",
        "Sources",
        &[("Ways", "traffic-sources"), ("Domains", "links-domains"), ("Links", "links")],
    ),
    panel(
        "places",
        "Countries",
        &[("Countries", "countries"), ("Cities", "cities"), ("Languages", "languages")],
    ),
    panel("searches", "Searches", &[("Engines", "searches-engines"), ("Words", "searches")]),
    panel(
        "machines",
        "Browsers",
        &[("Browsers", "web-browsers"), ("Systems", "operating-systems"), ("Devices", "hardware")],
    ),
    panel(
        "campaigns",
        "Campaigns",
        &[("Campaigns", "campaigns"), ("Sources", "campaign-sources"), ("Mediums", "campaign-mediums")],
    ),
    panel(
        "events",
        "Events and files",
        &[
            ("Events", "events"),
            ("Downloads", "downloads"),
            ("Outbound", "links-outbound"),
            ("Media", "video"),
        ],
    ),
    panel("engagement", "Engagement", &[("Time", "engagement-times"), ("Actions", "engagement-actions")]),
];

/// The panel of the latest visits, after those with reports.
pub const VISITORS: (&str, &str) = ("visitors", "Latest visitors");

/// Returns the names of all panels, in the default order.
pub fn names() -> Vec<&'static str> {
    PANELS.iter().map(|plan| plan.name).chain([VISITORS.0]).collect()
}

/// Returns the title of a panel.
pub fn title(name: &str) -> &'static str {
    PANELS.iter().find(|plan| plan.name == name).map_or(VISITORS.1, |plan| plan.title)
}

/// A panel with the table of one of its reports.
pub(super) struct Panel {
    pub plan: &'static PanelSpec,
    pub sides: Vec<(&'static str, &'static str)>,
    pub report: &'static Report,
    pub dimension: &'static Dimension,
    pub table: Table,
}

/// Returns the tabs of a panel that may be seen.
pub(super) fn open_sides(
    plan: &'static PanelSpec,
    seen: &Seen,
) -> impl Iterator<Item = (&'static str, &'static str)> + Clone {
    plan.sides
        .iter()
        .copied()
        .filter(move |(_, name)| catalogue::find(name).is_some_and(|report| seen.shows(report)))
}

/// Returns the report of the chosen tab, and its dimension; `None` if no tab may be seen.
pub(super) fn side(
    plan: &'static PanelSpec,
    (asked, seen): (&QueryParams, &Seen),
) -> Option<(&'static Report, &'static Dimension)> {
    let wanted = asked.get(plan.name);
    let known = open_sides(plan, seen).map(|(_, report)| report);
    let name = known.clone().find(|report| Some(*report) == wanted).or_else(|| known.clone().next())?;
    let report = catalogue::find(name)?;
    match report.answer {
        ReportKind::Items(dimension) => Some((report, dimension)),
        _ => None,
    }
}

/// Renders a panel.
pub(super) fn draw(view: &View, panel: &Panel) -> Markup {
    let id = format!("panel-{}", panel.plan.name);
    let (sum, table) = (panel.table.sum, &panel.table);
    let comparison = view.asked.comparison();
    let column = comparison.filter(|_| table.is_compared());
    html! {
        section.panel id=(id) aria-labelledby={ (id) "-title" } {
            div.panel-head {
                h2 id={ (id) "-title" } { (panel.plan.title) }
                // All other links of the page carry the tabs of all panels.
                ul.tabs aria-label={ "Sides of " (panel.plan.title) } hx-boost="true" hx-target="#content" hx-select="#content" hx-select-oob="#range,#side,#finder-list" hx-swap="outerHTML" {
                    @for (name, report) in &panel.sides {
                        li { a id={ (id) "-" (report) } href=(view.asked.link(&view.path, &[(panel.plan.name, report)])) aria-current=[(*report == panel.report.name).then_some("true")] { (name) } }
                    }
                }
            }
            @if panel.dimension.naming == ValueKind::Country { (map::countries(&table.lines, comparison, &|line| Some(only(view, panel, line)))) }
            @if table.lines.is_empty() {
                p.nothing.quiet { "Nothing in this range" @if let Some((before, comparison)) = table.sum_before.filter(|before| *before > 0).zip(comparison) { ", " (chart::against(before, (NumberUnit::Count, comparison))) } ". " (panel.report.about) }
            } @else {
                table.list.small-list.bars {
                    thead.silent { tr { th scope="col" { span.hidden { (panel.report.title) } } th.number scope="col" { span.hidden { "Count" } } th.number.wide scope="col" { span.hidden { "Share" } }
                        @if let Some(comparison) = column { th.number scope="col" { span.hidden { "Against " (comparison.label()) } } } } }
                    tbody {
                        @for line in table.lines.iter().take(ROWS as usize) {
                            @let value = line.measures.hits;
                            tr {
                                td { (report_row::bar(value, table.highest))
                                    a.row-link.cut href=(only(view, panel, line)) title={ "Only this: " (line.name.title) } { (report_row::picture(&line.name.picture)) " " (reading::text(panel.dimension.naming, &line.name)) }
                                    (filter_bar::row_without((&view.asked, &view.path), (&view.filters, panel.dimension), (&line.name.title, &line.name.filter))) }
                                td.number { (format::count(value)) }
                                td.number.quiet.wide { (format::percent(report_row::permille(value, sum))) }
                                @if let (Some(comparison), Some(before)) = (column, &line.before) { td.number { (chart::change((value, before.hits), false, (NumberUnit::Count, comparison))) } }
                            }
                        }
                    }
                }
            }
            p.panel-foot { a href=(view.asked.to_screen(&format!("{}/reports/{}", view.base, panel.report.name))) { "All " (panel.report.title.to_lowercase()) " →" } }
        }
    }
}

/// Returns the address of the dashboard filtered by one row.
fn only(view: &View, panel: &Panel, line: &TableRow) -> String {
    let only = filter::narrowed_to(&view.filters, panel.dimension, &line.name.filter);
    view.asked.with_filters(&view.path, &only)
}
