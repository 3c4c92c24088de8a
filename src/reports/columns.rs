//! One day of a site as columns: what every report scans. Built from the rows, and brought up to date by reading again
//! the visits that changed. Derived, never stored: the day, hours, which visit was a visitor's first of the day.

use crate::clock::{Day, Zone};
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::ingest::hit::ActionKind;
use crate::ingest::recorder::trait_bits;
use crate::ingest::source::Medium;
use rusqlite::{Connection, Row, named_params};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// What a visit is counted by, as one number: a label, a code, or two labels side by side. 0 is unknown.
pub type Key = u64;

/// Two labels in one key.
pub fn pair(first: Key, second: Key) -> Key {
    first << 32 | second
}

/// The two labels of a key.
pub fn unpair(key: Key) -> (Key, Key) {
    (key >> 32, key & 0xffff_ffff)
}

/// The properties of a visit that have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// The first page.
    Landing,
    /// The last page.
    Exit,
    /// How they came: the code of the medium.
    Medium,
    /// The address that led here, unless it is a search engine's or the site's own.
    Link,
    /// Its domain.
    LinkDomain,
    /// What was searched for.
    Terms,
    /// The search engine.
    Engine,
    /// The campaign.
    Campaign,
    /// Its source.
    CampaignSource,
    /// Its medium.
    CampaignMedium,
    /// Its term.
    CampaignTerm,
    /// Its content.
    CampaignContent,
    /// The browser with its version.
    Browser,
    /// The system with its version.
    System,
    /// The code of the kind of machine.
    Hardware,
    /// The size of the screen.
    Screen,
    /// The language tag.
    Language,
    /// Two letters.
    Country,
    /// Country and region.
    Region,
    /// Country and city.
    City,
    /// Whose network.
    Organization,
    /// What the address is called.
    Hostname,
    /// The visitor.
    Visitor,
}

const PROPERTIES: usize = Property::Visitor as usize + 1;

/// A column: each visit's or action's key, by its place in the list of the day's keys.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// The keys that occur, each once.
    pub keys: Vec<Key>,
    /// Of each row: the place of its key.
    pub codes: Vec<u32>,
}

impl Column {
    fn bytes(&self) -> usize {
        self.keys.capacity() * 8 + self.codes.capacity() * 4
    }

    /// The key of a row.
    pub fn key(&self, row: usize) -> Key {
        self.keys[self.codes[row] as usize]
    }
}

/// Finds the place of keys while a column is written.
#[derive(Default)]
struct Places(HashMap<Key, u32>);

impl Places {
    fn of(column: &Column) -> Self {
        Self((0..).zip(&column.keys).map(|(place, key)| (*key, place)).collect())
    }

    fn code(&mut self, column: &mut Column, key: Key) -> u32 {
        *self.0.entry(key).or_insert_with(|| {
            column.keys.push(key);
            u32::try_from(column.keys.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// Facts of a visit that are yes or no.
pub mod facts {
    /// The visitor's first visit of the day.
    pub const UNIQUE: u8 = 1;
    /// The visitor was never seen before.
    pub const NEW: u8 = 2;
    /// One page view only, and less than 30 seconds.
    pub const BOUNCE: u8 = 4;
}

/// The visits that began on a day, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    /// Their ids.
    pub ids: Vec<i64>,
    /// The local hour in which each began.
    pub hours: Vec<u8>,
    /// Milliseconds from the beginning to the last action or ping.
    pub stays: Vec<u32>,
    /// How many actions each has.
    pub actions: Vec<u32>,
    /// Bits of [`facts`].
    pub facts: Vec<u8>,
    columns: Vec<Column>,
    /// Of each visitor, by its place in the column: which visitor of the day it is, from 1. 0 where none of its visits is
    /// left.
    numbers: Vec<u32>,
}

impl Visits {
    /// The column of a property.
    pub fn column(&self, property: Property) -> &Column {
        &self.columns[property as usize]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Which visitor of the day, from 1, a visit is of.
    pub fn visitor_number(&self, visit: VisitId) -> Option<u32> {
        let row = self.ids.binary_search(&visit.0).ok()?;
        Some(self.numbers[self.column(Property::Visitor).codes[row] as usize])
    }

    /// Whole seconds on the site.
    pub fn seconds(&self, row: usize) -> u32 {
        self.stays[row] / 1_000
    }

    /// Numbers visitors in the order in which they came, and marks the first visit of each.
    fn number_visitors(&mut self) {
        let visitors = &self.columns[Property::Visitor as usize];
        self.numbers = vec![0; visitors.keys.len()];
        let mut last = 0;
        for (facts, code) in self.facts.iter_mut().zip(&visitors.codes) {
            let number = &mut self.numbers[*code as usize];
            let is_first = *number == 0;
            *facts = *facts & !facts::UNIQUE | if is_first { facts::UNIQUE } else { 0 };
            if is_first {
                last += 1;
                *number = last;
            }
        }
    }
}

/// Rows that belong to visits: the actions of one kind, or custom data. Sorted by visit.
#[derive(Clone, Debug, Default)]
pub struct Belongings {
    /// Of each row: the place of its visit.
    pub visits: Vec<u32>,
    /// Of each row: what it is counted by.
    pub items: Column,
}

/// One day of a site.
#[derive(Clone, Debug)]
pub struct DayColumns {
    /// The day.
    pub day: Day,
    /// Its visits.
    pub visits: Visits,
    /// Their actions, by kind.
    actions: [Belongings; 5],
    /// Custom data: key and value.
    pub custom: Belongings,
    /// What stands beside an item: the last title of an address, or the address of an event or medium.
    beside: [HashMap<Key, Key>; 5],
}

fn place_of(kind: ActionKind) -> usize {
    match kind {
        ActionKind::PageView => 0,
        ActionKind::Download => 1,
        ActionKind::Outbound => 2,
        ActionKind::Event => 3,
        ActionKind::Media => 4,
    }
}

fn key(row: &Row<'_>, at: usize) -> rusqlite::Result<Key> {
    Ok(row.get::<_, Option<i64>>(at)?.unwrap_or(0).cast_unsigned())
}

const VISITS: &str =
    "select visits.id, visitor_id, stay, actions, page_views, traits, medium, hardware, landing, exit,
  referrer, referrer_domain, referrer_name, search_terms,
  campaign, campaign_source, campaign_medium, campaign_term, campaign_content,
  browser, system, screen, language, country, region, city, organization, hostname
  from visits
  left join sources on sources.id = visits.source
  left join machines on machines.id = visits.machine
  left join places on places.id = visits.place
  where site_id = :site and visits.id >= :first and visits.id < :end
  order by visits.id";
const ACTIONS: &str = "select visit_id, kind, page, title
  from actions
  where site_id = :site and visit_id >= :first and visit_id < :end
  order by visit_id, number";
const CUSTOM: &str = "select visit_id, key, value
  from custom
  where site_id = :site and visit_id >= :first and visit_id < :end
  order by visit_id, key";

/// Visits with less than this many milliseconds and one page view bounced.
const BOUNCE_MILLIS: i64 = 30_000;

/// One visit, read from its row.
struct Read {
    id: i64,
    stay: i64,
    actions: i64,
    facts: u8,
    keys: [Key; PROPERTIES],
}

fn read(row: &Row<'_>) -> rusqlite::Result<Read> {
    let (stay, page_views, traits): (i64, i64, i64) = (row.get(2)?, row.get(4)?, row.get(5)?);
    let medium = key(row, 6)?;
    let is = |one: Medium| medium == one.code().cast_unsigned();
    let (is_search, is_own) = (is(Medium::Search), is(Medium::Internal));
    let link = |at| if is_search || is_own { Ok(0) } else { key(row, at) };
    let country = key(row, 23)?;
    let within = |place: Key| if place == 0 { 0 } else { pair(country, place) };
    let engine = match key(row, 12)? {
        0 => key(row, 11)?,
        name => name,
    };
    let mut keys = [0; PROPERTIES];
    for (property, key) in [
        (Property::Landing, key(row, 8)?),
        (Property::Exit, key(row, 9)?),
        (Property::Medium, medium),
        (Property::Link, link(10)?),
        (Property::LinkDomain, link(11)?),
        (Property::Terms, key(row, 13)?),
        (Property::Engine, if is_search { engine } else { 0 }),
        (Property::Campaign, key(row, 14)?),
        (Property::CampaignSource, key(row, 15)?),
        (Property::CampaignMedium, key(row, 16)?),
        (Property::CampaignTerm, key(row, 17)?),
        (Property::CampaignContent, key(row, 18)?),
        (Property::Browser, key(row, 19)?),
        (Property::System, key(row, 20)?),
        (Property::Hardware, key(row, 7)?),
        (Property::Screen, key(row, 21)?),
        (Property::Language, key(row, 22)?),
        (Property::Country, country),
        (Property::Region, within(key(row, 24)?)),
        (Property::City, within(key(row, 25)?)),
        (Property::Organization, key(row, 26)?),
        (Property::Hostname, key(row, 27)?),
        (Property::Visitor, key(row, 1)?),
    ] {
        keys[property as usize] = key;
    }
    let is_new = traits & trait_bits::NEW != 0;
    let has_bounced = page_views == 1 && stay < BOUNCE_MILLIS;
    Ok(Read {
        id: row.get(0)?,
        stay,
        actions: row.get(3)?,
        facts: if is_new { facts::NEW } else { 0 } | if has_bounced { facts::BOUNCE } else { 0 },
        keys,
    })
}

impl DayColumns {
    /// Reads a whole day.
    pub fn build(connection: &Connection, site: SiteId, zone: &Zone, day: Day) -> Result<Self> {
        let mut columns = Self {
            day,
            visits: Visits { columns: vec![Column::default(); PROPERTIES], ..Visits::default() },
            actions: Default::default(),
            custom: Belongings::default(),
            beside: Default::default(),
        };
        let range = super::range::Range { first: day, last: day }.visits(zone);
        let mut pen = Pen::of(&columns);
        pen.read_visits(&mut columns, connection, (site, zone), &range)?;
        pen.read_belongings(&mut columns, connection, site, &range)?;
        columns.visits.number_visitors();
        columns.shrink();
        Ok(columns)
    }

    /// Reads these visits of the day again, old ones and new ones. None when that can't be done in place: a visit came
    /// before others that are known already.
    pub fn updated(
        &self,
        connection: &Connection,
        (site, zone): (SiteId, &Zone),
        changed: &[VisitId],
    ) -> Result<Option<Self>> {
        let mut columns = self.clone();
        let mut pen = Pen::of(&columns);
        let known = |id: VisitId| self.visits.ids.binary_search(&id.0);
        let old: HashSet<u32> = changed
            .iter()
            .filter_map(|id| known(*id).ok())
            .filter_map(|place| u32::try_from(place).ok())
            .collect();
        for belongings in columns.actions.iter_mut().chain([&mut columns.custom]) {
            belongings.drop_of(&old);
        }
        for id in changed {
            let one = *id..VisitId(id.0 + 1);
            if known(*id).is_err() && columns.visits.ids.last().is_some_and(|last| *last > id.0) {
                return Ok(None);
            }
            pen.read_visits(&mut columns, connection, (site, zone), &one)?;
            pen.read_belongings(&mut columns, connection, site, &one)?;
        }
        for belongings in columns.actions.iter_mut().chain([&mut columns.custom]) {
            belongings.sort();
        }
        columns.visits.number_visitors();
        Ok(Some(columns))
    }

    /// The actions of a kind.
    pub fn actions(&self, kind: ActionKind) -> &Belongings {
        &self.actions[place_of(kind)]
    }

    /// What stands beside an item of a kind: the title of an address, or the address of an event or medium.
    pub fn beside(&self, kind: ActionKind, item: Key) -> Option<Key> {
        self.beside[place_of(kind)].get(&item).copied()
    }

    /// How much memory this takes, about.
    pub fn bytes(&self) -> usize {
        let visits = &self.visits;
        let columns: usize = visits.columns.iter().map(Column::bytes).sum();
        let belongings: usize = self
            .actions
            .iter()
            .chain([&self.custom])
            .map(|belongings| belongings.visits.capacity() * 4 + belongings.items.bytes())
            .sum();
        let beside: usize = self.beside.iter().map(|map| map.capacity() * 24).sum();
        size_of::<Self>()
            + visits.ids.capacity() * 18
            + visits.numbers.capacity() * 4
            + columns
            + belongings
            + beside
    }

    fn shrink(&mut self) {
        let visits = &mut self.visits;
        visits.ids.shrink_to_fit();
        visits.hours.shrink_to_fit();
        visits.stays.shrink_to_fit();
        visits.actions.shrink_to_fit();
        visits.facts.shrink_to_fit();
        let belongings = self.actions.iter_mut().chain([&mut self.custom]);
        let items = belongings.map(|belongings| {
            belongings.visits.shrink_to_fit();
            &mut belongings.items
        });
        for column in visits.columns.iter_mut().chain(items) {
            column.keys.shrink_to_fit();
            column.codes.shrink_to_fit();
        }
        self.beside.iter_mut().for_each(HashMap::shrink_to_fit);
    }
}

impl Belongings {
    fn drop_of(&mut self, visits: &HashSet<u32>) {
        let kept: Vec<bool> = self.visits.iter().map(|visit| !visits.contains(visit)).collect();
        let mut keep = kept.iter();
        self.visits.retain(|_| keep.next().copied().unwrap_or(false));
        let mut keep = kept.iter();
        self.items.codes.retain(|_| keep.next().copied().unwrap_or(false));
    }

    fn sort(&mut self) {
        let mut rows: Vec<(u32, u32)> =
            self.visits.iter().copied().zip(self.items.codes.iter().copied()).collect();
        rows.sort_by_key(|(visit, _)| *visit);
        (self.visits, self.items.codes) = rows.into_iter().unzip();
    }
}

/// What is needed to write columns: the places of their keys.
struct Pen {
    properties: Vec<Places>,
    actions: [Places; 5],
    custom: Places,
}

impl Pen {
    fn of(columns: &DayColumns) -> Self {
        Self {
            properties: columns.visits.columns.iter().map(Places::of).collect(),
            actions: columns.actions.each_ref().map(|kind| Places::of(&kind.items)),
            custom: Places::of(&columns.custom.items),
        }
    }

    fn read_visits(
        &mut self,
        columns: &mut DayColumns,
        connection: &Connection,
        (site, zone): (SiteId, &Zone),
        range: &Range<VisitId>,
    ) -> Result<()> {
        let mut question = connection.prepare_cached(VISITS)?;
        let bound = named_params! {":site": site.0, ":first": range.start.0, ":end": range.end.0};
        let mut rows = question.query(bound)?;
        while let Some(row) = rows.next()? {
            self.write_visit(&mut columns.visits, read(row)?, zone);
        }
        Ok(())
    }

    fn write_visit(&mut self, visits: &mut Visits, read: Read, zone: &Zone) {
        let stay = u32::try_from(read.stay.max(0)).unwrap_or(u32::MAX);
        let actions = u32::try_from(read.actions.max(0)).unwrap_or(u32::MAX);
        let known = visits.ids.binary_search(&read.id).ok();
        if let Some(place) = known {
            visits.stays[place] = stay;
            visits.actions[place] = actions;
            visits.facts[place] = read.facts;
        } else {
            visits.ids.push(read.id);
            let hour = zone.local(VisitId(read.id).began()).hour();
            visits.hours.push(u8::try_from(hour).unwrap_or(0));
            visits.stays.push(stay);
            visits.actions.push(actions);
            visits.facts.push(read.facts);
        }
        for ((column, places), key) in visits.columns.iter_mut().zip(&mut self.properties).zip(read.keys) {
            let code = places.code(column, key);
            match known {
                Some(place) => column.codes[place] = code,
                None => column.codes.push(code),
            }
        }
    }

    fn read_belongings(
        &mut self,
        columns: &mut DayColumns,
        connection: &Connection,
        site: SiteId,
        range: &Range<VisitId>,
    ) -> Result<()> {
        let bound = named_params! {":site": site.0, ":first": range.start.0, ":end": range.end.0};
        let DayColumns { visits, actions, custom, beside, .. } = columns;
        let mut owner = Owner { ids: &visits.ids, last: None };
        let mut question = connection.prepare_cached(ACTIONS)?;
        let mut rows = question.query(bound)?;
        while let Some(row) = rows.next()? {
            let Some(visit) = owner.place(row.get(0)?) else { continue };
            let Some(kind) = ActionKind::from_code(row.get(1)?) else { continue };
            let (page, title) = (key(row, 2)?, key(row, 3)?);
            let (item, other) = match kind {
                ActionKind::Event | ActionKind::Media if title != 0 => (title, page),
                _ => (page, title),
            };
            let of = place_of(kind);
            actions[of].visits.push(visit);
            let code = self.actions[of].code(&mut actions[of].items, item);
            actions[of].items.codes.push(code);
            if other != 0 {
                beside[of].insert(item, other);
            }
        }
        let mut owner = Owner { ids: &visits.ids, last: None };
        let mut question = connection.prepare_cached(CUSTOM)?;
        let mut rows = question.query(bound)?;
        while let Some(row) = rows.next()? {
            let Some(visit) = owner.place(row.get(0)?) else { continue };
            custom.visits.push(visit);
            let code = self.custom.code(&mut custom.items, pair(key(row, 1)?, key(row, 2)?));
            custom.items.codes.push(code);
        }
        Ok(())
    }
}

/// Finds the place of the visit that a row belongs to; rows of one visit come together.
struct Owner<'a> {
    ids: &'a [i64],
    last: Option<(i64, u32)>,
}

impl Owner<'_> {
    fn place(&mut self, id: i64) -> Option<u32> {
        if let Some((last, place)) = self.last
            && last == id
        {
            return Some(place);
        }
        let place = u32::try_from(self.ids.binary_search(&id).ok()?).ok()?;
        self.last = Some((id, place));
        Some(place)
    }
}
