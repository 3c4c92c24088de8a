//! The items of a report as CSV, alone or cross-tabulated with another dimension.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::limits;
use crate::reports::answer::{PairRow, Slice, SliceRows};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::metrics::Metrics;
use crate::reports::query::{CrossTabWant, Export};
use crate::reports::results::item_name::ItemName;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::TableQuery;
use crate::web::export::csv_file::CsvFile;
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
    let write = move |slice: Slice, is_first: bool| {
        let mut file = if is_first { CsvFile::first(reader) } else { CsvFile::new() };
        if is_first {
            let names = HEAD.into_iter().map(str::to_owned);
            let comparison = comparison.filter(|_| slice.is_compared);
            file.row(names.chain(comparison.into_iter().flat_map(names_before)))?;
        }
        if let SliceRows::Items(rows) = slice.rows {
            rows.into_iter().try_for_each(|row| file.row(cells(row)))?;
        }
        file.finish()
    };
    export.slices(Export::Items(dimension, table_query), write).await
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
        .chain(numbers(line.metrics).map(|number| number.to_string()))
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
    let write = move |slice: Slice, is_first: bool| {
        let comparison = comparison.filter(|_| slice.is_compared);
        let mut file = if is_first { CsvFile::first(reader) } else { CsvFile::new() };
        if is_first {
            let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
            let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
            file.row(head.into_iter().chain(before))?;
        }
        if let SliceRows::Pairs(rows) = slice.rows {
            rows.into_iter().try_for_each(|row| file.row(pair_cells(row, comparison.is_some())))?;
        }
        file.finish()
    };
    let columns_max = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let cross_tab = CrossTabWant { rows: first, table: table_query, columns: second, columns_max };
    export.slices(Export::CrossTab(cross_tab), write).await
}

fn pair_cells(pair: PairRow, is_compared: bool) -> impl Iterator<Item = String> {
    let names = |name: ItemName| [name.title, name.subtitle.unwrap_or_default()];
    let counts = std::iter::once(pair.visits).chain(is_compared.then_some(pair.before));
    names(pair.row).into_iter().chain(names(pair.column)).chain(counts.map(|count| count.to_string()))
}
