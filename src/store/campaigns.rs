//! Campaigns of sites: rules by landing page or referring domain, further names of parameters, costs by day, and the links
//! that were made.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::goal::MatchKind;
use crate::model::id::{CampaignItemId, SiteId};
use rusqlite::{Connection, Transaction, named_params};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kind of a rule for a campaign, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum CampaignRuleKind {
    /// Visits that begin on these pages.
    Landing,
    /// Visits from this domain and its subdomains.
    Referrer,
}

/// A part of the description of a campaign, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum CampaignPart {
    /// The name.
    Campaign,
    /// The source.
    Source,
    /// The medium.
    Medium,
    /// The term.
    Term,
    /// The content.
    Content,
}

/// A rule: visits without a campaign that it matches belong to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRule {
    /// The id; of no meaning for a new one.
    pub id: CampaignItemId,
    /// The name of the campaign.
    pub campaign: String,
    /// The kind.
    pub kind: CampaignRuleKind,
    /// The comparison of landing pages.
    pub matching: MatchKind,
    /// The pattern, or the domain.
    pub pattern: String,
}

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignLink {
    /// The id; of no meaning for a new one.
    pub id: CampaignItemId,
    /// The URL with its parameters.
    pub url: String,
    /// The campaign.
    pub campaign: String,
    /// The user who made it.
    pub author: Option<String>,
    /// The time.
    pub created_at: Timestamp,
}

/// The cost of a campaign on a day, in the minor unit of the site's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignCost {
    /// The campaign.
    pub campaign: String,
    /// The day.
    pub day: Day,
    /// The cost.
    pub cost: i64,
}

/// Lists the rules of a site, oldest first; the first one that matches holds.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_rules(connection: &Connection, site: SiteId) -> Result<Vec<CampaignRule>> {
    let mut question = connection.prepare_cached(
        "select id, campaign, kind, match, pattern from campaign_rules where site_id = :site order by id",
    )?;
    let rows = question.query_map([site.0], |row| {
        let (kind, matching): (String, String) = (row.get(2)?, row.get(3)?);
        Ok(CampaignRule {
            id: CampaignItemId(row.get(0)?),
            campaign: row.get(1)?,
            kind: kind.parse().unwrap_or(CampaignRuleKind::Landing),
            matching: matching.parse().unwrap_or_default(),
            pattern: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Creates a rule.
///
/// # Errors
/// Fails with [`Error::Invalid`] when there are [`limits::CAMPAIGN_RULES_PER_SITE_MAX`] already.
pub fn create_rule(
    transaction: &Transaction<'_>,
    site: SiteId,
    rule: &CampaignRule,
    at: Timestamp,
) -> Result<CampaignItemId> {
    if list_rules(transaction, site)?.len() >= limits::CAMPAIGN_RULES_PER_SITE_MAX {
        let most = limits::CAMPAIGN_RULES_PER_SITE_MAX;
        return Err(Error::invalid("campaign", format!("There are {most} rules already. Remove one first.")));
    }
    let kind: &str = rule.kind.into();
    transaction.execute(
        "insert into campaign_rules (site_id, campaign, kind, match, pattern, created_at)
         values (:site, :campaign, :kind, :match, :pattern, :at)",
        named_params! {
            ":site": site.0, ":campaign": rule.campaign, ":kind": kind, ":match": rule.matching.name(),
            ":pattern": rule.pattern, ":at": at.0,
        },
    )?;
    Ok(CampaignItemId(transaction.last_insert_rowid()))
}

/// Deletes a rule.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete_rule(transaction: &Transaction<'_>, site: SiteId, id: CampaignItemId) -> Result<()> {
    delete(transaction, "campaign_rules", site, id)
}

fn delete(transaction: &Transaction<'_>, table: &str, site: SiteId, id: CampaignItemId) -> Result<()> {
    let sql = format!("delete from {table} where site_id = :site and id = :id");
    let deleted = transaction.execute(&sql, named_params! {":site": site.0, ":id": id.0})?;
    if deleted == 0 { Err(Error::Missing("campaign")) } else { Ok(()) }
}

/// Lists the further names of campaign parameters, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_parameters(connection: &Connection, site: SiteId) -> Result<Vec<(String, CampaignPart)>> {
    let mut question = connection.prepare_cached(
        "select parameter, part from campaign_parameters where site_id = :site order by parameter",
    )?;
    let rows = question.query_map([site.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<(String, String)>>>()?;
    Ok(rows.into_iter().filter_map(|(name, part)| Some((name, part.parse().ok()?))).collect())
}

/// Replaces the further names of campaign parameters.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_parameters(
    transaction: &Transaction<'_>,
    site: SiteId,
    parameters: &[(String, CampaignPart)],
) -> Result<()> {
    transaction.execute("delete from campaign_parameters where site_id = :site", [site.0])?;
    for (parameter, part) in parameters {
        let part: &str = (*part).into();
        transaction.execute(
            "insert into campaign_parameters (site_id, parameter, part) values (:site, :parameter, :part)
             on conflict do update set part = excluded.part",
            named_params! {":site": site.0, ":parameter": parameter, ":part": part},
        )?;
    }
    Ok(())
}

/// Lists the costs of a range of days, each with the label of its campaign, its day and the amount.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn costs_by_label(
    connection: &Connection,
    site: SiteId,
    first: Day,
    last: Day,
) -> Result<Vec<(i64, Day, i64)>> {
    let mut question = connection.prepare_cached(
        "select campaign, day, cost from campaign_costs
         where site_id = :site and day >= :first and day <= :last",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let rows = question.query_map(bound, |row| Ok((row.get(0)?, Day(row.get(1)?), row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns true if a site has costs on any day.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_costs(connection: &Connection, site: SiteId) -> Result<bool> {
    let mut question =
        connection.prepare_cached("select exists (select 1 from campaign_costs where site_id = ?1)")?;
    Ok(question.query_row([site.0], |row| row.get(0))?)
}

/// Lists the costs of a site between two days, inclusive, by day and campaign.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_costs(connection: &Connection, site: SiteId, first: Day, last: Day) -> Result<Vec<CampaignCost>> {
    let mut question = connection.prepare_cached(
        "select text, day, cost
         from campaign_costs join labels on labels.id = campaign
         where site_id = :site and day between :first and :last
         order by day, text",
    )?;
    let bound = named_params! {":site": site.0, ":first": first.0, ":last": last.0};
    let rows = question.query_map(bound, |row| {
        Ok(CampaignCost { campaign: row.get(0)?, day: Day(row.get(1)?), cost: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sets the cost of a campaign, by its label, on a day; 0 deletes it.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_cost(
    transaction: &Transaction<'_>,
    site: SiteId,
    campaign: i64,
    day: Day,
    cost: i64,
) -> Result<()> {
    let bound = named_params! {":site": site.0, ":campaign": campaign, ":day": day.0};
    transaction.execute(
        "delete from campaign_costs where site_id = :site and campaign = :campaign and day = :day",
        bound,
    )?;
    if cost != 0 {
        transaction.execute(
            "insert into campaign_costs (site_id, campaign, day, cost) values (:site, :campaign, :day, :cost)",
            named_params! {":site": site.0, ":campaign": campaign, ":day": day.0, ":cost": cost},
        )?;
    }
    Ok(())
}

/// Lists the links that were made, newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_links(connection: &Connection, site: SiteId) -> Result<Vec<CampaignLink>> {
    let mut question = connection.prepare_cached(
        "select id, url, campaign, author, created_at from campaign_links where site_id = :site order by id desc",
    )?;
    let rows = question.query_map([site.0], |row| {
        Ok(CampaignLink {
            id: CampaignItemId(row.get(0)?),
            url: row.get(1)?,
            campaign: row.get(2)?,
            author: row.get(3)?,
            created_at: Timestamp(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Creates a link; beyond [`limits::CAMPAIGN_LINKS_PER_SITE_MAX`] the oldest one gives way.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_link(
    transaction: &Transaction<'_>,
    site: SiteId,
    link: &CampaignLink,
) -> Result<CampaignItemId> {
    transaction.execute(
        "insert into campaign_links (site_id, url, campaign, author, created_at)
         values (:site, :url, :campaign, :author, :at)",
        named_params! {
            ":site": site.0, ":url": link.url, ":campaign": link.campaign, ":author": link.author,
            ":at": link.created_at.0,
        },
    )?;
    let id = CampaignItemId(transaction.last_insert_rowid());
    let most = i64::try_from(limits::CAMPAIGN_LINKS_PER_SITE_MAX).unwrap_or(i64::MAX);
    transaction.execute(
        "delete from campaign_links
         where site_id = :site and id not in (
           select id from campaign_links where site_id = :site order by id desc limit :most)",
        named_params! {":site": site.0, ":most": most},
    )?;
    Ok(id)
}

/// Deletes a link.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn delete_link(transaction: &Transaction<'_>, site: SiteId, id: CampaignItemId) -> Result<()> {
    delete(transaction, "campaign_links", site, id)
}
