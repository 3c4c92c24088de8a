//! The steps of a funnel as CSV.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::limits;
use crate::reports::comparison::{Compared, Comparison};
use crate::reports::dimension::Dimension;
use crate::reports::funnel_filter;
use crate::reports::query::{FunnelWant, Wants};
use crate::reports::step_names;
use actix_web::web::Bytes;

/// Returns the steps of a funnel as CSV: those who took each, those who were lost after it, and the median of the seconds since
/// the step before. Broken down by a dimension, a row is a step of an item.
///
/// # Errors
///
/// Fails with `Error::Invalid` when there is no such funnel, and as [`super::csv()`] does.
pub async fn steps(
    export: CsvExport,
    chosen: Option<String>,
    by: Option<&'static Dimension>,
) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let (connection, site) = (reader.connection, query.site.id);
        let funnel = funnel_filter::choose(connection, site, chosen.as_deref())?;
        let mut file = CsvFile::first(file_reader);
        let before = query.comparison.map(Comparison::column);
        let counts = if by.is_some() { &["reached"][..] } else { &["reached", "lost", "median_seconds"] };
        let head = ["step", "name"].into_iter().chain(by.map(|_| "item")).chain(counts.iter().copied());
        let earlier =
            before.into_iter().flat_map(|before| counts.iter().map(move |name| format!("{name}_{before}")));
        file.row(head.map(str::to_owned).chain(earlier))?;
        let Some(funnel) = funnel else { return file.finish() };
        let names = step_names::list(connection, site, &funnel.settings)?;
        let want = FunnelWant {
            funnel: funnel.settings,
            by: by.map(|by| (by, limits::BREAKDOWN_EXPORT_COLUMNS_MAX)),
            next_pages: 0,
        };
        let answer = reader.run(&query.with(Wants { funnel: Some(want), ..Wants::default() }))?;
        let result = answer.funnel.unwrap_or_default();
        let cells = |numbers: &[Compared<Option<String>>]| -> Vec<String> {
            let now = numbers.iter().map(|number| number.now.clone().unwrap_or_default());
            let before = numbers.iter().filter(|_| before.is_some());
            now.chain(before.map(|number| number.before.clone().flatten().unwrap_or_default())).collect()
        };
        for (place, (step, name)) in result.steps.iter().zip(&names).enumerate() {
            let row = [(place + 1).to_string(), name.clone()];
            if by.is_none() {
                let numbers = [count(&step.reached), count(&step.lost), seconds(&step.median_ms)];
                file.row(row.into_iter().chain(cells(&numbers)))?;
                continue;
            }
            for item in &result.rows {
                let reached = item.reached.get(place).cloned().unwrap_or_default();
                let title = std::iter::once(item.item.title.clone());
                file.row(row.clone().into_iter().chain(title).chain(cells(&[count(&reached)])))?;
            }
        }
        file.finish()
    })
    .await
}

fn count(count: &Compared<i64>) -> Compared<Option<String>> {
    Compared { now: Some(count.now.to_string()), before: count.before.map(|count| Some(count.to_string())) }
}

/// Returns a time in seconds with their thousandths.
fn seconds(time: &Compared<Option<i64>>) -> Compared<Option<String>> {
    let text = |ms: Option<i64>| ms.map(|ms| format!("{}.{:03}", ms / 1_000, ms % 1_000));
    Compared { now: text(time.now), before: time.before.map(text) }
}
