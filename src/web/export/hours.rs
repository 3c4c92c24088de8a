//! The report of hours and weekdays as CSV: a row for each hour of the week.

use super::csv_export::CsvExport;
use super::goal_columns;
use super::plain::plain;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::model::metrics::NumberUnit;
use crate::reports::hour_metrics::HourMetric;
use crate::reports::query::Wants;
use crate::reports::results::week_hours::{HOURS, WEEK_HOURS, WEEKDAY_NAMES, WeekHours};
use actix_web::web::Bytes;

/// Writes the file.
///
/// # Errors
/// Fails as the query does.
pub async fn hours(export: CsvExport, chosen: &'static HourMetric) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, goals } = export;
    let (metric, unit) = (chosen.metric, chosen.metric.unit(query.site.currency));
    app.view(move |reader| {
        let answer = reader.run(&query.with(Wants { hours: Some(metric), ..Wants::default() }))?;
        let hours = answer.hours.unwrap_or_default();
        let value = match unit {
            NumberUnit::Money(currency) => format!("{}_{currency}", chosen.name),
            _ => chosen.name.to_owned(),
        };
        let before = query.comparison.filter(|_| hours.before.is_some());
        let before = before.map(|comparison| comparison.column().to_owned());
        let in_view = goals.in_view.filter(|_| metric.is_of_goals());
        let head = ["weekday".to_owned(), "hour".to_owned(), value].into_iter().chain(before);
        let mut file = CsvFile::first(file_reader);
        file.row(head.chain(in_view.as_ref().map(|_| goal_columns::IN_VIEW.to_owned())))?;
        let cell = |hours: &WeekHours, place: usize| {
            plain(unit, metric.value(&hours.get(place / HOURS, place % HOURS)))
        };
        for place in 0..WEEK_HOURS {
            let (day, hour) = (WEEKDAY_NAMES[place / HOURS].to_owned(), format!("{:02}:00", place % HOURS));
            let before = hours.before.as_ref().map(|before| cell(before, place));
            let cells = [day, hour, cell(&hours.now, place)].into_iter().chain(before);
            file.row(cells.chain(in_view.clone()))?;
        }
        file.finish()
    })
    .await
}
