//! The items of a report as CSV, alone or cross-tabulated with another dimension.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::limits;
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::engine::query::QueryRunner;
use crate::reports::engine::ranking::{AllItems, Cell};
use crate::reports::metrics::Metrics;
use crate::reports::results::cross_tab::AllPairs;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::TableQuery;
use crate::web::csv::CsvFile;
use actix_web::body::BoxBody;

/// Returns the items of a report as CSV.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn list(
    export: CsvExport,
    dimension: &'static Dimension,
    table_query: TableQuery,
) -> Result<BoxBody> {
    let (comparison, reader) = (export.query.comparison, export.reader);
    let make = move |inquiry: QueryRunner<'_>, next: Option<AllItems>| {
        let mut file = if next.is_some() { CsvFile::new() } else { CsvFile::first(reader) };
        if next.is_none() {
            let names = HEAD.into_iter().map(str::to_owned);
            let comparison = comparison.filter(|_| inquiry.compares(dimension.by));
            file.row(names.chain(comparison.into_iter().flat_map(names_before)))?;
        }
        let mut items = next.map_or_else(|| inquiry.all_items(dimension, &table_query), Ok)?;
        let lines = inquiry.next_lines(dimension, &mut items, limits::EXPORT_SLICE_ROWS)?;
        let is_last = lines.len() < limits::EXPORT_SLICE_ROWS as usize;
        lines.into_iter().try_for_each(|(line, _)| file.row(cells(line)))?;
        Ok((file.finish()?, (!is_last).then_some(Some(items))))
    };
    export.slices(None, make).await
}

/// The column names; `beside` is the subtitle of an item.
const HEAD: [&str; 9] =
    ["item", "beside", "count", "visits", "unique", "new", "actions", "seconds", "bounces"];

/// Returns the names of the numeric columns again, for the comparison period.
fn names_before(comparison: Comparison) -> impl Iterator<Item = String> {
    HEAD[2..].iter().map(move |name| format!("{name}_{}", comparison.column()))
}

fn cells(line: TableRow) -> impl Iterator<Item = String> {
    let numbers = |metrics: Metrics| {
        let Metrics { hits, visits, uniques, new, actions, seconds, bounces, .. } = metrics;
        [hits, visits, uniques, new, actions, seconds, bounces]
    };
    [line.name.title, line.name.subtitle.unwrap_or_default()]
        .into_iter()
        .chain(numbers(line.measures).map(|number| number.to_string()))
        .chain(line.before.into_iter().flat_map(numbers).map(|number| number.to_string()))
}

/// Returns the cross-tabulation of two dimensions as CSV: a row for every two items that occur together.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn pairs(
    export: CsvExport,
    first: &'static Dimension,
    table_query: TableQuery,
    second: &'static Dimension,
) -> Result<BoxBody> {
    let (comparison, reader) = (export.query.comparison, export.reader);
    let columns = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let make = move |inquiry: QueryRunner<'_>, next: Option<AllPairs>| {
        let comparison = comparison.filter(|_| inquiry.compares(first.by));
        let mut file = if next.is_some() { CsvFile::new() } else { CsvFile::first(reader) };
        if next.is_none() {
            let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
            let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
            file.row(head.into_iter().chain(before))?;
        }
        let mut pairs = next.map_or_else(|| inquiry.all_pairs(first, &table_query, second, columns), Ok)?;
        let lines = inquiry.next_pairs(&mut pairs, limits::EXPORT_SLICE_ROWS)?;
        let is_last = lines.len() < limits::EXPORT_SLICE_ROWS as usize;
        for (line, cells) in &lines {
            let rows = pair_cells(line, cells, &pairs.columns, comparison.is_some());
            rows.into_iter().try_for_each(|cells| file.row(cells))?;
        }
        Ok((file.finish()?, (!is_last).then_some(Some(pairs))))
    };
    export.slices(None, make).await
}

/// Returns the rows of one item of a cross-tabulation, without pairs that never occur.
fn pair_cells(line: &TableRow, cells: &[Cell], columns: &[TableRow], is_compared: bool) -> Vec<Vec<String>> {
    let names = |line: &TableRow| [line.name.title.clone(), line.name.subtitle.clone().unwrap_or_default()];
    let row = |cell: &Cell| {
        let by = columns.get(usize::try_from(cell.column).ok()?)?;
        let counts = std::iter::once(cell.now).chain(is_compared.then_some(cell.before));
        Some(names(line).into_iter().chain(names(by)).chain(counts.map(|count| count.to_string())).collect())
    };
    cells.iter().filter_map(row).collect()
}
