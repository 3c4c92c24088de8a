//! Further names of the query parameters that describe campaigns.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::store::campaigns::{self, CampaignPart};
use crate::store::sites::Site;
use rusqlite::Transaction;

/// Replaces the further names of campaign parameters. They hold from the next hit on.
///
/// # Errors
///
/// Fails with `Error::Invalid` when a name is not valid or there are too many, and when the data file cannot be written.
pub fn replace(
    tx: &Transaction<'_>,
    actor: &Actor,
    site: &Site,
    parameters: &[(String, CampaignPart)],
) -> Result<()> {
    let mut checked: Vec<(String, CampaignPart)> = Vec::new();
    for (name, part) in parameters {
        let name = name.trim().trim_start_matches(['?', '&']).trim_end_matches('=');
        check(name)?;
        if checked.iter().any(|(other, _)| other == name) {
            return Err(Error::invalid("parameters", format!("{name} is there twice. Give each name once.")));
        }
        checked.push((name.to_owned(), *part));
    }
    if checked.len() > limits::CAMPAIGN_PARAMETERS_PER_SITE_MAX {
        let most = limits::CAMPAIGN_PARAMETERS_PER_SITE_MAX;
        return Err(Error::invalid("parameters", format!("There is room for {most} parameters.")));
    }
    checked.sort_by(|(name, _), (other, _)| name.cmp(other));
    if checked == campaigns::list_parameters(tx, site.id)? {
        return Ok(());
    }
    campaigns::set_parameters(tx, site.id, &checked)?;
    let described = checked.iter().map(|(name, part)| format!("{name} = {}", <&str>::from(*part)));
    let about = described.collect::<Vec<_>>().join(", ");
    let about = if about.is_empty() { "none".to_owned() } else { about };
    actor.record(tx, site.id, AuditAction::ChangeCampaignParameters, &about)
}

fn check(name: &str) -> Result<()> {
    let is_plain =
        |letter: char| !letter.is_control() && !letter.is_whitespace() && !"&=?#%+/".contains(letter);
    if (1..=limits::WORD_BYTES_MAX).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Error::invalid("parameters", "Give the names of parameters as in addresses, such as mtm_campaign."))
}
