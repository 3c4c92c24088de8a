//! Which visits a question is about: conditions, all of which must hold. Texts are compared with the dictionary of keys
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
    conditions: Vec<Clause>,
    /// The number of clauses, the first ones, that restrict the population.
    population: usize,
    /// Visits from this one on are left out.
    before: Option<VisitId>,
}

/// One condition: visits that have something for which the test holds, or, negated, nothing.
#[derive(Clone, Debug)]
pub struct Clause {
    /// What of a visit is looked at.
    pub by: GroupKey,
    /// What is meant.
    pub test: Matcher,
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
        wanted: impl IntoIterator<Item = &'w Filter>,
    ) -> Result<Self> {
        let conditions = wanted.into_iter().map(|wanted| Clause::compile(connection, site, wanted));
        Ok(Self { conditions: conditions.collect::<Result<_>>()?, population: 0, before: None })
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
    pub fn scoped_to(self, conditions: usize) -> Self {
        Self { population: conditions.min(self.conditions.len()), ..self }
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
        let mut filter = self.clone();
        filter.conditions.push(Clause { by, test: Matcher::unknown(), is_negated: true });
        filter
    }

    /// Whether visits must fulfil something, beside having begun in time.
    pub fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether it lets every visit pass.
    pub fn is_unrestricted(&self) -> bool {
        self.conditions.is_empty() && self.before.is_none()
    }

    /// The visit from which on none count, if there is an end.
    pub fn end(&self) -> Option<VisitId> {
        self.before
    }

    /// Parts that have to be looked at first: keys of columns, or which visits there are.
    pub fn dictionaries(&self) -> impl Iterator<Item = ColumnPart> + '_ {
        self.conditions.iter().filter_map(|condition| match ColumnId::from(condition.by) {
            of @ (ColumnId::Property(_) | ColumnId::Bag(_)) => Some(ColumnPart::Head(of)),
            ColumnId::Visit => Some(ColumnPart::Ids),
            ColumnId::ActionCount | ColumnId::TimeOnSite => None,
        })
    }

    /// What the conditions mean among the keys of a stretch, whose last visits may be too late. None when no visit can
    /// pass.
    pub fn resolve(
        &self,
        connection: &Connection,
        stretch: &Block,
        is_cut: bool,
    ) -> Result<Option<Resolved>> {
        let mut meant = Resolved { conditions: Vec::new(), is_cut };
        for condition in &self.conditions {
            let known = match (ColumnId::from(condition.by), &condition.test) {
                (_, Matcher::Visits(visits)) => visits.matches(connection, stretch.ids())?,
                (ColumnId::ActionCount | ColumnId::TimeOnSite | ColumnId::Visit, test) => {
                    test.meant(connection, &[])?
                }
                (of, test) => {
                    test.meant(connection, &stretch.head(of).keys.all().collect::<Vec<DictKey>>())?
                }
            };
            let is_impossible = !condition.is_negated && !known.contains(&true);
            if is_impossible && !matches!(condition.test, Matcher::Numbers(_)) {
                return Ok(None);
            }
            meant.conditions.push(known);
        }
        Ok(Some(meant))
    }

    /// What must be loaded to tell which visits pass.
    pub fn needs(&self, meant: &Resolved, wants: &mut Projection) {
        self.conditions.iter().for_each(|condition| wants.rows_by(condition.by));
        if self.population > 0 {
            wants.rows_by(GroupKey::Property(Property::Visitor));
        }
        if meant.is_cut {
            wants.parts.push(ColumnPart::Ids);
        }
    }

    /// Which visits of some rows pass.
    pub fn rows(&self, stretch: &Block, range: Range<usize>, meant: &Resolved) -> Selection {
        if meant.is_everything() {
            return Selection::all(range);
        }
        let mut holds = vec![true; range.len()];
        if let Some(end) = self.before.filter(|_| meant.is_cut) {
            let end = stretch.ids().place(end).clamp(range.start, range.end);
            holds[end - range.start..].fill(false);
        }
        let mut firsts = None;
        for (place, (condition, meant)) in self.conditions.iter().zip(&meant.conditions).enumerate() {
            condition.narrow(&mut holds, stretch, &range, meant);
            if place + 1 == self.population {
                firsts = Some(stretch.firsts(&range, &holds));
            }
        }
        let rows = Selection::picked(range, holds);
        match firsts {
            Some(firsts) => rows.with_firsts(firsts),
            None => rows,
        }
    }
}

/// What the conditions of a filter mean in one stretch.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Of each condition, which keys of its column are meant, or which visits.
    conditions: Vec<Vec<bool>>,
    /// Visits may be too late.
    is_cut: bool,
}

impl Resolved {
    /// Whether every visit passes.
    pub fn is_everything(&self) -> bool {
        self.conditions.is_empty() && !self.is_cut
    }
}

impl Clause {
    fn compile(connection: &Connection, site: &Site, wanted: &Filter) -> Result<Self> {
        Ok(Self {
            by: wanted.dimension.by,
            test: Matcher::compile(connection, site, wanted)?,
            is_negated: wanted.operator.is_negated(),
        })
    }

    /// Takes those rows out that do not pass.
    fn narrow(&self, holds: &mut [bool], stretch: &Block, range: &Range<usize>, meant: &[bool]) {
        let is_wanted = !self.is_negated;
        let of = ColumnId::from(self.by);
        match of {
            ColumnId::ActionCount => self.narrow_numbers(holds, stretch.numbers(ColumnPart::Actions), range),
            ColumnId::TimeOnSite => self.narrow_numbers(holds, stretch.numbers(ColumnPart::Seconds), range),
            ColumnId::Visit => {
                for (holds, row) in holds.iter_mut().zip(range.clone()) {
                    *holds &= meant[row] == is_wanted;
                }
            }
            ColumnId::Property(_) => stretch.codes(of).each_batch(range.clone(), |first, codes| {
                for (holds, code) in holds[first - range.start..].iter_mut().zip(codes) {
                    *holds &= meant[place(*code)] == is_wanted;
                }
            }),
            ColumnId::Bag(bag) => stretch.narrow_by(bag, holds, range, is_wanted, meant),
        }
    }

    fn narrow_numbers(&self, holds: &mut [bool], numbers: &PackedInts, range: &Range<usize>) {
        numbers.each_batch(range.clone(), |first, numbers| {
            for (holds, number) in holds[first - range.start..].iter_mut().zip(numbers) {
                let number = u32::try_from(*number).unwrap_or(u32::MAX);
                *holds &= self.test.holds(number) != self.is_negated;
            }
        });
    }
}
