//! `clickstead share`: who else may see a site.

use super::context::Context;
use super::output::{json, table};
use super::person;
use crate::error::Result;
use crate::model::id::SiteId;
use crate::model::level::Level;
use crate::sites::sharing::{self, ShareRequest};
use crate::store::{shares, sites, users};
use serde_json::json;

/// A site and somebody.
#[derive(clap::Args)]
pub struct ShareSelector {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// User name or e-mail
    #[arg(long, value_name = "NAME")]
    user: String,
}

/// The verbs of `share`.
#[derive(clap::Subcommand)]
pub enum ShareArgs {
    /// Let somebody see a site
    Add {
        #[command(flatten)]
        share: ShareSelector,
        /// administrator: everything but deleting and giving away; user: reading everything; view-only: reading what the
        /// owner chooses
        #[arg(long, value_parser = level)]
        level: Level,
    },
    /// Change somebody's level, or whether they see the billing
    Set {
        #[command(flatten)]
        share: ShareSelector,
        /// administrator, user or view-only
        #[arg(long, value_parser = level, required_unless_present = "billing")]
        level: Option<Level>,
        /// Show an Administrator the plan, its totals and the use of this site, or not
        #[arg(long, value_name = "ON|OFF")]
        billing: Option<Switch>,
    },
    /// End somebody's access
    Remove {
        #[command(flatten)]
        share: ShareSelector,
    },
    /// List everybody with access
    List {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// On or off.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// It is so
    On,
    /// It is not so
    Off,
}

fn level(name: &str) -> std::result::Result<Level, String> {
    Level::parse(name).ok_or_else(|| "a level is administrator, user or view-only".into())
}

impl ShareArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add { share: ShareSelector { site, user: name }, level } => {
                context.change(|tx| {
                    let (site, user) = (sites::get(tx, site)?, person::get_or_advise(tx, &name)?.id);
                    let request = ShareRequest { typed: &name, level, giver: None };
                    sharing::share_with(tx, &context.actor(), &site, &request, user)
                })?;
                Ok(format!("{name} is {} of site {site} now.", level.title()))
            }
            Self::Set { share, level, billing } => set(context, &share, level, billing),
            Self::Remove { share: ShareSelector { site, user: name } } => {
                context.change(|tx| {
                    sharing::end(tx, &context.actor(), site, person::get_or_advise(tx, &name)?.id)
                })?;
                Ok(format!(
                    "{name} has no access to site {site} any more. If they may know its keys, make new ones with `{}`.",
                    context.hint(&format!("site rotate-key {site}"))
                ))
            }
            Self::List { site, json } => list(context, site, json),
        }
    }
}

fn set(
    context: &Context,
    share: &ShareSelector,
    level: Option<Level>,
    billing: Option<Switch>,
) -> Result<String> {
    let ShareSelector { site, user: name } = share;
    let sentences = context.change(|tx| {
        let user = person::get_or_advise(tx, name)?.id;
        let mut sentences = Vec::new();
        if let Some(level) = level {
            sharing::change_level(tx, &context.actor(), *site, user, level)?;
            sentences.push(format!("{name} is {} of site {site} now.", level.title()));
        }
        if let Some(billing) = billing {
            let is_on = billing == Switch::On;
            sharing::switch_billing(tx, &context.actor(), *site, user, is_on, Some(name))?;
            let word = if is_on { "on" } else { "off" };
            sentences.push(format!("Billing is {word} for {name} on site {site}."));
        }
        Ok(sentences)
    })?;
    Ok(sentences.join("\n"))
}

fn list(context: &Context, site: SiteId, as_json: bool) -> Result<String> {
    let (owner, shares) = context.read(|connection| {
        let site = sites::get(connection, site)?;
        Ok((users::get(connection, site.owner)?, shares::list(connection, site.id)?))
    })?;
    if as_json {
        let owner = json!({"user": owner.username, "level": "owner", "since": null});
        let others = shares.iter().map(|share| {
            json!({
                "user": share.username, "level": share.level.name(), "since": share.created_at.seconds(),
                "billing": share.sees_billing,
            })
        });
        return Ok(json(&std::iter::once(owner).chain(others).collect()));
    }
    let owner = vec![owner.username, "Owner".to_owned(), String::new()];
    let others = shares.into_iter().map(|share| {
        let billing = if share.sees_billing { "billing" } else { "" };
        vec![share.username, share.level.title().to_owned(), billing.to_owned()]
    });
    Ok(table(&["USER", "LEVEL", "SEES"], &std::iter::once(owner).chain(others).collect::<Vec<_>>()))
}
