//! Construction of columns from the rows of some days, and their update with visits that changed since. Changes are
//! read completely before they are applied, so that a query that is cancelled leaves consistent columns.

use super::action_row::{ACTIONS, ACTIONS_LISTED, ActionRow};
use super::block::Block;
use super::dictionary_builder::{AttachedRow, ROW_NUMBERS_MAX, RepeatedRow};
use super::growing_block::{Conversion, GrowingBlock};
use super::growing_sums;
use super::packed_ints::PackedInts;
use super::repeated_rows::{
    ATTACHED, ATTACHED_COLUMNS, CONVERSIONS, CONVERSIONS_LISTED, Owner, conversion, each_between,
};
use super::visit_row::{VISITS, VISITS_LISTED, VisitRow};
use super::{REPEATED_COLUMNS, Repeated};
use crate::error::Result;
use crate::limits::EngineLimits;
use crate::model::clock::{Day, Zone};
use crate::model::id::{SiteId, VisitId};
use crate::reports::date_range::DateRange;
use crate::store::page_forms::PageForms;
use crate::store::sites::Site;
use foldhash::HashSet;
use rusqlite::{Connection, Row, named_params};
use std::fmt::Write as _;
use std::sync::Arc;

/// A builder of the columns of some days of a site.
#[derive(Debug)]
pub struct BlockBuilder {
    site: SiteId,
    zone: Zone,
    range: DateRange,
    block: GrowingBlock,
    /// The number of the last action read, for each visit.
    last_numbers: PackedInts,
    /// The codes of visitors who lost a visit to another visitor: their next visit may be their first of the day.
    left: HashSet<usize>,
    /// The page forms that labels stand for.
    forms: PageForms,
    /// The local hour that was told last, and until which moment it holds: they follow each other.
    hour: (u8, std::ops::Range<i64>),
}

/// Days that were read, of which nothing is counted yet. That needs no data file.
#[derive(Debug)]
pub struct PendingBlock(BlockBuilder);

impl PendingBlock {
    /// Counts what the days add up to.
    pub fn count(self) -> BlockBuilder {
        let Self(mut draft) = self;
        let ends = draft.ends();
        growing_sums::count_all(&mut draft.block, &ends);
        draft
    }
}

/// The rows read of changed visits.
#[derive(Debug, Default)]
pub struct Changed {
    /// The visits that the columns contain, with their row numbers, in order.
    known: Vec<(usize, VisitRow)>,
    /// The later visits, in order.
    new: Vec<VisitRow>,
    /// The actions that the columns do not contain yet, by row number of the visit and action number.
    actions: Vec<(usize, ActionRow)>,
    /// All rows that are attached to these visits, by row number of the visit, for each of [`ATTACHED`].
    attached: [Vec<(usize, AttachedRow)>; ATTACHED_COLUMNS],
    /// All conversions of these visits that count, by row number of the visit, in the order of arrival.
    conversions: Vec<(usize, Conversion)>,
}

impl Changed {
    /// Returns true if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.new.is_empty()
    }
}

impl BlockBuilder {
    /// Reads whole days and counts what they add up to.
    pub fn build(
        connection: &Connection,
        site: &Site,
        range: DateRange,
        limits: &EngineLimits,
    ) -> Result<Self> {
        Ok(Self::read(connection, site, range, limits)?.count())
    }

    /// Reads whole days.
    pub fn read(
        connection: &Connection,
        site: &Site,
        range: DateRange,
        limits: &EngineLimits,
    ) -> Result<PendingBlock> {
        let mut draft = Self {
            site: site.id,
            zone: site.zone.clone(),
            range,
            block: GrowingBlock::new(limits.summed_rows_min),
            last_numbers: PackedInts::default(),
            left: HashSet::default(),
            forms: PageForms::for_site(connection, site.id)?,
            hour: (0, 0..0),
        };
        let visits = range.visits(&site.zone);
        draft.read_visits(connection, &visits)?;
        draft.read_actions(connection, &visits)?;
        draft.read_attached(connection, &visits)?;
        draft.read_conversions(connection, &visits)?;
        Ok(PendingBlock(draft))
    }

    /// Returns the block of days that no longer change.
    pub fn into_block(self) -> Block {
        self.block.into_block()
    }

    /// Returns the builder and the block of a day that still changes.
    pub fn into_live(mut self) -> (Self, Block) {
        let block = self.block.freeze();
        self.forms.forget();
        (self, block)
    }

    /// Returns the approximate memory beside the block, in bytes.
    pub fn bytes(&self) -> usize {
        self.block.bytes() + self.last_numbers.bytes() + self.forms.bytes()
    }

    fn hour(&mut self, id: VisitId) -> u8 {
        const MINUTES: i64 = 15 * 60_000;
        let at = id.began();
        if !self.hour.1.contains(&at.0) {
            // UTC offsets change at multiples of a quarter of an hour.
            let start = at.0.div_euclid(MINUTES) * MINUTES;
            let hour = u8::try_from(self.zone.local(at).hour()).unwrap_or(0);
            self.hour = (hour, start..start + MINUTES);
        }
        self.hour.0
    }

    fn push_visit(&mut self, read: &VisitRow) {
        let hour = self.hour(VisitId(read.id));
        self.block.push_visit(read, hour);
        self.last_numbers.push(0);
    }

    fn note_number(&mut self, visit: usize, number: i64) {
        let number = number.max(0).cast_unsigned();
        if number > self.last_numbers.get(visit) {
            self.last_numbers.set(visit, number);
        }
    }

    fn read_visits(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<()> {
        each_between(connection, &VISITS, self.site, range, |row| {
            self.push_visit(&VisitRow::read(row, connection, &self.forms)?);
            Ok(())
        })
    }

    fn read_actions(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<()> {
        let mut owner = Owner::default();
        each_between(connection, ACTIONS, self.site, range, |row| {
            let Some(visit) = owner.row(VisitId(row.get(0)?), |id| self.block.ids.find(id)) else {
                return Ok(());
            };
            let action = ActionRow::read(row, connection, &self.forms)?;
            self.note_number(visit, action.number);
            if let Some(kind) = action.kind {
                let rows = &mut self.block.bags[Repeated::Actions(kind).number()];
                let code = rows.code(action.item, action.beside);
                rows.push(RepeatedRow { visit, code, numbers: numbers_of(&action) });
            }
            Ok(())
        })
    }

    fn read_attached(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<()> {
        for attached in ATTACHED.iter() {
            let mut owner = Owner::default();
            each_between(connection, &attached.between, self.site, range, |row| {
                if let Some(visit) = owner.row(VisitId(row.get(0)?), |id| self.block.ids.find(id)) {
                    let AttachedRow { key, numbers } = attached.read(row, connection, &self.forms)?;
                    let rows = &mut self.block.bags[attached.column.number()];
                    let code = rows.code(key, 0);
                    rows.push(RepeatedRow { visit, code, numbers });
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn read_conversions(&mut self, connection: &Connection, range: &std::ops::Range<VisitId>) -> Result<()> {
        let mut owner = Owner::default();
        each_between(connection, CONVERSIONS, self.site, range, |row| {
            if let Some(visit) = owner.row(VisitId(row.get(0)?), |id| self.block.ids.find(id)) {
                self.block.push_conversion(visit, conversion(row)?);
            }
            Ok(())
        })
    }

    /// Returns the end row of each day that has visits.
    fn ends(&self) -> Vec<(Day, usize)> {
        let mut ends: Vec<(Day, usize)> = Vec::new();
        for day in self.range.each() {
            let end = VisitId::first_at(self.zone.start(day.plus(1)));
            let end = self.block.ids.place(end);
            if end > ends.last().map_or(0, |(_, end)| *end) {
                ends.push((day, end));
            }
        }
        ends
    }

    /// Reads the changed visits that the columns contain, and all later ones of the day. Returns `None` when the
    /// columns cannot be updated, because a changed visit lies before others but is missing in them, or was deleted:
    /// the day must then be rebuilt.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn read_changed(
        &self,
        connection: &Connection,
        block: &Block,
        changed: &[VisitId],
    ) -> Result<Option<Changed>> {
        let mut read = Changed::default();
        let day = self.range.visits(&self.zone);
        let later = block.ids().last().map_or(day.start, |last| VisitId(last.0 + 1))..day.end;
        let known: Option<Vec<(usize, VisitId)>> = changed
            .iter()
            .filter(|id| (day.start..later.start).contains(id))
            .map(|id| Some((block.ids().find(*id)?, *id)))
            .collect();
        let Some(known) = known else { return Ok(None) };
        if !self.read_known(connection, block, &known, &mut read)? {
            return Ok(None);
        }
        self.read_later(connection, &later, block.visits(), &mut read)?;
        Ok(Some(read))
    }

    /// Reads changed visits that the columns contain; returns false when one was deleted.
    fn read_known(
        &self,
        connection: &Connection,
        block: &Block,
        known: &[(usize, VisitId)],
        read: &mut Changed,
    ) -> Result<bool> {
        if known.is_empty() {
            return Ok(true);
        }
        let (mut ids, mut visits) = (String::from("["), String::from("["));
        for (row, id) in known {
            let comma = if ids.len() > 1 { "," } else { "" };
            let number = self.last_numbers.get(*row);
            write!(ids, "{comma}{}", id.0).and_then(|()| write!(visits, "{comma}[{},{number}]", id.0)).ok();
        }
        ids.push(']');
        visits.push(']');
        let site = self.site.0;
        let find = |row: &Row<'_>| Ok::<_, rusqlite::Error>(block.ids().find(VisitId(row.get(0)?)));
        let mut statement = connection.prepare_cached(&VISITS_LISTED)?;
        let mut rows = statement.query(named_params! {":site": site, ":ids": ids})?;
        while let Some(row) = rows.next()? {
            read.known.extend(find(row)?.zip(Some(VisitRow::read(row, connection, &self.forms)?)));
        }
        let mut statement = connection.prepare_cached(ACTIONS_LISTED)?;
        let mut rows = statement.query(named_params! {":site": site, ":visits": visits})?;
        while let Some(row) = rows.next()? {
            read.actions.extend(find(row)?.zip(Some(ActionRow::read(row, connection, &self.forms)?)));
        }
        for (attached, found) in ATTACHED.iter().zip(&mut read.attached) {
            let mut statement = connection.prepare_cached(&attached.listed)?;
            let mut rows = statement.query(named_params! {":site": site, ":ids": ids})?;
            while let Some(row) = rows.next()? {
                found.extend(find(row)?.zip(Some(attached.read(row, connection, &self.forms)?)));
            }
            found.sort_by_key(|(row, _)| *row);
        }
        let mut statement = connection.prepare_cached(CONVERSIONS_LISTED)?;
        let mut rows = statement.query(named_params! {":site": site, ":ids": ids})?;
        while let Some(row) = rows.next()? {
            read.conversions.extend(find(row)?.zip(Some(conversion(row)?)));
        }
        read.known.sort_unstable_by_key(|(row, _)| *row);
        read.actions.sort_unstable_by_key(|(row, action)| (*row, action.number));
        read.conversions.sort_by_key(|(row, _)| *row);
        Ok(read.known.len() == known.len())
    }

    /// Reads the visits later than the `visits` in the columns.
    fn read_later(
        &self,
        connection: &Connection,
        later: &std::ops::Range<VisitId>,
        visits: usize,
        read: &mut Changed,
    ) -> Result<()> {
        let Changed { new, actions, attached, conversions, .. } = read;
        each_between(connection, &VISITS, self.site, later, |row| {
            new.push(VisitRow::read(row, connection, &self.forms)?);
            Ok(())
        })?;
        if new.is_empty() {
            return Ok(());
        }
        let find = |row: &Row<'_>| {
            let id: i64 = row.get(0)?;
            let place = new.binary_search_by_key(&id, |visit| visit.id).ok();
            Ok::<_, rusqlite::Error>(place.map(|place| visits + place))
        };
        each_between(connection, ACTIONS, self.site, later, |row| {
            actions.extend(find(row)?.zip(Some(ActionRow::read(row, connection, &self.forms)?)));
            Ok(())
        })?;
        for (attached, found) in ATTACHED.iter().zip(attached) {
            each_between(connection, &attached.between, self.site, later, |row| {
                found.extend(find(row)?.zip(Some(attached.read(row, connection, &self.forms)?)));
                Ok(())
            })?;
        }
        each_between(connection, CONVERSIONS, self.site, later, |row| {
            conversions.extend(find(row)?.zip(Some(conversion(row)?)));
            Ok(())
        })
    }

    /// Applies the changes read to the columns of the day, at a cost proportional to the changes, not to the day.
    pub fn apply(&mut self, block: Arc<Block>, read: &Changed) -> Block {
        let day = self.range.first;
        let known = block.visits();
        self.block.thaw(Arc::unwrap_or_clone(block));
        let is_changed =
            |row: usize| row >= known || read.known.binary_search_by_key(&row, |one| one.0).is_ok();
        read.known.iter().for_each(|(row, _)| growing_sums::take_out(&mut self.block, *row, day));
        // The visitors whose first visit of the day must be determined again.
        let mut unsure = HashSet::default();
        for (row, visit) in &read.known {
            let before = self.block.visitors().codes.place(*row);
            self.block.set_visit(*row, visit);
            let after = self.block.visitors().codes.place(*row);
            if before != after {
                self.left.insert(before);
                unsure.extend([before, after]);
            }
        }
        for visit in &read.new {
            let visitors = self.block.visitors().head.keys.len();
            self.push_visit(visit);
            let row = self.block.visits() - 1;
            let visitor = self.block.visitors().codes.place(row);
            self.block.set_first(row, visitor >= visitors);
            if self.left.contains(&visitor) {
                unsure.insert(visitor);
            }
        }
        self.write_actions(read);
        self.write_attached(read);
        self.block.replace_conversions(read.known.iter().map(|(row, _)| *row), &read.conversions);
        if !unsure.is_empty() {
            growing_sums::mark_firsts_of(&mut self.block, &unsure, day, |row| !is_changed(row));
        }
        let new = known..self.block.visits();
        read.known
            .iter()
            .map(|(row, _)| *row)
            .chain(new)
            .for_each(|row| growing_sums::put_in(&mut self.block, row, day));
        growing_sums::review_sums(&mut self.block);
        self.block.freeze()
    }

    fn write_actions(&mut self, read: &Changed) {
        let mut rows: [Vec<RepeatedRow>; REPEATED_COLUMNS] = Default::default();
        for (visit, action) in &read.actions {
            self.note_number(*visit, action.number);
            if let Some(kind) = action.kind {
                let bag = Repeated::Actions(kind).number();
                let code = self.block.bags[bag].code(action.item, action.beside);
                rows[bag].push(RepeatedRow { visit: *visit, code, numbers: numbers_of(action) });
            }
        }
        self.block.bags.iter_mut().zip(rows).for_each(|(bag, rows)| bag.insert(&rows));
    }

    /// Replaces the rows that are attached to the changed visits.
    fn write_attached(&mut self, read: &Changed) {
        for (attached, rows) in ATTACHED.iter().zip(&read.attached) {
            let bag = &mut self.block.bags[attached.column.number()];
            let (mut gone, mut added) = (Vec::new(), Vec::new());
            for of_visit in rows.chunk_by(|one, next| one.0 == next.0) {
                let visit = of_visit[0].0;
                let before = bag.rows_of(visit);
                if !before.clone().map(|row| bag.attached(row)).eq(of_visit.iter().map(|(_, row)| *row)) {
                    gone.extend(before);
                    added.extend(of_visit.iter().map(|(_, row)| RepeatedRow {
                        visit,
                        code: bag.code(row.key, 0),
                        numbers: row.numbers,
                    }));
                }
            }
            for (visit, _) in &read.known {
                if rows.binary_search_by_key(visit, |(visit, _)| *visit).is_err() {
                    gone.extend(bag.rows_of(*visit));
                }
            }
            gone.sort_unstable();
            bag.remove(&gone);
            bag.insert(&added);
        }
    }
}

/// Returns the numbers of an action's row in its repeated column.
fn numbers_of(action: &ActionRow) -> [u64; ROW_NUMBERS_MAX] {
    let mut numbers = [0; ROW_NUMBERS_MAX];
    numbers[0] = action.at;
    numbers
}
