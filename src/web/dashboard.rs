//! A site's dashboard: five numbers with how they went, the chart of one of them, and a panel for every subject.

pub mod metric_cards;
pub mod panel_order;
pub mod panels;

use super::chart::Chart;
use super::filter_bar::{self, FilterBar};
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::query_params::QueryParams;
use super::visitors::{self, Columns, VisitTableRow};
use super::{retention_note, waiting_for_first_hit};
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::engine::query::QueryRunner;
use crate::reports::filter::Filter;
use crate::reports::metrics::Metrics;
use crate::reports::query::Query;
use crate::reports::results::table::Table;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::site_summary;
use crate::reports::table_query::TableQuery;
use crate::reports::visits::visit::Visit;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use metric_cards::TallyView;
use panel_order::Arrangement;
use panels::{PANELS, Panel, VISITORS};

/// What is asked of the file.
struct Answers {
    totals: Compared<Metrics>,
    courses: Compared<TimeSeries>,
    panels: Vec<Table>,
    visits: Vec<Visit>,
}

struct View {
    base: String,
    path: String,
    asked: QueryParams,
    filters: Vec<Filter>,
    bar: FilterBar,
    tallies: Vec<TallyView>,
    chart: Option<Chart>,
    panels: Vec<Panel>,
    columns: Columns,
    visits: Vec<VisitTableRow>,
    visits_count: i64,
    is_live: bool,
    /// Where the range reaches back further than visits do.
    note: Markup,
}

/// `GET /sites/{site}`: the page code before the first visit, the dashboard after it.
pub async fn show(
    entry: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
) -> Result<HttpResponse> {
    if let Some(link) = &entry.link {
        load::count_opening(&app, &request, link);
    }
    let site = entry.site.id;
    let has_visits = app.read(move |connection| site_summary::has_visits(connection, site)).await?;
    if !has_visits && entry.may(Capability::SeeTrackingCode) {
        return waiting_for_first_hit::show(&entry, &app, &request).await;
    }
    let scope = asked.scope(&app, &entry)?;
    let stored = entry.user.as_ref().and_then(|user| user.preferences.panels.as_deref());
    let shown: Vec<_> = Arrangement::read(&panels::names(), stored).shown().collect();
    let plans = shown.iter().filter_map(|name| PANELS.iter().find(|plan| plan.name == *name));
    let sides: Vec<_> =
        plans.filter_map(|plan| Some((plan, panels::side(plan, (&asked, entry.view()))?))).collect();
    let shows_visits = shown.contains(&VISITORS.0) && entry.may(Capability::SeeLiveVisitorList);
    let (answers, scope) =
        ask(&app, (&entry, shows_visits), scope, sides.iter().map(|(_, (_, dimension))| *dimension)).await?;
    let mut frame = load::site_frame(&app, &request, &entry, ("Dashboard", NavItem::Dashboard)).await?;
    let path = entry.base();
    let answered = sides.into_iter().zip(answers.panels);
    let today = entry.site.zone.day(app.clock.now());
    let columns = Columns::for_visibility(entry.view());
    let view = View {
        tallies: metric_cards::cards((&asked, entry.view()), &path, &answers.totals, &answers.courses),
        chart: metric_cards::chart((&asked, entry.view()), &path, &answers.courses),
        panels: answered
            .map(|((plan, (report, dimension)), table)| {
                let sides = panels::open_sides(plan, entry.view()).collect();
                Panel { plan, sides, report, dimension, table }
            })
            .collect(),
        visits: answers
            .visits
            .iter()
            .map(|visit| VisitTableRow::from_visit((&path, &columns), &entry.site, visit))
            .collect(),
        columns,
        visits_count: answers.totals.now.visits,
        is_live: scope.range.last >= today,
        bar: filter_bar::bar(&app, &entry, (&asked, &path), &scope.wanted).await?,
        note: retention_note::of_dashboard(retention_note::since(&app, &entry.site, &scope).await?, &scope),
        filters: scope.wanted,
        base: path.clone(),
        path: path.clone(),
        asked: asked.clone(),
    };
    frame.range = Some(asked.control(&app, &entry, &path, scope.range));
    Ok(load::html(page(&frame, &view)))
}

async fn ask(
    app: &Data<App>,
    (entry, shows_visits): (&SiteReader<OpenReport>, bool),
    scope: Query,
    dimensions: impl Iterator<Item = &'static Dimension>,
) -> Result<(Answers, Query)> {
    let (site, dimensions) = (entry.site.clone(), dimensions.collect::<Vec<_>>());
    app.report(move |reader| {
        let inquiry = QueryRunner::new(reader, &site, &scope)?;
        let overview = inquiry.overview(&dimensions)?;
        let panels = dimensions.iter().zip(overview.items).map(|(dimension, items)| {
            let rows = if dimension.naming == ValueKind::Country { panels::MAP_ROWS } else { panels::ROWS };
            inquiry.table_of(dimension, items, &TableQuery::top(dimension, rows))
        });
        let answers = Answers {
            panels: panels.collect::<Result<_>>()?,
            totals: overview.totals,
            courses: overview.courses,
            visits: if shows_visits { inquiry.latest_visits(panels::ROWS)? } else { Vec::new() },
        };
        Ok((answers, scope))
    })
    .await
}

fn page(frame: &Frame, view: &View) -> Markup {
    let is_empty = view.visits_count == 0;
    frame.page(&html! {
        h1.hidden { "Dashboard" }
        (view.bar.draw())
        (view.note)
        div id="overview" data-refresh[view.is_live] {
            ul.cards { @for tally in &view.tallies { (metric_cards::card(tally)) } }
        }
        @if let Some(chart) = &view.chart { (chart.draw()) }
        @if is_empty && !view.filters.is_empty() {
            section.empty {
                h2 { "No such visit in this range" }
                p { "No visit passes all filters above. Take one away, or choose a longer range." }
                p { a.button.primary href=(view.asked.with_filters(&view.path, &[])) { "Take the filters away" } }
            }
        } @else if is_empty {
            section.empty {
                h2 { "No visit in this range" }
                p { "Here you see what was looked at, where visitors came from and what they browse with. Choose a longer range above." }
                p { a.button.primary href=(view.asked.link(&view.path, &[("date", "last-30-days")])) { "Show the last 30 days" } }
            }
        } @else {
            div.panels {
                @for panel in &view.panels { (panels::draw(view, panel)) }
            }
            @if !view.visits.is_empty() { (latest(view)) }
        }
    })
}

fn latest(view: &View) -> Markup {
    html! {
        section.panel id="panel-visitors" aria-labelledby="panel-visitors-title" {
            div.panel-head { h2 id="panel-visitors-title" { (VISITORS.1) } }
            div id="latest" data-refresh[view.is_live] { (visitors::list(&view.columns, &view.visits)) }
            p.panel-foot { a href=(view.asked.link(&format!("{}/visitors", view.base), &[("chart", "")])) { "All visitors →" } }
        }
    }
}
