//! The choice of the goal whose conversions a screen counts: all goals, or one.

use crate::error::{Error, Result};
use crate::model::id::GoalId;
use crate::reports::data_reader::DataReader;
use crate::reports::query::Query;
use crate::store::goals::{self, Goal};
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::screen_address::ScreenAddress;
use maud::{Markup, html};

/// The parameter of the choice.
pub const PARAMETER: &str = "conversions-of";

/// The choice of a goal.
#[derive(Default)]
pub struct GoalChoice {
    goals: Vec<Goal>,
    chosen: Option<GoalId>,
}

impl GoalChoice {
    /// Loads the goals that can be chosen, and the one that the address names; none if conversions are hidden.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when there is no such goal, and when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, query: &Query, params: &QueryParams) -> Result<Self> {
        if !query.visibility.shows_conversions() {
            return Ok(Self::default());
        }
        let goals = goals::list(reader.connection, query.site.id)?;
        let Some(name) = params.get(PARAMETER).filter(|name| !name.is_empty()) else {
            return Ok(Self { goals, chosen: None });
        };
        let found = goals::find_named(reader.connection, query.site.id, name)?;
        let found = found.filter(|goal| goal.removed_at.is_none());
        if found.is_none() && name == goals::ALL {
            return Ok(Self { goals, chosen: None });
        }
        let missing = || Error::invalid(PARAMETER, format!("There is no goal “{name}”. Choose another one."));
        let chosen = Some(found.ok_or_else(missing)?.id);
        Ok(Self { goals, chosen })
    }

    /// Returns the query, which counts the conversions of the chosen goal.
    #[must_use]
    pub fn applied(&self, query: Query) -> Query {
        Query { goal: self.chosen, ..query }
    }

    /// Returns true if there is no goal to choose.
    pub fn is_empty(&self) -> bool {
        self.goals.is_empty()
    }

    /// Returns the goals that can be chosen.
    pub fn goals(&self) -> &[Goal] {
        &self.goals
    }

    /// Returns the name of the chosen goal.
    pub fn name(&self) -> Option<&str> {
        let chosen = self.goals.iter().find(|goal| Some(goal.id) == self.chosen);
        chosen.map(|goal| goal.settings.name.as_str())
    }

    /// Renders the choice; nothing if there are no goals.
    pub fn draw(&self, address: &ScreenAddress) -> Markup {
        html! {
            @if !self.goals.is_empty() {
                form.break-down.goal-choice id="goal-choice" method="get" action=(address.path) {
                    @for (name, value) in address.params.hidden_fields(&[PARAMETER]) { input type="hidden" name=(name) value=(value); }
                    label for="conversions-of" { "Conversions of" }
                    select id="conversions-of" name=(PARAMETER) data-submits {
                        option value="" { "all goals" }
                        @for goal in &self.goals { option value=(goal.id) selected[Some(goal.id) == self.chosen] { (goal.settings.name) } }
                    }
                    button type="submit" { "Show" }
                }
            }
        }
    }
}
