//! The reports on uptime as CSV: a row for each monitor and day, and a row for each outage.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::model::clock::Timestamp;
use crate::reports::uptime::{UptimeReport, percent};
use actix_web::web::Bytes;

/// Writes the uptime of each monitor day by day.
///
/// # Errors
/// Fails when the data file cannot be read.
pub async fn monitors(export: CsvExport) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let report = UptimeReport::load(reader.connection, &query.site, query.range, None, reader.now)?;
        let head =
            ["date", "monitor", "uptime_percent", "response_ms", "checks", "failed_checks", "down_seconds"];
        let mut file = CsvFile::with_head(file_reader, &head)?;
        for monitor in &report.monitors {
            for (day, sums) in report.days.iter().zip(&monitor.days).filter(|(_, sums)| sums.checks > 0) {
                let uptime = percent(sums).unwrap_or_default();
                file.row([
                    day.to_string(),
                    monitor.label.clone(),
                    uptime.trim_end_matches('%').to_owned(),
                    sums.average_milliseconds().map(|time| time.to_string()).unwrap_or_default(),
                    sums.checks.to_string(),
                    sums.failures.to_string(),
                    (sums.down / 1_000).to_string(),
                ])?;
            }
        }
        file.finish()
    })
    .await
}

/// Writes the outages, newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub async fn outages(export: CsvExport) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let report = UptimeReport::load(reader.connection, &query.site, query.range, None, reader.now)?;
        let head = ["began_at", "ended_at", "seconds", "monitor", "cause", "network"];
        let mut file = CsvFile::with_head(file_reader, &head)?;
        for listed in &report.outages {
            let outage = &listed.outage;
            file.row([
                outage.began_at.rfc3339(),
                outage.ended_at.map(Timestamp::rfc3339).unwrap_or_default(),
                listed.seconds.to_string(),
                listed.monitor.clone(),
                outage.cause.clone(),
                outage.network.name().to_owned(),
            ])?;
        }
        file.finish()
    })
    .await
}
