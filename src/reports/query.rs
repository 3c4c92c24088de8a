//! Queries: what is asked of the visits of a site. A query names days, filters and dimensions; it knows nothing of the
//! engine that answers it.

use super::comparison::Comparison;
use super::date_range::{DateRange, Unit};
use super::dimension::Dimension;
use super::filter::Filter;
use super::heatmap_want::{HeatmapPagesWant, HeatmapWant};
use super::recent_list::RecentList;
use super::search::Search;
use super::table_query::{Page, TableQuery};
use super::visibility::Visibility;
use super::visits::actions::ActionKey;
use crate::ingest::hit::ActionKind;
use crate::ingest::live::LiveAction;
use crate::model::clock::Timestamp;
use crate::model::device_type::DeviceType;
use crate::model::funnel::FunnelSettings;
use crate::model::id::{GoalId, VisitId, VisitorId};
use crate::model::metrics::Metric;
use crate::model::vital::Vital;
use crate::store::sites::Site;

/// A query about the visits of one site.
#[derive(Clone, Debug)]
pub struct Query {
    /// The site, with the time zone that bounds its days.
    pub site: Site,
    /// The days queried.
    pub range: DateRange,
    /// The time before which visits must have begun; `None` for no such cut.
    pub until: Option<Timestamp>,
    /// The comparison, if any.
    pub comparison: Option<Comparison>,
    /// The filters, besides those of the visibility.
    pub filters: Vec<Filter>,
    /// The visibility for the person who asks; its filters restrict the population.
    pub visibility: Visibility,
    /// The goal in view, whose conversions and revenue are counted alone; `None` for those of all goals.
    pub goal: Option<GoalId>,
    /// The key of custom data to which the items of custom data are narrowed.
    pub custom_key: Option<String>,
    /// True for queries that need single visits: days of which only rollups are left are passed over.
    pub visits_alone: bool,
    /// The parts of the answer.
    pub wants: Wants,
}

impl Query {
    /// Creates a query about all visits of some days that a visibility shows, with no part of an answer wanted yet.
    pub fn new(site: Site, range: DateRange, visibility: Visibility) -> Self {
        Self {
            site,
            range,
            until: None,
            comparison: None,
            filters: Vec::new(),
            visibility,
            goal: None,
            custom_key: None,
            visits_alone: false,
            wants: Wants::default(),
        }
    }

    /// Creates a query about today.
    pub fn today(site: Site, now: Timestamp, visibility: Visibility) -> Self {
        let today = site.zone.day(now);
        Self::new(site, DateRange { first: today, last: today }, visibility)
    }

    /// Returns the same query with other parts of the answer wanted.
    #[must_use]
    pub fn with(&self, wants: Wants) -> Self {
        Self { wants, ..self.clone() }
    }

    /// Returns true if visits are restricted, by filters or by the visibility.
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty() || !self.visibility.is_unrestricted()
    }

    /// Returns all filters, and the number of those, the first ones, that restrict the population.
    pub fn all_filters(&self) -> (Vec<Filter>, usize) {
        let population = self.visibility.population();
        (population.iter().chain(&self.filters).cloned().collect(), population.len())
    }

    /// Returns true if the range is one day, whose series is by hours.
    pub fn is_one_day(&self) -> bool {
        self.range.days() == 1
    }
}

/// The parts of an answer that are wanted.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of its own")]
pub struct Wants {
    /// The metrics of the range.
    pub totals: bool,
    /// The metrics by day, or by hour of a single day.
    pub series: bool,
    /// Tables of items.
    pub tables: Vec<TableWant>,
    /// The occurrences over time of the most frequent items.
    pub top_series: Option<TopSeriesWant>,
    /// One item.
    pub item: Option<ItemWant>,
    /// A cross-tabulation.
    pub cross_tab: Option<CrossTabWant>,
    /// A page of the list of visits, with their number.
    pub visits: Option<Page>,
    /// The newest visits, as many.
    pub latest_visits: Option<u32>,
    /// A page of the list of visits, each with its custom data and the history of its visitor.
    pub visit_records: Option<VisitRecordsWant>,
    /// A page of the list of actions.
    pub actions: Option<ActionsWant>,
    /// A page of a recent list, with the number of its rows.
    pub recent: Option<(RecentList, Page)>,
    /// One visit with its actions, and a page of its visitor's visits.
    pub visit: Option<(VisitId, Page)>,
    /// A visitor, with a page of their visits.
    pub visitor: Option<(VisitorId, Page)>,
    /// The number of visitors online.
    pub online: bool,
    /// The pages with most visitors online.
    pub online_pages: bool,
    /// The channels of visitors online.
    pub online_channels: bool,
    /// Live actions.
    pub live: Option<LiveWant>,
    /// The keys of the newest actions since a time, at most so many, oldest first; what they hold is asked for by
    /// [`LiveWant::Actions`].
    pub live_keys: Option<(Timestamp, usize)>,
    /// The number of all visits on each day of the range, whatever the filters.
    pub visits_by_day: bool,
    /// The keys of custom data that visits have, at most so many, most frequent first.
    pub custom_keys: Option<usize>,
    /// The hits that were not counted, with at most so many samples for each reason.
    pub filtered_hits: Option<usize>,
    /// The counts of a funnel.
    pub funnel: Option<FunnelWant>,
    /// The steps of visits before and after a page, a goal or an event.
    pub journey: Option<JourneyWant>,
    /// The retention of visitors, by cohorts of this unit.
    pub retention: Option<Unit>,
    /// The versions of a split test.
    pub split_test: Option<SplitTestWant>,
    /// A metric by weekday and hour.
    pub hours: Option<Metric>,
    /// The web vitals of pages.
    pub vitals: Option<VitalsWant>,
    /// The pages that were clicked or read.
    pub heatmap_pages: Option<HeatmapPagesWant>,
    /// The heatmap of a page.
    pub heatmap: Option<HeatmapWant>,
}

/// The versions of a split test.
#[derive(Clone, Debug)]
pub struct SplitTestWant {
    /// The name of the test; `None` for the one with most visits.
    pub test: Option<String>,
}

/// The counts of a funnel.
#[derive(Clone, Debug, Default)]
pub struct FunnelWant {
    /// The funnel.
    pub funnel: FunnelSettings,
    /// The dimension by which it is broken down, with the number of items.
    pub by: Option<(&'static Dimension, u32)>,
    /// The number of next pages of those lost after a step.
    pub next_pages: u32,
}

/// The web vitals of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VitalsWant {
    /// The device; `None` for all of them.
    pub device: Option<DeviceType>,
    /// The table of pages; left out where pages are hidden.
    pub table: VitalsTable,
}

/// The table of the web vitals of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VitalsTable {
    /// The sort column.
    pub sort: VitalsSort,
    /// True for ascending order. Pages without a value come last in either order.
    pub is_ascending: bool,
    /// The search among the pages.
    pub search: Search,
    /// The page.
    pub page: Page,
}

/// The sort column of the web vitals of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VitalsSort {
    /// The number of measurements.
    Measurements,
    /// The 75th percentile of a vital.
    Vital(Vital),
}

impl VitalsSort {
    /// Finds a sort column by its name.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "measurements" => Some(Self::Measurements),
            name => name.parse().ok().map(Self::Vital),
        }
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Measurements => "measurements",
            Self::Vital(vital) => vital.name(),
        }
    }
}

/// The steps of visits before and after something.
#[derive(Clone, Debug)]
pub struct JourneyWant {
    /// The middle of the journey.
    pub middle: JourneyMiddle,
    /// The number of pages of each column that have nodes of their own.
    pub pages: u32,
}

/// The middle of a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JourneyMiddle {
    /// A page, by its address or path as in a filter.
    Page(String),
    /// A goal.
    Goal(GoalId),
    /// An event, by its title, or its address without one.
    Event(String),
}

/// A table of the items of a dimension.
#[derive(Clone, Debug)]
pub struct TableWant {
    /// The dimension.
    pub dimension: &'static Dimension,
    /// Sort, search and page.
    pub table: TableQuery,
    /// True if only the value shown by a row's bar is needed, not all metrics.
    pub is_brief: bool,
}

/// The series of the most frequent items of a dimension.
#[derive(Clone, Copy, Debug)]
pub struct TopSeriesWant {
    /// The dimension.
    pub dimension: &'static Dimension,
    /// The number of items.
    pub items: u32,
}

/// One item of a dimension, with its series, and a table of the visits that have it.
#[derive(Clone, Debug)]
pub struct ItemWant {
    /// The dimension.
    pub dimension: &'static Dimension,
    /// The item's value in a filter.
    pub value: String,
    /// A table of the visits with this item.
    pub table: Option<(&'static Dimension, TableQuery)>,
}

/// A cross-tabulation of two dimensions.
#[derive(Clone, Debug)]
pub struct CrossTabWant {
    /// The dimension of the rows.
    pub rows: &'static Dimension,
    /// Sort, search and page of the rows.
    pub table: TableQuery,
    /// The dimension of the columns.
    pub columns: &'static Dimension,
    /// The number of columns.
    pub columns_max: u32,
}

/// A page of the list of visits, each with its custom data and the history of its visitor.
#[derive(Clone, Copy, Debug)]
pub struct VisitRecordsWant {
    /// The page.
    pub page: Page,
    /// The time from which visits must have begun; `None` for no such cut.
    pub since: Option<Timestamp>,
    /// The visit whose earlier ones are listed: the last one of the page before; `None` for the newest ones.
    pub below: Option<VisitId>,
    /// True if each visit has its actions.
    pub with_actions: bool,
}

/// A page of the list of actions of all matching visits, newest first. An action belongs to the days of the range by the
/// beginning of its visit, as in all reports.
#[derive(Clone, Debug)]
pub struct ActionsWant {
    /// The page.
    pub page: Page,
    /// The time from which actions are listed; `None` for no such cut.
    pub since: Option<Timestamp>,
    /// The action whose earlier ones are listed: the last one of the page before; `None` for the newest ones.
    pub below: Option<ActionKey>,
    /// The filters.
    pub filters: ActionFilters,
}

/// Filters of actions, all of which must hold. The actions of one visit are listed by the filters of the query.
#[derive(Clone, Debug, Default)]
pub struct ActionFilters {
    /// The kind; `None` for all kinds that count as actions, which media do not.
    pub kind: Option<ActionKind>,
    /// The search among titles.
    pub title: Search,
    /// The search among the addresses of pages, files and links.
    pub href: Search,
}

impl ActionFilters {
    /// Returns true if titles or addresses are searched.
    pub fn has_texts(&self) -> bool {
        !self.title.is_unrestricted() || !self.href.is_unrestricted()
    }
}

/// Live actions: those of a moment ago, or these.
#[derive(Clone, Debug)]
pub enum LiveWant {
    /// The newest actions since a time, at most so many, oldest first.
    Since(Timestamp, usize),
    /// These actions, in their order.
    Actions(Vec<LiveAction>),
}

/// A long list, which is read in slices.
#[derive(Clone, Debug)]
pub enum Export {
    /// The items of a dimension.
    Items(&'static Dimension, TableQuery),
    /// The items of a dimension, each with its visits for the most frequent items of another one.
    CrossTab(CrossTabWant),
    /// The visits, newest first.
    Visits,
    /// The visits with their custom data, goals, actions and the history of their visitors, oldest first, after one of them.
    VisitRecords(Option<VisitId>),
    /// A recent list.
    Recent(RecentList),
    /// All data of the visits of a visitor, oldest first.
    VisitorData(VisitorId),
}

impl Wants {
    /// Returns true if a part is counted over the days of the range.
    pub fn is_counted(&self) -> bool {
        self.totals
            || self.series
            || !self.tables.is_empty()
            || self.top_series.is_some()
            || self.item.is_some()
            || self.cross_tab.is_some()
            || self.visits.is_some()
            || self.latest_visits.is_some()
            || self.visit_records.is_some()
            || self.actions.is_some()
            || self.recent.is_some()
            || self.custom_keys.is_some()
            || self.funnel.is_some()
            || self.journey.is_some()
            || self.retention.is_some()
            || self.split_test.is_some()
            || self.hours.is_some()
            || self.vitals.is_some()
            || self.heatmap_pages.is_some()
            || self.heatmap.is_some()
    }

    /// Returns true if a part is counted by single visits alone, which rollups do not hold.
    pub fn need_visits(&self) -> bool {
        self.recent.is_some()
            || self.visits.is_some()
            || self.visit_records.is_some()
            || self.actions.is_some()
            || self.cross_tab.is_some()
            || self.funnel.is_some()
            || self.journey.is_some()
            || self.retention.is_some()
            || self.vitals.is_some()
            || self.heatmap_pages.is_some()
            || self.heatmap.is_some()
    }

    /// Returns true if a part is about single visits or the visitors online.
    pub fn is_about_single_visits(&self) -> bool {
        self.online
            || self.online_pages
            || self.online_channels
            || self.live.is_some()
            || self.live_keys.is_some()
            || self.visit.is_some()
            || self.visitor.is_some()
    }
}
