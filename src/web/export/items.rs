//! The items of a report as a file, alone or by those of another.

use super::Question;
use crate::error::Result;
use crate::limits;
use crate::reports::breakdown::{Breakdown, RankedBoth};
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::inquiry::Inquiry;
use crate::reports::measures::Measures;
use crate::reports::ranking::Ranking;
use crate::reports::table::{Line, Part};
use crate::reports::visits::Page;
use crate::web::sheet::Sheet;
use actix_web::body::BoxBody;
use std::sync::Arc;

/// Pages of something that is counted once for all of them. `write` says how many rows there are in all.
async fn paged<C: Send + Sync + 'static>(
    question: Question,
    count: impl Fn(&Inquiry<'_>) -> Result<C> + Send + Sync + 'static,
    write: impl Fn(&Inquiry<'_>, &C, Page) -> Result<(Sheet, usize)> + Send + Sync + 'static,
) -> Result<BoxBody> {
    let first: (u32, Option<Arc<C>>) = (1, None);
    let make = move |inquiry: Inquiry<'_>, (number, counted): (u32, Option<Arc<C>>)| {
        let counted = counted.map_or_else(|| count(&inquiry).map(Arc::new), Ok)?;
        let page = Page { number, rows: limits::EXPORT_SLICE_ROWS };
        let (sheet, rows) = write(&inquiry, &counted, page)?;
        let has_more = u64::from(number) * u64::from(page.rows) < rows as u64;
        Ok((sheet.finish()?, has_more.then_some((number + 1, Some(counted)))))
    };
    question.slices(first, make).await
}

/// The items of a report.
pub async fn list(question: Question, (dimension, part): (&'static Dimension, Part)) -> Result<BoxBody> {
    let (comparison, reader) = (question.scope.comparison, question.reader);
    let rank = move |inquiry: &Inquiry<'_>| inquiry.ranking(dimension, &part);
    let write = move |inquiry: &Inquiry<'_>, ranking: &Ranking, page: Page| {
        let table = inquiry.page(dimension, ranking, page)?;
        let is_first = page.number == 1;
        let mut sheet = if is_first { Sheet::first(reader) } else { Sheet::new() };
        if is_first {
            let heads = HEAD.into_iter().map(str::to_owned);
            let comparison = comparison.filter(|_| inquiry.compares(dimension.by));
            sheet.row(heads.chain(comparison.into_iter().flat_map(heads_before)))?;
        }
        table.lines.into_iter().try_for_each(|line| sheet.row(cells(line)))?;
        Ok((sheet, table.count))
    };
    paged(question, rank, write).await
}

const HEAD: [&str; 9] =
    ["item", "beside", "count", "visits", "unique", "new", "actions", "seconds", "bounces"];

/// The numbers among those once more, of the days that are compared.
fn heads_before(comparison: Comparison) -> impl Iterator<Item = String> {
    HEAD[2..].iter().map(move |head| format!("{head}_{}", comparison.column()))
}

fn cells(line: Line) -> impl Iterator<Item = String> {
    let numbers = |sums: Measures| {
        [sums.hits, sums.visits, sums.uniques, sums.new, sums.actions, sums.seconds, sums.bounces]
    };
    [line.name.title, line.name.beside.unwrap_or_default()]
        .into_iter()
        .chain(numbers(line.measures).map(|number| number.to_string()))
        .chain(line.before.into_iter().flat_map(numbers).map(|number| number.to_string()))
}

/// A report broken down by another: every two items that occur together, row by row.
pub async fn pairs(
    question: Question,
    (first, part): (&'static Dimension, Part),
    second: &'static Dimension,
) -> Result<BoxBody> {
    let (comparison, reader) = (question.scope.comparison, question.reader);
    let columns = limits::BREAKDOWN_EXPORT_COLUMNS_MAX;
    let rank = move |inquiry: &Inquiry<'_>| inquiry.rank_both((first, &part, usize::MAX), (second, columns));
    let write = move |inquiry: &Inquiry<'_>, ranked: &RankedBoth, page: Page| {
        let answer = inquiry.breakdown((first, page), second, ranked)?;
        let is_first = page.number == 1;
        let mut sheet = if is_first { Sheet::first(reader) } else { Sheet::new() };
        if is_first {
            let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
            let comparison = comparison.filter(|_| inquiry.compares(first.by));
            let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
            sheet.row(head.into_iter().chain(before))?;
        }
        pair_cells(&answer).try_for_each(|cells| sheet.row(cells))?;
        Ok((sheet, answer.rows.count))
    };
    paged(question, rank, write).await
}

/// The lines of a breakdown, without those of which there was none.
fn pair_cells(answer: &Breakdown) -> impl Iterator<Item = Vec<String>> {
    let names = |line: &Line| [line.name.title.clone(), line.name.beside.clone().unwrap_or_default()];
    answer.rows.lines.iter().enumerate().flat_map(move |(row, line)| {
        let columns = answer.columns.iter().enumerate();
        columns.filter_map(move |(column, by)| {
            let now = answer.cells.now[row][column];
            let before = answer.cells.before.as_ref().map(|before| before[row][column]);
            let is_there = now > 0 || before.is_some_and(|before| before > 0);
            let counts = std::iter::once(now).chain(before).map(|count| count.to_string());
            is_there.then(|| names(line).into_iter().chain(names(by)).chain(counts).collect())
        })
    })
}
