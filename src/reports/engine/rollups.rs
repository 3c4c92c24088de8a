//! The rollups of pruned days: the dimensions that they have, and what queries can read from them. Only dimensions
//! that identify no person are kept.

use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::model::clock::Day;
use crate::model::id::{GoalId, SiteId};
use crate::model::metrics::{Measure, Metrics};
use crate::reports::catalogue;
use crate::reports::columns::{DictKey, pack_pair, unpack_pair};
use crate::reports::date_range::DateRange;
use crate::reports::dimension::{Dimension, GroupKey};
use crate::reports::results::item_name::REMOVED_GOALS_KEY;
use crate::store::goals;
use crate::store::page_forms::PageForms;
use crate::store::rollups::{self, ALL, HOUR, RollupRow, Sums};
use crate::store::visit_attribute::VisitAttribute::{
    self, Channel, City, DeviceType, FirstChannel, Hostname, LastChannel, Organization, Visitor,
};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashSet};

/// Returns true if the rollups of a dimension identify no person: no visitors, networks, host names or custom data,
/// and no places smaller than a region.
fn tells_of_nobody(by: GroupKey) -> bool {
    !matches!(
        by,
        GroupKey::Custom | GroupKey::Visit | GroupKey::Property(City | Hostname | Organization | Visitor)
    )
}

/// Returns the dimensions of the rollups, each with its name in the table. Several dimensions may count by the same
/// key, such as browsers and their versions: their rollup has the name of the first.
pub fn dimensions() -> impl Iterator<Item = (GroupKey, &'static str)> {
    let dimensions = catalogue::dimensions();
    let is_first =
        move |place: usize, by: GroupKey| dimensions[..place].iter().all(|known| known.group_key != by);
    dimensions
        .iter()
        .enumerate()
        .filter(move |(place, dimension)| {
            tells_of_nobody(dimension.group_key) && is_first(*place, dimension.group_key)
        })
        .map(|(_, dimension)| (dimension.group_key, dimension.filter))
}

/// Returns the name of the rollups by a visit's own source, for a key of a touch. They stand for both on days without
/// rows of the touch.
fn untouched_name(by: GroupKey) -> Option<&'static str> {
    let GroupKey::Property(property) = by else { return None };
    property.touch()?;
    dimensions().find(|(known, _)| *known == GroupKey::Property(property.untouched())).map(|(_, name)| name)
}

/// Returns the names of the rollups of touches, each with that of the visit's own source.
pub fn touched() -> impl Iterator<Item = (&'static str, &'static str)> {
    dimensions().filter_map(|(by, name)| Some((name, untouched_name(by)?)))
}

/// Returns true if there are rollups by this key.
pub fn covers(by: GroupKey) -> bool {
    dimensions().any(|(known, _)| known == by)
}

/// Returns the dimension of a name, if it has rollups.
pub fn kept_dimension(name: &str) -> Option<&'static Dimension> {
    catalogue::dimension_of_filter(name).filter(|dimension| tells_of_nobody(dimension.group_key))
}

/// Returns the columns of a key in a row: item, parent, code.
fn parts(by: GroupKey, key: DictKey) -> (i64, i64, i64) {
    let number = DictKey::cast_signed;
    match by {
        GroupKey::Property(VisitAttribute::Region) | GroupKey::Custom | GroupKey::Split => {
            let (parent, item) = unpack_pair(key);
            (number(item), number(parent), 0)
        }
        GroupKey::Property(Channel | FirstChannel | LastChannel | DeviceType)
        | GroupKey::Goal
        | GroupKey::ActionCount
        | GroupKey::TimeOnSite => (0, 0, number(key)),
        // The address that led there may be unknown, the page is known.
        GroupKey::BrokenLink => {
            let (page, referrer) = unpack_pair(key);
            (number(page), number(referrer), 0)
        }
        GroupKey::Property(_) | GroupKey::Actions(_) | GroupKey::NotFound | GroupKey::Visit => {
            (number(key), 0, 0)
        }
    }
}

/// Returns the key of a row.
fn key(by: GroupKey, row: &RollupRow) -> DictKey {
    let number = i64::cast_unsigned;
    match by {
        GroupKey::Property(VisitAttribute::Region) | GroupKey::Custom | GroupKey::Split => match row.item {
            0 => 0,
            item => pack_pair(number(row.parent), number(item)),
        },
        GroupKey::Property(Channel | FirstChannel | LastChannel | DeviceType)
        | GroupKey::Goal
        | GroupKey::ActionCount
        | GroupKey::TimeOnSite => number(row.code),
        GroupKey::BrokenLink => pack_pair(number(row.item), number(row.parent)),
        GroupKey::Property(_) | GroupKey::Actions(_) | GroupKey::NotFound | GroupKey::Visit => {
            number(row.item)
        }
    }
}

fn metrics(row: &RollupRow) -> Metrics {
    let mut metrics = Metrics::of_stored(row.sums.0);
    metrics.kinds_mut().copy_from_slice(&row.kinds.unwrap_or_default());
    metrics
}

/// Returns the row of all visits of a day.
pub fn row_of_all(all: &Metrics) -> RollupRow {
    RollupRow { dimension: ALL, sums: Sums(all.stored()), kinds: Some(all.kinds()), ..RollupRow::default() }
}

/// Returns the rows of the hours of a day.
pub fn rows_of_hours(hours: &[Metrics; 24]) -> impl Iterator<Item = RollupRow> {
    let begun = (0..).zip(hours).filter(|(_, metrics)| metrics[Measure::Visits] > 0);
    begun.map(|(hour, metrics)| RollupRow {
        dimension: HOUR,
        code: hour,
        sums: Sums(metrics.stored()),
        kinds: Some(metrics.kinds()),
        ..RollupRow::default()
    })
}

/// Returns the rows of the items of a dimension.
pub fn rows_of_items(
    by: GroupKey,
    dimension: &'static str,
    items: impl Iterator<Item = (DictKey, Metrics, Option<DictKey>)>,
) -> impl Iterator<Item = RollupRow> {
    items.map(move |(item, metrics, subtitle)| {
        let (item_label, parent, code) = parts(by, item);
        let subtitle = subtitle.map(DictKey::cast_signed);
        RollupRow {
            dimension,
            item: item_label,
            parent,
            code,
            subtitle,
            sums: Sums(metrics.stored()),
            kinds: None,
        }
    })
}

/// Returns the dimensions whose groups are stored next to their items, because a visit may have several items of a
/// group.
pub fn kept_groups() -> impl Iterator<Item = &'static Dimension> {
    let several = |dimension: &&Dimension| dimension.folds() && dimension.counts_actions();
    catalogue::dimensions().iter().filter(several).filter(|dimension| tells_of_nobody(dimension.group_key))
}

/// Returns the rows of the groups of a dimension, each under the first of its items.
pub fn rows_of_groups<'a>(
    dimension: &'static Dimension,
    groups: impl Iterator<Item = (DictKey, &'a Metrics)>,
) -> impl Iterator<Item = RollupRow> {
    groups.map(|(first, metrics)| {
        let (item, parent, code) = parts(dimension.group_key, first);
        RollupRow {
            dimension: dimension.filter,
            item,
            parent,
            code,
            sums: Sums(metrics.stored()),
            ..RollupRow::default()
        }
    })
}

/// The rollups of pruned days, which a query reads in place of visits.
pub struct Rollups<'a> {
    connection: &'a Connection,
    site: SiteId,
    range: DateRange,
    /// The day on which the query ends, and the number of its hours that were over then.
    ends: Option<(Day, i64)>,
}

impl<'a> Rollups<'a> {
    /// Creates the rollups of a range. `ends` is the day on which the query ends, and the number of its hours that were
    /// over then.
    pub fn new(connection: &'a Connection, site: SiteId, range: DateRange, ends: Option<(Day, i64)>) -> Self {
        Self { connection, site, range, ends }
    }

    /// Visits the metrics of each hour of each day; on the day when the query ends, of the hours that were over then.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn each_hour(&self, mut visit: impl FnMut(Day, usize, Metrics)) -> Result<()> {
        let counts = |day: Day, hour: i64| self.ends.is_none_or(|(last, hours)| day < last || hour < hours);
        rollups::each(self.connection, self.site, HOUR, self.range.first, self.range.last, |day, row| {
            if let Ok(hour) = usize::try_from(row.code)
                && hour < 24
                && counts(day, row.code)
            {
                visit(day, hour, metrics(&row));
            }
            Ok(())
        })
    }

    /// Returns the metrics of each day.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn by_day(&self) -> Result<BTreeMap<Day, Metrics>> {
        let mut days: BTreeMap<Day, Metrics> = BTreeMap::new();
        self.each_hour(|day, _, metrics| *days.entry(day).or_default() += metrics)?;
        Ok(days)
    }

    /// Returns the metrics of each hour, summed over all days.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn by_hour(&self) -> Result<[Metrics; 24]> {
        let mut hours = [Metrics::default(); 24];
        self.each_hour(|_, hour, metrics| hours[hour] += metrics)?;
        Ok(hours)
    }

    /// The label that stands for an item, where items are pages.
    fn page(&self, forms: &PageForms, by: GroupKey, item: i64) -> Result<i64> {
        Ok(match by {
            GroupKey::Property(VisitAttribute::Landing | VisitAttribute::Exit)
            | GroupKey::Actions(ActionKind::PageView) => forms.page(self.connection, item)?,
            GroupKey::Actions(ActionKind::Download | ActionKind::Event | ActionKind::Media) => {
                forms.own(self.connection, item)?
            }
            _ => item,
        })
    }

    /// Calls `visit` with every item of a grouping, day by day, and its subtitle key; with none for a grouping that rollups
    /// do not hold. The last day counts as a whole, and an item stored in several forms comes several times.
    pub fn items(
        &self,
        by: GroupKey,
        mut visit: impl FnMut(Day, DictKey, Metrics, Option<DictKey>),
    ) -> Result<()> {
        let Some((_, dimension)) = dimensions().find(|(known, _)| *known == by) else { return Ok(()) };
        let Some(own) = untouched_name(by) else { return self.items_of(by, dimension, visit) };
        let mut stored = HashSet::new();
        self.items_of(by, dimension, |day, key, metrics, subtitle| {
            stored.insert(day);
            visit(day, key, metrics, subtitle);
        })?;
        self.items_of(by, own, |day, key, metrics, subtitle| {
            if !stored.contains(&day) {
                visit(day, key, metrics, subtitle);
            }
        })
    }

    /// Calls `visit` with every item that is stored under the name of a dimension.
    fn items_of(
        &self,
        by: GroupKey,
        dimension: &'static str,
        mut visit: impl FnMut(Day, DictKey, Metrics, Option<DictKey>),
    ) -> Result<()> {
        let forms = PageForms::for_site(self.connection, self.site)?;
        let goals = if by == GroupKey::Goal { goals::ids(self.connection, self.site)? } else { Vec::new() };
        rollups::each(self.connection, self.site, dimension, self.range.first, self.range.last, |day, row| {
            // The totals of the day contain what a removed goal counted: its row stays, without its name.
            let is_removed = by == GroupKey::Goal && !goals.contains(&GoalId(row.code));
            let row =
                if is_removed { RollupRow { code: REMOVED_GOALS_KEY.cast_signed(), ..row } } else { row };
            let subtitle = match by {
                GroupKey::Actions(ActionKind::Event | ActionKind::Media) => {
                    row.subtitle.map(|label| self.page(&forms, by, label)).transpose()?
                }
                _ => row.subtitle,
            };
            let row = RollupRow { item: self.page(&forms, by, row.item)?, subtitle, ..row };
            visit(day, key(by, &row), metrics(&row), row.subtitle.map(i64::cast_unsigned));
            Ok(())
        })
    }

    /// Visits every group of items of a dimension day by day, under one of its items. A day without stored groups
    /// yields its items one by one.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn groups(
        &self,
        dimension: &'static Dimension,
        mut visit: impl FnMut(DictKey, Metrics),
    ) -> Result<()> {
        let mut stored = HashSet::new();
        let forms = PageForms::for_site(self.connection, self.site)?;
        rollups::each(
            self.connection,
            self.site,
            dimension.filter,
            self.range.first,
            self.range.last,
            |day, row| {
                stored.insert(day);
                let row = RollupRow { item: self.page(&forms, dimension.group_key, row.item)?, ..row };
                visit(key(dimension.group_key, &row), metrics(&row));
                Ok(())
            },
        )?;
        self.items(dimension.group_key, |day, key, metrics, _| {
            if !stored.contains(&day) {
                visit(key, metrics);
            }
        })
    }
}

/// Returns the first day whose visits are kept, if a range has pruned days.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn raw_since(connection: &Connection, site: SiteId, range: DateRange) -> Result<Option<Day>> {
    let within = rollups::last_day(connection, site, range.first, range.last)?;
    if within.is_none() {
        return Ok(None);
    }
    let last = rollups::last_day(connection, site, Day(i32::MIN), Day(i32::MAX))?;
    Ok(last.map(|day| day.plus(1)))
}
