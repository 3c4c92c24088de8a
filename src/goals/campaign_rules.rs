//! Campaigns of a site's own, by landing page or referring domain.

use super::campaign_costs::campaign_name;
use crate::access::audit::{Actor, AuditAction};
use crate::error::Result;
use crate::model::goal::{AddressPattern, MatchKind};
use crate::model::id::CampaignItemId;
use crate::sites::hosts;
use crate::store::campaigns::{self, CampaignRule, CampaignRuleKind};
use crate::store::sites::Site;
use rusqlite::Transaction;

/// Adds a rule, the last one of the site's. The domain of a referrer may be typed as an address.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the campaign, the pattern or the domain is not valid, or there are too many rules, and
/// when the data file cannot be written.
pub fn add(tx: &Transaction<'_>, actor: &Actor, site: &Site, rule: CampaignRule) -> Result<CampaignItemId> {
    let rule = checked(rule)?;
    let id = campaigns::create_rule(tx, site.id, &rule, actor.at)?;
    actor.record(tx, site.id, AuditAction::AddCampaignRule, &describe(&rule))?;
    Ok(id)
}

/// Removes a rule. Visits that it matched keep their campaign.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such rule, and when the data file cannot be written.
pub fn remove(tx: &Transaction<'_>, actor: &Actor, site: &Site, id: CampaignItemId) -> Result<()> {
    let rules = campaigns::list_rules(tx, site.id)?;
    campaigns::delete_rule(tx, site.id, id)?;
    let about = rules.iter().find(|rule| rule.id == id).map(describe).unwrap_or_default();
    actor.record(tx, site.id, AuditAction::RemoveCampaignRule, &about)
}

fn checked(rule: CampaignRule) -> Result<CampaignRule> {
    let campaign = campaign_name(&rule.campaign)?;
    let pattern = rule.pattern.trim();
    Ok(match rule.kind {
        CampaignRuleKind::Landing => {
            AddressPattern::compile(rule.matching, pattern)?;
            CampaignRule { campaign, pattern: pattern.to_owned(), ..rule }
        }
        CampaignRuleKind::Referrer => {
            let matching = MatchKind::Exact;
            let pattern = hosts::parse(pattern).map_err(|_| {
                crate::error::Error::invalid("pattern", "Enter a domain, such as partner.example.")
            })?;
            CampaignRule { campaign, matching, pattern, ..rule }
        }
    })
}

fn describe(rule: &CampaignRule) -> String {
    let how = match rule.kind {
        CampaignRuleKind::Landing => format!("landing page {}", rule.matching.name()),
        CampaignRuleKind::Referrer => "from".to_owned(),
    };
    format!("{}: {how} {}", rule.campaign, rule.pattern)
}
