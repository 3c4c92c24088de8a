//! A site's dashboard: cards with metrics, the chart of one of them, panels with reports, and the latest visits.

mod metric_cards;
pub mod panel_order;
pub mod panel_spec;
mod panels;

use super::goal_choice::GoalChoice;
use super::{annotated, retention_note};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::http::client;
use crate::model::clock::Day;
use crate::model::metrics::Measure;
use crate::reports::answer::Answer;
use crate::reports::dimension::ValueKind;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::site_summary;
use crate::reports::table_query::TableQuery;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem, RangeControl};
use crate::web::live::waiting_for_first_hit;
use crate::web::ui::chart::Chart;
use crate::web::ui::chart_notes::ChartNotes;
use crate::web::ui::page_code::PageCode;
use crate::web::visitors::visit_table::VisitTable;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use metric_cards::MetricCard;
use panel_order::PanelOrder;
use panel_spec::{PANELS, VISITORS};
use panels::Panel;

/// The screen at the address of a dashboard.
enum Screen {
    /// The page code of a site without visits.
    WaitingForFirstHit(Markup),
    /// The dashboard.
    Dashboard(Box<DashboardData>),
}

/// The data of a dashboard, all of one moment.
struct DashboardData {
    frame: Frame,
    filter_bar: FilterBar,
    query: Query,
    answer: Answer,
    notes: ChartNotes,
    choice: GoalChoice,
}

struct View {
    frame: Frame,
    address: ScreenAddress,
    filter_bar: FilterBar,
    cards: Vec<MetricCard>,
    /// The cards about goals; empty where none was reached.
    goal_cards: Vec<MetricCard>,
    choice: GoalChoice,
    chart: Option<Chart>,
    panels: Vec<Panel>,
    latest: VisitTable,
    visit_count: i64,
    is_live: bool,
    /// The note of a range that begins before the oldest visit in the file.
    note: Markup,
}

/// `GET /sites/{site}`: returns the dashboard; before the first visit, the page code.
///
/// # Errors
///
/// Fails with `Error::Invalid` for bad parameters, with `Error::Missing` or `Error::Forbidden` when a filter reads what
/// the caller may not see, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    if let Some(link) = &access.link {
        load::count_opening(&app, &request, link);
    }
    let (site, visibility) = (access.site.clone(), access.visibility());
    let (frame, query) = (SiteFrameRequest::new(&request, &access)?, params.query(&app, &access));
    let stored = access.user.as_ref().and_then(|user| user.preferences.panels.as_deref());
    let shown: Vec<_> = PanelOrder::read(&panel_spec::names(), stored).shown().collect();
    let specs = shown.iter().filter_map(|name| PANELS.iter().find(|panel| panel.name == *name));
    let panels: Vec<Panel> = specs.filter_map(|spec| Panel::new(spec, &params, visibility)).collect();
    let shows_visits = shown.contains(&VISITORS.0) && access.may(Capability::SeeLiveVisitorList);
    let wants = wants(&panels, shows_visits);
    let (base, filters) = (access.base(), params.filters().unwrap_or_default());
    let address = ScreenAddress { path: base.clone(), base, params, filters };
    let filter_bar = FilterBar::new(&access, &address);
    let notes = query.as_ref().ok().map(|query| annotated::request(&access, &address, query.range));
    let code = access
        .may(Capability::SeeTrackingCode)
        .then(|| PageCode::new(site.id, &client::origin(&request, &app.config)).tag);
    let may_answer = access.may(Capability::ChangeSiteSettings);
    let params = address.params.clone();
    let loaded = app.view(move |reader| {
        if let Some(code) = code
            && !site_summary::has_visits(reader.connection, site.id)?
        {
            let frame = frame.load(reader, "Start", NavItem::Start)?;
            let view = waiting_for_first_hit::View::load(reader, site, code, may_answer)?;
            return Ok(Screen::WaitingForFirstHit(waiting_for_first_hit::page(&frame, &view)));
        }
        // Before the first visit, the range and the filters of the address do not matter.
        let query = query?.with(wants);
        let choice = GoalChoice::load(reader, &query, &params)?;
        let query = choice.applied(query);
        let frame = frame.load(reader, "Dashboard", NavItem::Dashboard)?;
        let (filter_bar, answer) = (filter_bar.load(reader)?, reader.run(&query)?);
        let notes = notes.map(|notes| notes.load(reader)).transpose()?.unwrap_or_default();
        Ok(Screen::Dashboard(Box::new(DashboardData { frame, filter_bar, query, answer, notes, choice })))
    });
    let data = match loaded.await? {
        Screen::WaitingForFirstHit(page) => return Ok(load::html(page)),
        Screen::Dashboard(data) => *data,
    };
    let view = View::new(data, &access, address, panels, access.site.zone.day(app.clock.now()));
    Ok(load::html(page(&view)))
}

impl View {
    /// Returns the view of a dashboard with these panels, which get their tables.
    fn new(
        data: DashboardData,
        access: &SiteReader<OpenReport>,
        address: ScreenAddress,
        mut panels: Vec<Panel>,
        today: Day,
    ) -> Self {
        let DashboardData { mut frame, filter_bar, query, answer, notes, choice } = data;
        let (totals, series) = (answer.totals.unwrap_or_default(), answer.series.unwrap_or_default());
        for (panel, table) in panels.iter_mut().zip(answer.tables) {
            panel.table = table;
        }
        frame.range = Some(RangeControl::new(&address.params, &address.path, query.range, today));
        let visibility = access.visibility();
        Self {
            frame,
            cards: metric_cards::cards(&address, visibility, access.site.currency, &totals, &series),
            goal_cards: metric_cards::goal_cards(
                &address,
                visibility,
                access.site.currency,
                &totals,
                &series,
            ),
            choice,
            chart: metric_cards::chart(&address, visibility, access.site.currency, &series)
                .map(|chart| chart.with_notes(notes)),
            panels,
            latest: VisitTable::new(&answer.latest_visits, &access.site, &address.base, visibility),
            visit_count: totals.now[Measure::Visits],
            is_live: query.range.last >= today,
            filter_bar,
            note: retention_note::of_dashboard(answer.coverage.kept_since, &query),
            address,
        }
    }
}

/// Returns the parts of the answer that a dashboard shows, with a table for each panel.
fn wants(dashboard: &[Panel], shows_visits: bool) -> Wants {
    let table = |panel: &Panel| {
        let dimension = panel.dimension;
        let rows = if dimension.value_kind == ValueKind::Country { panels::MAP_ROWS } else { panels::ROWS };
        TableWant { dimension, table: TableQuery::top(dimension, rows), is_brief: true }
    };
    Wants {
        totals: true,
        series: true,
        tables: dashboard.iter().map(table).collect(),
        latest_visits: shows_visits.then_some(panels::ROWS),
        ..Wants::default()
    }
}

fn page(view: &View) -> Markup {
    let (address, is_empty) = (&view.address, view.visit_count == 0);
    view.frame.page(&html! {
        h1.hidden { "Dashboard" }
        (view.filter_bar.draw())
        (view.note)
        div id="overview" data-refresh[view.is_live] {
            ul.cards { @for card in &view.cards { (card.draw()) } }
            @if !view.goal_cards.is_empty() { ul.cards.goal-cards { @for card in &view.goal_cards { (card.draw()) } } }
        }
        @if !view.goal_cards.is_empty() || view.choice.name().is_some() { (view.choice.draw(address)) }
        @if let Some(chart) = &view.chart { (chart.draw()) }
        @if is_empty && !address.filters.is_empty() {
            section.empty {
                h2 { "No such visit in this range" }
                p { "No visit passes all filters above. Take one away, or choose a longer range." }
                p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } }
            }
        } @else if is_empty {
            section.empty {
                h2 { "No visit in this range" }
                p { "Here you see what was looked at, where visitors came from and what they browse with. Choose a longer range above." }
                p { a.button.primary href=(address.link(&[("date", "last-30-days")])) { "Show the last 30 days" } }
            }
        } @else {
            div.panels {
                @for panel in &view.panels { (panel.draw(address)) }
            }
            @if !view.latest.is_empty() { (latest(view)) }
        }
    })
}

fn latest(view: &View) -> Markup {
    let address = &view.address;
    html! {
        section.panel id="panel-visitors" aria-labelledby="panel-visitors-title" {
            div.panel-head { h2 id="panel-visitors-title" { (VISITORS.1) } }
            div id="latest" data-refresh[view.is_live] { (view.latest.draw()) }
            p.panel-foot { a href=(address.params.link(&format!("{}/visitors", address.base), &[("chart", "")])) { "All visitors →" } }
        }
    }
}
