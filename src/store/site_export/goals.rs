//! Export and import of the goals, campaigns and annotations of a site.

use super::goal_records::{
    AnnotationRecord, CampaignCostRecord, CampaignLinkRecord, CampaignRuleRecord, Currencies, GoalRecord,
    VisitorNoteRecord,
};
use super::label_maps::{LabelMap, LabelTextCache};
use super::outcome::ImportOutcome;
use super::records::{Record, each};
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{CampaignItemId, SiteId, VisitId, VisitorId};
use crate::store::annotations::{self, Annotation, VisitorNote};
use crate::store::campaigns::{self, CampaignLink, CampaignRule, CampaignRuleKind};
use crate::store::goals::{self, Goal, GoalSettings, Matching};
use rusqlite::{Connection, Transaction, named_params};

/// Passes the goals of a site on to `give`; conversions name them by code.
pub(super) fn read_goals(
    connection: &Connection,
    site: SiteId,
    give: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    for goal in goals::list_with_removed(connection, site)? {
        let GoalSettings { name, rule, revenue, is_every_time } = goal.settings;
        give(&Record::Goal(Box::new(GoalRecord {
            code: goal.code,
            name,
            kind: rule.as_ref().map(|rule| rule.kind.name().to_owned()),
            matching: rule.as_ref().map_or(MatchKind::Exact, |rule| rule.matching).name().to_owned(),
            pattern: rule.map(|rule| rule.pattern).unwrap_or_default(),
            revenue,
            every_time: is_every_time,
            is_set_up: goal.is_set_up,
            created_at: goal.created_at.0,
            removed_at: goal.removed_at.map(|at| at.0),
            match_below: goal.matching.map(|matching| matching.below.0),
            matching_began: goal.matching.map(|matching| matching.began.0),
        })))?;
    }
    Ok(())
}

/// Passes campaigns and annotations of a site on to `give`.
pub(super) fn read_others(
    connection: &Connection,
    site: SiteId,
    texts: &mut LabelTextCache,
    give: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    for rule in campaigns::list_rules(connection, site)? {
        let kind: &str = rule.kind.into();
        give(&Record::CampaignRule(CampaignRuleRecord {
            campaign: rule.campaign,
            kind: kind.to_owned(),
            matching: rule.matching.name().to_owned(),
            pattern: rule.pattern,
        }))?;
    }
    let costs = "select campaign, day, cost from campaign_costs where site_id = :site order by day, campaign";
    each(connection, site.0, costs, |row| {
        let Some(campaign) = texts.text(connection, row.get(0)?)? else { return Ok(()) };
        give(&Record::CampaignCost(CampaignCostRecord { campaign, day: Day(row.get(1)?), cost: row.get(2)? }))
    })?;
    let links = campaigns::list_links(connection, site)?.into_iter().rev();
    for CampaignLink { url, campaign, author, created_at, .. } in links {
        let link = CampaignLinkRecord { url, campaign, author, created_at: created_at.0 };
        give(&Record::CampaignLink(link))?;
    }
    for Annotation { day, kind, text, author, created_at, .. } in
        annotations::list(connection, site, Day(i32::MIN), Day(i32::MAX))?
    {
        let kind: &str = kind.into();
        let kind = kind.to_owned();
        let annotation = AnnotationRecord { day, kind, text, author, created_at: created_at.0 };
        give(&Record::Annotation(annotation))?;
    }
    let notes = "select visitor_id, name, tags, note, author, changed_at from visitor_notes
                 where site_id = :site order by visitor_id";
    each(connection, site.0, notes, |row| {
        let tags: String = row.get(2)?;
        give(&Record::VisitorNote(Box::new(VisitorNoteRecord {
            visitor: row.get::<_, i64>(0)?.to_string(),
            name: row.get(1)?,
            tags: tags.lines().map(str::to_owned).collect(),
            note: row.get(3)?,
            author: row.get(4)?,
            changed_at: row.get(5)?,
        })))
    })
}

/// Writes a goal. One of its code stays as it is here, unless it was only found here and is set up in the file.
pub(super) fn write_goal(
    tx: &Transaction<'_>,
    site: SiteId,
    goal: &GoalRecord,
    currencies: Currencies,
) -> Result<ImportOutcome> {
    let known = goals::find_of_code(tx, site, &goal.code)?;
    if known.as_ref().is_some_and(|known| known.is_set_up || !goal.is_set_up || goal.removed_at.is_some()) {
        return Ok(ImportOutcome::Known);
    }
    let count = if goal.is_set_up { goals::count_set_up(tx, site)? } else { goals::count(tx, site)? };
    let is_full = count >= limits::GOALS_PER_SITE_MAX;
    if known.is_none() && goal.removed_at.is_none() && is_full && goal.code != goals::OTHER {
        return Ok(ImportOutcome::Full("the site has as many goals as it may have"));
    }
    let kind = goal.kind.as_deref().and_then(|kind| kind.parse::<RuleKind>().ok());
    let matching = goal.matching.parse().unwrap_or_default();
    let settings = GoalSettings {
        name: free_name(tx, site, goal, known.as_ref())?,
        rule: kind.map(|kind| GoalRule { kind, matching, pattern: goal.pattern.clone() }),
        revenue: goal.revenue.map(|revenue| currencies.amount(revenue)),
        is_every_time: goal.every_time,
    };
    let id = if let Some(known) = known {
        goals::update(tx, site, known.id, &settings)?;
        known.id
    } else {
        let at = Timestamp(goal.created_at);
        goals::create(tx, site, &goal.code, &settings, goal.is_set_up, at)?
    };
    if let Some(at) = goal.removed_at {
        goals::set_removed(tx, site, id, Some(Timestamp(at)))?;
    } else if let Some((below, began)) = goal.match_below.zip(goal.matching_began) {
        goals::set_matching(tx, site, id, Some(Matching { below: VisitId(below), began: VisitId(began) }))?;
    }
    Ok(ImportOutcome::Made)
}

/// Returns the name of a goal; with its code where another goal has that name.
fn free_name(tx: &Transaction<'_>, site: SiteId, goal: &GoalRecord, known: Option<&Goal>) -> Result<String> {
    let others = goals::list(tx, site)?;
    let is_taken = others
        .iter()
        .filter(|other| known.is_none_or(|known| known.id != other.id))
        .any(|other| other.settings.name == goal.name);
    Ok(if is_taken { format!("{} ({})", goal.name, goal.code) } else { goal.name.clone() })
}

/// Writes a rule for a campaign, unless there is the same one.
pub(super) fn write_rule(
    tx: &Transaction<'_>,
    site: SiteId,
    rule: &CampaignRuleRecord,
    now: Timestamp,
) -> Result<ImportOutcome> {
    let rule = CampaignRule {
        id: CampaignItemId(0),
        campaign: rule.campaign.clone(),
        kind: rule.kind.parse().unwrap_or(CampaignRuleKind::Landing),
        matching: rule.matching.parse().unwrap_or_default(),
        pattern: rule.pattern.clone(),
    };
    let rules = campaigns::list_rules(tx, site)?;
    if rules.iter().any(|known| CampaignRule { id: rule.id, ..known.clone() } == rule) {
        return Ok(ImportOutcome::Known);
    }
    if rules.len() >= limits::CAMPAIGN_RULES_PER_SITE_MAX {
        return Ok(ImportOutcome::Full("the site has as many rules for campaigns as it may have"));
    }
    campaigns::create_rule(tx, site, &rule, now)?;
    Ok(ImportOutcome::Made)
}

/// Writes the cost of a campaign on a day, unless it has one.
pub(super) fn write_cost(
    tx: &Transaction<'_>,
    site: SiteId,
    cost: &CampaignCostRecord,
    labels: &mut LabelMap,
    currencies: Currencies,
) -> Result<ImportOutcome> {
    let Some(campaign) = labels.label(tx, Some(&cost.campaign))? else { return Ok(ImportOutcome::Known) };
    let sql = "select 1 from campaign_costs where site_id = :site and campaign = :campaign and day = :day";
    let bound = named_params! {":site": site.0, ":campaign": campaign, ":day": cost.day.0};
    if tx.prepare_cached(sql)?.exists(bound)? {
        return Ok(ImportOutcome::Known);
    }
    campaigns::set_cost(tx, site, campaign, cost.day, currencies.amount(cost.cost))?;
    Ok(ImportOutcome::Made)
}

/// Writes a campaign link, unless there is the same one.
pub(super) fn write_link(
    tx: &Transaction<'_>,
    site: SiteId,
    link: &CampaignLinkRecord,
) -> Result<ImportOutcome> {
    let sql = "select 1 from campaign_links where site_id = :site and url = :url and created_at = :at";
    let bound = named_params! {":site": site.0, ":url": link.url, ":at": link.created_at};
    if tx.prepare_cached(sql)?.exists(bound)? {
        return Ok(ImportOutcome::Known);
    }
    let link = CampaignLink {
        id: CampaignItemId(0),
        url: link.url.clone(),
        campaign: link.campaign.clone(),
        author: link.author.clone(),
        created_at: Timestamp(link.created_at),
    };
    campaigns::create_link(tx, site, &link)?;
    Ok(ImportOutcome::Made)
}

/// Writes an annotation of a date, unless there is the same one.
pub(super) fn write_annotation(
    tx: &Transaction<'_>,
    site: SiteId,
    annotation: &AnnotationRecord,
) -> Result<ImportOutcome> {
    let AnnotationRecord { day, kind, text, author, created_at } = annotation;
    let here = annotations::list(tx, site, *day, *day)?;
    if here.iter().any(|known| known.text == *text && known.created_at.0 == *created_at) {
        return Ok(ImportOutcome::Known);
    }
    if here.len() >= limits::ANNOTATIONS_PER_DAY_MAX {
        return Ok(ImportOutcome::Full("the day has as many annotations as it may have"));
    }
    let annotation = Annotation {
        id: crate::model::id::AnnotationId(0),
        day: *day,
        kind: kind.parse().unwrap_or(annotations::AnnotationKind::Note),
        text: text.clone(),
        author: author.clone(),
        created_at: Timestamp(*created_at),
    };
    annotations::create(tx, site, &annotation)?;
    Ok(ImportOutcome::Made)
}

/// Writes the annotation of a visitor, unless there is one.
pub(super) fn write_visitor_note(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &VisitorNoteRecord,
) -> Result<ImportOutcome> {
    let visitor = VisitorId::parse(&record.visitor).unwrap_or(VisitorId(0));
    if annotations::find_of_visitor(tx, site, visitor)?.is_some() {
        return Ok(ImportOutcome::Known);
    }
    let note = VisitorNote {
        name: record.name.clone(),
        tags: record.tags.clone(),
        note: record.note.clone(),
        author: record.author.clone(),
        changed_at: Timestamp(record.changed_at),
    };
    annotations::set_of_visitor(tx, site, visitor, &note)?;
    Ok(ImportOutcome::Made)
}
