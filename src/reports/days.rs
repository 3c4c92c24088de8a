//! Where a question gets its days: finished ones from their sealed blocks, the others from columns built from the rows and
//! brought up to date with what was written since. One pass over the days answers all questions of a screen, on all
//! processors; what was decoded is kept in a bounded memory.

use super::columns::codec::{self, FORMAT, WHOLE};
use super::columns::draft::Draft;
use super::columns::stretch::{Counting, DaySums, Piece, Rows, Stretch, Wants};
use super::columns::{Of, Part, Property};
use super::filter::{Filter, Meant};
use super::questions::{ByDay, Question};
use super::range::Range;
use super::totals;
use crate::clock::{Day, Timestamp};
use crate::error::Result;
use crate::id::{SiteId, VisitId};
use crate::ingest::changes::{Changes, Mark};
use crate::limits;
use crate::store::blocks::{self, Sealed};
use crate::store::retention;
use crate::store::sites::Site;
use foldhash::HashMap;
use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};
use rusqlite::{Connection, named_params};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Columns of days, as far as there is room.
pub struct Days {
    kept: Cache<Name, Kept, ByBytes, RandomState>,
    changes: Changes,
    /// Seals of stretches that could not be read.
    damaged: Mutex<HashSet<i64>>,
    /// Visits of the last days of sites, for lists of many.
    counts: Cache<SiteId, Arc<Counts>>,
}

/// Visits of the days of a range, as of a site's newest visit.
struct Counts {
    range: Range,
    zone: String,
    newest: (i64, i64),
    visits: BTreeMap<Day, i64>,
}

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Name {
    /// A day that was built from the rows.
    Day(SiteId, Day),
    /// A part of the stretch with this seal.
    Part(i64, usize),
    /// The stretch with this seal.
    Whole(i64),
}

#[derive(Clone)]
enum Kept {
    Day(Arc<Mutex<BuiltDay>>, u64),
    Part(Arc<Piece>),
    Whole(Arc<Stretch>),
}

/// A day that was built from the rows.
#[derive(Default)]
struct BuiltDay {
    stretch: Arc<Stretch>,
    /// What goes on being written; none: no hit can change the day any more.
    draft: Option<Draft>,
    /// In whose day this was a day.
    zone: String,
    /// Everything written up to here is in it.
    mark: Option<Mark>,
    /// No visit of a finished day changed, and none went, since.
    edition: i64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Name, Kept> for ByBytes {
    fn weight(&self, _: &Name, kept: &Kept) -> u64 {
        match kept {
            Kept::Day(_, bytes) => *bytes,
            Kept::Part(piece) => piece.bytes() as u64,
            Kept::Whole(stretch) => stretch.bytes() as u64,
        }
    }
}

/// About how many bytes something that is kept takes: what the cache plans its room by.
const KEPT_BYTES: u64 = 4 * 1024;

impl Days {
    /// An empty memory that learns from this log what was written.
    pub fn new(changes: Changes) -> Self {
        let room = limits::COLUMNS_BYTES_MAX;
        let items = usize::try_from(room / KEPT_BYTES).unwrap_or(usize::MAX);
        // In one piece: a large day takes much of the room, and must find it.
        let options = OptionsBuilder::new()
            .estimated_items_capacity(items)
            .weight_capacity(room)
            .shards(1)
            .build()
            .unwrap_or_else(|error| unreachable!("all that is needed is given: {error}"));
        Self {
            kept: Cache::with_options(options, ByBytes, RandomState::default(), DefaultLifecycle::default()),
            changes,
            damaged: Mutex::default(),
            counts: Cache::new(limits::SITES_WATCHED_MAX),
        }
    }

    /// What has to be taken before the moment that is read.
    pub fn mark(&self) -> Mark {
        self.changes.mark()
    }

    /// Seals of stretches that could not be read, until they are made anew.
    pub fn damaged(&self) -> HashSet<i64> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_damage(&self, site: SiteId, sealed: &Sealed) {
        let is_new = self.damaged.lock().unwrap_or_else(PoisonError::into_inner).insert(sealed.seal);
        if is_new {
            tracing::warn!(%site, first = %sealed.first, last = %sealed.last, "sealed days are damaged: they are read from the visits and sealed anew");
        }
    }
}

/// Where days come from.
#[derive(Clone, Debug)]
enum Source {
    Sealed(Sealed, Arc<Vec<DaySums>>),
    Built(Day),
}

/// A stretch that is being looked at.
struct Open<'a> {
    stretch: Arc<Stretch>,
    /// Where further parts come from.
    sealed: Option<&'a Sealed>,
}

/// A stretch that is ready to be counted.
struct Ready {
    stretch: Arc<Stretch>,
    rows: std::ops::Range<usize>,
    meant: Meant,
}

/// A sealed stretch can't be read.
struct Damaged;

/// One moment of the file, and the days as of it: what every report asks.
pub struct Reader<'a> {
    /// The file.
    pub connection: &'a Connection,
    /// What time it is.
    pub now: Timestamp,
    days: &'a Days,
    mark: Mark,
    /// Days that were built or brought up to date for this reader: all its questions see the same.
    built: RefCell<HashMap<(SiteId, Day), Arc<Stretch>>>,
    /// Which visitor of its day each visit is of, on the day that was asked for last.
    numbers: RefCell<Option<Numbered>>,
}

struct Numbered {
    site: SiteId,
    day: Day,
    stretch: Arc<Stretch>,
    rows: std::ops::Range<usize>,
    numbers: Vec<u32>,
}

impl<'a> Reader<'a> {
    /// Reads a moment that began after the mark was taken.
    pub fn new(connection: &'a Connection, days: &'a Days, (now, mark): (Timestamp, Mark)) -> Self {
        Self { connection, now, days, mark, built: RefCell::default(), numbers: RefCell::default() }
    }

    /// Answers all questions about a range: days of which totals are left by those, the others in one pass.
    pub fn ask(
        &self,
        site: &Site,
        range: Range,
        filter: &Filter,
        questions: &mut [&mut dyn Question],
    ) -> Result<()> {
        totals::ask(self, site, range, filter, questions)?;
        self.ask_visits(site, range, filter, questions)
    }

    /// Answers all questions by the visits alone.
    pub fn ask_visits(
        &self,
        site: &Site,
        range: Range,
        filter: &Filter,
        questions: &mut [&mut dyn Question],
    ) -> Result<()> {
        let Some(range) = self.known(site, range)? else { return Ok(()) };
        let dropping = self.dropping(site)?;
        let is_dropped = |source: &Source| {
            dropping.is_some_and(|dropping| matches!(source, Source::Built(day) if dropping.contains(*day)))
        };
        let mut sources = self.sources(site, range)?;
        sources.retain(|source| !is_dropped(source));
        let visits: usize = sources.iter().map(Source::visits).sum();
        let needs = needs(questions);
        let lanes = std::thread::available_parallelism().map_or(1, usize::from);
        if lanes == 1 || visits < limits::VISITS_PER_LANE {
            let mut look = |ready: Ready| {
                look_at(&ready, filter, questions.iter_mut().map(|question| &mut **question));
                true
            };
            for source in &sources {
                self.prepare(site, (source, range), filter, &needs, &mut look)?;
            }
            return Ok(());
        }
        let forks: Vec<Vec<Box<dyn Question>>> =
            (0..lanes).map(|_| questions.iter().map(|question| question.fork()).collect()).collect();
        let counted = std::thread::scope(|scope| {
            let (send, receive) = sync_channel(limits::STRETCHES_AHEAD * lanes);
            let receive = Arc::new(Mutex::new(receive));
            let lanes: Vec<_> = forks
                .into_iter()
                .map(|fork| {
                    let receive = Arc::clone(&receive);
                    scope.spawn(move || count(fork, filter, &receive))
                })
                .collect();
            drop(receive);
            let mut look = |ready: Ready| send.send(ready).is_ok();
            let outcome = sources
                .iter()
                .try_for_each(|source| self.prepare(site, (source, range), filter, &needs, &mut look));
            drop(send);
            let counted: Vec<_> = lanes.into_iter().filter_map(|lane| lane.join().ok()).collect();
            outcome.map(|()| counted)
        })?;
        for fork in counted {
            questions.iter_mut().zip(fork).for_each(|(question, fork)| question.join(fork));
        }
        Ok(())
    }

    /// The days whose visits are being dropped: nobody counts them any more.
    fn dropping(&self, site: &Site) -> Result<Option<Range>> {
        let dropping = retention::state(self.connection, site.id)?.dropping;
        Ok(dropping.map(|visits| {
            let last = VisitId(visits.end.0 - 1).began();
            Range { first: site.zone.day(visits.start.began()), last: site.zone.day(last) }
        }))
    }

    /// The part of a range in which there are visits at all.
    pub fn known(&self, site: &Site, range: Range) -> Result<Option<Range>> {
        let edge = |order: &str| -> Result<Option<Day>> {
            let sql = format!("select id from visits where site_id = :site order by id {order} limit 1");
            let mut question = self.connection.prepare_cached(&sql)?;
            let mut rows = question.query([site.id.0])?;
            let id: Option<i64> = rows.next()?.map(|row| row.get(0)).transpose()?;
            Ok(id.map(|id| site.zone.day(VisitId(id).began())))
        };
        let (Some(oldest), Some(newest)) = (edge("asc")?, edge("desc")?) else { return Ok(None) };
        let (first, last) = (range.first.max(oldest), range.last.min(newest));
        Ok((first <= last).then_some(Range { first, last }))
    }

    /// Where the days of a range come from, in order.
    fn sources(&self, site: &Site, range: Range) -> Result<Vec<Source>> {
        let damaged = self.days.damaged();
        let mut sources = Vec::new();
        let mut next = range.first;
        let zone = (FORMAT, site.zone.name());
        for sealed in blocks::list(self.connection, site.id, (range.first, range.last), zone)? {
            if damaged.contains(&sealed.seal) {
                continue;
            }
            let Some(days) = codec::decode_days(sealed.first, &sealed.days) else {
                self.days.note_damage(site.id, &sealed);
                continue;
            };
            sources.extend((next.0..sealed.first.0).map(|day| Source::Built(Day(day))));
            next = sealed.last.plus(1).max(next);
            sources.push(Source::Sealed(sealed, Arc::new(days)));
        }
        sources.extend((next.0..=range.last.0).map(|day| Source::Built(Day(day))));
        Ok(sources)
    }

    /// Loads what is needed of a source and hands it on; of one that is damaged, day by day from the rows.
    fn prepare(
        &self,
        site: &Site,
        (source, range): (&Source, Range),
        filter: &Filter,
        needs: &dyn Fn(&mut Wants),
        look: &mut dyn FnMut(Ready) -> bool,
    ) -> Result<()> {
        if let Source::Sealed(sealed, _) = source {
            match self.load(site, (source, range), filter, needs)? {
                Ok(ready) => {
                    ready.map(look);
                    return Ok(());
                }
                Err(Damaged) => self.days.note_damage(site.id, sealed),
            }
        }
        for day in source.days().filter(|day| (range.first..=range.last).contains(day)) {
            if let Ok(Some(ready)) = self.load(site, (&Source::Built(day), range), filter, needs)? {
                look(ready);
            }
        }
        Ok(())
    }

    /// Loads what is needed of a source; nothing when none of its visits can pass.
    fn load(
        &self,
        site: &Site,
        (source, range): (&Source, Range),
        filter: &Filter,
        needs: &dyn Fn(&mut Wants),
    ) -> Result<std::result::Result<Option<Ready>, Damaged>> {
        let Ok(mut open) = self.open(site, source)? else { return Ok(Err(Damaged)) };
        let rows = open.stretch.rows_of(range.first, range.last);
        if rows.is_empty() {
            return Ok(Ok(None));
        }
        let is_cut = source.is_cut(filter.end());
        for part in filter.heads() {
            if self.need(site, &mut open, part)?.is_err() {
                return Ok(Err(Damaged));
            }
        }
        let Some(meant) = filter.meant(self.connection, &open.stretch, is_cut)? else { return Ok(Ok(None)) };
        let mut wants = Wants { is_plain: meant.is_everything(), ..Wants::default() };
        needs(&mut wants);
        filter.needs(&meant, &mut wants);
        let is_whole = wants.is_plain && rows == (0..open.stretch.visits());
        let by_items = std::mem::take(&mut wants.items)
            .into_iter()
            .map(|(by, counting)| (by, is_whole, counting == Counting::Measures));
        let is_one = open.stretch.days.len() == 1;
        let by_rows = std::mem::take(&mut wants.rows_of)
            .into_iter()
            .map(|(by, sums_do)| (by, sums_do && is_whole && is_one, false));
        for (by, sums_do, has_measures) in by_items.chain(by_rows).collect::<Vec<_>>() {
            let of = Of::from(by);
            if sums_do {
                if self.need(site, &mut open, Part::Head(of))?.is_err() {
                    return Ok(Err(Damaged));
                }
                if open.stretch.head(of).sums.is_some() {
                    continue;
                }
            }
            wants.rows_by(by);
            if has_measures {
                wants.measures();
            }
        }
        for part in wants.parts {
            if self.need(site, &mut open, part)?.is_err() {
                return Ok(Err(Damaged));
            }
        }
        Ok(Ok(Some(Ready { stretch: open.stretch, rows, meant })))
    }

    fn open<'s>(&self, site: &Site, source: &'s Source) -> Result<std::result::Result<Open<'s>, Damaged>> {
        match source {
            Source::Built(day) => Ok(Ok(Open { stretch: self.built(site, *day)?, sealed: None })),
            Source::Sealed(sealed, days) if source.visits() <= limits::WHOLE_VISITS_MAX => {
                let whole = self.whole(site, sealed, days)?;
                Ok(whole.map(|stretch| Open { stretch, sealed: None }).ok_or(Damaged))
            }
            Source::Sealed(sealed, days) => {
                let stretch = Arc::new(Stretch::of(Arc::clone(days)));
                Ok(Ok(Open { stretch, sealed: Some(sealed) }))
            }
        }
    }

    /// A stretch that is stored in one block.
    fn whole(&self, site: &Site, sealed: &Sealed, days: &Arc<Vec<DaySums>>) -> Result<Option<Arc<Stretch>>> {
        let name = Name::Whole(sealed.seal);
        if let Some(Kept::Whole(stretch)) = self.days.kept.get(&name) {
            return Ok(Some(stretch));
        }
        let data = blocks::find(self.connection, site.id, (WHOLE, sealed.first, sealed.seal))?;
        let stretch = data.and_then(|data| codec::decode_whole(Arc::clone(days), &data)).map(Arc::new);
        if let Some(stretch) = &stretch {
            self.days.kept.insert(name, Kept::Whole(Arc::clone(stretch)));
        }
        Ok(stretch)
    }

    /// Sees to it that a stretch has a part.
    fn need(&self, site: &Site, open: &mut Open<'_>, part: Part) -> Result<std::result::Result<(), Damaged>> {
        let Some(sealed) = open.sealed.filter(|_| !open.stretch.has(part)) else { return Ok(Ok(())) };
        let name = Name::Part(sealed.seal, part.number());
        let piece = if let Some(Kept::Part(piece)) = self.days.kept.get(&name) {
            piece
        } else {
            let number = i64::try_from(part.number()).unwrap_or(i64::MAX);
            let data = blocks::find(self.connection, site.id, (number, sealed.first, sealed.seal))?;
            let Some(piece) = data.and_then(|data| codec::decode(part, &data)).map(Arc::new) else {
                return Ok(Err(Damaged));
            };
            self.days.kept.insert(name, Kept::Part(Arc::clone(&piece)));
            piece
        };
        Arc::make_mut(&mut open.stretch).put(part, piece);
        Ok(Ok(()))
    }

    /// A day with these parts, and which of the rows are the day's.
    pub fn day(
        &self,
        site: &Site,
        day: Day,
        parts: &[Part],
    ) -> Result<(Arc<Stretch>, std::ops::Range<usize>)> {
        let one = Range { first: day, last: day };
        for source in self.sources(site, one)? {
            let Ok(mut open) = self.open(site, &source)? else { continue };
            let mut is_whole = true;
            for part in parts {
                is_whole &= self.need(site, &mut open, *part)?.is_ok();
            }
            if is_whole {
                let rows = open.stretch.rows_of(day, day);
                return Ok((open.stretch, rows));
            }
            if let Source::Sealed(sealed, _) = &source {
                self.days.note_damage(site.id, sealed);
            }
        }
        let stretch = self.built(site, day)?;
        let rows = 0..stretch.visits();
        Ok((stretch, rows))
    }

    /// Which visitor of its day, from 1, a visit is of.
    pub fn visitor_number(&self, site: &Site, visit: VisitId) -> Result<Option<u32>> {
        let day = site.zone.day(visit.began());
        let mut numbers = self.numbers.borrow_mut();
        if numbers.as_ref().is_none_or(|known| (known.site, known.day) != (site.id, day)) {
            *numbers = Some(self.number_visitors(site, day)?);
        }
        Ok(numbers.as_ref().and_then(|known| {
            let ids = known.stretch.ids();
            let row = ids.place(visit);
            let is_known = known.rows.contains(&row) && ids.get(row) == visit;
            is_known.then(|| known.numbers[row - known.rows.start])
        }))
    }

    fn number_visitors(&self, site: &Site, day: Day) -> Result<Numbered> {
        let visitors = Of::Property(Property::Visitor);
        let parts = [Part::Ids, Part::Head(visitors), Part::Codes(visitors)];
        let (stretch, rows) = self.day(site, day, &parts)?;
        let mut known = vec![0_u32; stretch.head(visitors).keys.len()];
        let mut last = 0;
        let numbers = rows.clone().map(|row| {
            let number = &mut known[stretch.codes(visitors).place(row)];
            if *number == 0 {
                last += 1;
                *number = last;
            }
            *number
        });
        let numbers = numbers.collect();
        Ok(Numbered { site: site.id, day, stretch, rows, numbers })
    }

    /// How many visits each day of a range has, days without any left out: told without any columns, and again only when a
    /// visit came or went.
    pub fn visits_by_day(&self, site: &Site, range: Range) -> Result<BTreeMap<Day, i64>> {
        let mut question = self.connection.prepare_cached(
            "select edition, ifnull((select max(id) from visits where site_id = sites.id), 0) from sites where id = :site",
        )?;
        let newest = question.query_row([site.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let is_same = |known: &Arc<Counts>| {
            known.range == range && known.newest == newest && known.zone == site.zone.name()
        };
        if let Some(known) = self.days.counts.get(&site.id).filter(is_same) {
            return Ok(known.visits.clone());
        }
        let visits = self.count_by_day(site, range)?;
        let counts = Counts { range, zone: site.zone.name().to_owned(), newest, visits: visits.clone() };
        self.days.counts.insert(site.id, Arc::new(counts));
        Ok(visits)
    }

    fn count_by_day(&self, site: &Site, range: Range) -> Result<BTreeMap<Day, i64>> {
        let mut days = ByDay::default();
        totals::ask(self, site, range, &Filter::everything(), &mut [&mut days])?;
        let mut visits: BTreeMap<Day, i64> =
            days.0.into_iter().map(|(day, measures)| (day, measures.visits)).collect();
        let Some(known) = self.known(site, range)? else { return Ok(visits) };
        let dropping = self.dropping(site)?;
        for source in self.sources(site, known)? {
            let found: Vec<(Day, i64)> = match &source {
                Source::Sealed(_, days) => days.iter().map(|sums| (sums.day, sums.measures.visits)).collect(),
                Source::Built(day) if dropping.is_some_and(|dropping| dropping.contains(*day)) => Vec::new(),
                Source::Built(day) => {
                    let one = Range { first: *day, last: *day }.visits(&site.zone);
                    vec![(*day, blocks::count_visits(self.connection, site.id, &one)?)]
                }
            };
            for (day, count) in found.into_iter().filter(|(day, count)| known.contains(*day) && *count > 0) {
                *visits.entry(day).or_default() += count;
            }
        }
        Ok(visits)
    }

    /// Whether columns of a day that were built from the rows are at hand.
    pub fn has_built(&self, site: SiteId, day: Day) -> bool {
        self.days.kept.peek(&Name::Day(site, day)).is_some()
    }

    /// The columns of a day from the rows: those that are kept, brought up to this moment, or built anew.
    fn built(&self, site: &Site, day: Day) -> Result<Arc<Stretch>> {
        if let Some(stretch) = self.built.borrow().get(&(site.id, day)) {
            return Ok(Arc::clone(stretch));
        }
        let name = Name::Day(site.id, day);
        let (kept, weight) = match self.days.kept.get(&name) {
            Some(Kept::Day(kept, bytes)) => (kept, bytes),
            _ => (Arc::default(), 0),
        };
        let mut built = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let edition = blocks::edition(self.connection, site.id)?;
        let is_ours = built.mark.is_some() && built.zone == site.zone.name() && built.edition == edition;
        if !is_ours || !self.bring_up(site, day, &mut built)? {
            // From here on the log listens, so that the next question finds what changes after this one.
            drop(self.days.changes.between(site.id, self.mark, self.mark));
            let one = Range { first: day, last: day };
            let mut draft = Draft::build(self.connection, site.id, &site.zone, one)?;
            let is_settled = self.now >= site.zone.start(day.plus(1)).after(limits::DAY_SETTLES_AFTER);
            *built = BuiltDay {
                stretch: Arc::new(draft.stretch()),
                draft: (!is_settled).then_some(draft),
                zone: site.zone.name().to_owned(),
                mark: Some(self.mark),
                edition,
            };
        }
        let stretch = Arc::clone(&built.stretch);
        let bytes = (stretch.bytes() + built.draft.as_ref().map_or(0, Draft::bytes)) as u64;
        drop(built);
        if bytes > weight + weight / 4 {
            self.days.kept.insert(name, Kept::Day(kept, bytes));
        }
        self.built.borrow_mut().insert((site.id, day), Arc::clone(&stretch));
        Ok(stretch)
    }

    /// Adds to a day what was written since. False when that is not known.
    fn bring_up(&self, site: &Site, day: Day, built: &mut BuiltDay) -> Result<bool> {
        let (Some(draft), Some(mark)) = (&mut built.draft, built.mark) else { return Ok(true) };
        if mark > self.mark {
            // Another reader was here, whose moment is later.
            return Ok(true);
        }
        let range = Range { first: day, last: day }.visits(&site.zone);
        let Some(mut changed) = self.days.changes.between(site.id, mark, self.mark) else {
            return Ok(false);
        };
        changed.retain(|id| range.contains(id));
        let newest = self.newest(site.id, &range)?;
        if newest != draft.last() && !changed.iter().any(|id| Some(*id) == newest) {
            // Somebody wrote who did not say so.
            return Ok(false);
        }
        built.mark = Some(self.mark);
        if changed.is_empty() {
            return Ok(true);
        }
        if !draft.update(self.connection, &changed)? {
            return Ok(false);
        }
        built.stretch = Arc::new(draft.stretch());
        Ok(true)
    }

    fn newest(&self, site: SiteId, range: &std::ops::Range<VisitId>) -> Result<Option<VisitId>> {
        let mut question = self.connection.prepare_cached(
            "select max(id) from visits where site_id = :site and id >= :first and id < :end",
        )?;
        let bound = named_params! {":site": site.0, ":first": range.start.0, ":end": range.end.0};
        let id: Option<i64> = question.query_row(bound, |row| row.get(0))?;
        Ok(id.map(VisitId))
    }
}

impl Source {
    /// How many visits it has, where that is known without looking.
    fn visits(&self) -> usize {
        match self {
            Self::Sealed(_, days) => days.iter().map(DaySums::visits).sum(),
            Self::Built(_) => 0,
        }
    }

    fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let (first, last) = match self {
            Self::Sealed(sealed, _) => (sealed.first, sealed.last),
            Self::Built(day) => (*day, *day),
        };
        (first.0..=last.0).map(Day)
    }

    /// Whether visits may be left out for having begun too late.
    fn is_cut(&self, end: Option<VisitId>) -> bool {
        match (self, end) {
            (_, None) => false,
            (Self::Sealed(sealed, _), Some(end)) => sealed.visits.end > end,
            (Self::Built(_), Some(_)) => true,
        }
    }
}

/// What questions need, asked again for each stretch.
fn needs(questions: &[&mut dyn Question]) -> impl Fn(&mut Wants) + use<> {
    let forks: Vec<Box<dyn Question>> = questions.iter().map(|question| question.fork()).collect();
    move |wants| forks.iter().for_each(|question| question.needs(wants))
}

/// Shows a stretch to questions.
fn look_at<'q>(ready: &Ready, filter: &Filter, questions: impl Iterator<Item = &'q mut dyn Question>) {
    let rows: Rows = filter.rows(&ready.stretch, ready.rows.clone(), &ready.meant);
    if rows.count() > 0 {
        questions.for_each(|question| question.add(&ready.stretch, &rows));
    }
}

/// Looks at stretches as long as some come.
fn count(
    mut questions: Vec<Box<dyn Question>>,
    filter: &Filter,
    receive: &Mutex<Receiver<Ready>>,
) -> Vec<Box<dyn Question>> {
    loop {
        let next = receive.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(ready) = next else { return questions };
        look_at(&ready, filter, questions.iter_mut().map(|question| &mut **question));
    }
}
