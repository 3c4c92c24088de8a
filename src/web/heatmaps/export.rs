//! Heatmaps as CSV: the list of pages, and the elements and depths of one page.

use super::list::want;
use super::{page, reading};
use crate::access::capability::{Capability, SeeHeatmaps};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::csv_file::{self, CsvFile, CsvReader};
use crate::limits;
use crate::model::device_class::DeviceClass;
use crate::model::metrics::NumberUnit;
use crate::reports::query::{Query, Wants};
use crate::reports::results::heatmap::{ClickCounts, HeatmapElement};
use crate::reports::table_query::Page;
use crate::web::export::{plain, record_export};
use crate::web::filters::query_params::QueryParams;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

/// `GET /sites/{site}/heatmaps.csv`: returns the list of pages as CSV.
///
/// # Errors
///
/// Fails with `Error::Forbidden` when the caller may not export files, with `Error::Invalid` for bad parameters, and when
/// the data file cannot be read.
pub async fn pages(
    access: SiteAccess<SeeHeatmaps>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let query = query(&access, &app, &params)?;
    let mut want = want(&params);
    want.page = Page { number: 1, rows: u32::try_from(limits::HEATMAP_PAGES_MAX).unwrap_or(u32::MAX) };
    let file_reader = CsvReader::from_request(&request)?;
    let asked = query.with(Wants { heatmap_pages: Some(want), ..Wants::default() });
    let body = app.view(move |reader| {
        let found = reader.run(&asked)?.heatmap_pages.unwrap_or_default();
        let head = [
            "page",
            "clicks",
            "rage_clicks",
            "dead_clicks",
            "visits_that_clicked",
            "visits_measured",
            "scroll_depth",
            "visits_timed",
            "time_on_page",
        ];
        let mut file = CsvFile::with_head(file_reader, &head)?;
        for page in found.pages {
            let (summary, reading) = (page.summary, page.summary.reading);
            let depth =
                reading.average_depth().map(|depth| plain(NumberUnit::Permille, depth)).unwrap_or_default();
            let seconds = reading.average_seconds().map(|seconds| seconds.to_string()).unwrap_or_default();
            let numbers = [reading.measured.to_string(), depth, reading.visits.to_string(), seconds];
            let cells = std::iter::once(page.name.filter).chain(counts(&summary.clicks));
            file.row(cells.chain([summary.visits.to_string()]).chain(numbers))?;
        }
        file.finish()
    });
    answer(&access, &app, &request, (&query, ""), body.await?).await
}

/// `GET /sites/{site}/heatmaps/page.csv?of=…`: returns the heatmap of a page as CSV: a row for each element, and one for each
/// depth.
///
/// # Errors
///
/// Fails as [`pages`] does, and with `Error::Invalid` when the address names no page.
pub async fn page(
    access: SiteAccess<SeeHeatmaps>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let query = query(&access, &app, &params)?;
    let want = page::want(&params)?;
    let device = want.device.map_or("", DeviceClass::name);
    let file_reader = CsvReader::from_request(&request)?;
    let asked = query.with(Wants { heatmap: Some(want), ..Wants::default() });
    let body = app.view(move |reader| {
        let found = reader.run(&asked)?.heatmap.unwrap_or_default();
        let head = ["kind", "element", "text", "clicks", "rage_clicks", "dead_clicks", "visits"];
        let mut file = CsvFile::with_head(file_reader, &head)?;
        for element in &found.elements {
            let cells = ["element".to_owned(), element.selector.clone(), element.text.clone()].into_iter();
            file.row(cells.chain(counts(&element.clicks)).chain([String::new()]))?;
        }
        // The file adds up to all clicks: those beyond the listed elements have neither a selector nor a text.
        let listed = listed_clicks(&found.elements);
        let rest = ClickCounts {
            clicks: found.clicks.clicks - listed.clicks,
            rage: found.clicks.rage - listed.rage,
            dead: found.clicks.dead - listed.dead,
        };
        if rest.clicks > 0 {
            let cells = ["other".to_owned(), String::new(), String::new()].into_iter();
            file.row(cells.chain(counts(&rest)).chain([String::new()]))?;
        }
        for (step, reached) in found.reached.iter().enumerate().filter(|_| found.reading.measured > 0) {
            let depth = format!("{}%", reading::percent_of(step));
            let nothing = || String::new();
            file.row([
                "depth".to_owned(),
                depth,
                nothing(),
                nothing(),
                nothing(),
                nothing(),
                reached.to_string(),
            ])?;
        }
        file.finish()
    });
    let name = if device.is_empty() { "-page".to_owned() } else { format!("-page-{device}") };
    answer(&access, &app, &request, (&query, &name), body.await?).await
}

fn listed_clicks(elements: &[HeatmapElement]) -> ClickCounts {
    elements.iter().fold(ClickCounts::default(), |mut sum, element| {
        sum.add(&element.clicks);
        sum
    })
}

/// Returns the query of a file, if the caller may export files.
fn query(access: &SiteAccess<SeeHeatmaps>, app: &App, params: &QueryParams) -> Result<Query> {
    if !access.may(Capability::ExportCsv) {
        return Err(Error::Forbidden);
    }
    params.query(app, access)
}

/// Returns the file with its name, which the audit log has too.
async fn answer(
    access: &SiteAccess<SeeHeatmaps>,
    app: &Data<App>,
    request: &HttpRequest,
    (query, part): (&Query, &str),
    body: Bytes,
) -> Result<HttpResponse> {
    let range = query.range.text().replace(',', "-to-");
    let file = format!("{}-heatmaps{part}-{range}.csv", access.site.domain);
    record_export(access, app, request, &file).await?;
    Ok(csv_file::file(&file).body(body))
}

fn counts(clicks: &ClickCounts) -> impl Iterator<Item = String> + use<> {
    [clicks.clicks, clicks.rage, clicks.dead].into_iter().map(|count| count.to_string())
}
