//! Goals, conversions, campaigns and annotations of an exported site are the same where it is imported; in a site with another
//! currency amounts keep their digits, and files of earlier versions become what the migration makes of them.

use super::roundtrip::moved_into;
use super::site::Target;
use crate::access::audit::Actor;
use crate::error::Result;
use crate::goals::{
    campaign_costs, campaign_links, campaign_rules, currency, custom_keys, definition, funnel_text, funnels,
};
use crate::model::clock::{Day, Timestamp};
use crate::model::currency::Currency;
use crate::model::funnel::{FunnelSettings, FunnelStep, StepRule};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{CampaignItemId, SiteId, VisitorId};
use crate::reports::date_range::DateRange;
use crate::reports::oracle::site::{self, Bench, ZONES, made};
use crate::sites::{annotations, visitor_notes};
use crate::store;
use crate::store::annotations::AnnotationKind;
use crate::store::campaigns::{CampaignRule, CampaignRuleKind};
use crate::store::goals::GoalSettings;
use crate::store::sites::{self, Site};
use proptest::prelude::*;
use rusqlite::{Connection, Transaction};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// A goal of the test: its rule, revenue, whether each conversion counts, and whether it was removed.
type MadeGoal = (bool, Option<i64>, bool, bool);
/// A conversion: which visit and goal, what was sent, and what counts of it.
type MadeConversion = (prop::sample::Index, usize, Option<i64>, bool);

/// Adds goals, conversions, and one of everything else.
fn add(bench: &mut Bench, goals: &[MadeGoal], conversions: &[MadeConversion]) {
    let (site, actor) = (bench.site.clone(), Actor::command_line(NOW));
    store::change(&mut bench.connection, |tx| {
        for (number, (has_rule, revenue, is_every_time, is_removed)) in goals.iter().enumerate() {
            let rule = GoalRule {
                kind: RuleKind::Page,
                matching: MatchKind::Starts,
                pattern: format!("/thanks-{number}"),
            };
            let settings = GoalSettings {
                name: format!("Goal {number}"),
                rule: has_rule.then_some(rule),
                revenue: *revenue,
                is_every_time: *is_every_time,
            };
            let id = definition::add(tx, &actor, &site, Some(&format!("goal-{number}")), settings)?;
            if *is_removed {
                definition::remove(tx, &actor, &site, id)?;
            }
        }
        let visits: Vec<(i64, i64)> = {
            let mut question =
                tx.prepare("select id, visitor_id from visits where site_id = ? order by id")?;
            let rows = question.query_map([site.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for (number, (visit, goal, sent, counts)) in conversions.iter().enumerate() {
            if visits.is_empty() || goals.is_empty() {
                break;
            }
            tx.execute(
                "insert into conversions (site_id, visit_id, number, at, goal, origin, sent, revenue, counts)
                 select ?1, ?2, ?3, ?3, id, ?4, ?5, ?6, ?7 from goals where site_id = ?1 and code = ?8",
                rusqlite::params![
                    site.id.0,
                    visit.get(&visits).0,
                    i64::try_from(number).unwrap() + 1_000, // beside those of the bench
                    sent.is_none(),
                    sent,
                    if *counts { sent.unwrap_or(7) } else { 0 },
                    counts,
                    format!("goal-{}", goal % goals.len())
                ],
            )?;
        }
        add_funnels(tx, &actor, &site)?;
        let visitor = visits.first().map(|(_, visitor)| VisitorId(*visitor));
        add_others(tx, &actor, &site, visitor)
    })
    .unwrap();
}

/// Adds a funnel of pages and another one with all goals that are not removed.
fn add_funnels(tx: &Transaction<'_>, actor: &Actor, site: &Site) -> Result<()> {
    let texts = ["page:starts:/shop", "Basket=event:Put in", "directly:page:regex:^/pay/[a-z]+$"];
    let mut steps = Vec::new();
    for (number, text) in (1..).zip(texts) {
        steps.push(funnel_text::parse_step(tx, site.id, number, text)?);
    }
    let pages = FunnelSettings { name: "Pages".into(), window_days: Some(7), steps: steps.clone() };
    funnels::add(tx, actor, site, pages)?;
    let goals = store::goals::list(tx, site.id)?.into_iter();
    steps.extend(goals.map(|goal| FunnelStep {
        name: String::new(),
        rule: StepRule::Goal(goal.id),
        is_direct: false,
    }));
    funnels::add(tx, actor, site, FunnelSettings { name: "Goals".into(), window_days: None, steps }).map(drop)
}

/// Adds a cost, a campaign rule, a link, an annotation, keys of custom data, and the annotation of a visitor.
fn add_others(tx: &Transaction<'_>, actor: &Actor, site: &Site, visitor: Option<VisitorId>) -> Result<()> {
    let days = DateRange { first: Day(20_000), last: Day(20_002) };
    campaign_costs::set_total(tx, actor, site, "spring", days, 1_000)?;
    let rule = CampaignRule {
        id: CampaignItemId(0),
        campaign: "Partner".into(),
        kind: CampaignRuleKind::Referrer,
        matching: MatchKind::Exact,
        pattern: "https://www.partner.example/x".into(),
    };
    campaign_rules::add(tx, actor, site, rule)?;
    let page = "https://a.example/x?y=1#z".into();
    let link = campaign_links::LinkParts { page, campaign: "spring".into(), ..Default::default() };
    campaign_links::make(tx, actor, site, &link)?;
    annotations::add(tx, actor, site, Day(20_000), AnnotationKind::Deploy, "Version 2")?;
    custom_keys::replace(tx, actor, site, &["plan".into(), "size".into()])?;
    if let Some(visitor) = visitor {
        let note = visitor_notes::VisitorNoteForm {
            name: "Zoe".into(),
            tags: "press, friend".into(),
            note: "Calls on Mondays.\nLikes rye.".into(),
        };
        visitor_notes::set(tx, actor, site, visitor, &note)?;
    }
    Ok(())
}

/// Everything that is compared: a query for each table, with names in the place of ids.
const CONTENTS: [&str; 10] = [
    "select code, name, kind, match, pattern, revenue, every_time, is_set_up, removed_at, match_below
     from goals where site_id = ? order by code",
    "select visit_id, number, at, (select code from goals where goals.id = goal), origin, sent, revenue, counts
     from conversions where site_id = ? order by visit_id, number",
    "select text, day, cost from campaign_costs join labels on labels.id = campaign where site_id = ? order by day",
    "select campaign, kind, match, pattern from campaign_rules where site_id = ? order by id",
    "select url, campaign, author, created_at from campaign_links where site_id = ? order by id",
    "select day, kind, text, author, created_at from annotations where site_id = ? order by id",
    "select visitor_id, name, tags, note, author, changed_at from visitor_notes where site_id = ?",
    "select currency, custom_keys from sites where id = ?",
    "select name, window_days, created_at from funnels where site_id = ? order by name",
    "select f.name, number, s.name, s.kind, (select code from goals where goals.id = goal), s.match, s.pattern, is_direct
     from funnels f join funnel_steps s on s.funnel_id = f.id where site_id = ? order by f.name, number",
];

/// Returns all contents as text.
fn contents(connection: &Connection, site: SiteId) -> Vec<Vec<String>> {
    let read = |sql: &&str| {
        let mut question = connection.prepare(sql).unwrap();
        let count = question.column_count();
        let rows = question.query_map([site.0], |row| {
            let values = (0..count).map(|place| row.get_ref(place).map(|value| format!("{value:?}")));
            Ok(values.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
        });
        // Conversions are numbered anew in each visit.
        rows.unwrap().map(Result::unwrap).collect()
    };
    CONTENTS.iter().map(read).collect()
}

prop_compose! {
    fn conversion()(
        visit in any::<prop::sample::Index>(),
        goal in 0_usize..4,
        sent in prop::option::of(-100_000_i64..1_000_000),
        counts in any::<bool>(),
    ) -> MadeConversion {
        (visit, goal, sent, counts)
    }
}

fn goal() -> impl Strategy<Value = MadeGoal> {
    (any::<bool>(), prop::option::of(-5_000_i64..5_000), any::<bool>(), prop::bool::weighted(0.2))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn goals_campaigns_and_annotations_are_the_same_after_an_export_and_an_import(
        visits in prop::collection::vec(made(), 0..12),
        goals in prop::collection::vec(goal(), 0..5),
        conversions in prop::collection::vec(conversion(), 0..12),
    ) {
        let mut bench = Bench::new(ZONES[0]);
        bench.add(&visits);
        add(&mut bench, &goals, &conversions);
        let here = contents(&bench.connection, bench.site.id);
        let (folder, mut connection, owner) = site::file();
        let id = moved_into(&mut connection, (folder.path(), owner), &bench, Target::Own, NOW);
        let there = contents(&connection, id);
        for (place, (here, there)) in here.iter().zip(&there).enumerate() {
            if place == 1 {
                // Conversions are numbered from 1 in each visit.
                let without = |rows: &Vec<String>| -> Vec<String> {
                    let parts = rows.iter().map(|row| row.split('|').collect::<Vec<_>>());
                    parts.map(|parts| [&parts[..1], &parts[2..]].concat().join("|")).collect()
                };
                prop_assert_eq!(without(here), without(there));
            } else {
                prop_assert_eq!(here, there);
            }
        }
        // Into the same site with another currency, amounts keep their digits, and nothing is there twice.
        let yen = Currency::parse("JPY").unwrap();
        let actor = Actor::command_line(NOW);
        let site = sites::get(&connection, id).unwrap();
        store::change(&mut connection, |tx| currency::change(tx, &actor, &site, yen)).unwrap();
        let before = contents(&connection, id);
        std::fs::remove_file(folder.path().join("site.jsonl")).unwrap();
        moved_into(&mut connection, (folder.path(), owner), &bench, Target::Same(id), Timestamp(NOW.0 + 1));
        let after = contents(&connection, id);
        prop_assert_eq!(&before[1..], &after[1..]);
    }
}
