//! The items of a report as CSV, alone or cross-tabulated with another dimension.

use super::Question;
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
/// Fails as [`super::csv`] does.
pub async fn list(
    question: Question,
    (dimension, part): (&'static Dimension, TableQuery),
) -> Result<BoxBody> {
    let (comparison, reader) = (question.scope.comparison, question.reader);
    let make = move |inquiry: QueryRunner<'_>, counted: Option<AllItems>| {
        let mut sheet = if counted.is_some() { CsvFile::new() } else { CsvFile::first(reader) };
        if counted.is_none() {
            let heads = HEAD.into_iter().map(str::to_owned);
            let comparison = comparison.filter(|_| inquiry.compares(dimension.by));
            sheet.row(heads.chain(comparison.into_iter().flat_map(heads_before)))?;
        }
        let mut items = counted.map_or_else(|| inquiry.all_items(dimension, &part), Ok)?;
        let lines = inquiry.next_lines(dimension, &mut items, limits::EXPORT_SLICE_ROWS)?;
        let is_last = lines.len() < limits::EXPORT_SLICE_ROWS as usize;
        lines.into_iter().try_for_each(|(line, _)| sheet.row(cells(line)))?;
        Ok((sheet.finish()?, (!is_last).then_some(Some(items))))
    };
    question.slices(None, make).await
}

const HEAD: [&str; 9] =
    ["item", "beside", "count", "visits", "unique", "new", "actions", "seconds", "bounces"];

/// Returns the heads of the numeric columns again, for the comparison period.
fn heads_before(comparison: Comparison) -> impl Iterator<Item = String> {
    HEAD[2..].iter().map(move |head| format!("{head}_{}", comparison.column()))
}

fn cells(line: TableRow) -> impl Iterator<Item = String> {
    let numbers = |sums: Metrics| {
        [sums.hits, sums.visits, sums.uniques, sums.new, sums.actions, sums.seconds, sums.bounces]
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
/// Fails as [`super::csv`] does.
pub async fn pairs(
    question: Question,
    (first, part): (&'static Dimension, TableQuery),
    second: &'static Dimension,
) -> Result<BoxBody> {
    let (comparison, reader) = (question.scope.comparison, question.reader);
    let columns = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let make = move |inquiry: QueryRunner<'_>, counted: Option<AllPairs>| {
        let comparison = comparison.filter(|_| inquiry.compares(first.by));
        let mut sheet = if counted.is_some() { CsvFile::new() } else { CsvFile::first(reader) };
        if counted.is_none() {
            let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
            let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
            sheet.row(head.into_iter().chain(before))?;
        }
        let mut pairs = counted.map_or_else(|| inquiry.all_pairs(first, &part, second, columns), Ok)?;
        let lines = inquiry.next_pairs(&mut pairs, limits::EXPORT_SLICE_ROWS)?;
        let is_last = lines.len() < limits::EXPORT_SLICE_ROWS as usize;
        for (line, cells) in &lines {
            let rows = pair_cells(line, cells, &pairs.columns, comparison.is_some());
            rows.into_iter().try_for_each(|cells| sheet.row(cells))?;
        }
        Ok((sheet.finish()?, (!is_last).then_some(Some(pairs))))
    };
    question.slices(None, make).await
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
