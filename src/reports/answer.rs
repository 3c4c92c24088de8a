//! Answers: texts and numbers, never keys of a dictionary, so that nobody who reads one can tell which engine gave it.

use super::comparison::Compared;
use super::filtered_hits::FilteredHits;
use super::results::cross_tab::CrossTab;
use super::results::funnel::FunnelResult;
use super::results::heatmap::{Heatmap, HeatmapPages};
use super::results::item_name::ItemName;
use super::results::journey::Journey;
use super::results::retention::Retention;
use super::results::split_test::SplitTest;
use super::results::table::{Table, TableRow};
use super::results::time_series::TimeSeries;
use super::results::vitals::VitalsResult;
use super::results::week_hours::WeekHours;
use super::visits::actions::Action;
use super::visits::listed::{ListedAction, ListedVisit};
use super::visits::recent::RecentRow;
use super::visits::visit::{EarlierVisits, Visit, VisitorTotals};
use crate::ingest::live::LiveAction;
use crate::model::channel::Channel;
use crate::model::clock::Day;
use crate::model::id::VisitId;
use crate::model::metrics::Metrics;
use std::any::Any;
use std::collections::BTreeMap;

/// The answer to a query: the parts that were wanted. All are of one moment of the data.
#[derive(Debug, Default)]
pub struct Answer {
    /// The metrics of the range.
    pub totals: Option<Compared<Metrics>>,
    /// The time series.
    pub series: Option<Compared<TimeSeries>>,
    /// The tables, in the order in which they were wanted.
    pub tables: Vec<Table>,
    /// The series of the most frequent items.
    pub top_series: Option<NamedSeries>,
    /// One item.
    pub item: Option<Item>,
    /// The cross-tabulation.
    pub cross_tab: Option<CrossTab>,
    /// The page of visits.
    pub visits: Option<VisitsPage>,
    /// The newest visits.
    pub latest_visits: Vec<Visit>,
    /// The page of visits with their custom data and the history of their visitors, newest first.
    pub visit_records: Vec<ListedVisit>,
    /// True if visits of that page are left out at its end, since their actions would be too much for one reply.
    pub has_left_out_records: bool,
    /// The page of actions, newest first.
    pub actions: Vec<ListedAction>,
    /// The page of the recent list.
    pub recent: Option<RecentPage>,
    /// The visit.
    pub visit: Option<VisitDetails>,
    /// The visitor.
    pub visitor: Option<VisitorDetails>,
    /// The number of visitors online.
    pub online: Option<i64>,
    /// The pages with most visitors online, each with their number.
    pub online_pages: Vec<(String, i64)>,
    /// The channels of visitors online, each with their number, the highest first.
    pub online_channels: Vec<(Channel, i64)>,
    /// The live actions that may be seen.
    pub live: Vec<VisitAction>,
    /// The keys of live actions, some of which may not be seen.
    pub live_keys: Vec<LiveAction>,
    /// The number of visits on each day that has any.
    pub visits_by_day: BTreeMap<Day, i64>,
    /// The keys of custom data, most frequent first.
    pub custom_keys: Vec<String>,
    /// The hits that were not counted.
    pub filtered_hits: Option<FilteredHits>,
    /// The counts of the funnel.
    pub funnel: Option<FunnelResult>,
    /// The journey.
    pub journey: Option<Journey>,
    /// The retention of visitors.
    pub retention: Option<Retention>,
    /// The versions of the split test.
    pub split_test: Option<SplitTest>,
    /// The metric by weekday and hour.
    pub hours: Option<Compared<WeekHours>>,
    /// The web vitals of pages.
    pub vitals: Option<VitalsResult>,
    /// The pages that were clicked or read.
    pub heatmap_pages: Option<HeatmapPages>,
    /// The heatmap of the page.
    pub heatmap: Option<Heatmap>,
    /// The days of the range that have begun.
    pub days: Vec<Day>,
    /// The coverage of the range.
    pub coverage: Coverage,
}

/// The coverage of an answer: whether days of its range or comparison period are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The first day whose visits are kept, if the range or the comparison period begins earlier.
    pub kept_since: Option<Day>,
    /// True if the days before are missing from the answer; they count by their rollups otherwise.
    pub is_cut: bool,
}

impl Coverage {
    /// Returns the day on which the answer begins, if days before it are missing.
    pub fn cut_at(self) -> Option<Day> {
        self.kept_since.filter(|_| self.is_cut)
    }
}

/// The occurrences of items over time.
#[derive(Debug, Default)]
pub struct NamedSeries {
    /// The items.
    pub items: Vec<ItemName>,
    /// For each item, its occurrences step by step. Empty where rollups do not hold them.
    pub values: Compared<Vec<Vec<i64>>>,
}

/// One item of a dimension.
#[derive(Debug)]
pub struct Item {
    /// Its row; `None` if it does not occur.
    pub row: Option<TableRow>,
    /// Its occurrences step by step; empty where rollups do not hold them.
    pub series: Compared<Vec<i64>>,
    /// A table of the visits that have it.
    pub table: Option<Table>,
    /// The first day whose visits are kept, if the range or the comparison period begins earlier.
    pub kept_since: Option<Day>,
    /// True if the days whose visits are pruned count by their rollups.
    pub has_rollups: bool,
}

/// A page of the list of visits.
#[derive(Debug)]
pub struct VisitsPage {
    /// The visits, newest first.
    pub visits: Vec<Visit>,
    /// The number of visits on all pages.
    pub count: usize,
    /// The number of visits in the comparison period.
    pub count_before: Option<i64>,
}

/// A page of a recent list.
#[derive(Debug)]
pub struct RecentPage {
    /// The rows, newest first; one more than the page holds if older ones follow.
    pub rows: Vec<RecentRow>,
    /// The number of rows on all pages.
    pub count: Compared<i64>,
}

/// A visit with what it did.
#[derive(Debug)]
pub struct VisitDetails {
    /// The visit.
    pub visit: Visit,
    /// The actions.
    pub actions: Vec<Action>,
    /// The custom data, by key.
    pub custom: Vec<(String, String)>,
    /// The earlier visits whose sources are credited with this one.
    pub earlier: EarlierVisits,
    /// The visitor.
    pub visitor: VisitorDetails,
}

/// A visitor.
#[derive(Debug)]
pub struct VisitorDetails {
    /// The totals of the visits.
    pub totals: VisitorTotals,
    /// A page of the visits, newest first; one more than the page holds if older ones follow.
    pub visits: Vec<Visit>,
}

/// An action with its visit.
#[derive(Debug)]
pub struct VisitAction {
    /// The visit.
    pub visit: Visit,
    /// The action.
    pub action: Action,
}

/// A slice of an export.
#[derive(Debug)]
pub struct Slice {
    /// The rows.
    pub rows: SliceRows,
    /// The position after the slice; `None` after the last row.
    pub next: Option<Cursor>,
    /// True if items have metrics of the comparison period.
    pub is_compared: bool,
}

/// The rows of a slice.
#[derive(Debug)]
pub enum SliceRows {
    /// Items.
    Items(Vec<TableRow>),
    /// Pairs of an item of the rows and one of the columns.
    Pairs(Vec<PairRow>),
    /// Visits.
    Visits(Vec<Visit>),
    /// Visits with their actions.
    VisitRecords {
        /// The visits, oldest first.
        visits: Vec<ListedVisit>,
        /// The visit after which others follow; `None` if there are none.
        last: Option<VisitId>,
    },
    /// Rows of a recent list.
    Recent(Vec<RecentRow>),
    /// All data of each visit, as JSON.
    VisitorData(Vec<serde_json::Value>),
}

/// Two items that occur in the same visits.
#[derive(Debug)]
pub struct PairRow {
    /// The item of the rows.
    pub row: ItemName,
    /// The item of the columns.
    pub column: ItemName,
    /// The number of visits with both.
    pub visits: i64,
    /// The number of visits with both in the comparison period; 0 without one.
    pub before: i64,
}

/// The position in an export, which only the engine that made it can read.
pub struct Cursor(Box<dyn Any + Send>);

impl std::fmt::Debug for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Cursor")
    }
}

impl Cursor {
    /// Creates a cursor of an engine's own position.
    pub fn new<T: Send + 'static>(position: T) -> Self {
        Self(Box::new(position))
    }

    /// Returns the position; `None` if another engine made it.
    pub fn into_position<T: 'static>(self) -> Option<T> {
        self.0.downcast().ok().map(|position| *position)
    }
}
