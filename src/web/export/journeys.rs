//! A journey as CSV: a row for each step with its visits, and one for each pair of steps that follow each other.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::CsvFile;
use crate::limits;
use crate::reports::journey_middle::{self, AROUND, MiddleKind, OF};
use crate::reports::query::{JourneyWant, Wants};
use crate::reports::results::journey::JOURNEY_STEPS;
use crate::web::filters::query_params::QueryParams;
use actix_web::web::Bytes;

/// The place of the middle among the columns.
#[expect(clippy::cast_possible_wrap, reason = "steps are few")]
const MIDDLE: i64 = JOURNEY_STEPS as i64;

/// Returns the file of a journey.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a middle that is not there, with `Error::Forbidden` for a hidden one, and when the data file
/// cannot be read.
pub async fn journey(export: CsvExport, params: &QueryParams) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    let (kind, around) = (MiddleKind::read(params.get(OF))?, params.get(AROUND).map(str::to_owned));
    app.view(move |reader| {
        let mut file = CsvFile::with_head(
            file_reader,
            &["position", "step", "item", "next_step", "next_item", "visits"],
        )?;
        let Some(named) = journey_middle::find(reader, &query, kind, around.as_deref())? else {
            return file.finish();
        };
        let want = JourneyWant { middle: named.middle, pages: limits::JOURNEY_PAGES_EXPORTED };
        let answer = reader.run(&query.with(Wants { journey: Some(want), ..Wants::default() }))?;
        let journey = answer.journey.unwrap_or_default();
        let told = |column: usize, place: usize| {
            let step = &journey.columns[column][place].step;
            [step.name().to_owned(), step.item_name().map_or_else(String::new, |name| name.filter.clone())]
        };
        for (column, nodes) in (0_i64..).zip(&journey.columns) {
            let position = (column - MIDDLE).to_string();
            let at = usize::try_from(column).unwrap_or(0);
            for (place, node) in nodes.iter().enumerate() {
                let [step, item] = told(at, place);
                let none = [String::new(), String::new()];
                let row = [position.clone(), step.clone(), item.clone()].into_iter().chain(none);
                file.row(row.chain([node.visits.to_string()]))?;
                let links = journey.links.get(at).into_iter().flatten().filter(|link| link.from == place);
                for link in links {
                    let row = [position.clone(), step.clone(), item.clone()].into_iter();
                    file.row(row.chain(told(at + 1, link.to)).chain([link.visits.to_string()]))?;
                }
            }
        }
        file.finish()
    })
    .await
}
