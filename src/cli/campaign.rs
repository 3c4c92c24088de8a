//! `clickstead campaign`: what campaigns cost.

use super::context::Context;
use super::output::{json, table};
use crate::error::Result;
use crate::goals::{amounts, campaign_costs};
use crate::model::id::SiteId;
use crate::reports::date_range::DateRange;
use crate::store::campaigns;
use crate::store::sites;
use serde_json::json;

/// The verbs of `campaign`.
#[derive(clap::Subcommand)]
pub enum CampaignArgs {
    /// Set what a campaign cost, in place of what was set for these days
    Cost(CostArgs),
    /// List what campaigns cost, by day
    Costs {
        /// The site's number
        #[arg(long, value_parser = super::values::site_id)]
        site: SiteId,
        /// The days, such as last-30-days, 2026-11 or 2026-11-01,2026-11-30
        #[arg(long, value_name = "RANGE", default_value = "last-30-days")]
        date: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// The options of `campaign cost`.
#[derive(clap::Args)]
pub struct CostArgs {
    /// The site's number
    #[arg(long, value_parser = super::values::site_id)]
    site: SiteId,
    /// The campaign, as its links name it
    #[arg(long, value_name = "C")]
    campaign: String,
    /// The days, such as 2026-11 or 2026-11-01,2026-11-30
    #[arg(long, value_name = "RANGE")]
    date: String,
    /// The cost of all these days together, in the site's currency; 0 takes it away
    #[arg(long, value_name = "AMOUNT")]
    cost: String,
    /// The cost is that of each day
    #[arg(long)]
    per_day: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl CampaignArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Cost(cost) => cost.run(context),
            Self::Costs { site, date, json } => list(context, site, &date, json),
        }
    }
}

impl CostArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (site, days, cost) = context.change(|tx| {
            let site = sites::get(tx, self.site)?;
            let days = DateRange::parse(&self.date, site.zone.day(context.now))?;
            let cost = amounts::parse(&site, "cost", &self.cost)?;
            let set = if self.per_day { campaign_costs::set } else { campaign_costs::set_total };
            set(tx, &context.actor(), &site, &self.campaign, days, cost)?;
            Ok((site, days, cost))
        })?;
        if self.json {
            return Ok(json(&json!({
                "campaign": self.campaign.trim(), "first": days.first.to_string(), "last": days.last.to_string(),
                "cost": amounts::to_json(&site, cost), "per_day": self.per_day, "currency": site.currency.code(),
            })));
        }
        let each = if self.per_day { " a day" } else { "" };
        let (campaign, cost) = (self.campaign.trim(), site.currency.text(cost));
        Ok(if days.first == days.last {
            format!("{campaign} cost {cost} on {}.", days.first)
        } else {
            format!("{campaign} cost {cost}{each} from {} to {}.", days.first, days.last)
        })
    }
}

fn list(context: &Context, site: SiteId, date: &str, as_json: bool) -> Result<String> {
    let (site, costs) = context.read(|connection| {
        let site = sites::get(connection, site)?;
        let days = DateRange::parse(date, site.zone.day(context.now))?;
        let costs = campaigns::list_costs(connection, site.id, days.first, days.last)?;
        Ok((site, costs))
    })?;
    if as_json {
        let costs = costs.iter().map(|cost| {
            json!({
                "campaign": cost.campaign, "day": cost.day.to_string(), "cost": amounts::to_json(&site, cost.cost),
                "currency": site.currency.code(),
            })
        });
        return Ok(json(&costs.collect()));
    }
    let rows = costs
        .into_iter()
        .map(|cost| vec![cost.day.to_string(), cost.campaign, site.currency.text(cost.cost)]);
    Ok(table(&["DAY", "CAMPAIGN", "COST"], &rows.collect::<Vec<_>>()))
}
