//! The list of a site's goals, with the sections for revenue and custom data below it.

use super::currency::{self, CurrencyState};
use super::custom_keys::{self, CustomKeysState};
use super::funnels::FunnelSection;
use super::rule_text;
use super::split_code;
use crate::access::capability::ManageGoals;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::model::metrics::Measure;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::date_range::DateRange;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::results::table::Table;
use crate::reports::table_query::TableQuery;
use crate::store::goals::{self, Goal, Matching};
use crate::store::retention;
use crate::store::sites::Site;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::form_state::FormState;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::settings::Tabs;
use crate::web::ui::format;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The days whose conversions the list shows.
const RANGE: &str = "last-30-days";
/// The most goals with conversions, removed ones included.
const GOALS_MAX: u32 = 1_000;

/// The forms of the list's screen.
pub struct ListState {
    /// The notice, and what was typed as the currency.
    pub currency: FormState<CurrencyState>,
    /// The keys of custom data.
    pub custom_keys: CustomKeysState,
}

impl ListState {
    /// Returns the state of an opened screen, with the notice that the address names.
    pub fn opened(site: &Site, params: &QueryParams, notices: &[(&str, &'static str)]) -> Self {
        let form = CurrencyState::from_site(site);
        Self { currency: FormState::opened(form, params, notices), custom_keys: CustomKeysState::Stored }
    }

    /// Returns the state after a form for the currency was refused.
    pub fn of_currency(currency: FormState<CurrencyState>) -> Self {
        Self { currency, custom_keys: CustomKeysState::Stored }
    }

    /// Returns the state after a form for custom data was refused.
    pub fn of_custom_keys(site: &Site, custom_keys: CustomKeysState) -> Self {
        Self { currency: FormState::new(CurrencyState::from_site(site)), custom_keys }
    }
}

/// A goal of the list.
struct Row {
    goal: Goal,
    conversions: i64,
    progress: Option<Progress>,
}

/// The progress of matching a goal with earlier visits.
struct Progress {
    /// The day down to which visits are matched.
    day: Day,
    percent: i64,
}

struct View {
    tabs: Tabs,
    site: Site,
    rows: Vec<Row>,
    removed: Vec<Goal>,
    state: ListState,
    uncounted: Vec<currency::Uncounted>,
    custom: custom_keys::Section,
    funnels: FunnelSection,
}

/// Returns the screen of the list.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn answer(
    app: &Data<App>,
    request: &HttpRequest,
    access: &SiteAccess<ManageGoals>,
    state: ListState,
) -> Result<HttpResponse> {
    let (frame, site) = (SiteFrameRequest::new(request, access)?, access.site.clone());
    let range = DateRange::parse(RANGE, site.zone.day(app.clock.now()))?;
    let query = Query::new(site.clone(), range, access.visibility().clone());
    let tabs = Tabs::for_screen(access, "goals");
    let is_refused = state.custom_keys.is_refused();
    let (frame, mut view) = app
        .view(move |reader| {
            let frame = frame.load(reader, "Goals & funnels", NavItem::Preferences)?;
            Ok((frame, load(reader, &query)?))
        })
        .await
        .map(|(frame, loaded)| (frame, View::new(tabs, site, state, loaded)))?;
    view.rows.sort_by_key(|row| !row.goal.is_set_up);
    let page = page(&frame, &view);
    if is_refused {
        return Ok(crate::web::layout::load::html_with(
            actix_web::http::StatusCode::UNPROCESSABLE_ENTITY,
            page,
        ));
    }
    Ok(view.state.currency.response(page))
}

/// The data of the screen, all of one moment.
struct Loaded {
    rows: Vec<Row>,
    removed: Vec<Goal>,
    uncounted: Vec<currency::Uncounted>,
    custom: custom_keys::Section,
    funnels: FunnelSection,
}

fn load(reader: &DataReader<'_>, query: &Query) -> Result<Loaded> {
    let (connection, site) = (reader.connection, &query.site);
    let dimension = catalogue::find("goals").and_then(|report| match report.kind {
        ReportKind::Items(dimension) => Some(dimension),
        _ => None,
    });
    let tables = dimension.map(|dimension| TableWant {
        dimension,
        table: TableQuery::top(dimension, GOALS_MAX),
        is_brief: true,
    });
    let answer = reader.run(&query.with(Wants {
        tables: tables.into_iter().collect(),
        filtered_hits: Some(0),
        ..Wants::default()
    }))?;
    let table = answer.tables.into_iter().next().unwrap_or_default();
    let oldest = retention::oldest_visit(connection, site.id)?;
    let (removed, kept): (Vec<_>, Vec<_>) = goals::list_with_removed(connection, site.id)?
        .into_iter()
        .partition(|goal| goal.removed_at.is_some());
    let mut rows: Vec<_> = kept
        .into_iter()
        .map(|goal| Row {
            conversions: conversions(&table, &goal),
            progress: goal.matching.map(|matching| Progress::new(matching, oldest, site)),
            goal,
        })
        .collect();
    rows.sort_by_cached_key(|row| row.goal.settings.name.to_lowercase());
    let uncounted = currency::uncounted(&answer.filtered_hits.unwrap_or_default());
    let custom = custom_keys::Section::load(reader, query)?;
    Ok(Loaded { rows, removed, uncounted, custom, funnels: FunnelSection::load(reader, site.id)? })
}

/// Returns the conversions of a goal in a table of goals.
fn conversions(table: &Table, goal: &Goal) -> i64 {
    let id = goal.id.to_string();
    let names = [&goal.code, &goal.settings.name, &id];
    let row = table.rows.iter().find(|row| names.contains(&&row.name.filter));
    row.map_or(0, |row| row.metrics[Measure::Hits])
}

impl Progress {
    fn new(matching: Matching, oldest: Option<VisitId>, site: &Site) -> Self {
        let oldest = oldest.unwrap_or(matching.below);
        Self { day: site.zone.day(matching.below.began()), percent: matching.percent(oldest) }
    }
}

impl View {
    fn new(tabs: Tabs, site: Site, state: ListState, loaded: Loaded) -> Self {
        let Loaded { rows, removed, uncounted, custom, funnels } = loaded;
        Self { tabs, site, rows, removed, state, uncounted, custom, funnels }
    }

    fn path(&self) -> String {
        Tabs::path(self.site.id, "goals")
    }
}

fn page(frame: &Frame, view: &View) -> Markup {
    let path = view.path();
    view.tabs.page(frame, &html! {
        (view.state.currency.notice())
        p { "A goal is what you want visitors to do: order, sign up, get in touch. Reports then say how many did, and where they came from." }
        p.buttons { a.button.primary href={ (path) "/new" } { "Add a goal" } " " a.button href={ "/sites/" (view.site.id) "/reports/goals" } { "See results" } }
        (goal_list(view))
        @if !view.removed.is_empty() { (removed(view)) }
        (view.funnels.draw())
        (split_code::draw(&format!("/sites/{}", view.site.id)))
        (currency::section(&view.site, &view.state.currency, &view.uncounted))
        (custom_keys::draw(&view.site, &view.custom, &view.state.custom_keys))
        section {
            h2 { "Campaigns" }
            p { "Own campaigns, their cost, links to share, and further names of campaign parameters: " a href=(Tabs::path(view.site.id, "campaigns")) { "Campaigns" } "." }
        }
    })
}

fn goal_list(view: &View) -> Markup {
    let is_matching = view.rows.iter().any(|row| row.progress.is_some());
    let path = view.path();
    html! {
        section id="goal-list" hx-get=[is_matching.then_some(&path)] hx-trigger=[is_matching.then_some("every 2s")] hx-select="#goal-list" hx-swap="outerHTML" {
            @if view.rows.is_empty() {
                div.empty {
                    h2 { "No goals yet" }
                    p { "Start with the page people see once they're done, such as “Thank you for your order”. Visits that already happened are counted, too." }
                }
            } @else {
                ul.plain.rows.goals { @for row in &view.rows { (goal_row(view, row)) } }
            }
        }
    }
}

fn goal_row(view: &View, row: &Row) -> Markup {
    let (path, goal) = (view.path(), &row.goal);
    let settings = &goal.settings;
    html! {
        li {
            div {
                b { (settings.name) }
                @if !goal.is_set_up { " " span.tag { "found, not set up" } }
                br;
                span.quiet {
                    (rule_text::draw(settings.rule.as_ref(), &goal.code))
                    @if let Some(revenue) = settings.revenue { " · " (view.site.currency.text(revenue)) " each" }
                    @if settings.is_every_time { " · every time" }
                }
                @if let Some(progress) = &row.progress {
                    br; span.quiet role="status" { "matched back to " (format::day(progress.day)) " · " (progress.percent) "%" }
                    meter min="0" max="100" value=(progress.percent) aria-label="Matching with earlier visits" {}
                }
            }
            div.goal-count { b { (format::count(row.conversions)) } br; span.quiet { @if row.conversions == 1 { "conversion" } @else { "conversions" } ", 30 days" } }
            div.buttons {
                a.button.small href={ (path) "/" (goal.id) } { @if goal.is_set_up { "Change" } @else { "Set up" } span.hidden { " " (settings.name) } }
                a.button.small href={ (path) "/" (goal.id) "/remove" } { "Remove …" span.hidden { " " (settings.name) } }
            }
        }
    }
}

fn removed(view: &View) -> Markup {
    let path = view.path();
    html! {
        details.more-goals {
            summary { "Removed goals (" (view.removed.len()) ")" }
            ul.plain.rows {
                @for goal in &view.removed {
                    li {
                        div { b { (goal.settings.name) } br; span.quiet { (rule_text::draw(goal.settings.rule.as_ref(), &goal.code)) } }
                        form method="post" action={ (path) "/" (goal.id) "/bring-back" } { button.small type="submit" { "Bring back" span.hidden { " " (goal.settings.name) } } }
                    }
                }
            }
        }
    }
}
