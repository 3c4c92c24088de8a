//! The web vitals of pages as CSV: a row for all pages together, with an empty page, and one for each page.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::limits;
use crate::model::vital::{Vital, VitalRating};
use crate::reports::query::{VitalsWant, Wants};
use crate::reports::results::vitals::VitalsSummary;
use crate::reports::table_query::Page;
use actix_web::web::Bytes;
use strum::VariantArray;

/// Returns the web vitals as CSV.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn list(export: CsvExport, mut want: VitalsWant) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    want.table.page = Page { number: 1, rows: u32::try_from(limits::VITAL_PAGES_MAX).unwrap_or(u32::MAX) };
    app.view(move |reader| {
        let answer = reader.run(&query.with(Wants { vitals: Some(want), ..Wants::default() }))?;
        let result = answer.vitals.unwrap_or_default();
        let comparison = query.comparison.filter(|_| result.overall.before.is_some());
        let mut file = CsvFile::first(file_reader);
        let before = comparison
            .into_iter()
            .flat_map(|comparison| names().map(move |name| format!("{name}_{}", comparison.column())));
        file.row(std::iter::once("page".to_owned()).chain(names()).chain(before))?;
        let all = (String::new(), &result.overall);
        let pages = result.pages.iter().map(|page| (page.name.title.clone(), &page.summary));
        for (page, summary) in std::iter::once(all).chain(pages) {
            let before = summary.before.iter().flat_map(cells);
            file.row(std::iter::once(page).chain(cells(&summary.now)).chain(before))?;
        }
        file.finish()
    })
    .await
}

/// Iterates over the names of the columns of a period.
fn names() -> impl Iterator<Item = String> {
    let of_vital = |vital: &Vital| {
        let name = vital.name();
        let unit = if *vital == Vital::Cls { "" } else { "_ms" };
        let ratings = VitalRating::VARIANTS
            .iter()
            .map(move |rating| format!("{name}_{}", rating.name().replace('-', "_")));
        [format!("{name}_p75{unit}"), format!("{name}_rating")].into_iter().chain(ratings)
    };
    std::iter::once("measurements".to_owned()).chain(Vital::VARIANTS.iter().flat_map(of_vital))
}

/// Returns the cells of a period.
fn cells(summary: &VitalsSummary) -> Vec<String> {
    let of_vital = |vital: &Vital| {
        let values = *summary.get(*vital);
        let p75 = values.p75.map(|value| vital.plain(value).to_string()).unwrap_or_default();
        let rating = values.rating(*vital).map_or("", VitalRating::name).to_owned();
        let ratings = VitalRating::VARIANTS.iter().map(move |rating| values.rated(*rating).to_string());
        [p75, rating].into_iter().chain(ratings)
    };
    let of_vitals = Vital::VARIANTS.iter().flat_map(of_vital);
    std::iter::once(summary.measurements.to_string()).chain(of_vitals).collect()
}
