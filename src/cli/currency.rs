//! `clickstead site currency`: the currency of a site's revenue and costs.

use super::context::Context;
use super::output::json;
use super::terminal;
use crate::error::Result;
use crate::goals::currency::{self, CurrencyChange};
use crate::model::id::SiteId;
use crate::store::sites;
use serde_json::json;

/// The options of `site currency`.
#[derive(clap::Args)]
pub struct CurrencyArgs {
    /// The site's number
    #[arg(value_parser = super::values::site_id)]
    id: SiteId,
    /// The new currency, by its three letters, such as EUR
    #[arg(long, value_name = "CURRENCY")]
    to: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl CurrencyArgs {
    pub(super) fn run(&self, context: &Context) -> Result<String> {
        let site = context.read(|connection| sites::get(connection, self.id))?;
        let Some(to) = &self.to else {
            return Ok(if self.json {
                json(&json!({"site_id": site.id.0, "currency": site.currency.code()}))
            } else {
                format!("Site {} counts in {}, {}.", site.id, site.currency, site.currency.name())
            });
        };
        let to = currency::parse(to)?;
        let change = context.read(|connection| currency::preview(connection, &site, to))?;
        if change.is_needed() && change.amounts.has_some() {
            terminal::consent(&question(&change), self.yes)?;
        }
        context.change(|tx| currency::change(tx, &context.actor(), &site, to))?;
        Ok(if self.json {
            json(&json!({
                "site_id": site.id.0, "currency": to.code(), "before": change.from.code(),
                "conversions": change.amounts.conversions, "goals": change.amounts.goals,
                "costs": change.amounts.costs, "days": change.amounts.days,
            }))
        } else {
            format!("Site {} counts in {to} now.", site.id)
        })
    }
}

/// Returns what a change does.
fn question(change: &CurrencyChange) -> String {
    let CurrencyChange { from, to, amounts } = change;
    let counted = |count: i64, one: &str, many: &str| {
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let parts = [
        counted(amounts.conversions, "conversion", "conversions"),
        counted(amounts.goals, "goal", "goals"),
        counted(amounts.costs, "day of a campaign's costs", "days of campaigns' costs"),
        counted(amounts.days, "day of kept totals", "days of kept totals"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let (before, after) = change.example();
    let rounds = if change.rounds() { " Amounts are rounded, which can't be undone." } else { "" };
    format!(
        "This changes the currency of {parts} from {from} to {to}. Numbers stay, nothing is converted at a rate: {before} \
         becomes {after}.{rounds}"
    )
}
