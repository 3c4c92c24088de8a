//! The goals, funnels, costs, annotations and alerts of the demo's businesses.

use super::business::Business;
use super::calendar;
use super::measured::{DemoFunnel, DemoStep};
use crate::error::Result;
use crate::ingest::goal_match;
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::clock::{Day, Timestamp};
use crate::model::currency::Currency;
use crate::model::funnel::{FunnelSettings, FunnelStep, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{AnnotationId, CampaignItemId, SiteId};
use crate::reports::date_range::DateRange;
use crate::store::alerts::{self, AlertScope};
use crate::store::annotations::{self, Annotation, AnnotationKind};
use crate::store::campaigns::{self, CampaignRule, CampaignRuleKind};
use crate::store::goals::{self, GoalSettings};
use crate::store::sites::{self, Site};
use crate::store::{self, currency_change, custom_keys, funnels, labels};
use rusqlite::{Connection, Transaction};

/// The currency of all businesses.
const CURRENCY: &str = "EUR";
/// The keys of custom data with a report.
const CUSTOM_KEYS: [&str; 1] = ["customer-card"];

/// Sets up the goals, funnels, costs, own campaigns, annotations and alerts of a business, before its visits are written. Costs are in
/// proportion to the number of visits.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_up(
    tx: &Transaction<'_>,
    site: SiteId,
    business: &Business,
    days: DateRange,
    visits: u64,
) -> Result<()> {
    let Site { currency, zone, .. } = sites::get(tx, site)?;
    let (first, last, at) = (days.first, days.last, zone.start(days.first));
    currency_change::run(tx, site, currency, Currency::parse(CURRENCY).unwrap_or(currency))?;
    for goal in business.goals {
        let rule = goal.rule.map(|(kind, pattern)| GoalRule {
            kind,
            matching: MatchKind::Exact,
            pattern: pattern.to_owned(),
        });
        let (name, revenue, is_every_time) = (goal.name.to_owned(), goal.revenue, goal.is_every_time);
        goals::create(tx, site, goal.name, &GoalSettings { name, rule, revenue, is_every_time }, true, at)?;
    }
    for funnel in business.funnels {
        let name = funnel.name.to_owned();
        let settings = FunnelSettings { name, window_days: None, steps: steps(tx, site, funnel)? };
        funnels::create(tx, site, &settings, at)?;
    }
    for cost in business.costs {
        let label = match labels::find(tx, cost.campaign)? {
            Some(label) => label,
            None => labels::create(tx, cost.campaign)?,
        };
        let is_due = |day: &Day| {
            if cost.is_seasonal { calendar::is_campaign(*day, last) } else { day.date().day() == 1 }
        };
        for day in (0..days.days()).map(|place| first.plus(place)).filter(is_due) {
            campaigns::set_cost(tx, site, label, day, in_proportion(cost.per_day, visits, days))?;
        }
    }
    if let Some((page, link)) = business.own_campaign {
        let rule = CampaignRule {
            id: CampaignItemId(0),
            campaign: link.name.to_owned(),
            kind: CampaignRuleKind::Landing,
            matching: MatchKind::Exact,
            pattern: page.to_owned(),
        };
        campaigns::create_rule(tx, site, &rule, at)?;
    }
    custom_keys::set(tx, site, &CUSTOM_KEYS.map(str::to_owned))?;
    for note in business.annotations.iter().filter(|note| note.days_ago < days.days()) {
        let day = last.plus(-note.days_ago);
        let annotation = Annotation {
            id: AnnotationId(0),
            day,
            kind: note.kind,
            text: note.text.to_owned(),
            author: (note.kind == AnnotationKind::Note).then(|| "demo".to_owned()),
            created_at: Timestamp(zone.start(day).0 + 32_400_000),
        };
        annotations::create(tx, site, &annotation)?;
    }
    set_alerts(tx, site, at)
}

/// Sets alerts for everyone: on spikes, on silence, and on the first conversion of each day of the first goal.
fn set_alerts(tx: &Transaction<'_>, site: SiteId, at: Timestamp) -> Result<()> {
    let scope = AlertScope { site, owner: None };
    let mut settings = vec![
        AlertSettings::proposed(AlertKind::Spike),
        AlertSettings::proposed(AlertKind::NotFound),
        AlertSettings::proposed(AlertKind::Silence),
    ];
    settings.extend(goals::list(tx, site)?.first().map(|goal| AlertSettings {
        goal: Some(goal.id),
        mode: GoalMode::First,
        threshold: 0,
        ..AlertSettings::proposed(AlertKind::Goal)
    }));
    settings.iter().try_for_each(|settings| alerts::create(tx, scope, settings, at).map(drop))
}

/// Returns the steps of a funnel; one whose goal is not there is left out.
fn steps(tx: &Transaction<'_>, site: SiteId, funnel: &DemoFunnel) -> Result<Vec<FunnelStep>> {
    let mut steps = Vec::new();
    for step in funnel.steps {
        let (name, rule) = match step {
            DemoStep::Page(name, path) => {
                let (kind, matching) = (RuleKind::Page, MatchKind::Exact);
                let rule = GoalRule { kind, matching, pattern: (*path).to_owned() };
                ((*name).to_owned(), Some(StepRule::Action(rule)))
            }
            DemoStep::Goal(code) => {
                let goal = goals::find_of_code(tx, site, code)?;
                (String::new(), goal.map(|goal| StepRule::Goal(goal.id)))
            }
        };
        steps.extend(rule.map(|rule| FunnelStep { name, rule, is_direct: false }));
    }
    Ok(steps)
}

/// Returns a cost for the number of visits, in whole tenths of a euro.
fn in_proportion(cost: i64, visits: u64, days: DateRange) -> i64 {
    let visits = i64::try_from(visits).unwrap_or(i64::MAX);
    (cost.saturating_mul(visits) / (100 * i64::from(days.days().max(1)))).max(20) / 10 * 10
}

/// Matches the visits of a site with its goals, once they are written.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn match_goals(connection: &mut Connection, site: SiteId) -> Result<()> {
    store::change(connection, |tx| {
        for goal in goals::list(tx, site)?.iter().filter(|goal| goal.settings.rule.is_some()) {
            goals::begin_matching(tx, site, goal.id)?;
        }
        Ok(())
    })?;
    goal_match::match_all_now(connection)
}
