//! Random visits and goals: what is matched as hits arrive, what is matched later, and a slow reference are the same.

use super::back_fill;
use super::preview;
use crate::ingest::beacon::{Beacon, RequestInfo};
use crate::ingest::enrich::Enricher;
use crate::ingest::geoip::GeoIp;
use crate::ingest::hit::ActionKind;
use crate::ingest::recorder::Recorder;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::ingest::user_agent::ClientHints;
use crate::model::clock::{Timestamp, Zone};
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{SiteId, VisitId};
use crate::store::goals::{self, Goal, GoalSettings};
use crate::store::sites::{self, Keys, NewSite, Site};
use crate::store::users::{self, NewUser};
use crate::store::writer::HitHandler;
use crate::store::{blocks, change};
use proptest::prelude::*;
use regex::Regex;
use rusqlite::{Connection, Row};
use std::sync::{Arc, LazyLock};

const BEGAN: i64 = 1_795_000_000_000;
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
static ENRICHER: LazyLock<Enricher> = LazyLock::new(|| Enricher::new(Arc::new(GeoIp::builtin())));
static SPAM: LazyLock<Arc<ReferrerSpam>> = LazyLock::new(|| Arc::new(ReferrerSpam::builtin()));

/// A file with a site of a.example, whose currency is the US dollar.
fn file() -> (tempfile::TempDir, Connection, Site) {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
    let site = change(&mut connection, |tx| {
        let user = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
        let owner = users::create(tx, &user)?;
        let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
        sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))
    });
    let site = sites::find(&connection, site.unwrap()).unwrap().unwrap();
    (folder, connection, site)
}

/// A beacon of a page, by one of three visitors, some seconds after the beacon before.
#[derive(Clone, Debug)]
struct Sent {
    visitor: u8,
    seconds: i64,
    fields: Vec<(&'static str, String)>,
}

fn beacons() -> impl Strategy<Value = Vec<Sent>> {
    let page =
        prop_oneof![Just("/"), Just("/thanks"), Just("/thanks?order=1"), Just("/caf%C3%A9"), Just("/b/c")];
    let address = page.prop_map(|page| format!("http://www.a.example{page}"));
    let campaign = prop_oneof![3 => Just(String::new()), 1 => Just("utm_campaign=Spring".to_owned())];
    let view = (address.clone(), campaign).prop_map(|(href, utm)| vec![("href", href), ("utm", utm)]);
    let title = prop_oneof![Just("Baked"), Just("Eaten"), Just("")];
    let event = (address, title).prop_map(|(href, title)| {
        vec![("type", "click".to_owned()), ("href", href), ("title", title.to_owned())]
    });
    let file = Just(vec![("type", "download".to_owned()), ("href", "https://a.example/list.pdf".to_owned())]);
    let link = Just(vec![("type", "outbound".to_owned()), ("href", "https://b.example/x".to_owned())]);
    let revenue = prop_oneof![Just(""), Just("12,50"), Just("-3"), Just("x")];
    let name = prop_oneof![Just("Order"), Just("goal 3"), Just("2"), Just("New")];
    let goal = (name, revenue).prop_map(|(name, revenue)| {
        vec![("type", "goal".to_owned()), ("goal", name.to_owned()), ("revenue", revenue.to_owned())]
    });
    let plan = prop_oneof![2 => Just("pro"), 1 => Just("free")];
    let custom = plan.prop_map(|plan| vec![("type", "custom".to_owned()), ("plan", plan.to_owned())]);
    let ping = Just(vec![("type", "ping".to_owned())]);
    let fields = prop_oneof![5 => view, 2 => event, 1 => file, 1 => link, 2 => goal, 1 => custom, 2 => ping];
    let seconds = prop_oneof![8 => 0_i64..90, 1 => Just(2_000)];
    let one =
        (0_u8..3, seconds, fields).prop_map(|(visitor, seconds, fields)| Sent { visitor, seconds, fields });
    proptest::collection::vec(one, 1..60)
}

fn rules() -> impl Strategy<Value = Vec<(GoalSettings, bool)>> {
    let rule = prop_oneof![
        Just((RuleKind::Page, MatchKind::Exact, "/thanks")),
        Just((RuleKind::Page, MatchKind::Exact, "/café")),
        Just((RuleKind::Page, MatchKind::Starts, "/")),
        Just((RuleKind::Page, MatchKind::Wildcard, "/b/*")),
        Just((RuleKind::Page, MatchKind::Regex, r"^/thanks\?order=\d$")),
        Just((RuleKind::Page, MatchKind::Exact, "https://a.example/")),
        Just((RuleKind::Event, MatchKind::Exact, "Baked")),
        Just((RuleKind::Event, MatchKind::Regex, "thanks$")),
        Just((RuleKind::Download, MatchKind::Exact, "/list.pdf")),
        Just((RuleKind::Outbound, MatchKind::Starts, "https://b.example")),
        Just((RuleKind::Actions, MatchKind::Exact, "3")),
        Just((RuleKind::Seconds, MatchKind::Exact, "60")),
        Just((RuleKind::Custom, MatchKind::Exact, "plan: pro")),
        Just((RuleKind::Campaign, MatchKind::Wildcard, "Spr*")),
    ];
    let settings = (rule, any::<bool>(), prop_oneof![Just(None), Just(Some(700))], any::<bool>());
    let settings = settings.prop_map(|((kind, matching, pattern), is_every_time, revenue, is_later)| {
        let rule = Some(GoalRule { kind, matching, pattern: pattern.to_owned() });
        (GoalSettings { name: String::new(), rule, revenue, is_every_time }, is_later)
    });
    proptest::collection::vec(settings, 1..8)
}

/// Records the hits of beacons.
fn record(connection: &mut Connection, recorder: &mut Recorder, site: SiteId, sent: &[Sent], from: &mut i64) {
    change(connection, |tx| {
        for Sent { visitor, seconds, fields } in sent {
            *from += seconds * 1_000;
            let text =
                |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.clone());
            let beacon = Beacon {
                site: Some(site),
                kind: text("type").unwrap_or_default(),
                href: text("href").unwrap_or_default(),
                title: text("title").unwrap_or_default(),
                utm: text("utm").unwrap_or_default(),
                goal: text("goal").unwrap_or_default(),
                revenue: text("revenue").unwrap_or_default(),
                custom: text("plan").map(|plan| ("plan".to_owned(), plan)).into_iter().collect(),
                javascript: true,
                ..Beacon::default()
            };
            let request = RequestInfo {
                at: Timestamp(*from),
                address: [192, 0, 2, *visitor].into(),
                agent: AGENT,
                hints: ClientHints::default(),
                host: Some("www.a.example".to_owned()),
                language: "en",
                opted_out: false,
            };
            let hit = ENRICHER.enrich(beacon, &request).unwrap();
            recorder.handle(tx, &hit)?;
        }
        recorder.finish(tx)
    })
    .unwrap();
    recorder.after_commit();
}

/// A conversion without its number.
type Found = (i64, i64, i64, bool, Option<i64>, i64, bool);

fn found(connection: &Connection) -> Vec<Found> {
    let sql = "select visit_id, goal, at, origin, sent, revenue, counts from conversions order by 1, 2, 4, 3, number";
    let read = |row: &Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
    };
    connection.prepare(sql).unwrap().query_map([], read).unwrap().map(Result::unwrap).collect()
}

fn rows<T>(connection: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    connection.prepare(sql).unwrap().query_map([], read).unwrap().map(Result::unwrap).collect()
}

/// The times at which a rule matches a visit, slowly; `None` for a time that is not stored.
fn slow_times(connection: &Connection, visit: i64, rule: &GoalRule) -> Vec<Option<i64>> {
    let text = |text: &str| {
        let pattern = match rule.matching {
            MatchKind::Exact => format!("^{}$", regex::escape(&rule.pattern)),
            MatchKind::Starts => format!("^{}", regex::escape(&rule.pattern)),
            MatchKind::Wildcard => format!("^{}$", regex::escape(&rule.pattern).replace(r"\*", ".*")),
            MatchKind::Regex => rule.pattern.clone(),
        };
        Regex::new(&pattern).unwrap().is_match(text)
    };
    let address = |address: &str| {
        let path = address.replace("https://a.example", "").replace("%C3%A9", "é");
        let bare = path.split('?').next().unwrap();
        text(if rule.pattern.contains("://") {
            address
        } else if rule.matching == MatchKind::Regex {
            &path
        } else {
            bare
        })
    };
    let number = || rule.pattern.parse::<i64>().unwrap();
    let actions: Vec<(i64, i64, String, String)> = rows(
        connection,
        &format!(
            "select kind, at, page_label.text, ifnull(title_label.text, page_label.text) from actions
             join labels as page_label on page_label.id = page
             left join labels as title_label on title_label.id = title
             where visit_id = {visit} order by number"
        ),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    );
    let of_kind = |kind: ActionKind, is: &dyn Fn(&str, &str) -> bool| {
        let those = actions.iter().filter(|(code, _, page, title)| *code == kind.code() && is(page, title));
        those.map(|(_, at, ..)| Some(*at)).collect()
    };
    let one = |sql: &str| rows(connection, &format!("{sql} = {visit}"), |row| row.get::<_, String>(0));
    match rule.kind {
        RuleKind::Page => of_kind(ActionKind::PageView, &|page, _| address(page)),
        RuleKind::Event => of_kind(ActionKind::Event, &|_, title| text(title)),
        RuleKind::Download => of_kind(ActionKind::Download, &|page, _| address(page)),
        RuleKind::Outbound => of_kind(ActionKind::Outbound, &|page, _| text(page)),
        RuleKind::Actions => {
            let nth = usize::try_from(number() - 1).unwrap();
            actions.get(nth).map(|(_, at, ..)| Some(*at)).into_iter().collect()
        }
        RuleKind::Seconds => {
            let stay = one("select cast(stay as text) from visits where id")[0].parse::<i64>().unwrap();
            Some(Some(number() * 1_000)).filter(|_| stay >= number() * 1_000).into_iter().collect()
        }
        RuleKind::Custom => {
            let values = one("select text from custom join labels on labels.id = value where visit_id");
            let matched = values.iter().filter(|value| format!("plan: {value}") == rule.pattern);
            matched.map(|_| None).collect()
        }
        RuleKind::Campaign => one(
            "select text from visits join sources on sources.id = source join labels on labels.id = campaign where visits.id",
        )
        .iter()
        .filter(|campaign| text(campaign))
        .map(|_| Some(0))
        .collect(),
    }
}

/// The conversions that there are to be, given those that were sent; the times of custom data are those that are there.
fn slow(connection: &Connection, goals: &[Goal], there: &[Found]) -> Vec<Found> {
    let visits = rows(connection, "select id from visits order by id", |row| row.get::<_, i64>(0));
    let mut all = Vec::new();
    for (visit, goal) in visits.iter().flat_map(|visit| goals.iter().map(move |goal| (*visit, goal))) {
        let of_both = |found: &&Found| found.0 == visit && found.1 == goal.id.0;
        let mut own: Vec<Found> = there.iter().filter(of_both).filter(|found| !found.3).copied().collect();
        let times = goal.settings.rule.as_ref().map(|rule| slow_times(connection, visit, rule));
        let most = if goal.settings.is_every_time { 100 } else { 1 };
        for at in times.into_iter().flatten().take(most) {
            let known = there.iter().filter(of_both).find(|found| found.3).map_or(-1, |found| found.2);
            own.push((visit, goal.id.0, at.unwrap_or(known), true, None, 0, false));
        }
        let is_refund = |found: &Found| found.4.is_some_and(|sent| sent < 0);
        let rank = |found: &Found| (is_refund(found), found.4.is_none(), found.2, found.3);
        let first = (0..own.len()).min_by_key(|place| rank(&own[*place]));
        let refunds = own.iter().enumerate().filter(|(place, one)| first != Some(*place) && is_refund(one));
        let refunded: i64 = refunds.filter_map(|(_, one)| one.4).sum();
        for (place, found) in own.iter_mut().enumerate() {
            found.6 = goal.settings.is_every_time || first == Some(place);
            let fixed = if is_refund(found) { None } else { goal.settings.revenue };
            let added = if goal.settings.is_every_time { 0 } else { refunded };
            found.5 = if found.6 { fixed.or(found.4).unwrap_or(0) + added } else { 0 };
        }
        all.append(&mut own);
    }
    all.sort_by_key(|found| (found.0, found.1, found.3, found.2));
    all
}

/// Creates the goals that come later, or those that do not, and has them matched with all visits so far.
fn create_goals(connection: &mut Connection, site: SiteId, rules: &[(GoalSettings, bool)], is_later: bool) {
    change(connection, |tx| {
        for (number, (settings, _)) in rules.iter().enumerate().filter(|(_, rule)| rule.1 == is_later) {
            let settings = GoalSettings { name: format!("goal {number}"), ..settings.clone() };
            let id = match goals::find_named(tx, site, &settings.name)? {
                Some(found) => goals::update(tx, site, found.id, &settings).map(|()| found.id),
                None => goals::create(tx, site, &settings.name, &settings, true, Timestamp(0)),
            }?;
            goals::begin_matching(tx, site, id)?;
        }
        Ok(())
    })
    .unwrap();
}

/// Matches goals with the visits below an id, each with its own.
fn match_again(connection: &mut Connection, goals: &[Goal], below: impl Fn(&Goal) -> i64) {
    for goal in goals {
        let (id, below) = (goal.id.0, below(goal));
        let sql = format!("update goals set match_below = {below}, matching_began = {below} where id = {id}");
        connection.execute_batch(&sql).unwrap();
    }
    back_fill::match_all_now(connection).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn goals_match_alike_as_hits_arrive_later_and_by_a_slow_reference(
        first in beacons(), second in beacons(), rules in rules(), place in any::<proptest::sample::Index>(),
    ) {
        let (_folder, mut connection, site) = file();
        let mut recorder = Recorder::for_import(Arc::clone(&SPAM));
        let mut now = BEGAN;
        create_goals(&mut connection, site.id, &rules, false);
        record(&mut connection, &mut recorder, site.id, &first, &mut now);
        // Some goals come while visits are open.
        create_goals(&mut connection, site.id, &rules, true);
        recorder.settings_changed();
        record(&mut connection, &mut recorder, site.id, &second, &mut now);
        back_fill::match_all_now(&mut connection).unwrap();
        let live = found(&connection);
        let goals = goals::list_with_removed(&connection, site.id).unwrap();
        prop_assert_eq!(&live, &slow(&connection, &goals, &live));

        // Nothing is written where nothing changed.
        let generation = blocks::generation(&connection, site.id).unwrap();
        match_again(&mut connection, &goals, |_| i64::MAX);
        prop_assert_eq!(blocks::generation(&connection, site.id).unwrap(), generation);
        prop_assert_eq!(&live, &found(&connection));

        // All that is lost comes back, also where goals have come differently far. Times of custom data are lost for good.
        let visits = rows(&connection, "select id from visits order by id", |row| row.get::<_, i64>(0));
        prop_assume!(!visits.is_empty());
        let far = visits[place.index(visits.len())];
        connection
            .execute_batch(
                "delete from conversions where origin = 1
                   and goal in (select id from goals where kind <> 'custom' and id % 2 = 0);
                 update conversions set counts = 0, revenue = 5 where goal % 2 = 0",
            )
            .unwrap();
        connection
            .execute_batch(&format!(
                "delete from conversions where origin = 1 and visit_id < {far}
                   and goal in (select id from goals where kind <> 'custom' and id % 2 = 1)"
            ))
            .unwrap();
        match_again(&mut connection, &goals, |goal| if goal.id.0 % 2 == 0 { i64::MAX } else { far });
        prop_assert_eq!(&live, &found(&connection));
        for goal in &goals {
            let Some(rule) = &goal.settings.rule else { continue };
            let mut reached: Vec<i64> =
                live.iter().filter(|found| found.1 == goal.id.0 && found.3).map(|found| found.0).collect();
            reached.dedup();
            let count = preview::count_matches(&connection, &site, rule, VisitId(0)..VisitId(i64::MAX)).unwrap();
            prop_assert_eq!(count, i64::try_from(reached.len()).unwrap());
        }
    }
}
