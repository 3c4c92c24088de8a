//! Visibility: the reports and the visitor data that a person may see of a site. All data shown to people passes a
//! visibility, so that pages, live streams and files agree.

use super::attribution::untouched;
use super::catalogue::{Metric, REPORTS, Report, ReportGroup, ReportKind};
use super::dimension::{Dimension, GroupKey, ValueKind};
use super::filter::Filter;
use super::table_query::Sort;
use crate::error::{Error, Result};
use crate::model::metrics::{Measure, Metrics};
use crate::store::view_only::StoredView;
use crate::store::visit_attribute::VisitAttribute;
use std::collections::HashSet;
use strum::{IntoStaticStr, VariantArray};

/// A kind of data about single visitors, each granted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum VisitorData {
    /// The list of visits, live and of any range.
    LiveList,
    /// The actions of a visit, and the other visits of its visitor.
    SingleVisits,
    /// IP addresses, with hostname and network.
    Addresses,
    /// Names and custom data.
    Names,
    /// Locations more exact than the country.
    Places,
    /// Revenue, and the cost of campaigns.
    Revenue,
    /// Annotations of dates.
    Annotations,
}

impl VisitorData {
    /// Returns the name in the file and in forms.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the label, and a sentence on what it shows.
    pub fn explained(self) -> (&'static str, &'static str) {
        match self {
            Self::LiveList => (
                "Live list of visitors",
                "Visitors, Spy and who is online. Their columns follow the reports chosen below: no countries in the list without Countries.",
            ),
            Self::SingleVisits => {
                ("Single visits", "All that one visit did, and the other visits of its visitor.")
            }
            Self::Addresses => {
                ("Addresses", "Internet addresses. Needed by the reports on host names and networks too.")
            }
            Self::Names => (
                "Names and custom data",
                "What your pages say of visitors by clicky_custom, and the names, tags and notes you give them.",
            ),
            Self::Places => (
                "City and region",
                "Needed by the reports on cities and regions, and by these columns of lists.",
            ),
            Self::Revenue => (
                "Revenue and costs",
                "What goals bring in, and what campaigns cost. Needs the report Goals, and is needed by the reports on revenue.",
            ),
            Self::Annotations => ("Annotations", "Notes on dates, such as “Sale started”, on every chart."),
        }
    }
}

/// The name of the report on pages, without which no journeys are shown.
const PAGES_REPORT: &str = "pages";
/// The name of the report on goals, without which no conversions are shown.
const GOALS_REPORT: &str = "goals";
/// The name of the report on funnels.
const FUNNELS_REPORT: &str = "funnels";

/// A visibility: the reports and visitor data that may be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visibility {
    /// The names of visible reports; `None` for all.
    reports: Option<HashSet<&'static str>>,
    data: [bool; VisitorData::VARIANTS.len()],
    /// The filters that restrict the population: other visits do not exist for the viewer, who never learns these
    /// filters.
    within: Vec<Filter>,
}

/// Returns the visitor data that a report or filter by a dimension reveals.
fn needs(dimension: &Dimension) -> &'static [VisitorData] {
    match dimension.group_key {
        GroupKey::Property(VisitAttribute::Region | VisitAttribute::City) => &[VisitorData::Places],
        GroupKey::Property(VisitAttribute::Organization | VisitAttribute::Hostname) => {
            &[VisitorData::Addresses]
        }
        GroupKey::Property(VisitAttribute::Visitor) => {
            &[VisitorData::SingleVisits, VisitorData::Addresses, VisitorData::Names, VisitorData::Places]
        }
        GroupKey::Custom => &[VisitorData::Names],
        GroupKey::Visit if dimension.value_kind == ValueKind::IpAddress => {
            &[VisitorData::SingleVisits, VisitorData::Addresses]
        }
        GroupKey::Visit if dimension.value_kind == ValueKind::FunnelStep => &[],
        GroupKey::Visit => &[VisitorData::SingleVisits],
        GroupKey::Property(_)
        | GroupKey::Actions(_)
        | GroupKey::Goal
        | GroupKey::Split
        | GroupKey::NotFound
        | GroupKey::BrokenLink
        | GroupKey::ActionCount
        | GroupKey::TimeOnSite => &[],
    }
}

/// Returns the visitor data that must be visible for a report to be shown.
pub fn needs_of(report: &Report) -> &'static [VisitorData] {
    match report.kind {
        ReportKind::Items(dimension) | ReportKind::SplitTests(dimension) => needs(dimension),
        ReportKind::Metric(metric) if metric.is_of_money() => &[VisitorData::Revenue],
        ReportKind::Metric(_)
        | ReportKind::Recent(_)
        | ReportKind::FilteredHits
        | ReportKind::Journeys
        | ReportKind::Funnels
        | ReportKind::Hours
        | ReportKind::Vitals
        | ReportKind::Retention
        | ReportKind::Uptime
        | ReportKind::Outages => &[],
    }
}

/// Returns true if a report has no meaning for a part of the visits: new visitors cannot be told there, and filtered
/// hits belong to no visit.
pub fn needs_all_visits(report: &Report) -> bool {
    matches!(report.kind, ReportKind::FilteredHits | ReportKind::Retention | ReportKind::Metric(Metric::New))
}

impl Visibility {
    /// Returns the unrestricted visibility, for levels without limits.
    pub fn everything() -> Self {
        Self { reports: None, data: [true; VisitorData::VARIANTS.len()], within: Vec::new() }
    }

    /// Returns a visibility without any report or data.
    pub fn nothing() -> Self {
        Self { reports: Some(HashSet::new()), data: [false; VisitorData::VARIANTS.len()], within: Vec::new() }
    }

    /// Returns the default for View Only users: reports that reveal no single visitor, and the list of visits without
    /// addresses, names, custom data and cities.
    pub fn default_view_only() -> Self {
        let reports = REPORTS.iter().filter(|report| needs_of(report).is_empty());
        Self::from_names(reports.map(|report| report.name), [VisitorData::LiveList])
    }

    /// Returns the default for guest links: that for View Only users without goals and uptime, which are chosen.
    pub fn default_guest() -> Self {
        let reports = REPORTS.iter().filter(|report| needs_of(report).is_empty());
        let chosen = [ReportGroup::Goals, ReportGroup::Uptime];
        let reports = reports.filter(|report| !chosen.contains(&report.subject));
        Self::from_names(reports.map(|report| report.name), [VisitorData::LiveList])
    }

    /// Creates a visibility of these reports and kinds of data. Unknown names are ignored.
    pub fn from_names<'a>(
        reports: impl IntoIterator<Item = &'a str>,
        data: impl IntoIterator<Item = VisitorData>,
    ) -> Self {
        let names: HashSet<&str> = reports.into_iter().collect();
        let known = REPORTS.iter().map(|report| report.name).filter(|name| names.contains(name));
        let mut visibility = Self { reports: Some(known.collect()), ..Self::nothing() };
        data.into_iter().for_each(|data| visibility.data[data as usize] = true);
        visibility
    }

    /// Reads a stored visibility; the default if nothing is stored.
    pub fn read(stored: Option<&StoredView>) -> Self {
        let Some(stored) = stored else { return Self::default_view_only() };
        let data = VisitorData::VARIANTS
            .iter()
            .copied()
            .filter(|data| stored.data.split(',').any(|name| name == data.name()));
        Self::from_names(stored.reports.split(','), data)
    }

    /// Restricts the population to visits that match these filters.
    #[must_use]
    pub fn restricted_to(self, conditions: Vec<Filter>) -> Self {
        Self { within: conditions, ..self }
    }

    /// Returns true if the population is not restricted.
    pub fn is_unrestricted(&self) -> bool {
        self.within.is_empty()
    }

    /// Returns the filters that restrict the population.
    pub fn population(&self) -> &[Filter] {
        &self.within
    }

    /// Returns true if new visitors may be shown, which cannot be told in a restricted population.
    pub fn shows_new_visitors(&self) -> bool {
        self.is_unrestricted()
    }

    /// Returns the stored form; restrictions of the population are not part of it.
    pub fn store(&self) -> StoredView {
        let reports = REPORTS.iter().map(|report| report.name).filter(|name| self.has_report(name));
        let data =
            VisitorData::VARIANTS.iter().copied().filter(|data| self.has(*data)).map(VisitorData::name);
        StoredView {
            reports: reports.collect::<Vec<_>>().join(","),
            data: data.collect::<Vec<_>>().join(","),
        }
    }

    /// Returns true if a kind of visitor data is visible.
    pub fn has(&self, data: VisitorData) -> bool {
        self.data[data as usize]
    }

    /// Returns true if a report was chosen, even if it is not shown.
    pub fn has_report(&self, name: &str) -> bool {
        self.reports.as_ref().is_none_or(|reports| reports.contains(name))
    }

    /// Returns true if a report is shown: it was chosen, and all visitor data that it reveals is visible.
    pub fn shows(&self, report: &Report) -> bool {
        (self.is_unrestricted() || !needs_all_visits(report))
            && self.has_report(report.name)
            && needs_of(report).iter().all(|data| self.has(*data))
            && match report.kind {
                ReportKind::Metric(metric) => self.shows_metric(metric),
                ReportKind::Journeys => self.has_report(PAGES_REPORT),
                ReportKind::SplitTests(_) | ReportKind::Funnels => self.shows_conversions(),
                _ => true,
            }
    }

    /// Returns true if conversions may be shown: those who see no report on goals see none in other reports either.
    pub fn shows_conversions(&self) -> bool {
        self.has_report(GOALS_REPORT)
    }

    /// Returns true if funnels may be shown, which tell of goals.
    pub fn shows_funnels(&self) -> bool {
        self.shows_conversions() && self.has_report(FUNNELS_REPORT)
    }

    /// Returns true if revenue and costs may be shown.
    pub fn shows_revenue(&self) -> bool {
        self.shows_conversions() && self.has(VisitorData::Revenue)
    }

    /// Returns true if a metric may be shown beside the items of a report, and be its order.
    pub fn shows_metric(&self, metric: Metric) -> bool {
        match metric {
            Metric::New => self.shows_new_visitors(),
            metric if metric.is_of_money() => self.shows_revenue(),
            metric if metric.is_of_goals() => self.shows_conversions(),
            _ => true,
        }
    }

    /// Clears the metrics that may not be shown, so that nothing can be computed from them.
    pub fn redact(&self, metrics: &mut Metrics) {
        if !self.shows_revenue() {
            for measure in [Measure::Earned, Measure::Refunded, Measure::Cost] {
                metrics[measure] = 0;
            }
        }
        if !self.shows_conversions() {
            (metrics[Measure::Conversions], metrics[Measure::Converted]) = (0, 0);
        }
    }

    /// Checks that an order uses no hidden metric.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] if it does.
    pub fn check_order(&self, sort: Sort) -> Result<()> {
        if self.shows_metric(sort.metric()) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Iterates over the reports that are shown.
    pub fn reports(&self) -> impl Iterator<Item = &'static Report> {
        REPORTS.iter().filter(|report| self.shows(report))
    }

    /// Returns true if visits may be counted by a dimension: a visible report does so.
    pub fn counts_by(&self, dimension: &Dimension) -> bool {
        let dimension = untouched(dimension);
        self.reports().any(|report| match report.kind {
            ReportKind::Items(known) | ReportKind::SplitTests(known) => known == dimension,
            ReportKind::Recent(list) => list.filter() == dimension.filter,
            ReportKind::Metric(_)
            | ReportKind::FilteredHits
            | ReportKind::Journeys
            | ReportKind::Funnels
            | ReportKind::Hours
            | ReportKind::Vitals
            | ReportKind::Retention
            | ReportKind::Uptime
            | ReportKind::Outages => false,
        })
    }

    /// Returns true if visits may be filtered by a dimension: a visible report counts by it, or, for dimensions of
    /// single visits, all visitor data that it reveals is visible.
    pub fn filters_by(&self, dimension: &Dimension) -> bool {
        match dimension.group_key {
            _ if dimension.value_kind == ValueKind::FunnelStep => self.shows_funnels(),
            GroupKey::Visit => needs(dimension).iter().all(|data| self.has(*data)),
            _ => self.counts_by(dimension),
        }
    }

    /// Checks that no filter is on hidden data, which its results would reveal.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] if one is.
    pub fn check(&self, filters: &[Filter]) -> Result<()> {
        if self.allows(filters) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Returns true if no filter is on hidden data.
    pub fn allows(&self, filters: &[Filter]) -> bool {
        filters.iter().all(|filter| self.filters_by(filter.dimension))
    }

    /// Checks that a kind of visitor data is visible.
    ///
    /// # Errors
    /// Fails with [`Error::Forbidden`] if it is hidden.
    pub fn require(&self, data: VisitorData) -> Result<()> {
        if self.has(data) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::catalogue;

    #[test]
    fn what_is_stored_is_read_again() {
        let visibility = Visibility::from_names(
            ["pages", "cities", "nonsense"],
            [VisitorData::LiveList, VisitorData::Places],
        );
        assert_eq!(Visibility::read(Some(&visibility.store())), visibility);
        assert_eq!(Visibility::read(None), Visibility::default_view_only());
        assert_eq!(visibility.store().reports, "pages,cities");
    }

    #[test]
    fn the_usual_view_shows_traffic_and_hides_who_somebody_is() {
        let visibility = Visibility::default_view_only();
        let shows = |name: &str| visibility.shows(catalogue::find(name).unwrap());
        assert!(["visitors", "pages", "countries", "links"].into_iter().all(shows));
        let hidden = ["cities", "regions", "organizations", "hostnames", "visitors-most-active", "custom"];
        assert!(!hidden.into_iter().any(shows));
        assert!(visibility.has(VisitorData::LiveList) && !visibility.has(VisitorData::SingleVisits));
    }

    #[test]
    fn the_usual_view_shows_goals_without_revenue() {
        let visibility = Visibility::default_view_only();
        let shows = |name: &str| visibility.shows(catalogue::find(name).unwrap());
        assert!(["goals", "conversions", "conversion-rate"].into_iter().all(shows));
        assert!(!["revenue", "revenue-average"].into_iter().any(shows));
        assert!(!visibility.has(VisitorData::Revenue) && !visibility.has(VisitorData::Annotations));
        assert!(visibility.shows_metric(Metric::Conversions) && !visibility.shows_metric(Metric::Cost));
        let without = Visibility::from_names(["pages", "revenue"], [VisitorData::Revenue]);
        assert!(!without.shows(catalogue::find("revenue").unwrap()), "revenue is that of goals");
    }

    #[test]
    fn a_view_of_some_visits_tells_nothing_of_what_was_left_out() {
        let visibility = Visibility::default_view_only();
        let report = catalogue::find("left-out").unwrap();
        assert!(visibility.shows(report) && visibility.is_unrestricted());
        let within = visibility.restricted_to(crate::reports::filter::read("country=DE").unwrap());
        assert!(!within.shows(report) && !within.is_unrestricted());
    }

    #[test]
    fn nothing_is_filtered_by_what_no_shown_report_counts() {
        let visibility = Visibility::from_names(["pages", "cities"], [VisitorData::LiveList]);
        let may = |filter: &str| visibility.counts_by(catalogue::dimension_of_filter(filter).unwrap());
        assert!(may("href"));
        for hidden in ["city", "region", "country", "custom", "uid", "hostname", "org", "landing"] {
            assert!(!may(hidden), "{hidden}");
        }
        assert!(Visibility::everything().counts_by(catalogue::dimension_of_filter("uid").unwrap()));
    }
}
