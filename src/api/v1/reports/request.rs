//! A request for a report: its parameters, found by their names and checked to fit the report.

use crate::api::v1::cursor::CursorScope;
use crate::api::v1::interval::Interval;
use crate::api::v1::paging::{self, NumberedPage};
use crate::api::v1::parameters::{KnownParameters, Parameters};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::resolved::ResolvedQuery;
use crate::api::v1::visit_selection::VisitSelection;
use crate::api::v1::vocabulary::metrics::{ApiMetric, METRICS};
use crate::error::{Error, Result};
use crate::http::spelling::{clipped, nearest};
use crate::limits;
use crate::model::device_type::DeviceType;
use crate::reports::answer::Coverage;
use crate::reports::attribution::{self, Attribution};
use crate::reports::catalogue::{self, Metric, REPORTS, Report, ReportKind};
use crate::reports::dimension::Dimension;
use crate::reports::journey_middle::{AROUND, MiddleKind, OF};
use crate::reports::query::{Query, VitalsSort, VitalsTable, VitalsWant, Wants};
use crate::reports::search::Search;
use crate::reports::table_query::{Page, Sort, TableQuery};

/// A request for a report.
pub struct ReportRequest {
    /// The report.
    pub report: &'static Report,
    /// The kind of its result, by the attribution that was chosen.
    pub kind: ReportKind,
    /// The id or the name of the funnel.
    pub funnel: Option<String>,
    /// The key of custom data to which its items are narrowed.
    custom_key: Option<String>,
    /// Days, filters and comparison.
    pub selection: VisitSelection,
    /// The parameters that are the report's own.
    own: Vec<(&'static str, String)>,
    /// True if the conversions of all goals are asked for, also where a report counts those of one by itself.
    pub is_of_all_goals: bool,
    /// The interval of a time series.
    pub interval: Interval,
    /// True if the most frequent items over time are added.
    pub has_series: bool,
    /// The dimension of the other report whose items are counted within each.
    pub by: Option<&'static Dimension>,
    /// Sort column, direction and search of items.
    table: (Sort, bool, Search),
    /// The middle of a journey: its kind and its name.
    pub around: (MiddleKind, Option<String>),
    /// The web vitals of a report on them.
    pub vitals: VitalsWant,
    /// The page.
    pub page: NumberedPage,
}

impl ReportRequest {
    /// Reads the name of a report and the parameters of a request for it.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` for an unknown report, with `Error::Forbidden` for one that the program may not see, and with
    /// `Error::Invalid` that names each wrong parameter.
    pub fn parse(context: &ReadContext<'_>, name: &str, parameters: &str) -> Result<Self> {
        let report = find(context, name)?;
        let parameters = Parameters::parse(parameters, known_parameters(report.kind))?;
        let attribution = Attribution::read(parameters.get("attribution"))?;
        let kind = attribution::kind_by(report, attribution)?;
        let custom_key = custom_key(&parameters, report)?;
        let selection = parameters.selection(context)?;
        let interval = interval(&parameters, &selection)?;
        let by = by(context, &parameters, report)?;
        let table = table(&parameters, report)?;
        let vitals = vitals_want(&parameters, report)?;
        let most = if by.is_some() { limits::API_PAIR_ROWS_MAX } else { limits::API_PAGE_ROWS_MAX };
        let rows = paging::rows(parameters.limit(), most)?;
        let site = context.site.site.id;
        let second = by.map(|by| by.filter);
        let funnel = parameters.get("funnel").map(str::to_owned);
        let own: Vec<_> = own_parameters(report.kind)
            .iter()
            .filter_map(|name| {
                Some((*name, parameters.get(name).filter(|value| !value.is_empty())?.to_owned()))
            })
            .collect();
        let is_of_all_goals = parameters.get("conversions_of").is_some() && selection.goal.is_none();
        let counted = (report.name, attribution, &custom_key, &funnel, &own, is_of_all_goals);
        let ordered = (&table, &vitals);
        let scope = CursorScope::new(&(site, counted, &selection, interval, second, ordered, rows));
        let page = NumberedPage::read(scope, parameters.get("cursor"), rows)?;
        let has_series = parameters.flag("series")?;
        let around = (MiddleKind::read(parameters.get(OF))?, parameters.get(AROUND).map(str::to_owned));
        Ok(Self {
            report,
            kind,
            funnel,
            custom_key,
            selection,
            own,
            is_of_all_goals,
            interval,
            has_series,
            by,
            table,
            around,
            vitals,
            page,
        })
    }

    /// Returns the query, with visits that began since its first page left out.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` for a filter on what the program may not see.
    pub fn query(&self, context: &ReadContext<'_>, wants: Wants) -> Result<Query> {
        let custom_key = self.custom_key.clone();
        Ok(Query { until: self.page.until, custom_key, ..self.selection.query(context)?.with(wants) })
    }

    /// Returns the value of a parameter that is the report's own.
    pub fn own(&self, name: &str) -> Option<&str> {
        self.own.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Returns sort, search and page of the table of items.
    pub fn table(&self) -> TableQuery {
        let (sort, is_ascending, search) = self.table.clone();
        TableQuery { sort, is_ascending, search, page: self.page.page }
    }

    /// Returns what was asked, resolved.
    pub fn resolved(&self, context: &ReadContext<'_>, coverage: Coverage) -> ResolvedQuery {
        let resolved = self.selection.resolved(context, &format!("reports/{}", self.report.name));
        ResolvedQuery { kept_since: coverage.cut_at().map(|day| day.to_string()), ..resolved }
    }
}

/// Returns the parameters of the reports of a kind.
pub fn known_parameters(kind: ReportKind) -> KnownParameters {
    let names: &[&str] = match kind {
        ReportKind::Items(_) => &[
            "date",
            "compare",
            "segment",
            "conversions_of",
            "limit",
            "cursor",
            "series",
            "by",
            "sort",
            "order",
            "find",
            "attribution",
            "key",
        ],
        ReportKind::Metric(metric) if metric != Metric::Online => {
            &["date", "compare", "segment", "conversions_of", "limit", "cursor", "interval"]
        }
        ReportKind::Funnels => &["date", "compare", "segment", "limit", "by", "funnel"],
        ReportKind::SplitTests(_) => {
            &["date", "compare", "segment", "conversions_of", "limit", "cursor", "test", "baseline"]
        }
        ReportKind::Retention => &["date", "compare", "segment", "limit", "cursor", "by"],
        ReportKind::Hours => &["date", "compare", "segment", "conversions_of", "limit", "cursor", "metric"],
        ReportKind::Vitals => {
            &["date", "compare", "segment", "limit", "cursor", "sort", "order", "find", "device"]
        }
        ReportKind::Metric(_)
        | ReportKind::Recent(_)
        | ReportKind::FilteredHits
        | ReportKind::Uptime
        | ReportKind::Outages => &["date", "compare", "segment", "limit", "cursor"],
        ReportKind::Journeys => &["date", "compare", "segment", "of", "around"],
    };
    KnownParameters { names, has_filters: true }
}

/// Returns the parameters that only the reports of a kind have.
fn own_parameters(kind: ReportKind) -> &'static [&'static str] {
    match kind {
        ReportKind::SplitTests(_) => &["test", "baseline"],
        ReportKind::Hours => &["metric"],
        ReportKind::Retention => &["by"],
        _ => &[],
    }
}

fn find(context: &ReadContext<'_>, name: &str) -> Result<&'static Report> {
    let Some(report) = catalogue::find(name) else {
        let near = nearest(name, REPORTS.iter().map(|report| report.name));
        return Err(near.map_or(Error::Missing("report"), |near| Error::MissingName("report", near)));
    };
    if context.site.visibility().shows(report) { Ok(report) } else { Err(Error::Forbidden) }
}

fn custom_key(parameters: &Parameters, report: &Report) -> Result<Option<String>> {
    match parameters.get("key").filter(|key| !key.is_empty()) {
        Some(_) if report.kind != ReportKind::Items(catalogue::custom()) => {
            Err(Error::invalid("key", "Only the report custom has keys."))
        }
        key => Ok(key.map(str::to_owned)),
    }
}

fn interval(parameters: &Parameters, selection: &VisitSelection) -> Result<Interval> {
    let Some(name) = parameters.get("interval") else { return Ok(Interval::of_range(selection.range)) };
    let found = Interval::find(name);
    let interval = found.ok_or_else(|| Error::invalid("interval", "Write hour, day, week or month."))?;
    interval.check("interval", selection)?;
    Ok(interval)
}

fn by(
    context: &ReadContext<'_>,
    parameters: &Parameters,
    report: &Report,
) -> Result<Option<&'static Dimension>> {
    let is_dimension = report.kind != ReportKind::Retention;
    let Some(name) = parameters.get("by").filter(|_| is_dimension) else { return Ok(None) };
    let refused = |hint: String| Err(Error::invalid("by", hint));
    let items = || REPORTS.iter().filter(|report| report.kind.dimension().is_some());
    if name == report.name {
        return refused("Name another report than this one.".into());
    }
    match items().find(|report| report.name == name) {
        Some(other) if !context.site.visibility().shows(other) => Err(Error::Forbidden),
        Some(other) => Ok(other.kind.dimension()),
        None => {
            let is_of =
                |report: &&Report| report.kind.dimension().is_some_and(|dimension| dimension.filter == name);
            let named = items().find(is_of).map(|report| report.name);
            let near = named.or_else(|| nearest(name, items().map(|report| report.name)));
            let near = near.map_or_else(String::new, |near| format!(" Did you mean “{near}”?"));
            refused(format!("There is no report of items “{}”.{near}", clipped(name)))
        }
    }
}

fn table(parameters: &Parameters, report: &Report) -> Result<(Sort, bool, Search)> {
    let usual = match report.kind {
        ReportKind::Items(dimension) => TableQuery::top(dimension, 1).sort,
        _ => Sort::Title,
    };
    let sort = match parameters.get("sort") {
        // The names of its columns are others: see `vitals_want`.
        _ if report.kind == ReportKind::Vitals => usual,
        None => usual,
        Some("title") => Sort::Title,
        Some("change") => Sort::Change,
        Some(name) => {
            let metric = METRICS.iter().find(|metric| metric.name == name).and_then(|metric| metric.sort);
            metric.map(Sort::Metric).ok_or_else(|| unsorted(name))?
        }
    };
    let is_ascending = match parameters.get("order") {
        None => sort == Sort::Title,
        Some("asc") => true,
        Some("desc") => false,
        Some(_) => return Err(Error::invalid("order", "Write asc or desc.")),
    };
    Ok((sort, is_ascending, Search::containing(parameters.get("find").unwrap_or_default())))
}

/// Returns the web vitals that are asked for; the page is added later.
fn vitals_want(parameters: &Parameters, report: &Report) -> Result<VitalsWant> {
    let is_known = report.kind == ReportKind::Vitals;
    let sort = parameters.get("sort").filter(|_| is_known).map(|name| {
        let unknown = || Error::invalid("sort", "Write measurements, lcp, inp or cls.");
        VitalsSort::find(name).ok_or_else(unknown)
    });
    let device = parameters.get("device").filter(|_| is_known).map(|name| {
        let unknown = || Error::invalid("device", "Write desktop, phone or tablet.");
        DeviceType::find(name).ok_or_else(unknown)
    });
    let table = VitalsTable {
        sort: sort.transpose()?.unwrap_or(VitalsSort::Measurements),
        is_ascending: parameters.get("order") == Some("asc"),
        search: Search::containing(parameters.get("find").unwrap_or_default()),
        page: Page { number: 1, rows: 1 },
    };
    Ok(VitalsWant { device: device.transpose()?, table })
}

fn unsorted(name: &str) -> Error {
    let sortable = METRICS.iter().filter(|metric: &&ApiMetric| metric.sort.is_some());
    let names: Vec<&str> = sortable.map(|metric| metric.name).collect();
    let shown = clipped(name);
    Error::invalid(
        "sort",
        format!("Rows can't be sorted by “{shown}”. Write title, change, {}.", names.join(", ")),
    )
}
