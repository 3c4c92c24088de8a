//! Which visits a question is about: clauses, all of which must hold. Texts are compared with the dictionary of keys
//! of a day, each distinct key once, and never with the rows.

mod matcher;
pub mod single_visits;

pub use matcher::Matcher;

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::VisitId;
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::PackedInts;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::GroupKey;
use crate::reports::dimension::Property;
use crate::reports::filter::Filter;
use crate::reports::visibility::Visibility;
use crate::store::sites::Site;
use rusqlite::Connection;
use std::ops::Range;

/// The visits that a question is about.
#[derive(Clone, Debug, Default)]
pub struct Predicate {
    clauses: Vec<Clause>,
    /// The number of clauses, the first ones, that restrict the population.
    population: usize,
    /// Visits from this one on are left out.
    before: Option<VisitId>,
}

/// One clause: visits that have something for which the matcher holds, or, negated, nothing.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What of a visit is looked at.
    pub by: GroupKey,
    /// What is resolved.
    pub matcher: Matcher,
    /// Visits that have it are left out instead.
    pub is_negated: bool,
}

impl Predicate {
    /// All visits.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Visits for which all of these hold. What nobody ever had matches nothing.
    pub fn new<'w>(
        connection: &Connection,
        site: &Site,
        filters: impl IntoIterator<Item = &'w Filter>,
    ) -> Result<Self> {
        let clauses = filters.into_iter().map(|filter| Clause::compile(connection, site, filter));
        Ok(Self { clauses: clauses.collect::<Result<_>>()?, population: 0, before: None })
    }

    /// Compiles filters within the population of a visibility.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` for a filter that cannot be resolved, and when the data file cannot be read.
    pub fn within(
        connection: &Connection,
        site: &Site,
        visibility: &Visibility,
        filters: &[Filter],
    ) -> Result<Self> {
        let population = visibility.population();
        Ok(Self::new(connection, site, population.iter().chain(filters))?.scoped_to(population.len()))
    }

    /// The same, where visits are not there at all for which the first so many do not hold: a visitor's first of a day is
    /// the first of those that are there.
    #[must_use]
    pub fn scoped_to(self, clauses: usize) -> Self {
        Self { population: clauses.min(self.clauses.len()), ..self }
    }

    /// The same, of visits that began before a moment.
    #[must_use]
    pub fn before(&self, moment: Timestamp) -> Self {
        Self { before: Some(VisitId::first_at(moment)), ..self.clone() }
    }

    /// The same, of visits before this one.
    #[must_use]
    pub fn below(&self, visit: VisitId) -> Self {
        Self { before: Some(self.before.map_or(visit, |end| end.min(visit))), ..self.clone() }
    }

    /// The same, of visits of which something of this kind is known.
    #[must_use]
    pub fn with_known(&self, by: GroupKey) -> Self {
        let mut predicate = self.clone();
        predicate.clauses.push(Clause { by, matcher: Matcher::unknown(), is_negated: true });
        predicate
    }

    /// Whether visits must fulfil something, beside having begun in time.
    pub fn has_clauses(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// Whether it lets every visit pass.
    pub fn is_unrestricted(&self) -> bool {
        self.clauses.is_empty() && self.before.is_none()
    }

    /// The visit from which on none count, if there is an end.
    pub fn end(&self) -> Option<VisitId> {
        self.before
    }

    /// Parts that have to be looked at first: keys of columns, or which visits there are.
    pub fn dictionaries(&self) -> impl Iterator<Item = ColumnPart> + '_ {
        self.clauses.iter().filter_map(|clause| match ColumnId::from(clause.by) {
            column @ (ColumnId::Property(_) | ColumnId::Repeated(_)) => Some(ColumnPart::Dictionary(column)),
            ColumnId::Visit => Some(ColumnPart::Ids),
            ColumnId::ActionCount | ColumnId::TimeOnSite => None,
        })
    }

    /// What the clauses mean among the keys of a block, whose last visits may be too late. None when no visit can
    /// pass.
    pub fn resolve(&self, connection: &Connection, block: &Block, is_cut: bool) -> Result<Option<Resolved>> {
        let mut resolved = Resolved { clauses: Vec::new(), is_cut };
        for clause in &self.clauses {
            let known = match (ColumnId::from(clause.by), &clause.matcher) {
                (_, Matcher::Visits(visits)) => visits.matches(connection, block.ids())?,
                (ColumnId::ActionCount | ColumnId::TimeOnSite | ColumnId::Visit, matcher) => {
                    matcher.resolve(connection, &[])?
                }
                (column, matcher) => {
                    matcher.resolve(connection, &block.head(column).keys.all().collect::<Vec<DictKey>>())?
                }
            };
            let is_impossible = !clause.is_negated && !known.contains(&true);
            if is_impossible && !matches!(clause.matcher, Matcher::Numbers(_)) {
                return Ok(None);
            }
            resolved.clauses.push(known);
        }
        Ok(Some(resolved))
    }

    /// What must be loaded to tell which visits pass.
    pub fn needs(&self, resolved: &Resolved, projection: &mut Projection) {
        self.clauses.iter().for_each(|clause| projection.rows_by(clause.by));
        if self.population > 0 {
            projection.rows_by(GroupKey::Property(Property::Visitor));
        }
        if resolved.is_cut {
            projection.parts.push(ColumnPart::Ids);
        }
    }

    /// Which visits of some rows pass.
    pub fn rows(&self, block: &Block, range: Range<usize>, resolved: &Resolved) -> Selection {
        if resolved.is_everything() {
            return Selection::all(range);
        }
        let mut holds = vec![true; range.len()];
        if let Some(end) = self.before.filter(|_| resolved.is_cut) {
            let end = block.ids().place(end).clamp(range.start, range.end);
            holds[end - range.start..].fill(false);
        }
        let mut firsts = None;
        for (place, (clause, resolved)) in self.clauses.iter().zip(&resolved.clauses).enumerate() {
            clause.narrow(&mut holds, block, &range, resolved);
            if place + 1 == self.population {
                firsts = Some(block.firsts(&range, &holds));
            }
        }
        let rows = Selection::picked(range, holds);
        match firsts {
            Some(firsts) => rows.with_firsts(firsts),
            None => rows,
        }
    }
}

/// What the clauses of a filter mean in one block.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Of each clause, which keys of its column are resolved, or which visits.
    clauses: Vec<Vec<bool>>,
    /// Visits may be too late.
    is_cut: bool,
}

impl Resolved {
    /// Whether every visit passes.
    pub fn is_everything(&self) -> bool {
        self.clauses.is_empty() && !self.is_cut
    }
}

impl Clause {
    fn compile(connection: &Connection, site: &Site, filter: &Filter) -> Result<Self> {
        Ok(Self {
            by: filter.dimension.group_key,
            matcher: Matcher::compile(connection, site, filter)?,
            is_negated: filter.operator.is_negated(),
        })
    }

    /// Takes those rows out that do not pass.
    fn narrow(&self, holds: &mut [bool], block: &Block, range: &Range<usize>, resolved: &[bool]) {
        let is_required = !self.is_negated;
        let column = ColumnId::from(self.by);
        match column {
            ColumnId::ActionCount => self.narrow_numbers(holds, block.numbers(ColumnPart::Actions), range),
            ColumnId::TimeOnSite => self.narrow_numbers(holds, block.numbers(ColumnPart::Seconds), range),
            ColumnId::Visit => {
                for (holds, row) in holds.iter_mut().zip(range.clone()) {
                    *holds &= resolved[row] == is_required;
                }
            }
            ColumnId::Property(_) => block.codes(column).each_batch(range.clone(), |first, codes| {
                for (holds, code) in holds[first - range.start..].iter_mut().zip(codes) {
                    *holds &= resolved[place(*code)] == is_required;
                }
            }),
            ColumnId::Repeated(bag) => block.narrow_by(bag, holds, range, is_required, resolved),
        }
    }

    fn narrow_numbers(&self, holds: &mut [bool], numbers: &PackedInts, range: &Range<usize>) {
        numbers.each_batch(range.clone(), |first, numbers| {
            for (holds, number) in holds[first - range.start..].iter_mut().zip(numbers) {
                let number = u32::try_from(*number).unwrap_or(u32::MAX);
                *holds &= self.matcher.holds(number) != self.is_negated;
            }
        });
    }
}
