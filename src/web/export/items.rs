//! The items of a report as CSV, alone or cross-tabulated with another dimension.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::limits;
use crate::model::metrics::Measure;
use crate::reports::answer::{PairRow, Slice, SliceRows};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::query::{CrossTabWant, Export};
use crate::reports::results::item_name::ItemName;
use crate::reports::results::table::TableRow;
use crate::reports::table_query::TableQuery;
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
            let names = HEAD.into_iter().chain(Measure::EXPORTED).map(str::to_owned);
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

/// The names of the columns before the measures; `beside` is the subtitle of an item.
const HEAD: [&str; 2] = ["item", "beside"];

/// Returns the names of the numeric columns again, for the comparison period.
fn names_before(comparison: Comparison) -> impl Iterator<Item = String> {
    Measure::EXPORTED.iter().map(move |name| format!("{name}_{}", comparison.column()))
}

fn cells(line: TableRow) -> impl Iterator<Item = String> {
    [line.name.title, line.name.subtitle.unwrap_or_default()]
        .into_iter()
        .chain(line.metrics.numbers().map(|number| number.to_string()))
        .chain(line.before.into_iter().flat_map(|before| before.numbers()).map(|number| number.to_string()))
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
