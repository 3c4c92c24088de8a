//! The screens of reports, each drawn as its kind in the catalogue says.

mod annotated;
mod attribution;
pub mod controls;
mod cross_tab;
mod custom_keys;
pub mod dashboard;
mod filtered;
mod funnels;
pub mod goal_choice;
mod hours;
mod index;
mod items;
mod journeys;
mod metric;
mod page;
mod recent;
pub mod report_row;
mod retention;
pub mod retention_note;
mod row_detail;
mod second_dimension;
mod split_tests;
mod table_part;
pub mod uptime;
mod vitals;

pub use funnels::open as funnel;
pub use index::show as index;
pub use items::table_query;
pub use row_detail::show as item;
pub use second_dimension::SecondDimension;
pub use split_tests::choice as split_choice;
pub use vitals::want as vitals_want;

use super::filters::filter_bar::FilterBar;
use super::filters::query_params::QueryParams;
use super::layout::load;
use super::layout::screen_address::ScreenAddress;
use super::layout::site_frame_request::SiteFrameRequest;
use super::layout::{NavItem, RangeControl};
use super::ui::chart_notes::ChartNotes;
use crate::access::capability::{Capability, OpenReport};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::model::clock::Day;
use crate::reports::answer::Answer;
use crate::reports::attribution::kind_by;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, Wants};
use crate::reports::split_report::{self, SplitReport};
use crate::reports::uptime::UptimeReport;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use filtered::FilterRules;
use funnels::FunnelChoice;
use goal_choice::GoalChoice;
use journeys::JourneyChoice;
use maud::{Markup, html};
use page::{ReportPage, refusal};
use table_part::TablePart;

/// `GET /sites/{site}/reports/{report}`: returns the screen of a report; to a search inside the page, only its table.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such report, with `Error::Missing` or `Error::Forbidden` when the caller
/// may not see the report, its filters or its order, with `Error::Invalid` for bad parameters, and when the data file
/// cannot be read.
pub async fn show(
    access: SiteReader<OpenReport>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let report = catalogue::find(&names.1).ok_or(Error::Missing("report"))?;
    if !access.visibility().shows(report) {
        return Err(access.refusal());
    }
    let second = SecondDimension::from_params(&params, report, access.visibility())
        .map_err(|error| refusal(error, &access))?;
    let kind = kind_by(report, params.attribution()?)?;
    let query = Query { visits_alone: second.is_some(), ..params.query(&app, &access)? };
    let (base, filters) = (access.base(), query.filters.clone());
    let path = format!("{base}/reports/{}", report.name);
    let address = ScreenAddress { base, path, params, filters };
    let (frame, filter_bar) = (SiteFrameRequest::new(&request, &access)?, FilterBar::new(&access, &address));
    let notes = annotated::request(&access, &address, query.range);
    let mut page = ReportPage {
        report,
        kind,
        notes: ChartNotes::default(),
        goal_choice: GoalChoice::default(),
        may_export: access.may(Capability::ExportCsv),
        may_change_settings: access.may(Capability::ChangeSiteSettings),
        may_add_goals: access.may(Capability::ManageGoals),
        may_set_monitors: access.may(Capability::SetSiteAlerts),
        address,
        query,
    };
    let today = access.site.zone.day(app.clock.now());
    let range = RangeControl::new(&page.address.params, &page.address.path, page.query.range, today);
    if let ReportKind::Items(dimension) = kind
        && table_part::is_requested(&request)
    {
        let part = TablePart { page, dimension, second, range };
        let loaded = part.load(&app, filter_bar).await;
        return loaded.map(load::html).map_err(|error| refusal(error, &access));
    }
    let query = page.query.with(wants(&page, second)?);
    let may_decide_hosts = page.may_change_settings;
    let params = page.address.params.clone();
    let loaded = app.view(move |reader| {
        let choice = GoalChoice::load(reader, &query, &params)?;
        let query = choice.applied(query);
        let (special, query) =
            Special::load(reader, report.kind, query, (&params, second), may_decide_hosts)?;
        let keys = custom_keys::load(reader, &query, kind)?;
        let frame = frame.load(reader, report.title, NavItem::Report(report.name))?;
        Ok((
            frame,
            filter_bar.load(reader)?,
            reader.run(&query)?,
            (special, keys, notes.load(reader)?, choice),
        ))
    });
    // A hidden metric may not be sorted by.
    let (mut frame, filter_bar, mut answer, (special, keys, notes, choice)) =
        loaded.await.map_err(|error| refusal(error, &access))?;
    if let Some(split) = &special.split {
        answer.coverage = split.coverage;
    }
    (page.notes, page.goal_choice) = (notes, choice);
    frame.range = Some(range);
    let content = html! { (attribution::switch(&page)) (custom_keys::tabs(&page, &keys)) (note(&page, &answer)) (content(&page, second, (special, today), answer)) };
    Ok(load::html(page.draw(&frame, &filter_bar, &content)))
}

/// The data that the screens of some kinds of reports show beside the answer.
#[derive(Default)]
struct Special {
    /// The rules of filtered hits.
    rules: Option<FilterRules>,
    /// The choice of the middle of a journey.
    journey: Option<JourneyChoice>,
    /// The choice of a funnel.
    funnel: Option<FunnelChoice>,
    /// The report of a split test.
    split: Option<SplitReport>,
    /// The report on uptime.
    uptime: Option<UptimeReport>,
}

impl Special {
    /// Loads what a kind of report shows, and returns it with the query, which may depend on it.
    fn load(
        reader: &DataReader<'_>,
        kind: ReportKind,
        query: Query,
        (params, second): (&QueryParams, Option<SecondDimension>),
        may_decide_hosts: bool,
    ) -> Result<(Self, Query)> {
        let mut special = Self::default();
        match kind {
            ReportKind::FilteredHits => {
                special.rules = Some(FilterRules::load(reader, &query.site, may_decide_hosts)?);
            }
            ReportKind::Journeys => {
                let choice = JourneyChoice::load(reader, &query, params)?;
                let query = choice.applied(&query);
                return Ok((Self { journey: Some(choice), ..special }, query));
            }
            ReportKind::Funnels => {
                let choice = FunnelChoice::load(reader, &query, params)?;
                let query = query.with(choice.wants(second));
                return Ok((Self { funnel: Some(choice), ..special }, query));
            }
            ReportKind::SplitTests(_) => {
                special.split = Some(split_report::run(reader, &query, &split_choice(params))?);
            }
            ReportKind::Uptime | ReportKind::Outages => {
                special.uptime = Some(uptime::load(reader, &query)?);
            }
            ReportKind::Hours
            | ReportKind::Vitals
            | ReportKind::Retention
            | ReportKind::Metric(_)
            | ReportKind::Items(_)
            | ReportKind::Recent(_) => {}
        }
        Ok((special, query))
    }
}

/// Returns the parts of the answer that the screen of a report shows.
fn wants(page: &ReportPage, second: Option<SecondDimension>) -> Result<Wants> {
    Ok(match page.kind {
        ReportKind::Metric(metric) => metric::wants(metric),
        ReportKind::Items(dimension) => match second {
            Some(second) => cross_tab::wants(page, dimension, second),
            None => items::wants(page, dimension),
        },
        ReportKind::Recent(list) => recent::wants(page, list),
        ReportKind::FilteredHits => filtered::wants(),
        // The middle, the funnel and the test are chosen when the data are read.
        ReportKind::Journeys
        | ReportKind::Funnels
        | ReportKind::SplitTests(_)
        | ReportKind::Uptime
        | ReportKind::Outages => Wants::default(),
        ReportKind::Hours => hours::wants(page)?,
        ReportKind::Vitals => vitals::wants(page),
        ReportKind::Retention => retention::wants(page)?,
    })
}

/// Renders the note of a range that begins before the oldest visit in the file.
fn note(page: &ReportPage, answer: &Answer) -> Markup {
    let since = answer.coverage.cut_at();
    match page.kind {
        // They belong to no visit.
        ReportKind::Uptime | ReportKind::Outages => html! {},
        ReportKind::Recent(_) if !page.query.is_filtered() => retention_note::of_list(since),
        _ => retention_note::of_report(since, &page.query),
    }
}

/// Renders the answer as the kind of the report says.
fn content(
    page: &ReportPage,
    second: Option<SecondDimension>,
    (special, today): (Special, Day),
    answer: Answer,
) -> Markup {
    match page.kind {
        ReportKind::Metric(metric) => metric::draw(page, metric, answer),
        ReportKind::Items(dimension) => match second {
            Some(second) => cross_tab::draw(page, dimension, second, answer),
            None => items::draw(page, dimension, answer),
        },
        ReportKind::Recent(list) => recent::draw(page, list, answer),
        ReportKind::FilteredHits => filtered::draw(page, special.rules.unwrap_or_default(), answer),
        ReportKind::Journeys => journeys::draw(page, &special.journey.unwrap_or_default(), answer),
        ReportKind::Funnels => funnels::draw(page, &special.funnel.unwrap_or_default(), second, answer),
        ReportKind::SplitTests(_) => split_tests::draw(page, &special.split.unwrap_or_default()),
        ReportKind::Hours => hours::draw(page, answer),
        ReportKind::Vitals => vitals::draw(page, answer),
        ReportKind::Retention => retention::draw(page, answer, today),
        ReportKind::Uptime => uptime::draw(page, &special.uptime.unwrap_or_default()),
        ReportKind::Outages => uptime::draw_outages(page, &special.uptime.unwrap_or_default()),
    }
}
