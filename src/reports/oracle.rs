//! The same questions answered once more in plain SQL over the rows, for tests alone: whatever sites chance makes, both
//! must agree, in every zone, over both summer-time changes, and after visits went on.

mod conditions;
mod pruned;
mod tables;

use super::breakdown::Pairs;
use super::chronicle::Chronicle;
use super::columns::{Key, Property};
use super::comparison::Comparison;
use super::days::Days;
use super::dimension::{ACTION_STEPS, By, SECOND_STEPS};
use super::filter::Filter;
use super::inquiry::{Inquiry, Scope};
use super::questions::{ByDay, ByHour, Items, KINDS, Matching, Measures, Totals};
use super::range::Range;
use super::reader::Reader;
use super::sealing;
use super::view::View;
use super::visits::Page;
use super::wanted::{self, Wanted};
use super::{catalogue, dimension};
use crate::clock::{Day, Timestamp, Zone};
use crate::id::{SiteId, UserId, VisitId, VisitorId};
use crate::ingest::changes::Changes;
use crate::ingest::hit::ActionKind;
use crate::store::circumstances::{Circumstances, Machine, Place, Source};
use crate::store::rows::{self, Action, Beginning, Visit};
use crate::store::sites::{self, Keys, NewSite, Site};
use crate::store::users::{self, NewUser};
use crate::store::{self, blocks, labels};
use proptest::prelude::*;
use rusqlite::{Connection, Transaction};
use std::collections::{BTreeMap, HashSet};

/// Zones, each with days around which its clocks change, or do not.
const ZONES: [(&str, &str); 7] = [
    ("Europe/Berlin", "2026-03-27"),
    ("Europe/Berlin", "2026-10-23"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("Asia/Beirut", "2026-03-27"),
    ("Asia/Kolkata", "2026-05-01"),
    ("Pacific/Auckland", "2026-04-03"),
];
const DAYS: i32 = 4;
/// Words that everything is named with; few, so that they repeat.
const WORDS: [&str; 7] = [
    "DE",
    "FR",
    "Firefox 1",
    "Firefox 2",
    "https://a.example/x",
    "https://b.example/",
    "https://a.example/y",
];

#[derive(Clone, Debug)]
struct Made {
    minute: i64,
    visitor: i64,
    medium: i64,
    stay: i64,
    words: [usize; 8],
    traits: i64,
    actions: Vec<(usize, usize, usize)>,
    custom: Vec<(usize, usize)>,
}

prop_compose! {
    fn made()(
        minute in 0..i64::from(DAYS) * 1_440,
        visitor in 1_i64..6,
        medium in 0_i64..9,
        stay in prop_oneof![0_i64..40_000, 0_i64..4_000_000],
        words in prop::array::uniform8(0_usize..=WORDS.len()),
        traits in 0_i64..8,
        actions in prop::collection::vec((0_usize..5, 0..=WORDS.len(), 0..=WORDS.len()), 0..6),
        custom in prop::collection::btree_map(0..WORDS.len(), 0..WORDS.len(), 0..3),
    ) -> Made {
        Made { minute, visitor, medium, stay, words, traits, actions, custom: custom.into_iter().collect() }
    }
}

/// A file with one site, and what its reports are asked with.
struct Bench {
    _folder: tempfile::TempDir,
    connection: Connection,
    site: Site,
    first: Day,
    words: Vec<i64>,
    days: Days,
    changes: Changes,
    counter: i64,
}

impl Bench {
    fn new((zone, first): (&str, &str)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = store::open(&folder.path().join("test.db"), true).unwrap();
        let zone = Zone::parse(zone).unwrap();
        let (site, words) = store::change(&mut connection, |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner: UserId = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone };
            let id = sites::create(tx, owner, &new, &Keys::generate()?, Timestamp(0))?;
            let words =
                WORDS.iter().map(|word| labels::create(tx, word)).collect::<crate::error::Result<_>>()?;
            Ok((sites::get(tx, id)?, words))
        })
        .unwrap();
        let changes = Changes::default();
        let days = Days::new(changes.clone());
        let first = Day::parse(first).unwrap();
        Self { _folder: folder, connection, site, first, words, days, changes, counter: 0 }
    }

    fn range(&self) -> Range {
        Range { first: self.first, last: self.first.plus(DAYS - 1) }
    }

    fn word(&self, place: usize) -> Option<i64> {
        self.words.get(place).copied()
    }

    fn change(&mut self, change: impl FnOnce(&Transaction<'_>) -> crate::error::Result<Vec<VisitId>>) {
        let site = self.site.id;
        let changed = store::change(&mut self.connection, |tx| {
            let changed = change(tx)?;
            changed.iter().try_for_each(|visit| blocks::unseal(tx, site, &(*visit..VisitId(visit.0 + 1))))?;
            Ok(changed)
        })
        .unwrap();
        self.changes.tell(changed.into_iter().map(|visit| (site, visit)));
    }

    fn add(&mut self, made: &[Made]) {
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

    fn seal(&mut self, now: Timestamp) {
        sealing::seal_all(&mut self.connection, &self.site, now, |_, _| ()).unwrap();
        assert!(sealing::is_sealed(&self.connection, &self.site, now, &HashSet::new()).unwrap());
        assert!(sealing::due(&self.connection, &self.site, now, &HashSet::new()).unwrap().is_empty());
        assert!(sealing::check(&self.connection, &self.site).unwrap().0.is_empty());
    }

    /// Flips one bit of one block, or of what a stretch says of its days. The memory of earlier readers is gone too.
    fn damage(&mut self, at: usize) {
        self.days = Days::new(self.changes.clone());
        let blobs: Vec<(Option<i64>, i64, Vec<u8>)> = {
            let sql = "select part, seal, data from blocks union all select null, seal, days from stretches";
            let mut question = self.connection.prepare(sql).unwrap();
            let rows = question.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let Some((part, seal, mut data)) = blobs.get(at % blobs.len().max(1)).cloned() else { return };
        let bit = at % (data.len() * 8);
        data[bit / 8] ^= 1 << (bit % 8);
        let sql = match part {
            Some(part) => format!("update blocks set data = ?1 where seal = ?2 and part = {part}"),
            None => "update stretches set days = ?1 where seal = ?2".to_owned(),
        };
        assert_eq!(self.connection.execute(&sql, (&data, seal)).unwrap(), 1);
        assert_eq!(sealing::check(&self.connection, &self.site).unwrap().0.len(), 1, "damage is found");
    }

    fn mend(&mut self, now: Timestamp) {
        let (wrong, _) = sealing::check(&self.connection, &self.site).unwrap();
        let site = self.site.id;
        store::change(&mut self.connection, |tx| {
            wrong.iter().try_for_each(|one| blocks::unseal(tx, site, &one.visits))
        })
        .unwrap();
        self.seal(now);
    }

    fn ask<T>(&self, now: Timestamp, ask: impl FnOnce(&Reader<'_>) -> T) -> T {
        ask(&Reader::new(&self.connection, &self.days, (now, self.days.mark())))
    }
}

fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    made: &Made,
    word: &dyn Fn(usize) -> Option<i64>,
) -> crate::error::Result<()> {
    let views = made.actions.iter().filter(|(kind, ..)| *kind == 0).count();
    let counted = made.actions.iter().filter(|(kind, ..)| KINDS[*kind].counts()).count();
    let visit = Visit {
        id,
        visitor: VisitorId(made.visitor),
        stay: made.stay,
        actions: i64::try_from(counted).unwrap(),
        page_views: i64::try_from(views).unwrap(),
        last_number: i64::try_from(made.actions.len()).unwrap(),
        exit: word(made.words[0]),
    };
    let number = |place: usize| word(place).unwrap_or(0);
    let source = Source {
        medium: made.medium,
        referrer: number(made.words[2]),
        referrer_domain: number(made.words[3]),
        referrer_name: number(made.words[4]),
        search_terms: number(made.words[5]),
        campaign: [number(made.words[6]), 0, 0, 0, 0],
    };
    let machine = Machine {
        browser: number(made.words[7]),
        hardware: made.visitor % 5,
        language: number(made.words[4]),
        ..Machine::default()
    };
    let place = Place {
        country: number(made.words[1]),
        region: number(made.words[2]),
        city: number(made.words[3]),
        ..Place::default()
    };
    let mut circumstances = Circumstances::default();
    let begun = Beginning {
        traits: made.traits,
        landing: word(made.words[1]),
        source: circumstances.source(tx, source)?,
        machine: circumstances.machine(tx, machine)?,
        place: circumstances.place(tx, place)?,
        ..Beginning::default()
    };
    rows::create_visit(tx, site, &visit, &begun)?;
    for (number, (kind, page, title)) in (1..).zip(&made.actions) {
        let action =
            Action { number, at: 0, kind: KINDS[*kind].code(), page: word(*page), title: word(*title) };
        rows::create_action(tx, site, id, &action)?;
    }
    for (key, value) in &made.custom {
        let pair = (word(*key).unwrap_or(1), word(*value).unwrap_or(1));
        rows::set_custom(tx, site, id, pair, 20)?;
    }
    Ok(())
}

/// The rows with everything that they point to, and with their local day and hour, told by jiff alone and not by our own clock.
fn prepare(connection: &Connection, zone: &str) {
    connection
        .execute_batch(
            "drop table if exists local;
             create temp table local (id integer primary key, day integer, hour integer);
             create temp view if not exists whole as
             select visits.*, medium, hardware, nullif(referrer, 0) as referrer,
               nullif(referrer_domain, 0) as referrer_domain, nullif(referrer_name, 0) as referrer_name,
               nullif(search_terms, 0) as search_terms, nullif(campaign, 0) as campaign,
               nullif(campaign_source, 0) as campaign_source, nullif(campaign_medium, 0) as campaign_medium,
               nullif(campaign_term, 0) as campaign_term, nullif(campaign_content, 0) as campaign_content,
               nullif(browser, 0) as browser, nullif(system, 0) as system, nullif(screen, 0) as screen,
               nullif(language, 0) as language, nullif(country, 0) as country, nullif(region, 0) as region,
               nullif(city, 0) as city, nullif(organization, 0) as organization
             from visits
             join sources on sources.id = source
             join machines on machines.id = machine
             join places on places.id = place",
        )
        .unwrap();
    for id in ids(connection) {
        let zoned = jiff::Timestamp::from_millisecond(id >> 20).unwrap().in_tz(zone).unwrap();
        let day = Day::of(zoned.date()).0;
        connection.execute("insert into local values (?1, ?2, ?3)", (id, day, zoned.hour())).unwrap();
    }
}

fn ids(connection: &Connection) -> Vec<i64> {
    let mut question = connection.prepare("select id from visits order by id").unwrap();
    let rows = question.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

const SUMS: &str = "count(*), count(distinct visits.id),
  sum(not exists (select 1 from visits as earlier join local as its using (id)
                  where its.day = local.day and earlier.visitor_id = visits.visitor_id and earlier.id < visits.id)),
  sum(traits & 1), sum(actions), sum(stay / 1000), sum(page_views = 1 and stay < 30000)";

fn measures(row: &rusqlite::Row<'_>, from: usize) -> Measures {
    let at = |place: usize| row.get::<_, Option<i64>>(from + place).unwrap().unwrap_or(0);
    Measures {
        hits: at(0),
        visits: at(1),
        uniques: at(2),
        new: at(3),
        actions: at(4),
        seconds: at(5),
        bounces: at(6),
        kinds: [0; 5],
    }
}

/// What SQL counts of visits by an expression.
fn by_visits(
    connection: &Connection,
    expression: &str,
    condition: &str,
    range: Range,
) -> BTreeMap<i64, Measures> {
    let sql = format!(
        "select {expression}, {SUMS} from whole as visits join local using (id)
         where day between ?1 and ?2 and {condition} group by 1"
    );
    let mut question = connection.prepare(&sql).unwrap();
    let rows =
        question.query_map((range.first.0, range.last.0), |row| Ok((row.get(0)?, measures(row, 1)))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What SQL counts of rows that belong to visits: their own number, and the measures of the visits that have one.
fn by_belongings(
    connection: &Connection,
    rows: &str,
    condition: &str,
    range: Range,
) -> BTreeMap<i64, Measures> {
    let mut found = BTreeMap::new();
    let sql = format!("select item, count(*) from ({rows}) as had join whole as visits on visits.id = had.visit_id join local using (id)
      where day between ?1 and ?2 and {condition} group by 1");
    let mut question = connection.prepare(&sql).unwrap();
    let counted = question
        .query_map((range.first.0, range.last.0), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
        .unwrap();
    for (item, hits) in counted.map(Result::unwrap) {
        let one = format!("visits.id in (select visit_id from ({rows}) where item = {item}) and {condition}");
        let mut measures = by_visits(connection, "0", &one, range).remove(&0).unwrap();
        measures.hits = hits;
        found.insert(item, measures);
    }
    found
}

/// The definition of a property in SQL.
fn expression(property: Property) -> String {
    let link = |column: &str| format!("case when medium in (1, 7) then 0 else coalesce({column}, 0) end");
    let within = |column: &str| {
        format!("case when {column} is null then 0 else (coalesce(country, 0) << 32) | {column} end")
    };
    let plain = |column: &str| format!("coalesce({column}, 0)");
    match property {
        Property::Landing => plain("landing"),
        Property::Exit => plain("exit"),
        Property::Medium => plain("medium"),
        Property::Link => link("referrer"),
        Property::LinkDomain => link("referrer_domain"),
        Property::Terms => plain("search_terms"),
        Property::Engine => {
            "case when medium = 1 then coalesce(referrer_name, referrer_domain, 0) else 0 end".into()
        }
        Property::Campaign => plain("campaign"),
        Property::CampaignSource => plain("campaign_source"),
        Property::CampaignMedium => plain("campaign_medium"),
        Property::CampaignTerm => plain("campaign_term"),
        Property::CampaignContent => plain("campaign_content"),
        Property::Browser => plain("browser"),
        Property::System => plain("system"),
        Property::Hardware => plain("hardware"),
        Property::Screen => plain("screen"),
        Property::Language => plain("language"),
        Property::Country => plain("country"),
        Property::Region => within("region"),
        Property::City => within("city"),
        Property::Organization => plain("organization"),
        Property::Hostname => plain("hostname"),
        Property::Visitor => plain("visitor_id"),
    }
}

/// The place of a value among steps, in SQL.
fn bucket(steps: &[u32], value: &str) -> String {
    let reached = steps[1..].iter().map(|step| format!("({value} >= {step})"));
    reached.collect::<Vec<_>>().join(" + ")
}

fn items(connection: &Connection, by: By, condition: &str, range: Range) -> BTreeMap<i64, Measures> {
    match by {
        By::Property(property) => by_visits(connection, &expression(property), condition, range),
        By::ActionCount => by_visits(connection, &bucket(&ACTION_STEPS, "actions"), condition, range),
        By::TimeOnSite => by_visits(connection, &bucket(&SECOND_STEPS, "stay / 1000"), condition, range),
        By::Actions(kind) => {
            let item = match kind {
                ActionKind::Event | ActionKind::Media => "coalesce(title, page, 0)",
                _ => "coalesce(page, 0)",
            };
            let rows = format!("select visit_id, {item} as item from actions where kind = {}", kind.code());
            by_belongings(connection, &rows, condition, range)
        }
        By::Custom => by_belongings(
            connection,
            "select visit_id, (key << 32) | value as item from custom",
            condition,
            range,
        ),
    }
}

fn sorted(items: &Items) -> BTreeMap<i64, Measures> {
    items.each().map(|(key, measures)| (key.cast_signed(), measures)).collect()
}

/// Everything that can be asked, both ways.
fn agree(bench: &Bench, now: Timestamp, range: Range, wanted: &[Wanted], condition: &str) {
    let connection = &bench.connection;
    prepare(connection, bench.site.zone.name());
    let filter = Filter::of(connection, &bench.site.domain, wanted).unwrap();
    bench.ask(now, |reader| {
        let (mut totals, mut by_day, mut by_hour, mut matching) =
            (Totals::default(), ByDay::default(), ByHour::default(), Matching::default());
        reader
            .ask(&bench.site, range, &filter, &mut [&mut totals, &mut by_day, &mut by_hour, &mut matching])
            .unwrap();
        let without_kinds = |measures: Measures| Measures { kinds: [0; 5], ..measures };
        let all = by_visits(connection, "0", condition, range).remove(&0).unwrap_or_default();
        assert_eq!(without_kinds(totals.0), all, "totals");
        for kind in KINDS {
            let counted: i64 = items(connection, By::Actions(kind), condition, range).values().map(|item| item.hits).sum();
            assert_eq!(totals.0.kind(kind), counted, "{kind:?}");
        }
        let days: BTreeMap<i64, Measures> = by_day.0.iter().filter(|(_, measures)| measures.visits > 0)
            .map(|(day, measures)| (i64::from(day.0), without_kinds(*measures))).collect();
        assert_eq!(days, by_visits(connection, "day", condition, range), "by day");
        let hours: BTreeMap<i64, Measures> = (0..).zip(by_hour.0).filter(|(_, measures)| measures.visits > 0)
            .map(|(hour, measures)| (hour, without_kinds(measures))).collect();
        assert_eq!(hours, by_visits(connection, "hour", condition, range), "by hour");
        let ids: Vec<i64> = matching.0.iter().map(|id| id.0).collect();
        let sql = format!("select id from whole as visits join local using (id) where day between ?1 and ?2 and {condition} order by id");
        let mut question = connection.prepare(&sql).unwrap();
        let told: Vec<i64> = question.query_map((range.first.0, range.last.0), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(ids, told, "which visits");
        for report in catalogue::REPORTS {
            if let catalogue::Answer::Items(by) = report.answer {
                let mut counted = Items::of(by.by);
                reader.ask(&bench.site, range, &filter, &mut [&mut counted]).unwrap();
                assert_eq!(sorted(&counted), items(connection, by.by, condition, range), "{}", report.name);
            }
        }
    });
}

/// The lists of single things, page by page and slice by slice.
fn chronicles_agree(bench: &Bench, now: Timestamp, range: Range) {
    let connection = &bench.connection;
    prepare(connection, bench.site.zone.name());
    for (chronicle, property, only_first) in [
        (Chronicle::LinksRecent, Property::Link, false),
        (Chronicle::LinksFirst, Property::Link, true),
        (Chronicle::SearchesRecent, Property::Terms, false),
        (Chronicle::SearchesFirst, Property::Terms, true),
    ] {
        let (visit, group) = if only_first { ("min(id)", "item") } else { ("id", "id") };
        let sql = format!(
            "select visit, text from (
               select {visit} as visit, {item} as item from whole where {item} <> 0 group by {group})
             join local on local.id = visit join labels on labels.id = item
             where day between ?1 and ?2 order by visit desc",
            item = expression(property)
        );
        let mut question = connection.prepare(&sql).unwrap();
        let rows = question.query_map((range.first.0, range.last.0), |row| Ok((row.get(0)?, row.get(1)?)));
        let told: Vec<(i64, String)> = rows.unwrap().map(Result::unwrap).collect();
        let list = |before: Option<VisitId>, number: u32| -> Vec<(i64, String)> {
            let page = Page { number, rows: 3 };
            let found = bench.ask(now, |reader| {
                chronicle.list(reader, (&bench.site, &Filter::everything()), (range, before), page)
            });
            found.unwrap().into_iter().map(|one| (one.visit.0, one.item)).collect()
        };
        let (mut before, mut number, mut begun) = (None, 1, 0);
        while begun == 0 || begun < told.len() {
            let page = &told[begun..told.len().min(begun + 4)];
            assert_eq!(list(None, number), page, "{chronicle:?}, page {number}");
            assert_eq!(list(before, 1), page, "{chronicle:?}, below {before:?}");
            (begun, number) = (begun + 3, number + 1);
            before = told.get(begun - 1).map(|(visit, _)| VisitId(*visit));
        }
    }
}

/// The rows of visits and what they are counted by, as SQL.
fn rows_by(by: By) -> String {
    match by {
        By::Property(property) => {
            format!("select id as visit_id, {} as item from whole", expression(property))
        }
        By::ActionCount => {
            format!("select id as visit_id, {} as item from whole", bucket(&ACTION_STEPS, "actions"))
        }
        By::TimeOnSite => {
            format!("select id as visit_id, {} as item from whole", bucket(&SECOND_STEPS, "stay / 1000"))
        }
        By::Actions(kind) => {
            let item = match kind {
                ActionKind::Event | ActionKind::Media => "coalesce(title, page, 0)",
                _ => "coalesce(page, 0)",
            };
            format!("select visit_id, {item} as item from actions where kind = {}", kind.code())
        }
        By::Custom => "select visit_id, (key << 32) | value as item from custom".into(),
    }
}

/// Which reports are broken down by which.
const PAIRS: [(&str, &str); 6] = [
    ("country", "browser-version"),
    ("href", "country"),
    ("href", "event"),
    ("custom", "href"),
    ("actions", "time"),
    ("source", "uid"),
];

/// Every two items that occur together, both ways; two neighbouring items are one, as versions of a browser are.
fn pairs_agree(bench: &Bench, now: Timestamp, range: Range, (wanted, condition): (&[Wanted], &str)) {
    let connection = &bench.connection;
    let filter = Filter::of(connection, &bench.site.domain, wanted).unwrap();
    for (first, second) in PAIRS {
        let by = |filter: &str| catalogue::dimension_of_filter(filter).unwrap().by;
        let (first, second) = (by(first), by(second));
        let groups = |by: By| -> Vec<Vec<i64>> {
            let found: Vec<i64> = items(connection, by, "true", bench.range()).into_keys().collect();
            found.chunks(2).map(<[i64]>::to_vec).collect()
        };
        let (rows, columns) = (groups(first), groups(second));
        let keys = |groups: &[Vec<i64>]| -> Vec<Vec<Key>> {
            groups.iter().map(|group| group.iter().map(|key| key.cast_unsigned()).collect()).collect()
        };
        let mut pairs = Pairs::of((first, &keys(&rows)), (second, &keys(&columns)));
        bench.ask(now, |reader| reader.ask(&bench.site, range, &filter, &mut [&mut pairs]).unwrap());
        let listed = |group: &[i64]| group.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let told = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column))).map(
            |(row, column)| {
                let sql = format!(
                "select count(*) from whole as visits join local using (id) where day between {} and {} and {condition}
                 and id in (select visit_id from ({}) where item in ({}))
                 and id in (select visit_id from ({}) where item in ({}))",
                range.first.0, range.last.0, rows_by(first), listed(row), rows_by(second), listed(column)
            );
                connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
            },
        );
        assert_eq!(pairs.visits, told.collect::<Vec<_>>(), "{first:?} by {second:?}");
    }
}

/// Two days of which the second is not over, each time later so that they are compared with days that have visits.
fn comparisons_agree(bench: &Bench, hour: i8) {
    let (connection, zone) = (&bench.connection, &bench.site.zone);
    prepare(connection, zone.name());
    let next_year = bench.first.date().checked_add(jiff::Span::new().years(1)).unwrap();
    let firsts = [bench.first.plus(2), bench.first.plus(7), Day::of(next_year)];
    for (comparison, first) in Comparison::ALL.into_iter().zip(firsts) {
        let range = Range { first, last: first.plus(1) };
        let now = zone.at(range.last, jiff::civil::time(hour, 0, 0, 0));
        let hour = zone.local(now).hour();
        let view = View::everything();
        let scope = Scope { range, wanted: vec![], comparison: Some(comparison), view };
        let counted = bench.ask(now, |reader| {
            Inquiry::new(reader, &bench.site, &scope).unwrap().compare::<Totals>().unwrap().before.unwrap().0
        });
        let (day, next) = (bench.first.0, bench.first.0 + 1);
        let condition = format!("(day = {day} or day = {next} and hour < {hour})");
        let told = by_visits(connection, "0", &condition, bench.range()).remove(&0).unwrap_or_default();
        assert_eq!(Measures { kinds: [0; 5], ..counted }, told, "{} until {hour}", comparison.words());
    }
}

fn wanted(filter: &str, value: &str) -> Vec<Wanted> {
    vec![Wanted::parse(filter, value).unwrap().unwrap()]
}

/// Conditions, as the address has them and as SQL has them.
fn conditions(bench: &Bench) -> Vec<(Vec<Wanted>, String)> {
    let label = |place: usize| bench.word(place).unwrap();
    vec![
        (vec![], "true".into()),
        (wanted("country", "DE"), format!("country = {}", label(0))),
        (wanted("browser", "Firefox"), format!("browser in ({}, {})", label(2), label(3))),
        (
            wanted("href", "https://a.example/x"),
            format!("visits.id in (select visit_id from actions where kind = 1 and page = {})", label(4)),
        ),
        (
            wanted("custom", "DE: FR"),
            format!(
                "visits.id in (select visit_id from custom where key = {} and value = {})",
                label(0),
                label(1)
            ),
        ),
        (wanted("actions", "2-3"), "actions between 2 and 3".into()),
        (wanted("time", "30-"), "stay / 1000 >= 30".into()),
        (wanted("source", "Searches"), "medium = 1".into()),
        (wanted("campaign", "nobody ever had this"), "false".into()),
        (wanted("country", dimension_unknown()), "country is null".into()),
    ]
}

fn dimension_unknown() -> &'static str {
    wanted::UNKNOWN
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_plain_sql_agree_on_every_report(
        zone in 0..ZONES.len(),
        before in prop::collection::vec(made(), 0..25),
        after in prop::collection::vec(made(), 0..12),
        longer in prop::collection::vec((any::<prop::sample::Index>(), 0_i64..900_000), 0..6),
        condition in 0..10_usize,
        days in (0..DAYS, 0..DAYS),
        late in prop::collection::vec(made(), 0..4),
        erased in prop::option::of(any::<prop::sample::Index>()),
        damage in any::<usize>(),
        other_zone in 0..ZONES.len(),
        hour in 0_i8..24,
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&before);
        let (first, last) = (days.0.min(days.1), days.0.max(days.1));
        let part = Range { first: bench.first.plus(first), last: bench.first.plus(last) };
        // While any of the days may still change.
        let during = bench.site.zone.start(bench.first.plus(1));
        agree(&bench, during, bench.range(), &[], "true");
        // Late visits come, and known ones go on, change their visitor and gain actions and custom data.
        bench.add(&after);
        go_on(&mut bench, &longer);
        let (wanted, sql) = conditions(&bench).remove(condition);
        agree(&bench, during, part, &wanted, &sql);
        chronicles_agree(&bench, during, part);
        pairs_agree(&bench, during, part, (&wanted, &sql));
        tables::agree(&bench, during, part, (&wanted, &sql));
        comparisons_agree(&bench, hour);
        agree(&bench, during, bench.range(), &[], "true");
        // Long after, everything is settled, and nothing is asked of the rows any more.
        let settled = bench.site.zone.start(bench.first.plus(DAYS + 3));
        agree(&bench, settled, bench.range(), &[], "true");
        agree(&bench, settled, part, &wanted, &sql);
        chronicles_agree(&bench, settled, part);
        // Sealed, from a memory that knows nothing, and once more from what it has kept.
        bench.seal(settled);
        bench.days = Days::new(bench.changes.clone());
        for _ in 0..2 {
            agree(&bench, settled, bench.range(), &[], "true");
            agree(&bench, settled, part, &wanted, &sql);
        }
        chronicles_agree(&bench, settled, part);
        pairs_agree(&bench, settled, part, (&wanted, &sql));
        tables::agree(&bench, settled, part, (&wanted, &sql));
        // Damaged, and mended.
        bench.damage(damage);
        agree(&bench, settled, bench.range(), &[], "true");
        agree(&bench, settled, part, &wanted, &sql);
        bench.mend(settled);
        agree(&bench, settled, part, &wanted, &sql);
        // Late visits come, others go, and the days are sealed anew.
        bench.add(&late);
        erase(&mut bench, erased);
        agree(&bench, settled, bench.range(), &[], "true");
        agree(&bench, settled, part, &wanted, &sql);
        bench.seal(settled);
        agree(&bench, settled, bench.range(), &[], "true");
        agree(&bench, settled, part, &wanted, &sql);
        // The site moves to another zone: its days are others.
        bench.site.zone = Zone::parse(ZONES[other_zone].0).unwrap();
        agree(&bench, settled, part, &wanted, &sql);
        bench.seal(settled);
        agree(&bench, settled, part, &wanted, &sql);
        agree(&bench, settled, bench.range(), &[], "true");
    }
}

fn erase(bench: &mut Bench, which: Option<prop::sample::Index>) {
    let ids = ids(&bench.connection);
    let Some(which) = which.filter(|_| !ids.is_empty()) else { return };
    let id = VisitId(*which.get(&ids));
    bench.change(|tx| {
        for (table, column) in [("actions", "visit_id"), ("custom", "visit_id"), ("visits", "id")] {
            tx.execute(&format!("delete from {table} where {column} = ?1"), [id.0])?;
        }
        Ok(vec![id])
    });
}

fn go_on(bench: &mut Bench, longer: &[(prop::sample::Index, i64)]) {
    let ids = ids(&bench.connection);
    if ids.is_empty() {
        return;
    }
    let (site, words) = (bench.site.id, bench.words.clone());
    bench.change(|tx| {
        let mut changed = Vec::new();
        for (place, by) in longer {
            let id = VisitId(*place.get(&ids));
            let mut visit = rows::find_visit(tx, site, id)?.unwrap();
            let number = visit.last_number + 1;
            visit.stay += by;
            visit.actions += 1;
            visit.page_views += 1;
            visit.exit = Some(words[usize::try_from(by % 6).unwrap()]);
            let action = Action { number, at: *by, kind: 1, page: visit.exit, title: None };
            rows::create_action(tx, site, id, &action)?;
            rows::update_visit(tx, site, &visit)?;
            rows::update_visitor(tx, site, id, VisitorId(by % 7 + 1))?;
            rows::update_hostname(tx, site, id, words[1])?;
            rows::set_custom(tx, site, id, (words[0], words[1]), 20)?;
            changed.push(id);
        }
        Ok(changed)
    });
}

/// The visits that pass, both ways.
fn agree_on_visits(bench: &Bench, now: Timestamp, wanted: &[Wanted]) {
    let filter = Filter::of(&bench.connection, &bench.site.domain, wanted).unwrap();
    let mut matching = Matching::default();
    bench.ask(now, |reader| reader.ask(&bench.site, bench.range(), &filter, &mut [&mut matching]).unwrap());
    let range = bench.range();
    // Across a summer-time change the last hour falls on the day after.
    let sql = format!(
        "select id from whole as visits join local using (id) where day between ?1 and ?2 and {} order by id",
        conditions::all(wanted)
    );
    let mut question = bench.connection.prepare(&sql).unwrap();
    let told: Vec<i64> = question
        .query_map((range.first.0, range.last.0), |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let found: Vec<i64> = matching.0.iter().map(|id| id.0).collect();
    assert_eq!(found, told, "{wanted:?}\n{sql}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_filtered_by_whichever_operator_plain_sql_agrees(
        zone in 0..ZONES.len(),
        made in prop::collection::vec(made(), 1..30),
        single in prop::collection::vec(conditions::condition(), 20),
        together in prop::collection::vec(conditions::condition(), 2..4),
    ) {
        let mut bench = Bench::new(ZONES[zone]);
        bench.add(&made);
        let now = bench.site.zone.start(bench.first.plus(DAYS + 2));
        prepare(&bench.connection, bench.site.zone.name());
        for wanted in &single {
            agree_on_visits(&bench, now, std::slice::from_ref(wanted));
        }
        agree(&bench, now, bench.range(), &together, &conditions::all(&together));
    }
}

#[test]
fn a_visit_that_nobody_told_of_is_seen_all_the_same() {
    let mut bench = Bench::new(ZONES[0]);
    let one = Made {
        minute: 10,
        visitor: 1,
        medium: 0,
        stay: 0,
        words: [0; 8],
        traits: 0,
        actions: vec![(0, 4, 5)],
        custom: vec![],
    };
    bench.add(std::slice::from_ref(&one));
    let now = bench.site.zone.start(bench.first.plus(1));
    agree(&bench, now, bench.range(), &[], "true");
    let (site, words) = (bench.site.id, bench.words.clone());
    let id = VisitId(VisitId::first_at(Timestamp(bench.site.zone.start(bench.first).0 + 3_600_000)).0);
    store::change(&mut bench.connection, |tx| write(tx, site, id, &one, &|place| words.get(place).copied()))
        .unwrap();
    agree(&bench, now, bench.range(), &[], "true");
}

#[test]
fn buckets_have_no_gap() {
    for (steps, bucket) in [
        (&ACTION_STEPS, dimension::bucket_of_actions as fn(u32) -> u32),
        (&SECOND_STEPS, dimension::bucket_of_seconds),
    ] {
        for (place, step) in steps.iter().enumerate() {
            assert_eq!(bucket(*step), u32::try_from(place).unwrap());
            assert_eq!(bucket(step.saturating_sub(1)), u32::try_from(place.saturating_sub(1)).unwrap());
        }
    }
}
