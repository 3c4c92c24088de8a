//! Results by items: of one dimension, and of two that occur in the same visits.

use super::plan::{Order, OrderKey, Plan};
use super::reply::{QueryMeta, QueryReply, QueryResult};
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::metrics::ValueScope;
use crate::error::Result;
use crate::limits;
use crate::reports::attribution;
use crate::reports::catalogue::REPORTS;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::query::{CrossTabWant, Query, TableWant, Wants};
use crate::reports::results::cross_tab::Pair;
use crate::reports::results::item_name::ItemName;
use crate::reports::results::table::TableRow;
use crate::reports::search::Search;
use crate::reports::table_query::{Sort, TableQuery};
use serde_json::Number;

/// Returns the titles of items, if one differs from its value.
fn titles(names: &[&ItemName]) -> Option<Vec<String>> {
    let has_other = names.iter().any(|name| name.title != name.filter);
    has_other.then(|| names.iter().map(|name| name.title.clone()).collect())
}

/// Returns the order of a table.
fn table_order(dimension: &Dimension, order: Order) -> (Sort, bool) {
    let sort = match order.by {
        OrderKey::Metric(metric) => metric.sort.map(Sort::Metric),
        OrderKey::Dimension => Some(Sort::Title),
    };
    match sort {
        Some(sort) => (sort, order.is_ascending),
        None => (TableQuery::top(dimension, 1).sort, order.is_ascending),
    }
}

/// Answers a query by the items of a dimension.
///
/// # Errors
///
/// Fails as [`super::run`] does.
pub fn by_item(context: &ReadContext<'_>, plan: &Plan, dimension: &'static Dimension) -> Result<QueryReply> {
    let (sort, is_ascending) = table_order(dimension, plan.order);
    let table = TableQuery { sort, is_ascending, search: Search::Everything, page: plan.page.page };
    let tables = vec![TableWant { dimension, table, is_brief: false }];
    let totals = dimension.value_kind == ValueKind::Goal;
    let query = plan.query(context, Wants { totals, tables, ..Wants::default() })?;
    let answer = context.reader.run(&query)?;
    let table = answer.tables.into_iter().next().unwrap_or_default();
    let scope = ValueScope { currency: context.currency(), all: answer.totals };
    let result = |row: &TableRow| QueryResult {
        dimensions: vec![row.name.filter.clone()],
        metrics: plan.values(&row.metrics, &scope),
        before: row.before.as_ref().map(|before| plan.values(before, &scope.before())),
        titles: titles(&[&row.name]),
    };
    let path = report_path(dimension);
    Ok(QueryReply {
        results: table.rows.iter().map(result).collect(),
        meta: QueryMeta { total_rows: Some(table.count) },
        query: plan.resolved(context, &path, answer.coverage),
        next_cursor: plan.page.next_of(table.count, context)?,
    })
}

/// Answers a query by the items of two dimensions that occur in the same visits.
///
/// # Errors
///
/// Fails as [`super::run`] does.
pub fn by_pair(
    context: &ReadContext<'_>,
    plan: &Plan,
    rows: &'static Dimension,
    columns: &'static Dimension,
) -> Result<QueryReply> {
    let table = TableQuery { page: plan.page.page, ..TableQuery::top(rows, plan.page.page.rows) };
    let columns_max = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let want = CrossTabWant { rows, table, columns, columns_max };
    let query = plan.query(context, Wants { cross_tab: Some(want), ..Wants::default() })?;
    let answer = context.reader.run(&Query { visits_alone: true, ..query })?;
    let cross_tab = answer.cross_tab.unwrap_or_default();
    let repeated = |visits: i64| plan.metrics.iter().map(|_| Some(Number::from(visits))).collect();
    let result = |pair: Pair<'_>| QueryResult {
        dimensions: vec![pair.row.name.filter.clone(), pair.column.name.filter.clone()],
        metrics: repeated(pair.visits.now),
        before: pair.visits.before.map(repeated),
        titles: titles(&[&pair.row.name, &pair.column.name]),
    };
    Ok(QueryReply {
        results: cross_tab.pairs().map(result).collect(),
        meta: QueryMeta::default(),
        query: plan.resolved(context, &report_path(rows), answer.coverage),
        next_cursor: plan.page.next_of(cross_tab.rows.count, context)?,
    })
}

/// Returns the path of the screen of a dimension's report.
pub fn report_path(dimension: &Dimension) -> String {
    let dimension = attribution::untouched(dimension);
    REPORTS
        .iter()
        .find(|report| report.kind.dimension() == Some(dimension))
        .map_or_else(String::new, |report| format!("reports/{}", report.name))
}
