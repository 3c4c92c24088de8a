//! The report of retention as CSV: a row for each cohort and each later week or month.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::reports::date_range::Unit;
use crate::reports::query::Wants;
use crate::reports::results::retention::Cohort;
use actix_web::web::Bytes;

/// Writes the file.
///
/// # Errors
/// Fails as the query does.
pub async fn retention(export: CsvExport, unit: Unit) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let names = ["first_day", "last_day", "visitors", "after", "returned", "percent", "is_over"];
        let mut file = CsvFile::with_head(file_reader, &names)?;
        let answer = reader.run(&query.with(Wants { retention: Some(unit), ..Wants::default() }))?;
        let Some(found) = answer.retention else { return file.finish() };
        let today = query.site.zone.day(reader.now);
        for (place, Cohort { days, visitors }) in found.cohorts.iter().enumerate() {
            let size = visitors.first().copied().unwrap_or(0);
            for (after, returned) in visitors.iter().enumerate() {
                let percent = Cohort::permille(*returned, size);
                let percent = percent.map(|permille| format!("{}.{}", permille / 10, permille % 10));
                file.row([
                    days.first.to_string(),
                    days.last.to_string(),
                    size.to_string(),
                    after.to_string(),
                    returned.to_string(),
                    percent.unwrap_or_default(),
                    found.is_over(place, after, today).to_string(),
                ])?;
            }
        }
        file.finish()
    })
    .await
}
