//! A random site: visits of a few days around a change of the clocks, and changes to them.

use super::super::columns::KINDS;
use super::super::date_range::DateRange;
use super::page_uses::use_page;
use super::sql::ids;
use crate::ingest::change_log::ChangeLog;
use crate::limits::EngineLimits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId, VisitId, VisitorId};
use crate::model::vital::Vital;
use crate::reports::engine::block_cache::BlockCache;
use crate::reports::engine::sealing;
use crate::reports::engine::snapshot::Snapshot;
use crate::store::attribute_cache::{AttributeCache, AttributeIds};
use crate::store::conversions::{self, ConversionRow};
use crate::store::goals::{self, GoalSettings};
use crate::store::interned_table::InternedTable;
use crate::store::page_forms::{self, PageQueries};
use crate::store::sites::{self, Keys, NewSite, Site};
use crate::store::touches::{self, Touches};
use crate::store::users::{self, NewUser};
use crate::store::visit_attribute::VisitAttribute;
use crate::store::visit_tables::{self, ActionRow};
use crate::store::visits::{self, OpenVisit, VisitStart};
use crate::store::{self, blocks, labels};
use proptest::prelude::*;
use rusqlite::{Connection, Transaction};
use std::collections::HashSet;
use tempfile::TempDir;

/// The time zones, each with days around which its clocks change, or do not.
pub const ZONES: [(&str, &str); 7] = [
    ("Europe/Berlin", "2026-03-27"),
    ("Europe/Berlin", "2026-10-23"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("Asia/Beirut", "2026-03-27"),
    ("Asia/Kolkata", "2026-05-01"),
    ("Pacific/Auckland", "2026-04-03"),
];
pub const DAYS: i32 = 4;
/// Words that everything is named with; few, so that they repeat.
pub const WORDS: [&str; 9] = [
    "DE",
    "FR",
    "Firefox 1",
    "Firefox 2",
    "https://a.example/x",
    "https://b.example/",
    "https://a.example/y",
    // As pages were kept before they had one form.
    "http://www.a.example:8001/x",
    "http://www.shop.example:8080/x",
];

#[derive(Clone, Debug)]
pub struct Made {
    pub minute: i64,
    pub visitor: i64,
    pub channel: i64,
    pub stay: i64,
    pub words: [usize; 8],
    pub traits: i64,
    pub actions: Vec<(usize, usize, usize)>,
    pub custom: Vec<(usize, usize)>,
    /// The place of a goal in [`GOALS`], what it brought, and true if it counts.
    pub goals: Vec<(usize, i64, bool)>,
}

/// The goals by code and name; the last one is removed.
pub const GOALS: [(&str, &str); 4] =
    [("order", "Order placed"), ("signup", "Sign-up"), ("call", "Called us"), ("gone", "Gone")];

/// Returns a strategy for the goals that a visit reached: often none, amounts of several sizes, and refunds.
pub fn goals() -> impl Strategy<Value = Vec<(usize, i64, bool)>> {
    let revenue = prop_oneof![Just(0), -500_i64..5_000, 900_000_000_000_i64..=1_000_000_000_000];
    let one = (0..GOALS.len(), revenue, prop::bool::weighted(0.8));
    prop_oneof![Just(Vec::new()), prop::collection::vec(one, 0..4)]
}

prop_compose! {
    pub fn made()(
        minute in 0..i64::from(DAYS) * 1_440,
        visitor in 1_i64..6,
        medium in 0_i64..9,
        stay in prop_oneof![0_i64..40_000, 0_i64..4_000_000],
        words in prop::array::uniform8(0_usize..=WORDS.len()),
        country in prop::sample::select(vec![0, 1, WORDS.len()]),
        traits in 0_i64..8,
        actions in prop::collection::vec((0_usize..5, 0..=WORDS.len(), 0..=WORDS.len()), 0..6),
        custom in prop::collection::btree_map(0..WORDS.len(), 0..WORDS.len(), 0..3),
        goals in goals(),
    ) -> Made {
        // Only the first two words are codes of countries.
        let words = std::array::from_fn(|place| if place == 1 { country } else { words[place] });
        Made { minute, visitor, channel: medium, stay, words, traits, actions, custom: custom.into_iter().collect(), goals }
    }
}

/// A data file with one site, and the state for its reports.
pub struct Bench {
    _folder: TempDir,
    pub connection: Connection,
    pub site: Site,
    pub first: Day,
    pub words: Vec<i64>,
    pub days: BlockCache,
    pub changes: ChangeLog,
    /// True if its days are live: changes are published, without a new generation.
    pub goes_on: bool,
    counter: i64,
}

/// Returns a data file with a user and without sites.
pub fn file() -> (TempDir, Connection, UserId) {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = store::open(&folder.path().join("test.db"), true).unwrap();
    let user = NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
    let owner = store::change(&mut connection, |tx| users::create(tx, &user)).unwrap();
    (folder, connection, owner)
}

impl Bench {
    pub fn new((zone, first): (&str, &str)) -> Self {
        let (folder, mut connection, owner) = file();
        let zone = Zone::parse(zone).unwrap();
        let site = store::change(&mut connection, |tx| {
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone };
            sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))
        });
        Self::with_file(folder, connection, site.unwrap(), Day::parse(first).unwrap())
    }

    /// Returns the bench of an existing site.
    pub fn with_file(folder: TempDir, mut connection: Connection, site: SiteId, first: Day) -> Self {
        let words = store::change(&mut connection, |tx| {
            let label = |word| labels::find(tx, word)?.map_or_else(|| labels::create(tx, word), Ok);
            let words = WORDS.into_iter().map(label).collect::<crate::error::Result<Vec<_>>>()?;
            form_words(tx, site, &words)?;
            set_up_goals(tx, site)?;
            Ok(words)
        });
        let site = sites::get(&connection, site).unwrap();
        let changes = ChangeLog::new(1_024);
        let days = BlockCache::new(changes.clone(), EngineLimits::small());
        let (words, goes_on, counter) = (words.unwrap(), false, 0);
        Self { _folder: folder, connection, site, first, words, days, changes, goes_on, counter }
    }

    pub fn range(&self) -> DateRange {
        DateRange { first: self.first, last: self.first.plus(DAYS - 1) }
    }

    pub fn word(&self, place: usize) -> Option<i64> {
        self.words.get(place).copied()
    }

    pub fn change(&mut self, change: impl FnOnce(&Transaction<'_>) -> crate::error::Result<Vec<VisitId>>) {
        let (site, goes_on) = (self.site.id, self.goes_on);
        let changed = store::change(&mut self.connection, |tx| {
            let changed = change(tx)?;
            for visit in changed.iter().filter(|_| !goes_on) {
                blocks::unseal(tx, site, &(*visit..VisitId(visit.0 + 1)))?;
            }
            Ok(changed)
        })
        .unwrap();
        self.changes.publish(changed.into_iter().map(|visit| (site, visit)));
    }

    pub fn add(&mut self, made: &[Made]) {
        let start = self.site.zone.start(self.first).0;
        let (site, words, mut counter) = (self.site.id, self.words.clone(), self.counter);
        let word = |place: usize| words.get(place).copied();
        self.change(|tx| {
            let mut changed = Vec::new();
            for made in made {
                counter += 1;
                let id = VisitId(VisitId::first_at(Timestamp(start + made.minute * 60_000)).0 + counter);
                write(tx, site, id, made, &word)?;
                changed.push(id);
            }
            Ok(changed)
        });
        self.counter = counter;
    }

    pub fn seal(&mut self, now: Timestamp) {
        sealing::seal_all(&mut self.connection, &self.site, now, &EngineLimits::small(), |_, _| ()).unwrap();
        assert!(sealing::is_sealed(&self.connection, &self.site, now, &HashSet::new()).unwrap());
        assert!(
            sealing::due(
                &self.connection,
                &self.site,
                now,
                &HashSet::new(),
                EngineLimits::small().whole_visits_max
            )
            .unwrap()
            .is_empty()
        );
        assert!(sealing::check(&self.connection, &self.site, &EngineLimits::small()).unwrap().0.is_empty());
    }

    /// Flips one bit of a block or of its metadata, and empties the cache.
    pub fn damage(&mut self, at: usize) {
        self.days = BlockCache::new(self.changes.clone(), EngineLimits::small());
        let blobs: Vec<(Option<i64>, i64, Vec<u8>)> = {
            let sql =
                "select part, seal, data from blocks union all select null, seal, days from block_ranges";
            let mut statement = self.connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let Some((part, seal, mut data)) = blobs.get(at % blobs.len().max(1)).cloned() else { return };
        let bit = at % (data.len() * 8);
        data[bit / 8] ^= 1 << (bit % 8);
        let sql = match part {
            Some(part) => format!("update blocks set data = ?1 where seal = ?2 and part = {part}"),
            None => "update block_ranges set days = ?1 where seal = ?2".to_owned(),
        };
        assert_eq!(self.connection.execute(&sql, (&data, seal)).unwrap(), 1);
        assert_eq!(
            sealing::check(&self.connection, &self.site, &EngineLimits::small()).unwrap().0.len(),
            1,
            "damage is found"
        );
    }

    pub fn mend(&mut self, now: Timestamp) {
        let (wrong, _) = sealing::check(&self.connection, &self.site, &EngineLimits::small()).unwrap();
        let site = self.site.id;
        store::change(&mut self.connection, |tx| {
            wrong.iter().try_for_each(|one| blocks::unseal(tx, site, &one.visits))
        })
        .unwrap();
        self.seal(now);
    }

    pub fn ask<T>(&self, now: Timestamp, ask: impl FnOnce(&Snapshot<'_>) -> T) -> T {
        ask(&Snapshot::new(&self.connection, &self.days, now, self.days.position()))
    }
}

/// Sets up the goals, unless the site has them.
fn set_up_goals(tx: &Transaction<'_>, site: SiteId) -> crate::error::Result<()> {
    for (code, name) in GOALS {
        if goals::find_named(tx, site, code)?.is_none() {
            let settings = GoalSettings { name: name.into(), rule: None, revenue: None, is_every_time: true };
            let goal = goals::create(tx, site, code, &settings, true, Timestamp(0))?;
            if code == "gone" {
                goals::set_removed(tx, site, goal, Some(Timestamp(1)))?;
            }
        }
    }
    Ok(())
}

/// Writes a conversion: the place of its goal, its revenue, and true if it counts.
pub fn convert(
    tx: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    at: i64,
    (goal, revenue, counts): (usize, i64, bool),
) -> crate::error::Result<()> {
    let goal = goals::find_named(tx, site, GOALS[goal].0)?.unwrap().id;
    let (number, is_matched, sent) = (0, false, Some(revenue));
    conversions::append(
        tx,
        site,
        &ConversionRow { visit, number, at, goal, is_matched, sent, revenue, counts },
        100,
    )
}

/// Notes the forms of the words, each of which is a page and led to a site from elsewhere.
fn form_words(tx: &Transaction<'_>, site: SiteId, words: &[i64]) -> crate::error::Result<()> {
    for word in words {
        let mut source = AttributeIds::default();
        (source[VisitAttribute::Channel], source[VisitAttribute::Link]) = (2, *word);
        AttributeCache::default().row(tx, InternedTable::Sources, &source)?;
        let sql = "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width)
             values (?1, 0, ?2, ?2, 1, 1, 1)";
        tx.execute(sql, [site.0, *word])?;
    }
    page_forms::add_all(tx, &PageQueries::TODAY)?;
    tx.execute("delete from heatmap_clicks where visit_id = 0", [])?;
    let sql = "select text from page_forms join labels on labels.id = label order by text";
    let formed =
        tx.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    assert_eq!(formed, WORDS[7..], "older spellings of pages have a form although they led to a site");
    Ok(())
}

pub fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    made: &Made,
    word: &dyn Fn(usize) -> Option<i64>,
) -> crate::error::Result<()> {
    let views = made.actions.iter().filter(|(kind, ..)| *kind == 0).count();
    let counted = made.actions.iter().filter(|(kind, ..)| KINDS[*kind].counts()).count();
    let visit = OpenVisit {
        id,
        visitor: VisitorId(made.visitor),
        stay: made.stay,
        actions: i64::try_from(counted).unwrap(),
        page_views: i64::try_from(views).unwrap(),
        last_number: i64::try_from(made.actions.len()).unwrap(),
        exit: word(made.words[0]),
    };
    let number = |place: usize| word(place).unwrap_or(0);
    let mut ids = AttributeIds::default();
    (ids[VisitAttribute::Channel], ids[VisitAttribute::DeviceType]) = (made.channel, made.visitor % 5);
    for (attribute, place) in [
        (VisitAttribute::Link, 2),
        (VisitAttribute::LinkDomain, 3),
        (VisitAttribute::Engine, 4),
        (VisitAttribute::Terms, 5),
        (VisitAttribute::Campaign, 6),
        (VisitAttribute::Browser, 7),
        (VisitAttribute::Language, 4),
        (VisitAttribute::Country, 1),
        (VisitAttribute::Region, 2),
        (VisitAttribute::City, 3),
    ] {
        ids[attribute] = number(made.words[place]);
    }
    let mut circumstances = AttributeCache::default();
    let mut touch = AttributeIds::default();
    touch[VisitAttribute::Channel] = (made.channel + 4) % 9;
    touch[VisitAttribute::LinkDomain] = number(made.words[6]);
    touch[VisitAttribute::Campaign] = number(made.words[3]);
    let touch = circumstances.row(tx, InternedTable::Sources, &touch)?;
    let begun = VisitStart {
        traits: made.traits,
        landing: word(made.words[5]),
        source: circumstances.row(tx, InternedTable::Sources, &ids)?,
        machine: circumstances.row(tx, InternedTable::Machines, &ids)?,
        place: circumstances.row(tx, InternedTable::Places, &ids)?,
        address: address(made.visitor),
        touches: Touches {
            first: (made.stay % 3 == 1).then_some(touch),
            last: (made.stay % 2 == 1).then_some(touch),
        },
        ..VisitStart::default()
    };
    visits::create_visit(tx, site, &visit, &begun)?;
    for (number, (kind, page, title)) in (1..).zip(&made.actions) {
        // Some share a time, and some come after the visit has ended, as programs on the server add them.
        let late = if made.traits & 2 != 0 { number % 2 * 10_000_000 } else { 0 };
        let at = made.stay * (number / 2) / 3 + late;
        let action =
            ActionRow { number, at, kind: KINDS[*kind].code(), page: word(*page), title: word(*title) };
        visit_tables::create_action(tx, site, id, &action)?;
    }
    for (page, led_from) in
        made.actions.iter().filter(|(kind, ..)| *kind == 0).map(|(_, page, title)| (*page, *title))
    {
        if let Some(page) = word(page) {
            tell_of_page(tx, (site, id), (page, word(led_from)), made.stay + 1_000 * made.minute)?;
        }
    }
    for (key, value) in &made.custom {
        let (key, value) = (word(*key).unwrap_or(1), word(*value).unwrap_or(1));
        visit_tables::set_custom(tx, site, id, key, value, 20)?;
        // The same words, the other way round, are the versions of split tests.
        visit_tables::create_split(tx, site, id, value, key, None, 20)?;
    }
    made.goals.iter().try_for_each(|goal| convert(tx, site, id, made.stay / 2, *goal))
}

/// Writes what a browser told of a page, by a number: that it was not found, its web vitals, both or nothing.
fn tell_of_page(
    tx: &Transaction<'_>,
    (site, visit): (SiteId, VisitId),
    (page, led_from): (i64, Option<i64>),
    number: i64,
) -> crate::error::Result<()> {
    if number % 3 > 0 {
        visit_tables::create_missing_page(tx, site, visit, page, led_from, 4)?;
    }
    let value = |vital: Vital, step: i64| {
        let value = number * step % (i64::from(vital.most()) + 1);
        (number % step > 0).then(|| u32::try_from(value).unwrap())
    };
    let values = [value(Vital::Lcp, 7), value(Vital::Inp, 5), value(Vital::Cls, 2)];
    if values.iter().any(Option::is_some) {
        visit_tables::create_vitals(tx, site, visit, page, values, 4)?;
    }
    use_page(tx, (site, visit), (page, led_from), number)
}

/// Returns the address of a visitor: some share one, one has none.
fn address(visitor: i64) -> Option<Vec<u8>> {
    match visitor {
        1 => Some(vec![198, 51, 100, 0]),
        2 | 3 => Some(vec![198, 51, 100, 1]),
        4 => Some(vec![0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        _ => None,
    }
}

pub fn erase(bench: &mut Bench, which: Option<prop::sample::Index>) {
    let ids = ids(&bench.connection);
    let Some(which) = which.filter(|_| !ids.is_empty()) else { return };
    let (site, id) = (bench.site.id, VisitId(*which.get(&ids)));
    bench.change(|tx| {
        visit_tables::delete_visits(tx, site, &[id])?;
        Ok(vec![id])
    });
}

pub fn go_on(bench: &mut Bench, longer: &[(prop::sample::Index, i64)]) {
    let ids = ids(&bench.connection);
    if ids.is_empty() {
        return;
    }
    let (site, words) = (bench.site.id, bench.words.clone());
    bench.change(|tx| {
        let mut changed = Vec::new();
        for (place, by) in longer {
            let id = VisitId(*place.get(&ids));
            let mut visit = visits::find_visit(tx, site, id)?.unwrap();
            let number = visit.last_number + 1;
            visit.stay += by;
            visit.actions += 1;
            visit.page_views += 1;
            visit.exit = Some(words[usize::try_from(by % 6).unwrap()]);
            let action = ActionRow { number, at: *by, kind: 1, page: visit.exit, title: None };
            visit_tables::create_action(tx, site, id, &action)?;
            visits::update_visit(tx, site, &visit)?;
            visits::update_visitor(tx, site, id, VisitorId(by % 7 + 1))?;
            visits::update_hostname(tx, site, id, words[1])?;
            if by % 4 == 3 {
                touches::update(tx, site, id, &Touches { first: None, last: Some(1) })?;
            }
            visit_tables::set_custom(tx, site, id, words[0], words[1], 20)?;
            visit_tables::create_split(tx, site, id, words[1], words[2], None, 20)?;
            tell_of_page(tx, (site, id), (words[4], visit.exit), *by)?;
            if by % 3 > 0 {
                convert(tx, site, id, *by, (usize::try_from(by % 4).unwrap(), by - 100, true))?;
            }
            changed.push(id);
        }
        Ok(changed)
    });
}
