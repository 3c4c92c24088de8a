//! The compiled filters of a query: clauses, all of which must hold. Texts are compared with the dictionary of a block,
//! each distinct key once, and never with the rows.

mod matcher;
pub mod single_visits;

pub use matcher::Matcher;

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{GoalId, VisitId};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::packed_ints::PackedInts;
use crate::reports::columns::packed_ints::place;
use crate::reports::columns::step_codes::StepCodes;
use crate::reports::columns::{ColumnId, ColumnPart, DictKey};
use crate::reports::dimension::GroupKey;
use crate::reports::engine::funnel::funnel_match::FunnelMatch;
use crate::reports::engine::funnel::steps::FunnelSteps;
use crate::reports::filter::Filter;
use crate::reports::missing_names;
use crate::reports::visibility::Visibility;
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use rusqlite::Connection;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

/// The compiled filters of a query, which select its visits.
#[derive(Clone, Debug, Default)]
pub struct Predicate {
    clauses: Vec<Clause>,
    /// The number of clauses, the first ones, that restrict the population.
    population: usize,
    /// The first visit that is excluded, with all after it.
    before: Option<VisitId>,
    /// The goal whose conversions are counted alone; `None` for those of all goals.
    goal: Option<GoalId>,
    /// The funnel whose steps are read.
    funnel: Option<Arc<FunnelSteps>>,
}

/// A compiled filter: visits with a value that matches, or, negated, without one.
#[derive(Clone, Debug)]
pub struct Clause {
    /// The grouping whose values are compared.
    pub by: GroupKey,
    /// The values that match.
    pub matcher: Matcher,
    /// True if visits with a matching value are excluded.
    pub is_negated: bool,
}

impl Predicate {
    /// Creates a predicate that every visit matches.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Compiles filters, all of which must hold. A value that no visit ever had matches nothing.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` for a filter that cannot be resolved, and when the data file cannot be read.
    pub fn new<'w>(
        connection: &Connection,
        site: &Site,
        filters: impl IntoIterator<Item = &'w Filter>,
    ) -> Result<Self> {
        let clauses = filters.into_iter().map(|filter| Clause::compile(connection, site, filter));
        Ok(Self { clauses: clauses.collect::<Result<_>>()?, ..Self::default() })
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

    /// Restricts the population to visits that match the first `clauses` clauses; unique visitors are counted within it.
    #[must_use]
    pub fn scoped_to(self, clauses: usize) -> Self {
        Self { population: clauses.min(self.clauses.len()), ..self }
    }

    /// Counts the conversions of one goal alone.
    #[must_use]
    pub fn with_goal_in_view(self, goal: Option<GoalId>) -> Self {
        Self { goal, ..self }
    }

    /// Reads the steps of a funnel.
    #[must_use]
    pub fn with_funnel_in_view(self, funnel: Arc<FunnelSteps>) -> Self {
        Self { funnel: Some(funnel), ..self }
    }

    /// Returns a copy restricted to visits that took the first step of a funnel.
    #[must_use]
    pub fn entering(&self, funnel: Arc<FunnelSteps>) -> Self {
        let mut predicate = self.clone();
        let matcher = Matcher::Funnel(FunnelMatch::of_step(funnel, 1));
        predicate.clauses.push(Clause { by: GroupKey::Visit, matcher, is_negated: false });
        predicate
    }

    /// Returns true for each campaign, by its key, whose visits all match; `None` if visits are told apart by anything but
    /// campaigns.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn matches_campaigns(
        &self,
        connection: &Connection,
        campaigns: &[DictKey],
    ) -> Result<Option<Vec<bool>>> {
        let mut matches = vec![true; campaigns.len()];
        for clause in &self.clauses {
            if clause.by != GroupKey::Property(VisitAttribute::Campaign) {
                return Ok(None);
            }
            let resolved = clause.matcher.resolve(connection, campaigns)?;
            let holds = resolved.into_iter().map(|is_matched| is_matched != clause.is_negated);
            matches.iter_mut().zip(holds).for_each(|(matches, holds)| *matches &= holds);
        }
        Ok(Some(matches))
    }

    /// Returns a copy restricted to visits that began before a moment.
    #[must_use]
    pub fn before(&self, moment: Timestamp) -> Self {
        Self { before: Some(VisitId::first_at(moment)), ..self.clone() }
    }

    /// Returns a copy restricted to visits before this one.
    #[must_use]
    pub fn below(&self, visit: VisitId) -> Self {
        Self { before: Some(self.before.map_or(visit, |end| end.min(visit))), ..self.clone() }
    }

    /// Returns a copy restricted to visits with a known value of a grouping.
    #[must_use]
    pub fn with_known(&self, by: GroupKey) -> Self {
        let mut predicate = self.clone();
        predicate.clauses.push(Clause { by, matcher: Matcher::unknown(), is_negated: true });
        predicate
    }

    /// Returns true if there are clauses, apart from an end in time.
    pub fn has_clauses(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// Returns true if every visit matches.
    pub fn is_unrestricted(&self) -> bool {
        self.clauses.is_empty() && self.before.is_none()
    }

    /// Returns the first visit that is excluded, with all after it; `None` without an end.
    pub fn end(&self) -> Option<VisitId> {
        self.before
    }

    /// Iterates over the parts that [`Self::resolve`] reads: dictionaries, or the ids of visits.
    pub fn dictionaries(&self) -> impl Iterator<Item = ColumnPart> + '_ {
        let parts = self.clauses.iter().filter_map(|clause| match ColumnId::from(clause.by) {
            column @ (ColumnId::Property(_) | ColumnId::Repeated(_)) => Some(ColumnPart::Dictionary(column)),
            ColumnId::Visit if matches!(clause.matcher, Matcher::Funnel(_)) => None,
            ColumnId::Visit => Some(ColumnPart::Ids),
            ColumnId::ActionCount | ColumnId::TimeOnSite => None,
        });
        let of_steps = self.clauses.iter().filter_map(|clause| match &clause.matcher {
            Matcher::Funnel(funnel) => Some(funnel.dictionaries()),
            _ => None,
        });
        let in_view = self.funnel.iter().flat_map(|funnel| funnel.dictionaries());
        parts.chain(of_steps.flatten()).chain(in_view)
    }

    /// Resolves the clauses in the dictionaries of a block; `is_cut` says that its last visits may be too late. Returns
    /// `None` when no visit can match.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn resolve(&self, connection: &Connection, block: &Block, is_cut: bool) -> Result<Option<Resolved>> {
        let steps = self.funnel.as_ref().map(|funnel| funnel.resolve(connection, block)).transpose()?;
        let (clauses, has_goal) = (Vec::new(), self.goal.is_some());
        let mut resolved = Resolved { clauses, is_cut, has_goal, steps: steps.map(Arc::new) };
        for clause in &self.clauses {
            if let Matcher::Funnel(funnel) = &clause.matcher {
                let codes = funnel.resolve(connection, block)?;
                if !clause.is_negated && !funnel.is_possible(&codes) {
                    return Ok(None);
                }
                resolved.clauses.push(ResolvedClause::Steps(codes));
                continue;
            }
            let known = match (ColumnId::from(clause.by), &clause.matcher) {
                (_, Matcher::Visits(visits)) => visits.matches(connection, block.ids())?,
                (ColumnId::ActionCount | ColumnId::TimeOnSite | ColumnId::Visit, matcher) => {
                    matcher.resolve(connection, &[])?
                }
                (column, matcher) => matcher
                    .resolve(connection, &block.dictionary(column).keys.all().collect::<Vec<DictKey>>())?,
            };
            let is_impossible = !clause.is_negated && !known.contains(&true);
            if is_impossible && !matches!(clause.matcher, Matcher::Numbers(_)) {
                return Ok(None);
            }
            resolved.clauses.push(ResolvedClause::Flags(known));
        }
        Ok(Some(resolved))
    }

    /// Adds the parts from which [`Self::rows`] selects visits to a projection.
    pub fn needs(&self, resolved: &Resolved, projection: &mut Projection) {
        for (clause, resolved) in self.clauses.iter().zip(&resolved.clauses) {
            match resolved {
                ResolvedClause::Flags(_) => projection.rows_by(clause.by),
                ResolvedClause::Steps(codes) => codes.iter().for_each(|codes| codes.needs(projection)),
            }
        }
        resolved.steps.iter().for_each(|codes| codes.needs(projection));
        if self.population > 0 {
            projection.rows_by(GroupKey::Property(VisitAttribute::Visitor));
        }
        if resolved.is_cut {
            projection.parts.push(ColumnPart::Ids);
        }
        if self.goal.is_some() {
            projection.conversions();
        }
    }

    /// Selects the matching visits of a range of rows.
    pub fn rows(&self, block: &Block, range: Range<usize>, resolved: &Resolved) -> Selection {
        let view = self.goal.map(|goal| block.goal_in_view(goal.0.cast_unsigned(), &range));
        if resolved.is_everything() {
            let rows = Selection::all(range).with_steps(resolved.steps.clone());
            return match view {
                Some(view) => rows.with_goal_in_view(view),
                None => rows,
            };
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
        let rows = Selection::picked(range, holds).with_steps(resolved.steps.clone());
        let rows = match firsts {
            Some(firsts) => rows.with_firsts(firsts),
            None => rows,
        };
        match view {
            Some(view) => rows.with_goal_in_view(view),
            None => rows,
        }
    }
}

/// The clauses of a predicate, resolved in one block.
#[derive(Clone, Debug)]
pub struct Resolved {
    clauses: Vec<ResolvedClause>,
    /// True if the last visits may be too late.
    is_cut: bool,
    /// True if the conversions of one goal count alone.
    pub has_goal: bool,
    /// The steps of the funnel in view.
    steps: Option<Arc<StepCodes>>,
}

/// A clause, resolved in one block.
#[derive(Clone, Debug)]
enum ResolvedClause {
    /// A flag for each key of its column, or for each visit.
    Flags(Vec<bool>),
    /// The steps of each of its funnels.
    Steps(Vec<StepCodes>),
}

impl Resolved {
    /// Returns true if every visit matches.
    pub fn is_everything(&self) -> bool {
        self.clauses.is_empty() && !self.is_cut
    }
}

impl Clause {
    fn compile(connection: &Connection, site: &Site, filter: &Filter) -> Result<Self> {
        let matcher = Matcher::compile(connection, site, filter)?;
        // Without a goal or a funnel that is gone, every visit would match: what was left out before would be seen.
        let is_gone = !missing_names::list(connection, site.id, slice::from_ref(filter))?.is_empty();
        let is_negated = filter.operator.is_negated() && !is_gone;
        let matcher = if is_gone && filter.operator.is_negated() { Matcher::nothing() } else { matcher };
        Ok(Self { by: filter.dimension.group_key, matcher, is_negated })
    }

    /// Clears the flags of rows that do not match.
    fn narrow(&self, holds: &mut [bool], block: &Block, range: &Range<usize>, resolved: &ResolvedClause) {
        let is_required = !self.is_negated;
        let resolved = match (resolved, &self.matcher) {
            (ResolvedClause::Flags(flags), _) => flags,
            (ResolvedClause::Steps(codes), Matcher::Funnel(funnel)) => {
                return funnel.narrow(holds, block, range, codes, is_required);
            }
            (ResolvedClause::Steps(_), _) => return,
        };
        let column = ColumnId::from(self.by);
        match column {
            ColumnId::ActionCount => self.narrow_numbers(holds, block.numbers(ColumnPart::ACTIONS), range),
            ColumnId::TimeOnSite => self.narrow_numbers(holds, block.numbers(ColumnPart::SECONDS), range),
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
