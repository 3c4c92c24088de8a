//! The items of a report as CSV, alone or cross-tabulated with another dimension.

use super::csv_export::CsvExport;
use super::goal_columns;
use super::plain::plain;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::limits;
use crate::model::currency::Currency;
use crate::model::metrics::{Measure, Metric, Metrics, NumberUnit};
use crate::reports::answer::{PairRow, Slice, SliceRows};
use crate::reports::comparison::Compared;
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::page_reading;
use crate::reports::query::{CrossTabWant, Export, Wants};
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
    let columns = Columns::new(&export, dimension).await?;
    let write = move |slice: Slice, is_first: bool| {
        let mut file = if is_first { CsvFile::first(reader) } else { CsvFile::new() };
        if is_first {
            let comparison = comparison.filter(|_| slice.is_compared);
            let before = comparison.into_iter().flat_map(|comparison| {
                columns.names().map(move |name| format!("{name}_{}", comparison.column()))
            });
            let in_view = columns.in_view.as_ref().map(|_| goal_columns::IN_VIEW.to_owned());
            let head = HEAD.map(str::to_owned).into_iter().chain(columns.names());
            file.row(head.chain(before).chain(in_view))?;
        }
        if let SliceRows::Items(rows) = slice.rows {
            rows.into_iter().try_for_each(|row| file.row(columns.cells(row)))?;
        }
        file.finish()
    };
    export.slices(Export::Items(dimension, table_query), write).await
}

/// The names of the columns before the measures; `beside` is the subtitle of an item.
const HEAD: [&str; 2] = ["item", "beside"];

/// The numeric columns of a file of items.
struct Columns {
    currency: Currency,
    /// The metrics of conversions and costs that may be seen, then those of pages that a site has measured.
    metrics: Vec<Metric>,
    /// The metrics of all visits, among which goals have their rate; `None` for items that are no goals.
    all: Option<Compared<Metrics>>,
    /// The name of the goal whose conversions are counted alone.
    in_view: Option<String>,
}

impl Columns {
    async fn new(export: &CsvExport, dimension: &Dimension) -> Result<Self> {
        let query = export.query.with(Wants { totals: true, ..Wants::default() });
        let is_of_goals = dimension.value_kind == ValueKind::Goal;
        let (mut metrics, currency) = (export.goals.metrics(&query), query.site.currency);
        let site = query.site.id;
        if dimension.is_read()
            && export.app.view(move |reader| page_reading::is_measured(reader.connection, site)).await?
        {
            metrics.extend([Metric::TimeOnPage, Metric::ScrollDepth]);
        }
        let in_view = export.goals.in_view.clone();
        let all =
            if is_of_goals { export.app.view(move |reader| reader.run(&query)).await?.totals } else { None };
        Ok(Self { currency, metrics, all, in_view })
    }

    /// Iterates over the measures that every file has.
    fn measures() -> impl Iterator<Item = (Measure, &'static str)> {
        let all = Measure::OF_ITEMS.into_iter().zip(Measure::EXPORTED);
        all.take_while(|(measure, _)| *measure != Measure::Conversions)
    }

    /// Iterates over the names; amounts have that of their currency.
    fn names(&self) -> impl Iterator<Item = String> {
        let metrics = self.metrics.iter().map(|metric| {
            let name = metric.column().map_or("", |column| column.name).replace('-', "_");
            match metric.unit(self.currency) {
                NumberUnit::Money(currency) => format!("{name}_{currency}"),
                _ => name,
            }
        });
        Self::measures().map(|(_, name)| name.to_owned()).chain(metrics)
    }

    fn cells(&self, line: TableRow) -> impl Iterator<Item = String> {
        let now = self.values(&line.metrics, self.all.as_ref().map(|all| all.now));
        let all = self.all.as_ref().map(|all| all.before.unwrap_or_default());
        let before = line.before.map(|before| self.values(&before, all));
        let names = [line.name.title, line.name.subtitle.unwrap_or_default()];
        names.into_iter().chain(now).chain(before.into_iter().flatten()).chain(self.in_view.clone())
    }

    fn values(&self, metrics: &Metrics, all: Option<Metrics>) -> Vec<String> {
        let measures = Self::measures().map(|(measure, _)| metrics[measure].to_string());
        let value = |metric: &Metric| {
            if !metric.is_measured(metrics) {
                return String::new();
            }
            let value = all.map_or_else(|| metric.value(metrics), |all| metric.value_of_goal(metrics, &all));
            plain(metric.unit(self.currency), value)
        };
        measures.chain(self.metrics.iter().map(value)).collect()
    }
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
