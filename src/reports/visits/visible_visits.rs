//! The visible visits, with hidden data removed: every display of a single visit goes through here.

use super::actions::Action;
use super::details::Details;
use super::visit;
use super::visit::{Visit, VisitorHistory, VisitorLabel, VisitorTotals};
use super::visit_attributes::VisitAttributes;
use crate::error::{Error, Result};
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::id::{VisitId, VisitorId};
use crate::reports::columns::block::{Block, Projection, Selection};
use crate::reports::columns::{ColumnId, ColumnPart};
use crate::reports::date_range::DateRange;
use crate::reports::dimension::GroupKey;
use crate::reports::engine::aggregate::accumulator::{Accumulator, counted};
use crate::reports::engine::name_resolver::VisitorNames;
use crate::reports::engine::predicate::Predicate;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::visitor_numbers::VisitorNumbers;
use crate::reports::filter::Filter;
use crate::reports::table_query::Page;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::store::retention;
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use rusqlite::Connection;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The visible visits of a site in one snapshot.
pub struct VisibleVisits<'a> {
    /// The snapshot.
    pub snapshot: &'a Snapshot<'a>,
    /// The site.
    pub site: &'a Site,
    visibility: &'a Visibility,
    details: Details,
    predicate: Predicate,
    days: RefCell<BTreeMap<Day, Rc<HashMap<VisitId, u32>>>>,
    /// The visitor numbers of the day that was last queried for them, where all visits are visible.
    numbers: RefCell<Option<VisitorNumbers>>,
}

impl<'a> VisibleVisits<'a> {
    /// Selects the visits that a visibility shows and that match filters.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] for a filter on hidden data, with [`Error::Invalid`] for one that cannot be
    /// resolved, and when the data file cannot be read.
    pub fn new(
        snapshot: &'a Snapshot<'a>,
        site: &'a Site,
        visibility: &'a Visibility,
        filters: &[Filter],
    ) -> Result<Self> {
        visibility.check(filters)?;
        let predicate = Predicate::within(snapshot.connection, site, visibility, filters)?;
        Ok(Self {
            snapshot,
            site,
            visibility,
            details: Details::for_visibility(visibility),
            predicate,
            days: RefCell::default(),
            numbers: RefCell::default(),
        })
    }

    /// Returns the connection to the file.
    pub fn connection(&self) -> &'a Connection {
        self.snapshot.connection
    }

    /// Returns true if the visibility does not restrict the population.
    pub fn is_unrestricted(&self) -> bool {
        self.visibility.is_unrestricted()
    }

    /// Returns true if a kind of visitor data is visible.
    pub fn shows(&self, data: VisitorData) -> bool {
        self.visibility.has(data)
    }

    /// Returns true if the pages and titles of a kind of action are visible.
    pub fn shows_actions(&self, kind: ActionKind) -> bool {
        self.details.shows_actions(kind)
    }

    /// Returns true if a visit is visible.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn has(&self, visit: VisitId) -> Result<bool> {
        Ok(self.predicate.is_unrestricted() || self.day_of(visit)?.contains_key(&visit))
    }

    /// Returns the number of a visit's visitor among the visible visitors of its day.
    fn number(&self, visit: VisitId) -> Result<Option<u32>> {
        if !self.is_unrestricted() {
            return Ok(self.day_of(visit)?.get(&visit).copied());
        }
        let day = self.site.zone.day(visit.began());
        let mut numbers = self.numbers.borrow_mut();
        if numbers.as_ref().is_none_or(|known| known.day != day) {
            *numbers = Some(VisitorNumbers::load(self.snapshot, self.site, day)?);
        }
        Ok(numbers.as_ref().and_then(|known| known.get(visit)))
    }

    /// Returns the visible visits on a visit's day, with the numbers of their visitors.
    fn day_of(&self, visit: VisitId) -> Result<Rc<HashMap<VisitId, u32>>> {
        let day = self.site.zone.day(visit.began());
        if let Some(known) = self.days.borrow().get(&day) {
            return Ok(Rc::clone(known));
        }
        let mut numbered = DayNumbering::default();
        self.snapshot.run(
            self.site,
            DateRange { first: day, last: day },
            &self.predicate,
            &mut [&mut numbered],
        )?;
        let known = Rc::new(numbered.0);
        self.days.borrow_mut().insert(day, Rc::clone(&known));
        Ok(known)
    }

    /// Removes hidden details from an action.
    pub fn seen_action(&self, action: Action) -> Action {
        self.details.redact_action(action)
    }

    /// Removes hidden attributes of a visit.
    pub fn seen_attributes(&self, attributes: VisitAttributes) -> VisitAttributes {
        self.details.redact_attributes(attributes)
    }

    /// Removes hidden data from a visit. If names or addresses are hidden, the visit gets the number of
    /// its visitor within the day.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn redact(&self, mut visit: Visit) -> Result<Visit> {
        let visibility = self.visibility;
        visit.attributes = self.seen_attributes(visit.attributes);
        if !visibility.has(VisitorData::Addresses) {
            visit.address = None;
        }
        if !visibility.has(VisitorData::Names) {
            visit.name = None;
        }
        if !visibility.shows_conversions() {
            visit.goals.clear();
        }
        if !visibility.shows_revenue() {
            visit.goals.iter_mut().for_each(|goal| goal.revenue = None);
        }
        visit.is_new &= visibility.shows_new_visitors();
        if !visibility.has(VisitorData::Names) || !visibility.has(VisitorData::Addresses) {
            visit.number = self.number(visit.id)?;
        }
        Ok(visit)
    }

    /// Returns one visit with hidden data removed.
    ///
    /// # Errors
    /// Fails with [`Error::Missing`] when there is no such visit or it is not visible.
    pub fn get(&self, id: VisitId) -> Result<Visit> {
        if !self.has(id)? {
            return Err(Error::Missing("visit"));
        }
        self.redact(visit::get(self.connection(), self.site.id, id)?)
    }

    /// Lists the visible visits of a visitor with all their data, newest first; one more than the page holds if older
    /// ones follow.
    fn list_of(&self, visitor: VisitorId, page: Page) -> Result<Vec<Visit>> {
        let (connection, site) = (self.connection(), self.site.id);
        if self.predicate.is_unrestricted() {
            return visit::list_of(connection, site, visitor, page);
        }
        let skipped = usize::try_from(page.skipped()).unwrap_or(usize::MAX);
        let rows = usize::try_from(page.rows).unwrap_or(usize::MAX).saturating_add(1);
        let mut found = Vec::new();
        let mut passed = 0;
        for stay in visit::stays_of(connection, site, visitor)? {
            if found.len() >= rows {
                break;
            }
            if self.has(stay.id)? {
                passed += 1;
                if passed > skipped {
                    found.extend(visit::find(connection, site, stay.id)?);
                }
            }
        }
        Ok(found)
    }

    /// Returns the totals of a visitor's visible visits, and one page of these with hidden data removed, newest first;
    /// one more than the page holds if older ones follow.
    ///
    /// # Errors
    /// Fails with [`Error::Missing`] when the visitor has no visible visit.
    pub fn visitor(&self, visitor: VisitorId, page: Page) -> Result<(VisitorTotals, Vec<Visit>)> {
        let totals = self.totals(visitor)?;
        let visits = self.list_of(visitor, page)?.into_iter().map(|visit| self.redact(visit));
        Ok((totals, visits.collect::<Result<_>>()?))
    }

    /// Returns the histories of visitors: their visible visits.
    ///
    /// # Errors
    /// Fails when the query is cancelled or the data file cannot be read.
    pub fn histories(&self, visitors: &BTreeSet<VisitorId>) -> Result<HashMap<VisitorId, VisitorHistory>> {
        let (connection, site) = (self.connection(), self.site.id);
        if self.predicate.is_unrestricted() {
            let dropping = retention::state(connection, site)?.dropping;
            let dropping = dropping.unwrap_or(VisitId(0)..VisitId(0));
            return visit::histories(connection, site, visitors, &dropping);
        }
        let mut histories = HashMap::new();
        for visitor in visitors {
            for stay in visit::stays_of(connection, site, *visitor)? {
                if self.has(stay.id)? {
                    // The newest visit comes first.
                    let history =
                        histories.entry(*visitor).or_insert(VisitorHistory { visits: 0, first: stay.id });
                    *history = VisitorHistory { visits: history.visits + 1, first: stay.id };
                }
            }
        }
        Ok(histories)
    }

    fn totals(&self, visitor: VisitorId) -> Result<VisitorTotals> {
        if self.predicate.is_unrestricted() {
            return visit::totals(self.connection(), self.site.id, visitor);
        }
        let mut totals: Option<VisitorTotals> = None;
        for stay in visit::stays_of(self.connection(), self.site.id, visitor)? {
            if self.has(stay.id)? {
                let before = totals.unwrap_or(VisitorTotals {
                    visits: 0,
                    actions: 0,
                    seconds: 0,
                    first: stay.id.began(),
                });
                totals = Some(VisitorTotals {
                    visits: before.visits + 1,
                    actions: before.actions + stay.actions,
                    seconds: before.seconds + stay.seconds,
                    first: before.first.min(stay.id.began()),
                });
            }
        }
        totals.ok_or(Error::Missing("visitor"))
    }
}

impl VisitorNames for VisibleVisits<'_> {
    fn called(&self, visitor: VisitorId) -> Result<VisitorLabel> {
        let found = if self.predicate.is_unrestricted() {
            visit::called(self.connection(), self.site.id, visitor)?
        } else {
            let newest = self.list_of(visitor, Page { number: 1, rows: 1 })?.into_iter().next();
            newest.map(|Visit { address, name, mut attributes, .. }| VisitorLabel {
                address,
                country: attributes.take(VisitAttribute::Country),
                name,
            })
        };
        let VisitorLabel { address, country, name } = found.unwrap_or_default();
        Ok(VisitorLabel {
            address: address.filter(|_| self.visibility.has(VisitorData::Addresses)),
            country: country.filter(|_| self.details.shows(VisitAttribute::Country)),
            name: name.filter(|_| self.visibility.has(VisitorData::Names)),
        })
    }
}

/// An accumulator of the matching visits of a day, each with the number of its visitor among them, from 1 in the order
/// of arrival.
#[derive(Default)]
struct DayNumbering(HashMap<VisitId, u32>);

impl Accumulator for DayNumbering {
    fn needs(&self, projection: &mut Projection) {
        projection.rows_by(GroupKey::Property(VisitAttribute::Visitor));
        projection.parts.push(ColumnPart::Ids);
    }

    fn update(&mut self, block: &Block, rows: &Selection) {
        let (ids, codes) = (block.ids(), block.codes(ColumnId::Property(VisitAttribute::Visitor)));
        let mut numbers = HashMap::new();
        rows.each(|row| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX).saturating_add(1);
            let number = *numbers.entry(codes.get(row)).or_insert(next);
            self.0.insert(ids.get(row), number);
        });
    }

    fn split(&self) -> Box<dyn Accumulator> {
        Box::new(Self::default())
    }

    fn merge(&mut self, fork: Box<dyn Accumulator>) {
        // A day is one block, so a single worker numbers all its visitors.
        self.0.extend(counted::<Self>(fork).into_iter().flat_map(|fork| fork.0));
    }
}
