//! The list of a site's funnels.

use super::paths::base;
use crate::error::Result;
use crate::model::funnel::Funnel;
use crate::model::id::SiteId;
use crate::reports::data_reader::DataReader;
use crate::reports::step_names;
use crate::store::funnels;
use crate::store::goals::{self, Goal};
use maud::{Markup, html};

/// The funnels of a site, with the names of its goals.
pub struct FunnelSection {
    site: SiteId,
    funnels: Vec<Funnel>,
    goals: Vec<Goal>,
}

impl FunnelSection {
    /// Loads the section.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, site: SiteId) -> Result<Self> {
        let funnels = funnels::list(reader.connection, site)?;
        Ok(Self { site, funnels, goals: goals::list_with_removed(reader.connection, site)? })
    }

    /// Renders the section.
    pub fn draw(&self) -> Markup {
        html! {
            section id="funnels" {
                h2 { "Funnels" }
                p { "A funnel shows how many visits go from step to step, such as from the menu to the order, and where you lose the rest." }
                p.buttons { a.button.primary href={ (base(self.site)) "/new" } { "Add a funnel" } }
                @if self.funnels.is_empty() {
                    div.empty { h3 { "No funnels yet" } p { "Two to twelve steps: pages, events, downloads, links and goals. Visits that already happened are counted, too." } }
                } @else {
                    ul.plain.rows { @for funnel in &self.funnels { (self.row(funnel)) } }
                }
            }
        }
    }

    fn row(&self, funnel: &Funnel) -> Markup {
        let settings = &funnel.settings;
        let titles: Vec<String> =
            settings.steps.iter().map(|step| step_names::name(step, &self.goals)).collect();
        let edit = format!("{}/{}", base(self.site), funnel.id);
        html! {
            li {
                div {
                    b { (settings.name) } br;
                    span.quiet { (titles.join(" → ")) @if let Some(days) = settings.window_days { " · within " (days) @if days == 1 { " day" } @else { " days" } } }
                    (removed_goals(funnel, &self.goals))
                }
                div.buttons {
                    a.button.small href={ "/sites/" (self.site) "/funnels/" (funnel.id) } { "See results" span.hidden { " of " (settings.name) } }
                    a.button.small href=(edit) { "Change" span.hidden { " " (settings.name) } }
                    a.button.small href={ (edit) "/remove" } { "Remove …" span.hidden { " " (settings.name) } }
                }
            }
        }
    }
}

/// Renders what is wrong with steps whose goal was removed, and what to do.
fn removed_goals(funnel: &Funnel, goals: &[Goal]) -> Markup {
    let steps = funnel.settings.steps.iter().enumerate();
    let removed = steps.filter_map(|(place, step)| Some((place + 1, step_names::removed_goal(step, goals)?)));
    html! {
        @for (number, goal) in removed {
            p.problem { "Step " (number) " counts nothing: the goal “" (goal.settings.name) "” was removed. Change the funnel, or bring the goal back." }
        }
    }
}
