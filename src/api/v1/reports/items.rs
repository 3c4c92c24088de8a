//! The reports of items, alone and by another report.

use super::item_json::ItemJson;
use super::reply::{ItemOverTime, ItemRow, ItemsOverTime, PairRow, ReportReply, ReportRow};
use super::request::ReportRequest;
use crate::api::v1::interval::hour_label;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::metrics::ValueScope;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::answer::NamedSeries;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::query::{CrossTabWant, Query, TableWant, TopSeriesWant, Wants};

/// The number of items over time.
const SERIES_ITEMS: u32 = 5;

/// Returns a report of items.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show(
    context: &ReadContext<'_>,
    request: &ReportRequest,
    dimension: &'static Dimension,
) -> Result<ReportReply> {
    let series = TopSeriesWant { dimension, items: SERIES_ITEMS };
    let wants = Wants {
        tables: vec![TableWant { dimension, table: request.table(), is_brief: false }],
        top_series: request.has_series.then_some(series),
        totals: dimension.value_kind == ValueKind::Goal,
        ..Wants::default()
    };
    let answer = context.reader.run(&request.query(context, wants)?)?;
    let table = answer.tables.into_iter().next().unwrap_or_default();
    let scope = ValueScope { currency: context.currency(), all: answer.totals };
    let (days, visibility) = (answer.days, context.site.visibility());
    Ok(ReportReply {
        rows: table.rows.iter().map(|row| ReportRow::Item(ItemRow::new(row, &scope, visibility))).collect(),
        total: table.sum.into(),
        total_before: table.sum_before.map(Into::into),
        count: table.count,
        series: answer.top_series.map(|series| over_time(request, &series, &days)),
        next_cursor: request.page.next_of(table.count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}

fn over_time(request: &ReportRequest, series: &NamedSeries, days: &[Day]) -> ItemsOverTime {
    let range = request.selection.range;
    let hours = series.values.now.first().map_or(0, Vec::len);
    let steps = match range.days() {
        1 => (0..hours).map(|hour| hour_label(range.first, hour)).collect(),
        _ => days.iter().map(Day::to_string).collect(),
    };
    let items = series.items.iter().zip(&series.values.now).enumerate().map(|(place, (item, counts))| {
        let before = series.values.before.as_ref().and_then(|before| before.get(place));
        ItemOverTime { item: ItemJson::new(item), counts: counts.clone(), before: before.cloned() }
    });
    ItemsOverTime { steps, items: items.collect() }
}

/// Returns a report of items by another one: the visits that have an item of each.
///
/// # Errors
///
/// Fails as [`super::show`] does.
pub fn show_by(
    context: &ReadContext<'_>,
    request: &ReportRequest,
    rows: &'static Dimension,
    columns: &'static Dimension,
) -> Result<ReportReply> {
    let columns_max = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let want = CrossTabWant { rows, table: request.table(), columns, columns_max };
    let query = request.query(context, Wants { cross_tab: Some(want), ..Wants::default() })?;
    let answer = context.reader.run(&Query { visits_alone: true, ..query })?;
    let cross_tab = answer.cross_tab.unwrap_or_default();
    Ok(ReportReply {
        rows: cross_tab.pairs().map(|pair| ReportRow::Pair(PairRow::new(&pair))).collect(),
        total: cross_tab.rows.sum.into(),
        total_before: cross_tab.rows.sum_before.map(Into::into),
        count: cross_tab.rows.count,
        next_cursor: request.page.next_of(cross_tab.rows.count, context)?,
        ..ReportReply::new(request.report, request.resolved(context, answer.coverage))
    })
}
