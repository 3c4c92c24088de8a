//! The details of a report's row: its time series, and its visits by a second dimension. They open below the row; without
//! a script they are a page of their own.

use super::goal_choice::GoalChoice;
use super::page::refusal;
use super::second_dimension::SecondDimension;
use super::{annotated, controls};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::metrics::Measure;
use crate::model::page_form::{is_on, opening_address};
use crate::reports::attribution;
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::comparison::Compared;
use crate::reports::data_reader::DataReader;
use crate::reports::dimension::{Dimension, GroupKey, ValueKind};
use crate::reports::filter;
use crate::reports::query::{ItemWant, Query, Wants};
use crate::reports::results::reading;
use crate::reports::results::table::{Table, TableRow};
use crate::reports::table_query::TableQuery;
use crate::store::sites;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem, RangeControl};
use crate::web::report::{report_row, retention_note};
use crate::web::ui::chart::{self, Chart, Series, Steps};
use crate::web::ui::chart_notes::ChartNotes;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::icon;
use crate::web::ui::value_change::{GoodChange, ValueChange};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The number of rows of the second dimension.
const ROWS: u32 = 10;
/// The parameters of a report that its rows do not have, each without a value.
const REPORT_PARAMS: [(&str, &str); 6] =
    [("find", ""), ("sort", ""), ("order", ""), ("limit", ""), ("chart", ""), ("by", "")];

struct View {
    report: &'static Report,
    dimension: &'static Dimension,
    /// The address of the details, with the filters of the report.
    address: ScreenAddress,
    /// The query of the visits of the row.
    query: Query,
    row: RowData,
    /// The address of the page's heatmap, if the row is a page and the caller may see it.
    heatmap: Option<String>,
    second: Option<(SecondDimension, Table)>,
    /// The annotations of the range.
    notes: ChartNotes,
}

/// Renders the button that opens the details of a row of the report at this address.
pub fn opener(report: &ScreenAddress, row: &TableRow) -> Markup {
    let path = format!("{}/item", report.path);
    let changes: Vec<_> = REPORT_PARAMS.into_iter().chain([("item", row.name.filter.as_str())]).collect();
    let below: Vec<_> = changes.iter().copied().chain([("row", "1")]).collect();
    let label = format!("How it went, and a breakdown: {}", row.name.title);
    html! {
        a.button.icon-button href=(report.params.link(&path, &changes)) aria-label=(label) title=(label) data-opens-row
            hx-get=(report.params.link(&path, &below)) hx-target="closest tr" hx-select="tr.detail" hx-select-oob="unset" hx-swap="afterend" hx-boost="false" hx-push-url="false" { (icon::chart()) }
    }
}

/// `GET /sites/{site}/reports/{report}/item?item=…`: returns the details of a row; with `row=1` only the part that opens
/// below the row.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such report, with `Error::Missing` or `Error::Forbidden` when the caller
/// may not see the report or its filters, with `Error::Invalid` for bad parameters, and when the data file cannot be
/// read.
pub async fn show(
    access: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&names.1).ok_or(Error::Missing("report"))?;
    let kind = attribution::kind_by(report, params.attribution()?)?;
    let ReportKind::Items(dimension) = kind else { return Err(Error::Missing("report")) };
    if !access.visibility().shows(report) {
        return Err(access.refusal());
    }
    let second = SecondDimension::from_params(&params, report, access.visibility())
        .map_err(|error| refusal(error, &access))?;
    let value = params.get("item").filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| Error::invalid("item", "Choose a row of the report."))?.to_owned();
    let is_below = params.get("row") == Some("1");
    let of_report = params.query(&app, &access)?;
    let (base, filters) = (access.base(), of_report.filters.clone());
    let path = format!("{base}/reports/{}/item", report.name);
    let address = ScreenAddress { base, path, params, filters };
    let query =
        Query { filters: filter::narrowed_to(&address.filters, dimension, &value), ..of_report.clone() };
    let table = second.map(|second| (second.dimension, TableQuery::top(second.dimension, ROWS)));
    let of_report =
        of_report.with(Wants { item: Some(ItemWant { dimension, value, table }), ..Wants::default() });
    let (frame, filter_bar) = (SiteFrameRequest::new(&request, &access)?, FilterBar::new(&access, &address));
    let params = address.params.clone();
    let notes = annotated::request(&access, &address, query.range);
    let loaded = app.view(move |reader| {
        let of_report = GoalChoice::load(reader, &of_report, &params)?.applied(of_report);
        let (row, table) = load_row(reader, &of_report)?;
        if is_below {
            return Ok((row, table, None));
        }
        let frame = frame.load(reader, report.title, NavItem::Report(report.name))?;
        Ok((row, table, Some((frame, filter_bar.load(reader)?, notes.load(reader)?))))
    });
    let (row, table, surroundings) = loaded.await?;
    let second = second.zip(table);
    let has_heatmap = dimension.is_read() && access.may(Capability::SeeHeatmaps);
    let heatmap = row.page.as_ref().filter(|_| has_heatmap).map(|page| address.heatmap(page));
    let mut view =
        View { report, dimension, address, query, row, heatmap, second, notes: ChartNotes::default() };
    let Some((mut frame, filter_bar, notes)) = surroundings else {
        return Ok(load::html(details_row(&view)));
    };
    view.notes = notes;
    let (address, today) = (&view.address, access.site.zone.day(app.clock.now()));
    frame.range = Some(RangeControl::new(&address.params, &address.path, view.query.range, today));
    Ok(load::html(page(&frame, &filter_bar, &view)))
}

/// The data of a row.
struct RowData {
    /// The title.
    title: String,
    /// The page as it is stored, if the row is one that occurs.
    page: Option<String>,
    /// The address of the page or file, as it opens, if the row is one.
    address: Option<String>,
    count: Compared<i64>,
    steps: Steps,
    /// The values by step; empty if rollups do not have them.
    series: Compared<Vec<i64>>,
    /// The first day whose visits are kept, if the range begins earlier.
    kept_since: Option<Day>,
    /// True if earlier days count too, by their rollups.
    counts_past: bool,
}

/// Returns the data of a row, and the table of the second dimension.
fn load_row(reader: &DataReader<'_>, query: &Query) -> Result<(RowData, Option<Table>)> {
    let answer = reader.run(query)?;
    let (Some(item), Some(want)) = (answer.item, &query.wants.item) else {
        return Err(Error::Missing("report"));
    };
    let (site, dimension) = (&query.site, want.dimension);
    let address = item.row.as_ref().and_then(|row| row.name.address.as_deref());
    let address = match address.filter(|_| dimension.value_kind == ValueKind::Page) {
        // A file on another host opens under its own address only.
        Some(address)
            if dimension.group_key == GroupKey::Actions(ActionKind::Download)
                && !is_on(address, &site.domain) =>
        {
            Some(address.to_owned())
        }
        Some(address) => {
            let page_origin = sites::page_origin(reader.connection, site.id)?;
            Some(opening_address(address, &site.domain, page_origin.as_deref()))
        }
        None => None,
    };
    let data = RowData {
        title: item
            .row
            .as_ref()
            .map_or_else(|| want.value.clone(), |row| reading::text(dimension.value_kind, &row.name)),
        page: item.row.as_ref().map(|row| row.name.filter.clone()),
        address,
        count: item.row.map_or_else(Compared::default, |row| Compared {
            now: row.metrics[Measure::Hits],
            before: row.before.map(|before| before[Measure::Hits]),
        }),
        steps: if query.is_one_day() { Steps::Hours } else { Steps::Days(answer.days) },
        series: item.series,
        kept_since: item.kept_since,
        counts_past: item.has_rollups,
    };
    Ok((data, item.table))
}

/// Returns the word after the count of a row.
fn counted_word(view: &View, count: i64) -> &'static str {
    let is_page = view.dimension.value_kind == ValueKind::Page && view.dimension.filter == "href";
    match (view.dimension.counts_actions(), is_page) {
        (true, true) if count == 1 => " view",
        (true, true) => " views",
        (true, false) if count == 1 => " time",
        (true, false) => " times",
        (false, _) if count == 1 => " visit",
        (false, _) => " visits",
    }
}

fn summary(view: &View) -> Markup {
    let Compared { now, before } = view.row.count;
    html! {
        p.big {
            b { (format::count(now)) } (counted_word(view, now)) " "
            @if let Some((before, comparison)) = before.zip(view.query.comparison) {
                (ValueChange::of_count(now, before, comparison).draw(GoodChange::More))
                span.quiet { " from " (format::grouped(before)) " in " (comparison.label()) }
            }
        }
    }
}

/// Renders the note of a row that is counted by its visits only, without earlier days.
fn retention_note(view: &View) -> Markup {
    let RowData { kept_since, counts_past, .. } = view.row;
    retention_note::of_part(kept_since.filter(|_| !counts_past), "This view")
}

/// Renders the details as a row that opens below the row.
fn details_row(view: &View) -> Markup {
    let RowData { title, steps, series, .. } = &view.row;
    let highest = series
        .now
        .iter()
        .copied()
        .enumerate()
        .max_by_key(|(index, value)| (*value, std::cmp::Reverse(*index)));
    let highest = highest.filter(|(_, value)| *value > 0);
    let values = series.now.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let chosen: Vec<_> = view.second.iter().map(|(second, _)| ("by", second.report.name)).collect();
    let as_page = [&[("row", "")], chosen.as_slice()].concat();
    html! {
        tr.detail {
            td {
                div.detail-box {
                    section aria-label={ "Course of " (title) } {
                        (summary(view))
                        (retention_note(view))
                        @if series.now.is_empty() {
                            p.quiet { (retention_note::NO_HOURS) }
                        } @else {
                            (chart::spark(&series.now, series.before.as_deref()))
                            span.hidden { (steps.word()) " by " (steps.word()) ": " (values) }
                        }
                        p.quiet {
                            @if let Some((index, value)) = highest { "Most: " (format::grouped(value)) ", " (steps.name(index)) ". " }
                            a href=(view.address.link(&as_page)) { "Open as a page" }
                            @if let Some(link) = opening_link(view) { " · " (link) }
                            @if let Some(link) = &view.heatmap { " · " a href=(link) hx-boost="false" { "Heatmap" } }
                        }
                    }
                    section aria-label={ "Breakdown of " (title) } {
                        form.break-down method="get" action=(view.address.path) {
                            (hidden_fields(view))
                            label {
                                "Break down by "
                                select name="by" hx-get=(view.address.path) hx-trigger="change" hx-include="closest form" hx-vals=r#"{"row":"1"}"# hx-target="closest tr" hx-select="tr.detail" hx-select-oob="unset" hx-swap="outerHTML" hx-push-url="false" {
                                    option value="" { "nothing" }
                                    (options(view))
                                }
                            }
                        }
                        (breakdown(view))
                    }
                }
            }
        }
    }
}

/// Renders the link to the page or file of the row.
fn opening_link(view: &View) -> Option<Markup> {
    let link = view.row.address.as_deref().and_then(format::safe_link)?;
    let is_file = view.dimension.group_key == GroupKey::Actions(ActionKind::Download);
    let text = if is_file { "Open this file" } else { "Visit this page" };
    Some(html! { a href=(link) target="_blank" rel="noreferrer noopener" title=(link) { (text) } })
}

/// Renders the choice of the second dimension.
fn options(view: &View) -> Markup {
    let chosen = view.second.as_ref().map(|(second, _)| *second);
    controls::options(&view.query.visibility, view.report, chosen)
}

fn hidden_fields(view: &View) -> Markup {
    html! { @for (name, value) in view.address.params.hidden_fields(&["by", "row"]) { input type="hidden" name=(name) value=(value); } }
}

fn page(frame: &Frame, filter_bar: &FilterBar, view: &View) -> Markup {
    let address = &view.address;
    let back = address.params.link(
        &format!("{}/reports/{}", address.base, view.report.name),
        &[("item", ""), ("row", ""), ("by", "")],
    );
    frame.page(&html! {
        p.crumbs { a href=(back) { (view.report.title) } }
        div.head { h1 { (view.row.title) } }
        @if let Some(link) = opening_link(view) { p { (link) @if let Some(link) = &view.heatmap { " · " a href=(link) { "Heatmap" } } } }
        (filter_bar.draw())
        (summary(view))
        (retention_note(view))
        @if view.row.series.now.is_empty() { p.quiet { (retention_note::NO_HOURS) } } @else { (series_chart(view).draw()) }
        form.break-down method="get" action=(view.address.path) {
            (hidden_fields(view))
            label for="by" { "Break down by" }
            select id="by" name="by" { option value="" { "nothing" } (options(view)) }
            button type="submit" { "Show" }
        }
        (breakdown(view))
    })
}

fn series_chart(view: &View) -> Chart {
    let RowData { title, steps, series, .. } = &view.row;
    let now = Series { name: title.clone(), values: series.now.clone(), is_before: false };
    let before = series.before.clone().zip(view.query.comparison);
    let before = before.map(|(values, comparison)| Series {
        name: comparison.title().into(),
        values,
        is_before: true,
    });
    Chart {
        title: format!("{title} over time"),
        steps: steps.clone(),
        series: std::iter::once(now).chain(before).collect(),
        unit: NumberUnit::Count,
        select: Some(view.address.link(&[("date", "")])),
        comparison: view.query.comparison,
        notes: view.notes.clone(),
    }
}

/// Renders the visits of the row by the second dimension.
fn breakdown(view: &View) -> Markup {
    let Some((SecondDimension { report, dimension }, table)) = &view.second else { return html! {} };
    let title = format!("{} of visits: {} is {}", report.title, view.dimension.noun, view.row.title);
    let (address, filters) = (&view.address, &view.query.filters);
    let path = format!("{}/reports/{}", address.base, report.name);
    let all = address.params.to_screen_with_filters(&path, filters);
    let comparison = view.query.comparison.filter(|_| table.is_compared());
    html! {
        h2.of-row { (title) }
        @if view.row.counts_past { (retention_note::of_part(view.row.kept_since, "A breakdown")) }
        @if table.rows.is_empty() {
            p.quiet { "Nothing in this range. " (report.about) }
        } @else {
            table.list.small-list.bars {
                thead {
                    tr {
                        th scope="col" { (dimension.noun) }
                        th.number scope="col" { "Count" }
                        th.number scope="col" { "Share" }
                        @if let Some(comparison) = comparison { th.number scope="col" title={ "Against " (comparison.label()) } { "Change" } }
                    }
                }
                tbody {
                    @for line in &table.rows {
                        tr {
                            td { (report_row::bar(line.metrics[Measure::Hits], table.highest)) span.row-link.cut title=(line.name.title) { (report_row::icon(&line.name.icon)) " " (reading::text(dimension.value_kind, &line.name)) } }
                            td.number { (format::count(line.metrics[Measure::Hits])) }
                            td.number.quiet { (format::percent(report_row::permille(line.metrics[Measure::Hits], table.sum))) }
                            @if let (Some(comparison), Some(before)) = (comparison, &line.before) {
                                td.number { (ValueChange::of_count(line.metrics[Measure::Hits], before[Measure::Hits], comparison).draw(GoodChange::More)) }
                            }
                        }
                    }
                }
            }
        }
        p.panel-foot { a href=(all) { "All " (report.title.to_lowercase()) " of these visits →" } }
    }
}
