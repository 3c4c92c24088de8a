//! Columns while they are written: built from the rows of some days, and brought up to date by reading again the visits
//! that changed. What questions look at is made of it by [`Draft::stretch`].

use super::growing::{Growing, GrowingBag};
use super::numbers::Numbers;
use super::stretch::{DaySums, Head, Ids, Owners, Piece, Stretch, Sums};
use super::visit_row::{VISITS, VisitRow, key};
use super::{BAGS, Bag, Of, PROPERTIES, Part, Property, facts, pair};
use crate::clock::{Day, Zone};
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::reports::dimension::{bucket_of_actions, bucket_of_seconds};
use crate::reports::measures::Measures;
use crate::reports::range::Range;
use rusqlite::{Connection, named_params};
use std::sync::Arc;

const ACTIONS: &str = "select visit_id, number, kind, page, title
  from actions
  where site_id = :site and visit_id >= :first and visit_id < :end and number > :after
  order by visit_id, number";
const CUSTOM: &str = "select visit_id, key, value
  from custom
  where site_id = :site and visit_id >= :first and visit_id < :end
  order by visit_id, key";

/// Days of a site while their columns are written.
#[derive(Debug)]
pub struct Draft {
    site: SiteId,
    zone: Zone,
    range: Range,
    ids: Vec<i64>,
    hours: Vec<u8>,
    stays: Vec<u32>,
    actions: Vec<u32>,
    facts: Vec<u8>,
    /// Of each visit, the number of its last action that was read.
    last_numbers: Vec<i64>,
    properties: [Growing; PROPERTIES],
    bags: [GrowingBag; BAGS],
    /// The local hour that was told last, and until which moment it holds: they follow each other.
    hour: (u8, std::ops::Range<i64>),
}

impl Draft {
    /// Reads whole days.
    pub fn build(connection: &Connection, site: SiteId, zone: &Zone, range: Range) -> Result<Self> {
        let mut draft = Self {
            site,
            zone: zone.clone(),
            range,
            ids: Vec::new(),
            hours: Vec::new(),
            stays: Vec::new(),
            actions: Vec::new(),
            facts: Vec::new(),
            last_numbers: Vec::new(),
            properties: std::array::from_fn(|_| Growing::default()),
            bags: std::array::from_fn(|_| GrowingBag::default()),
            hour: (0, 0..0),
        };
        let visits = range.visits(zone);
        draft.read_visits(connection, &visits)?;
        draft.read_actions(connection, &visits, 0)?;
        draft.read_custom(connection, &visits)?;
        Ok(draft)
    }

    /// Reads these visits again, old ones and new ones. False when that can't be done in place, since a visit came before
    /// others that are known already, or is gone: the days must be built anew.
    pub fn update(&mut self, connection: &Connection, changed: &[VisitId]) -> Result<bool> {
        for id in changed {
            let one = *id..VisitId(id.0 + 1);
            let known = self.ids.binary_search(&id.0).ok();
            if known.is_none() && self.ids.last().is_some_and(|last| *last > id.0) {
                return Ok(false);
            }
            if !self.read_visits(connection, &one)? {
                return Ok(false);
            }
            let row = known.unwrap_or(self.ids.len() - 1);
            let owner = u32::try_from(row).unwrap_or(u32::MAX);
            self.read_actions(connection, &one, self.last_numbers[row])?;
            if known.is_some() {
                self.bags[Bag::Custom.number()].drop_of(owner);
            }
            self.read_custom(connection, &one)?;
        }
        Ok(true)
    }

    /// How much memory it takes, about.
    pub fn bytes(&self) -> usize {
        let columns = self.properties.iter().map(Growing::bytes).sum::<usize>();
        let bags = self.bags.iter().map(GrowingBag::bytes).sum::<usize>();
        self.ids.capacity() * 26 + columns + bags
    }

    /// The newest visit.
    pub fn last(&self) -> Option<VisitId> {
        self.ids.last().copied().map(VisitId)
    }

    fn hour(&mut self, id: VisitId) -> u8 {
        const MINUTES: i64 = 15 * 60_000;
        let at = id.began();
        if !self.hour.1.contains(&at.0) {
            // Clocks change at whole quarters of an hour.
            let start = at.0.div_euclid(MINUTES) * MINUTES;
            let hour = u8::try_from(self.zone.local(at).hour()).unwrap_or(0);
            self.hour = (hour, start..start + MINUTES);
        }
        self.hour.0
    }

    fn read_visits(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<bool> {
        let mut question = connection.prepare_cached(VISITS)?;
        let bound = named_params! {":site": self.site.0, ":first": range.start.0, ":end": range.end.0};
        let mut rows = question.query(bound)?;
        let mut has_any = false;
        while let Some(row) = rows.next()? {
            self.write_visit(&VisitRow::read(row)?);
            has_any = true;
        }
        Ok(has_any)
    }

    fn write_visit(&mut self, read: &VisitRow) {
        let stay = u32::try_from(read.stay.max(0)).unwrap_or(u32::MAX);
        let actions = u32::try_from(read.actions.max(0)).unwrap_or(u32::MAX);
        let is_new = self.ids.last().is_none_or(|last| *last < read.id);
        let known = if is_new { None } else { self.ids.binary_search(&read.id).ok() };
        if let Some(row) = known {
            (self.stays[row], self.actions[row], self.facts[row]) = (stay, actions, read.facts);
        } else {
            let hour = self.hour(VisitId(read.id));
            self.ids.push(read.id);
            self.hours.push(hour);
            self.stays.push(stay);
            self.actions.push(actions);
            self.facts.push(read.facts);
            self.last_numbers.push(0);
        }
        for (column, key) in self.properties.iter_mut().zip(read.keys) {
            let code = column.code(key);
            match known {
                Some(row) => column.codes[row] = code,
                None => column.codes.push(code),
            }
        }
    }

    fn read_actions(
        &mut self,
        connection: &Connection,
        range: &std::ops::Range<VisitId>,
        after: i64,
    ) -> Result<()> {
        let mut question = connection.prepare_cached(ACTIONS)?;
        let mut rows = question.query(named_params! {
            ":site": self.site.0, ":first": range.start.0, ":end": range.end.0, ":after": after,
        })?;
        let mut owner = Owner { ids: &self.ids, last: None };
        while let Some(row) = rows.next()? {
            let Some(visit) = owner.place(row.get(0)?) else { continue };
            let number: i64 = row.get(1)?;
            let last = &mut self.last_numbers[visit as usize];
            *last = (*last).max(number);
            let Some(kind) = ActionKind::from_code(row.get(2)?) else { continue };
            let (page, title) = (key(row, 3)?, key(row, 4)?);
            let (item, beside) = match kind {
                ActionKind::Event | ActionKind::Media if title != 0 => (title, page),
                _ => (page, title),
            };
            self.bags[Bag::Actions(kind).number()].push(visit, item, beside);
        }
        Ok(())
    }

    fn read_custom(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<()> {
        let mut question = connection.prepare_cached(CUSTOM)?;
        let bound = named_params! {":site": self.site.0, ":first": range.start.0, ":end": range.end.0};
        let mut rows = question.query(bound)?;
        let mut owner = Owner { ids: &self.ids, last: None };
        while let Some(row) = rows.next()? {
            let Some(visit) = owner.place(row.get(0)?) else { continue };
            self.bags[Bag::Custom.number()].push(visit, pair(key(row, 1)?, key(row, 2)?), 0);
        }
        Ok(())
    }

    /// What questions look at, as of now.
    pub fn stretch(&mut self) -> Stretch {
        self.bags.iter_mut().for_each(GrowingBag::sort);
        let ends = self.ends();
        self.mark_first_visits(&ends);
        let mut stretch = Stretch::of(Arc::new(self.days(&ends)));
        let seconds: Vec<u32> = self.stays.iter().map(|stay| stay / 1_000).collect();
        let numbers = |values: Numbers| Arc::new(Piece::Numbers(values));
        stretch.put(Part::Ids, Arc::new(Piece::Ids(Ids::pack(&self.ids))));
        stretch.put(Part::Hours, numbers(Numbers::pack(&self.hours)));
        stretch.put(Part::Seconds, numbers(Numbers::pack(&seconds)));
        stretch.put(Part::Actions, numbers(Numbers::pack(&self.actions)));
        stretch.put(Part::Facts, numbers(Numbers::pack(&self.facts)));
        stretch.put(Part::Stays, numbers(Numbers::pack(&self.stays)));
        for (property, column) in Property::ALL.into_iter().zip(&self.properties) {
            let of = Of::Property(property);
            let sums =
                self.sums(((0..).zip(column.codes.iter().copied()), column.codes.len()), column, false);
            let keys = Numbers::pack(&column.keys);
            stretch
                .put(Part::Head(of), Arc::new(Piece::Head(Head { keys, beside: Numbers::default(), sums })));
            stretch.put(Part::Codes(of), numbers(Numbers::pack(&column.codes)));
        }
        for (bag, rows) in Bag::ALL.into_iter().zip(&self.bags) {
            let (of, column) = (Of::Bag(bag), &rows.items);
            let sums = self.sums(
                (rows.owners.iter().copied().zip(column.codes.iter().copied()), rows.owners.len()),
                column,
                true,
            );
            let has_beside = rows.beside.iter().any(|beside| *beside != 0);
            let beside = if has_beside { Numbers::pack(&rows.beside) } else { Numbers::default() };
            let keys = Numbers::pack(&column.keys);
            stretch.put(Part::Head(of), Arc::new(Piece::Head(Head { keys, beside, sums })));
            stretch.put(Part::Codes(of), numbers(Numbers::pack(&column.codes)));
            stretch.put(Part::Owners(bag), Arc::new(Piece::Owners(self.owners(&rows.owners))));
        }
        for (of, bucket) in [
            (Of::ActionCount, self.bucketed(&self.actions, bucket_of_actions)),
            (Of::TimeOnSite, self.bucketed(&seconds, bucket_of_seconds)),
        ] {
            stretch.put(Part::Head(of), Arc::new(Piece::Head(bucket)));
        }
        stretch
    }

    /// Where the visits of each day end, of days that have any.
    fn ends(&self) -> Vec<(Day, usize)> {
        let mut ends: Vec<(Day, usize)> = Vec::new();
        for day in self.range.each() {
            let end = VisitId::first_at(self.zone.start(day.plus(1)));
            let end = self.ids.partition_point(|id| *id < end.0);
            if end > ends.last().map_or(0, |(_, end)| *end) {
                ends.push((day, end));
            }
        }
        ends
    }

    /// Marks the first visit of each visitor on each day.
    fn mark_first_visits(&mut self, ends: &[(Day, usize)]) {
        let visitors = &self.properties[Property::Visitor as usize];
        let mut seen = vec![usize::MAX; visitors.keys.len()];
        let mut row = 0;
        for (day, (_, end)) in ends.iter().enumerate() {
            for (facts, code) in self.facts[row..*end].iter_mut().zip(&visitors.codes[row..*end]) {
                let is_first = seen[*code as usize] != day;
                seen[*code as usize] = day;
                *facts = *facts & !facts::UNIQUE | if is_first { facts::UNIQUE } else { 0 };
            }
            row = *end;
        }
    }

    fn add_visit(&self, to: &mut Measures, row: usize) {
        let is = |fact| i64::from(self.facts[row] & fact != 0);
        to.visits += 1;
        to.uniques += is(facts::UNIQUE);
        to.new += is(facts::NEW);
        to.bounces += is(facts::BOUNCE);
        to.actions += i64::from(self.actions[row]);
        to.seconds += i64::from(self.stays[row] / 1_000);
    }

    fn days(&self, ends: &[(Day, usize)]) -> Vec<DaySums> {
        let mut start = 0;
        let mut places = [0; BAGS];
        let sums = ends.iter().map(|(day, end)| {
            let mut measures = Measures::default();
            (start..*end).for_each(|row| self.add_visit(&mut measures, row));
            measures.hits = measures.visits;
            start = *end;
            let rows = std::array::from_fn(|bag| {
                let owners = &self.bags[bag].owners;
                let before = std::mem::replace(
                    &mut places[bag],
                    owners.partition_point(|owner| (*owner as usize) < *end),
                );
                places[bag] - before
            });
            for (kind, rows) in measures.kinds.iter_mut().zip(rows) {
                *kind = i64::try_from(rows).unwrap_or(i64::MAX);
            }
            DaySums { day: *day, measures, rows }
        });
        sums.collect()
    }

    /// What each key adds up to, where that is much shorter than the rows.
    fn sums(
        &self,
        (rows, count): (impl Iterator<Item = (u32, u32)>, usize),
        column: &Growing,
        has_hits: bool,
    ) -> Option<Box<Sums>> {
        let is_short = count >= limits::SUMMED_ROWS_MIN && column.keys.len() * 4 <= count;
        is_short.then(|| {
            let mut counted = vec![Measures::default(); column.keys.len()];
            let mut last = vec![u32::MAX; column.keys.len()];
            for (owner, code) in rows {
                let code = code as usize;
                counted[code].hits += 1;
                if last[code] != owner {
                    last[code] = owner;
                    self.add_visit(&mut counted[code], owner as usize);
                }
            }
            Box::new(Sums::pack(&counted, has_hits))
        })
    }

    /// Steps into which visits fall by a number, each with what it adds up to.
    fn bucketed(&self, values: &[u32], bucket: fn(u32) -> u32) -> Head {
        let mut found: std::collections::BTreeMap<u32, Measures> = std::collections::BTreeMap::new();
        for (row, value) in values.iter().enumerate() {
            self.add_visit(found.entry(bucket(*value)).or_default(), row);
        }
        let keys: Vec<u32> = found.keys().copied().collect();
        let counted: Vec<Measures> = found.into_values().collect();
        Head {
            keys: Numbers::pack(&keys),
            beside: Numbers::default(),
            sums: Some(Box::new(Sums::pack(&counted, false))),
        }
    }

    fn owners(&self, owners: &[u32]) -> Owners {
        if owners.len() * 4 < self.ids.len() {
            return Owners::Listed(Numbers::pack(owners));
        }
        let mut counts = vec![0_u32; self.ids.len()];
        for owner in owners {
            counts[*owner as usize] += 1;
        }
        Owners::Counted(Numbers::pack(&counts))
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
