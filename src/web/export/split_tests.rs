//! The report of split tests as CSV: a row for each version of the test, with the verdict on it.

use super::csv_export::CsvExport;
use super::goal_columns;
use super::plain::plain;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::model::metrics::{Metric, NumberUnit};
use crate::reports::split_report::words::statement;
use crate::reports::split_report::{self, SplitChoice};
use actix_web::web::Bytes;

/// The metrics of a version, each with the name of its column.
const METRICS: [(&str, Metric); 5] = [
    ("visits", Metric::Visits),
    ("conversions", Metric::Conversions),
    ("conversion_rate", Metric::ConversionRate),
    ("revenue", Metric::Revenue),
    ("revenue_per_visit", Metric::RevenuePerVisit),
];

/// Writes the file.
///
/// # Errors
/// Fails as [`split_report::run`] does.
pub async fn split_tests(export: CsvExport, choice: SplitChoice) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let report = split_report::run(reader, &query, &choice)?;
        let currency = query.site.currency;
        let metrics: Vec<_> =
            METRICS.into_iter().filter(|(_, metric)| query.visibility.shows_metric(*metric)).collect();
        let titles = metrics.iter().map(|(name, metric)| match metric.unit(currency) {
            NumberUnit::Money(currency) => format!("{name}_{currency}"),
            _ => (*name).to_owned(),
        });
        let comparison = query.comparison.filter(|_| report.test.visits.before.is_some());
        let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
        let goal = report.goal.as_ref().map(|goal| goal.code.clone());
        let ends = ["first_day", "last_day", "difference_points", "low", "high", "verdict", "statement"];
        let head = ["test", "version"].map(str::to_owned).into_iter().chain(titles).chain(before);
        let in_view = goal.as_ref().map(|_| goal_columns::IN_VIEW.to_owned());
        let mut file = CsvFile::first(file_reader);
        file.row(head.chain(ends.map(str::to_owned)).chain(in_view))?;
        let test = report.test.name.clone().unwrap_or_default();
        for (place, version) in report.test.versions.iter().enumerate() {
            let row = &version.row;
            let value = |(_, metric): &(_, Metric)| plain(metric.unit(currency), metric.value(&row.metrics));
            let before =
                comparison.map(|_| row.before.map_or(0, |before| Metric::Visits.value(&before)).to_string());
            let (first, last) = version
                .first_and_last()
                .map_or_else(Default::default, |(first, last)| (first.to_string(), last.to_string()));
            let verdict = report.verdicts[place];
            let ends = verdict.difference().map(|found| [found.estimate, found.low, found.high]);
            let points =
                |place: usize| ends.map_or_else(String::new, |ends| format!("{:.4}", ends[place] * 100.0));
            let cells = [test.clone(), row.name.title.clone()].into_iter().chain(metrics.iter().map(value));
            let about = [
                first,
                last,
                points(0),
                points(1),
                points(2),
                verdict.name().into(),
                statement(&report, place),
            ];
            file.row(cells.chain(before).chain(about).chain(goal.clone()))?;
        }
        file.finish()
    })
    .await
}
