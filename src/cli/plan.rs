//! `clickstead user plan`: the price of a user's plan, and how many sites they may own. Values without an option stay
//! unchanged.

use super::context::Context;
use super::output::json;
use super::person;
use crate::accounts::billing::plan::{self, PlanForm, UNLIMITED};
use crate::error::{Error, Result};
use crate::model::id::UserId;
use crate::model::month::Month;
use crate::store::plans::{self, Plan};
use crate::store::users;
use rusqlite::Connection;
use serde_json::{Value, json};

/// The options of `user plan`.
#[derive(clap::Args)]
pub struct PlanArgs {
    /// User name or e-mail
    name: String,
    /// How many sites they may own: a number, or `unlimited`; those there are stay
    #[arg(long, value_name = "N", value_parser = sites_max)]
    sites: Option<SitesMax>,
    /// What the plan is called
    #[arg(long = "plan", value_name = "NAME")]
    title: Option<String>,
    /// What it costs a month, such as 19.00
    #[arg(long)]
    price: Option<String>,
    /// The currency of the price: three letters, such as EUR
    #[arg(long)]
    currency: Option<String>,
    /// Actions included in a month: a number, or `unlimited`
    #[arg(long, value_name = "N")]
    actions: Option<String>,
    /// To whom the bill goes
    #[arg(long)]
    contact: Option<String>,
    /// Notes, which whoever pays never sees
    #[arg(long)]
    notes: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The number of sites that a user may own; `None` for no limit.
#[derive(Clone, Copy)]
pub struct SitesMax(Option<i64>);

fn sites_max(text: &str) -> std::result::Result<SitesMax, String> {
    if text.trim().is_empty() {
        return Err(format!("write a number such as 3, or {UNLIMITED}"));
    }
    plan::sites_max(text).map(SitesMax).map_err(|error| error.to_string())
}

/// The present plan and limits of a user.
struct PlanState {
    username: String,
    sites_max: Option<i64>,
    plan: Option<Plan>,
}

impl PlanState {
    fn load(connection: &Connection, user: UserId, month: Month) -> Result<Self> {
        Ok(Self {
            username: users::get(connection, user)?.username,
            sites_max: users::sites_max(connection, user)?,
            plan: plans::find(connection, user, month)?,
        })
    }

    fn json(&self) -> Value {
        let plan = self.plan.as_ref().map(|Plan { terms, notes }| {
            json!({
                "name": terms.name, "price": terms.price.amount(), "currency": terms.price.currency,
                "actions": terms.actions_max, "contact": terms.contact, "notes": notes,
            })
        });
        json!({ "user": self.username, "sites": self.sites_max, "plan": plan })
    }

    fn sites(&self) -> String {
        match self.sites_max {
            Some(most) => format!("{} may own {most} sites.", self.username),
            None => format!("{} may own any number of sites.", self.username),
        }
    }

    fn plan(&self) -> String {
        let name = &self.username;
        let Some(Plan { terms, notes }) = &self.plan else {
            return format!("{name} has no plan. Set one with --plan, --price and --currency.");
        };
        let actions = match terms.actions_max {
            Some(most) => format!("{most} actions a month"),
            None => "any number of actions".to_owned(),
        };
        let pays = format!("{name} pays {} a month for {}: {actions}.", terms.price, terms.name);
        let more = [("Billing contact", &terms.contact), ("Notes", notes)].into_iter();
        let more =
            more.filter(|(_, value)| !value.is_empty()).map(|(what, value)| format!("{what}: {value}"));
        std::iter::once(pays).chain(more).collect::<Vec<_>>().join("\n")
    }
}

impl PlanArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        let month = Month::current(context.now);
        let options = [&self.title, &self.price, &self.currency, &self.actions, &self.contact, &self.notes];
        let has_plan = options.into_iter().any(Option::is_some);
        let state = if has_plan || self.sites.is_some() {
            context.change(|tx| {
                let user = person::get(tx, &self.name)?.id;
                let sites_max = match self.sites {
                    Some(SitesMax(most)) => most,
                    None => users::sites_max(tx, user)?,
                };
                if has_plan {
                    let plan_before = plans::find(tx, user, month)?;
                    plan::set(tx, user, month, &self.changed(plan_before)?, sites_max)?;
                } else {
                    plan::allow_sites(tx, user, sites_max)?;
                }
                PlanState::load(tx, user, month)
            })?
        } else {
            context.read(|connection| {
                PlanState::load(connection, person::get(connection, &self.name)?.id, month)
            })?
        };
        Ok(match (self.json, has_plan, self.sites.is_some()) {
            (true, ..) => json(&state.json()),
            (_, true, false) => state.plan(),
            (_, false, true) => state.sites(),
            (..) => format!("{}\n{}", state.plan(), state.sites()),
        })
    }

    /// Returns the plan with the given options applied.
    fn changed(&self, plan_before: Option<Plan>) -> Result<Plan> {
        let needed = [("--plan", &self.title), ("--price", &self.price), ("--currency", &self.currency)];
        let missing: Vec<&str> =
            needed.into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        if plan_before.is_none() && !missing.is_empty() {
            let missing = missing.join(" and ");
            return Err(Error::Setup(format!("{} has no plan yet. Say {missing} too.", self.name)));
        }
        let mut form = plan_before.as_ref().map(PlanForm::from_plan).unwrap_or_default();
        let changes = [
            (&mut form.name, &self.title),
            (&mut form.price, &self.price),
            (&mut form.currency, &self.currency),
            (&mut form.actions, &self.actions),
            (&mut form.contact, &self.contact),
            (&mut form.notes, &self.notes),
        ];
        for (field, value) in changes {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        if self.actions.as_deref().is_some_and(|value| value.trim().is_empty()) {
            return Err(Error::Setup(format!("Say a number after --actions, or {UNLIMITED}.")));
        }
        form.check()
    }
}
