//! The screen of funnels: the steps of the chosen funnel as a picture and as a table, with those who took each, those who were
//! lost after it and where they went.

mod picture;
mod tables;
mod view;

use super::controls;
use super::page::ReportPage;
use super::report_row::permille;
use super::second_dimension::SecondDimension;
use crate::access::capability::OpenReport;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::http::errors::see_other;
use crate::model::funnel::Funnel;
use crate::reports::answer::Answer;
use crate::reports::data_reader::DataReader;
use crate::reports::funnel_filter;
use crate::reports::query::{FunnelWant, Query, Wants};
use crate::reports::step_names;
use crate::store::funnels;
use crate::store::goals::{self, Goal};
use crate::web::filters::query_params::QueryParams;
use crate::web::ui::format::{self, NumberUnit};
use actix_web::HttpResponse;
use actix_web::web::Path;
use maud::{Markup, html};
use view::View;

/// The parameter of the choice.
pub const PARAMETER: &str = "funnel";
/// The items of a breakdown.
const ITEMS: u32 = 10;
/// The next pages of those lost after a step.
const NEXT_PAGES: u32 = 3;

/// `GET /sites/{site}/funnels/{funnel}`: leads to the report of a funnel.
///
/// # Errors
///
/// Fails when the caller may not see the report.
pub async fn open(access: SiteReader<OpenReport>, names: Path<(String, String)>) -> Result<HttpResponse> {
    let funnel: String = form_urlencoded::byte_serialize(names.1.as_bytes()).collect();
    Ok(see_other(&format!("{}/reports/funnels?{PARAMETER}={funnel}", access.base())))
}

/// The choice of a funnel.
#[derive(Default)]
pub struct FunnelChoice {
    /// The funnels of the site.
    pub funnels: Vec<Funnel>,
    /// The funnel that is shown; `None` if there is none.
    pub chosen: Option<Funnel>,
    /// The goals of the site, removed ones too.
    goals: Vec<Goal>,
}

impl FunnelChoice {
    /// Loads the funnels of a site, and the one that the address names, or the first one.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when there is no such funnel, and when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, query: &Query, params: &QueryParams) -> Result<Self> {
        let (connection, site) = (reader.connection, query.site.id);
        let chosen = funnel_filter::choose(connection, site, params.get(PARAMETER))?;
        let goals = goals::list_with_removed(connection, site)?;
        Ok(Self { funnels: funnels::list(connection, site)?, chosen, goals })
    }

    /// Returns the parts of the answer that the screen shows.
    pub fn wants(&self, second: Option<SecondDimension>) -> Wants {
        let funnel = self.chosen.as_ref().map(|funnel| FunnelWant {
            funnel: funnel.settings.clone(),
            by: second.map(|second| (second.dimension, ITEMS)),
            next_pages: NEXT_PAGES,
        });
        Wants { funnel, ..Wants::default() }
    }
}

/// Renders the report.
pub fn draw(
    page: &ReportPage,
    choice: &FunnelChoice,
    second: Option<SecondDimension>,
    answer: Answer,
) -> Markup {
    let Some(funnel) = &choice.chosen else { return no_funnels(page) };
    let names = funnel.settings.steps.iter().map(|step| step_names::name(step, &choice.goals)).collect();
    let result = answer.funnel.unwrap_or_default();
    let view = View { page, funnel, goals: &choice.goals, names, result };
    html! {
        (chooser(page, choice, funnel))
        (removed_goals(&view))
        (recognition(&view))
        @if view.entered() == 0 { (nobody(&view)) } @else { (summary(&view)) (picture::draw(&view)) (tables::steps(&view)) }
        (controls::break_down(page, second))
        @if let Some(second) = second { (tables::items(&view, second)) }
    }
}

/// Renders the report of a site without funnels.
fn no_funnels(page: &ReportPage) -> Markup {
    html! {
        section.empty {
            h2 { "No funnels yet" }
            p { "Name two to twelve steps, such as menu, basket and order, and see how many visits go from one to the next, and where you lose the others." }
            @if page.may_add_goals {
                p { a.button.primary href={ (page.address.base) "/preferences/funnels/new" } { "Add a funnel" } }
            } @else {
                p { "The site's owner and Administrators can add one under Preferences → Goals & funnels." }
            }
            p { a href="/help/funnels" { "What funnels are" } }
        }
    }
}

fn chooser(page: &ReportPage, choice: &FunnelChoice, funnel: &Funnel) -> Markup {
    html! {
        div.funnel-head {
            form.break-down method="get" action=(page.address.path) {
                @for (name, value) in page.address.params.hidden_fields(&[PARAMETER]) { input type="hidden" name=(name) value=(value); }
                label for="funnel" { "Funnel" }
                select id="funnel" name=(PARAMETER) data-submits {
                    @for one in &choice.funnels { option value=(one.id) selected[one.id == funnel.id] { (one.settings.name) } }
                }
                button type="submit" { "Show" }
            }
            @if page.may_add_goals {
                a href={ (page.address.base) "/preferences/funnels/" (funnel.id) } { "Change this funnel" }
                a href={ (page.address.base) "/preferences/funnels/new" } { "Add a funnel" }
            }
            a href="/help/funnels" { "How to read this" }
        }
    }
}

/// Renders what is wrong with steps whose goal was removed, and what to do.
fn removed_goals(view: &View<'_>) -> Markup {
    let steps = view.funnel.settings.steps.iter().zip(1..);
    let removed =
        steps.filter_map(|(step, number)| Some((number, step_names::removed_goal(step, view.goals)?)));
    html! {
        @for (number, goal) in removed {
            p.verdict.plain role="note" {
                "Step " (number) " counts nothing: the goal “" (goal.settings.name) "” was removed. "
                @if view.page.may_add_goals {
                    a href={ (view.page.address.base) "/preferences/funnels/" (view.funnel.id) } { "Change the funnel" } ", or "
                    a href={ (view.page.address.base) "/preferences/goals" } { "bring the goal back" } "."
                }
            }
        }
    }
}

/// Renders how many visitors a funnel across visits can follow.
fn recognition(view: &View<'_>) -> Markup {
    let all = view.result.visits.now;
    html! {
        @if let Some((days, recognized)) = view.funnel.settings.window_days.zip(view.result.recognized) {
            p.verdict.plain role="note" {
                "Counts visitors who take all steps within " (days) @if days == 1 { " day. " } @else { " days. " }
                @if recognized == all {
                    "All visitors of this period are recognized for longer than a day."
                } @else if recognized == 0 {
                    "No visitor of this period is recognized for longer than a day, so only steps on the same day count. Visitors who accept the site's cookie are recognized for longer: see Preferences → Tracking."
                } @else {
                    (format::grouped(recognized)) " of " (format::grouped(all)) " visits come from visitors recognized for longer than a day. For the others, only steps on the same day count."
                }
            }
        }
    }
}

fn nobody(view: &View<'_>) -> Markup {
    let address = &view.page.address;
    let first = view.result.steps.first();
    let before = first.and_then(|step| step.reached.before).filter(|before| *before > 0);
    html! {
        section.empty {
            h2 { "Nobody took the first step in this period" }
            (view.page.it_was(before, NumberUnit::Count))
            p { "The first step is “" (view.names.first().map_or("", String::as_str)) "”. " @if !address.filters.is_empty() { "Your filters may exclude everyone." } @else if before.is_some() { "Choose a longer period." } @else { "Choose a longer period, or check its spelling." } }
            @if !address.filters.is_empty() { p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } } }
        }
    }
}

/// Renders the share of those who went all the way.
fn summary(view: &View<'_>) -> Markup {
    let steps = &view.result.steps;
    let last = steps.last().map_or(0, |step| step.reached.now);
    let entered = view.entered();
    let before = steps.first().zip(steps.last()).and_then(|(first, last)| {
        let entered = first.reached.before.filter(|entered| *entered > 0)?;
        Some(permille(last.reached.before?, entered))
    });
    html! {
        p.big {
            b { (format::percent(permille(last, entered))) } " went all the way: "
            (format::count(last)) " of " (format::count(entered)) " " (view.counted(entered))
            @if let Some((before, comparison)) = before.zip(view.page.query.comparison) { (view.page.earlier(before, NumberUnit::Permille, comparison)) }
        }
    }
}
