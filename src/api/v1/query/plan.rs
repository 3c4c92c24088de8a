//! The plan of a query: its metrics, dimensions, order and page, found by their names and checked to fit together.

use super::filters;
use super::reply::ResolvedRequest;
use super::request::{DateRangeRequest, OrderRequest, QueryRequest};
use crate::api::v1::cursor::CursorScope;
use crate::api::v1::interval::Interval;
use crate::api::v1::paging::{self, NumberedPage};
use crate::api::v1::parameters;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::visit_selection::VisitSelection;
use crate::api::v1::vocabulary::dimensions::{self, find_dimension, no_dimension};
use crate::api::v1::vocabulary::metrics::{ApiMetric, METRICS, ValueScope};
use crate::error::{Error, Result};
use crate::http::spelling::clipped;
use crate::limits;
use crate::model::metrics::Metrics;
use crate::reports::answer::Coverage;
use crate::reports::catalogue;
use crate::reports::date_range::DateRange;
use crate::reports::dimension::Dimension;
use crate::reports::query::{Query, Wants};
use serde_json::Number;

/// A query whose parts fit together.
pub struct Plan {
    /// The metrics.
    pub metrics: Vec<&'static ApiMetric>,
    /// The dimensions.
    pub shape: Shape,
    /// The names of the dimensions here.
    pub dimensions: Vec<&'static str>,
    /// Days, filters and comparison.
    pub selection: VisitSelection,
    /// The key to which custom data is narrowed.
    custom_key: Option<String>,
    /// The order.
    pub order: Order,
    /// The page.
    pub page: NumberedPage,
}

/// The dimensions of a query.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// No dimension.
    Totals,
    /// Steps of time.
    Steps(Interval),
    /// The items of a dimension.
    Items(&'static Dimension),
    /// The items of two dimensions that occur in the same visits.
    Pairs(&'static Dimension, &'static Dimension),
    /// The most frequent items of a dimension, step by step.
    ItemSteps {
        /// The length of a step.
        interval: Interval,
        /// The dimension of the items.
        dimension: &'static Dimension,
        /// True if time is the first dimension.
        is_time_first: bool,
    },
}

/// The order of results.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// The key.
    pub by: OrderKey,
    /// True for ascending order.
    pub is_ascending: bool,
}

/// The key of an order.
#[derive(Clone, Copy, Debug)]
pub enum OrderKey {
    /// A metric.
    Metric(&'static ApiMetric),
    /// The only dimension, or time.
    Dimension,
}

/// A dimension of a query.
#[derive(Clone, Copy)]
enum Part {
    Time(Interval),
    Item(&'static Dimension),
}

impl Plan {
    /// Plans a query.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` that names what is wrong, and with `Error::Forbidden` for a metric, dimension or filter
    /// that the program may not see.
    pub fn new(context: &ReadContext<'_>, request: &QueryRequest) -> Result<Self> {
        let metrics = metrics(&request.metrics)?;
        if !metrics.iter().all(|metric| metric.is_visible(context.site.visibility())) {
            return Err(Error::Forbidden);
        }
        let parts = request.dimensions.iter().map(|name| part(name)).collect::<Result<Vec<_>>>()?;
        let shape = shape(&parts)?;
        check_metrics(shape, &metrics)?;
        let custom_key = custom_key(&parts, request.key.as_deref())?;
        let (range, calendar) = range(context, &request.date_range)?;
        let comparison = parameters::comparison(request.compare.as_deref())?;
        let own = filters::read(&request.filters)?;
        let segment = request.segment.as_deref();
        let selection = VisitSelection {
            range,
            comparison: comparison.map(|comparison| comparison.for_date(calendar)),
            filters: parameters::with_segment(context, segment, own)?,
            segment: request.segment.clone(),
            goal: parameters::goal(context, request.conversions_of.as_deref())?,
        };
        if let Shape::Steps(interval) | Shape::ItemSteps { interval, .. } = shape {
            interval.check("dimensions", &selection)?;
        }
        let order = order(shape, &parts, &metrics, &request.order_by)?;
        let most = if matches!(shape, Shape::Pairs(..)) {
            limits::API_PAIR_ROWS_MAX
        } else {
            limits::API_PAGE_ROWS_MAX
        };
        let rows = paging::rows(request.limit, most)?;
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name).collect();
        let dimensions: Vec<&str> = parts.iter().map(Part::name).collect();
        let key = match order.by {
            OrderKey::Metric(metric) => metric.name,
            OrderKey::Dimension => "dimension",
        };
        let site = context.site.site.id;
        let scope = CursorScope::new(&(
            site,
            &names,
            &dimensions,
            &selection,
            &custom_key,
            key,
            order.is_ascending,
            rows,
        ));
        let page = NumberedPage::read(scope, request.cursor.as_deref(), rows)?;
        Ok(Self { metrics, shape, dimensions, selection, custom_key, order, page })
    }

    /// Returns what was asked, resolved.
    pub fn resolved(&self, context: &ReadContext<'_>, path: &str, coverage: Coverage) -> ResolvedRequest {
        let mut selection = self.selection.resolved(context, path);
        selection.kept_since = coverage.cut_at().map(|day| day.to_string());
        ResolvedRequest {
            metrics: self.metrics.iter().map(|metric| metric.name.to_owned()).collect(),
            dimensions: self.dimensions.iter().map(|name| (*name).to_owned()).collect(),
            selection,
        }
    }

    /// Returns the query, with visits that began since its first page left out.
    pub fn query(&self, context: &ReadContext<'_>, wants: Wants) -> Result<Query> {
        let custom_key = self.custom_key.clone();
        Ok(Query { until: self.page.until, custom_key, ..self.selection.query(context)?.with(wants) })
    }

    /// Returns the values of the metrics; `None` for what was not measured.
    pub fn values(&self, metrics: &Metrics, scope: &ValueScope) -> Vec<Option<Number>> {
        let value = |metric: &&ApiMetric| metric.is_measured(metrics).then(|| metric.value(metrics, scope));
        self.metrics.iter().map(value).collect()
    }
}

impl Part {
    fn name(&self) -> &'static str {
        match self {
            Self::Time(Interval::Hour) => "time:hour",
            Self::Time(Interval::Day) => "time:day",
            Self::Time(Interval::Week) => "time:week",
            Self::Time(Interval::Month) => "time:month",
            Self::Item(dimension) => dimensions::query_name(dimension),
        }
    }
}

/// Returns the key to which the dimension of custom data is narrowed.
fn custom_key(parts: &[Part], key: Option<&str>) -> Result<Option<String>> {
    let is_custom = |part: &Part| matches!(part, Part::Item(dimension) if *dimension == catalogue::custom());
    match key.filter(|key| !key.is_empty()) {
        Some(_) if !parts.iter().any(is_custom) => {
            Err(Error::invalid("key", "Add the dimension custom, which the key narrows."))
        }
        key => Ok(key.map(str::to_owned)),
    }
}

fn metrics(names: &[String]) -> Result<Vec<&'static ApiMetric>> {
    if !(1..=limits::API_QUERY_PARTS_MAX).contains(&names.len()) {
        let most = limits::API_QUERY_PARTS_MAX;
        return Err(Error::invalid("metrics", format!("Name 1 to {most} metrics, such as visits.")));
    }
    names.iter().map(|name| ApiMetric::find(name)).collect()
}

fn part(name: &str) -> Result<Part> {
    if let Some(interval) = name.strip_prefix("time:").and_then(Interval::find) {
        return Ok(Part::Time(interval));
    }
    find_dimension(name).map(Part::Item).ok_or_else(|| Error::invalid("dimensions", no_dimension(name)))
}

fn shape(parts: &[Part]) -> Result<Shape> {
    let refused = |sentence: &str| Err(Error::invalid("dimensions", sentence));
    match *parts {
        [] => Ok(Shape::Totals),
        [Part::Time(interval)] => Ok(Shape::Steps(interval)),
        [Part::Item(dimension)] => Ok(Shape::Items(dimension)),
        [Part::Item(rows), Part::Item(columns)] if rows == columns => {
            refused("Name two different dimensions.")
        }
        [Part::Item(rows), Part::Item(columns)] => Ok(Shape::Pairs(rows, columns)),
        [Part::Time(interval), Part::Item(dimension)] => {
            Ok(Shape::ItemSteps { interval, dimension, is_time_first: true })
        }
        [Part::Item(dimension), Part::Time(interval)] => {
            Ok(Shape::ItemSteps { interval, dimension, is_time_first: false })
        }
        [Part::Time(_), Part::Time(_)] => refused("Name one time dimension."),
        _ => refused("Name two dimensions at most."),
    }
}

fn check_metrics(shape: Shape, metrics: &[&'static ApiMetric]) -> Result<()> {
    let wrong = |is_possible: fn(&ApiMetric) -> bool| metrics.iter().find(|metric| !is_possible(metric));
    let (wrong, hint) = match shape {
        Shape::Totals | Shape::Steps(_) => (
            wrong(|metric| metric.name != "count" && !metric.is_of_pages()),
            "needs the dimension of an item",
        ),
        Shape::Items(dimension)
            if !dimension.is_read() && metrics.iter().any(|metric| metric.is_of_pages()) =>
        {
            (wrong(|metric| !metric.is_of_pages()), "is measured for the dimension href alone")
        }
        Shape::Items(_) => {
            (wrong(|metric| metric.is_of_items), "is counted without dimensions, or by time, alone")
        }
        Shape::Pairs(..) => {
            (wrong(|metric| metric.name == "visits"), "isn't counted for two dimensions: ask for visits")
        }
        Shape::ItemSteps { .. } => {
            (wrong(|metric| metric.name == "count"), "isn't counted for items over time: ask for count")
        }
    };
    match wrong {
        Some(metric) => Err(Error::invalid("metrics", format!("The metric {} {hint}.", metric.name))),
        None => Ok(()),
    }
}

/// Returns the range, and the name of its unit of the calendar if it is one.
fn range<'a>(context: &ReadContext<'_>, request: &'a DateRangeRequest) -> Result<(DateRange, &'a str)> {
    let today = context.today();
    let renamed = |error| parameters::renamed(error, "date_range");
    match request {
        DateRangeRequest::Days([first, last]) => {
            let range = DateRange::parse(&format!("{first},{last}"), today).map_err(renamed)?;
            Ok((range, ""))
        }
        DateRangeRequest::Name(name) => {
            let range = match filters::range_of_plausible(name, context)? {
                Some(range) => range,
                None => DateRange::parse(name, today).map_err(renamed)?,
            };
            Ok((range, name))
        }
    }
}

fn order(
    shape: Shape,
    parts: &[Part],
    metrics: &[&'static ApiMetric],
    request: &[OrderRequest],
) -> Result<Order> {
    let refused = |sentence: String| Err(Error::invalid("order_by", sentence));
    let OrderRequest(name, direction) = match request {
        [] => return Ok(usual_order(shape, metrics)),
        [order] => order,
        _ => return refused("Name one order.".into()),
    };
    let is_ascending = match direction.as_str() {
        "asc" => true,
        "desc" => false,
        _ => return refused("Write asc or desc after what results are ordered by.".into()),
    };
    if let Some(place) = parts.iter().position(|known| part(name).is_ok_and(|one| one.name() == known.name()))
    {
        let is_possible = match shape {
            Shape::ItemSteps { .. } => matches!(parts[place], Part::Time(_)),
            Shape::Pairs(..) => false,
            _ => true,
        };
        if is_possible {
            return Ok(Order { by: OrderKey::Dimension, is_ascending });
        }
    }
    let Some(metric) = metrics.iter().find(|metric| metric.name == name) else {
        return refused(format!(
            "Results can't be ordered by “{}”. Name one of the metrics or dimensions.",
            clipped(name)
        ));
    };
    let is_possible = match shape {
        Shape::Items(_) => metric.sort.is_some(),
        Shape::Pairs(..) => !is_ascending,
        Shape::ItemSteps { .. } => false,
        Shape::Totals | Shape::Steps(_) => true,
    };
    if is_possible {
        return Ok(Order { by: OrderKey::Metric(metric), is_ascending });
    }
    let sortable: Vec<&str> =
        METRICS.iter().filter(|metric| metric.sort.is_some()).map(|metric| metric.name).collect();
    match shape {
        Shape::Items(_) => refused(format!(
            "Items can't be ordered by {}. Order them by {}.",
            metric.name,
            sortable.join(", ")
        )),
        Shape::Pairs(..) => refused("Two dimensions are ordered by visits, the most first.".into()),
        _ => refused("Items over time are ordered by time.".into()),
    }
}

/// Returns the order of results if none is asked for: time from early to late, items with the most first.
fn usual_order(shape: Shape, metrics: &[&'static ApiMetric]) -> Order {
    let first = metrics.iter().find(|metric| metric.sort.is_some());
    match (shape, first) {
        (Shape::Items(_) | Shape::Pairs(..), Some(metric)) => {
            Order { by: OrderKey::Metric(metric), is_ascending: false }
        }
        _ => Order { by: OrderKey::Dimension, is_ascending: true },
    }
}
