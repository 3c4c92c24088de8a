//! Reports and lists as CSV: the same numbers as on the screen, for the same range and filters. Long files are written
//! in slices.

use super::chunked_body;
use super::csv::{self, CsvFile};
use super::dashboard::metric_cards::unit_of;
use super::format::NumberUnit;
use super::query_params::QueryParams;
use super::report;
use super::retention_note;
use crate::access::audit::AuditAction;
use crate::access::capability::{CapabilityType, ExportCsv};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::ingest::drop_reason::DropReason;
use crate::model::clock::Day;
use crate::reports::catalogue::{self, Metric, ReportKind};
use crate::reports::comparison::Comparison;
use crate::reports::engine::query::QueryRunner;
use crate::reports::filtered_hits;
use crate::reports::query::Query;
use crate::reports::results::time_series::TimeSeries;
use crate::reports::visits::online;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::store::sites::Site;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::Method;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod items;
mod visits;

/// The name under which the list of visits is exported.
const VISITS: &str = "visitors-list";

/// The site and scope of a file.
struct Question {
    app: Data<App>,
    site: Site,
    scope: Query,
    reader: csv::Reader,
}

impl Question {
    /// Returns the body of a file, written in slices; `make` gets the position where each slice begins.
    async fn slices<S: Send + 'static>(
        self,
        first: S,
        make: impl Fn(QueryRunner<'_>, S) -> Result<(Bytes, Option<S>)> + Send + Sync + 'static,
    ) -> Result<BoxBody> {
        let asked = Arc::new((self.site, self.scope, make));
        let slice = move |begin| {
            let (app, asked) = (self.app.clone(), Arc::clone(&asked));
            async move {
                app.report(move |reader| {
                    let (site, scope, make) = &*asked;
                    make(QueryRunner::new(reader, site, scope)?, begin)
                })
                .await
            }
        };
        chunked_body::body(first, slice).await
    }
}

/// `GET /sites/{site}/export/{report}.csv`: returns a report as CSV.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such report, with `Error::Forbidden` when the caller may not see it,
/// with `Error::Invalid` for bad parameters, and when the data file cannot be read.
pub async fn csv(
    entry: SiteAccess<ExportCsv>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let name = named.1.as_str();
    let mut scope = asked.scope(&app, &entry)?;
    let report = catalogue::find(name);
    if report.is_none() && name != VISITS {
        return Err(Error::Missing("report"));
    }
    if report.is_some_and(|report| !entry.view().shows(report)) {
        return Err(Error::Forbidden);
    }
    let second = report.map(|report| report::second(entry.view(), &asked, report)).transpose()?.flatten();
    scope.visits_alone = second.is_some();
    let by = second.map(|(report, _)| format!("-by-{}", report.name)).unwrap_or_default();
    let range = scope.range.text().replace(',', "-to-");
    let file = format!("{}-{name}{by}-{range}.csv", entry.site.domain);
    let mut response = csv::file(&file);
    let since = match report {
        Some(report) => retention_note::since_in(&app, &entry.site, (report, &scope)).await?,
        None => retention_note::since(&app, &entry.site, &scope).await?,
    };
    if let Some(day) = since {
        // A note in the file would be read as a row.
        response.insert_header(("X-Clickstead-Visits-Kept-Since", day.to_string()));
    }
    let reader = csv::Reader::from_request(&request)?;
    let question = Question { app: app.clone(), site: entry.site.clone(), scope, reader };
    let body = match report.map(|report| report.answer) {
        None => visits::list(question).await?,
        Some(ReportKind::Chronicle(chronicle)) => visits::occurrences(question, chronicle).await?,
        Some(ReportKind::Items(dimension)) => {
            let first = (dimension, report::part(&asked, dimension));
            match second {
                Some((_, second)) => items::pairs(question, first, second).await?,
                None => items::list(question, first).await?,
            }
        }
        Some(ReportKind::Tally(tally)) => course(question, tally).await?.boxed(),
        Some(ReportKind::LeftOut) => filtered(question).await?.boxed(),
    };
    note(&entry, &app, &request, &file).await?;
    Ok(response.body(body))
}

/// Writes an audit record of an exported file; a `HEAD` request exports nothing.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn note<R: CapabilityType>(
    entry: &SiteAccess<R>,
    app: &Data<App>,
    request: &HttpRequest,
    file: &str,
) -> Result<()> {
    if request.method() == Method::HEAD {
        return Ok(());
    }
    let (hand, site, about) = (entry.hand.clone(), entry.site.id, file.to_owned());
    entry.write(app, move |tx| hand.note(tx, site, AuditAction::Export, &about)).await
}

/// Returns a number for programs: whole seconds, rates and averages as decimals.
fn plain(unit: NumberUnit, value: i64) -> String {
    match unit {
        NumberUnit::Count | NumberUnit::Seconds => value.to_string(),
        NumberUnit::Permille => format!("{}.{}", value / 10, value % 10),
        NumberUnit::Hundredths => format!("{}.{:02}", value / 100, value % 100),
    }
}

async fn course(Question { app, site, scope, reader: form }: Question, tally: Metric) -> Result<Bytes> {
    let unit = unit_of(tally);
    app.report(move |reader| {
        if tally == Metric::Online {
            let mut sheet = CsvFile::with_head(form, &["online"])?;
            let shown = VisibleVisits::new(reader, &site, &scope.view, &scope.wanted)?;
            sheet.row([online::count(&shown)?.to_string()])?;
            return sheet.finish();
        }
        let courses = QueryRunner::new(reader, &site, &scope)?.timeseries()?;
        let (head, steps): (&str, Vec<String>) = match &courses.now {
            TimeSeries::Days(days, _) => ("date", days.iter().map(Day::to_string).collect()),
            TimeSeries::Hours(hours) => {
                ("hour", (0..hours.len()).map(|hour| format!("{hour:02}:00")).collect())
            }
        };
        let mut names = vec![head, "value"];
        names.extend(courses.before.as_ref().and(scope.comparison).map(Comparison::column));
        let mut sheet = CsvFile::with_head(form, &names)?;
        for (place, step) in steps.into_iter().enumerate() {
            let value =
                |course: &TimeSeries| course.measures().get(place).map(|step| plain(unit, tally.value(step)));
            let before = courses.before.as_ref().map(|before| value(before).unwrap_or_default());
            sheet.row([step, value(&courses.now).unwrap_or_default()].into_iter().chain(before))?;
        }
        sheet.finish()
    })
    .await
}

async fn filtered(Question { app, site, scope, reader: form }: Question) -> Result<Bytes> {
    app.report(move |reader| {
        let head = ["date", "reason", "meaning", "hits"].map(str::to_owned);
        let before = scope.comparison.map(|comparison| format!("hits_{}", comparison.column()));
        let mut sheet = CsvFile::first(form);
        sheet.row(head.into_iter().chain(before))?;
        let found = filtered_hits::list(reader, &site, (scope.range, scope.comparison), 0)?;
        for reason in &found.reasons {
            let meaning = DropReason::from_name(&reason.reason).map_or("", |reason| reason.explained().0);
            let days = reason.days.keys().chain(reason.before.keys()).copied();
            // An earlier month may be longer, and has days without a counterpart.
            let days: BTreeSet<Day> = days.filter(|day| scope.range.contains(*day)).collect();
            for day in days {
                let hits = |days: &BTreeMap<Day, i64>| days.get(&day).copied().unwrap_or(0).to_string();
                // A day that is not over is not compared.
                let is_compared = found.compared.is_some_and(|range| range.contains(day));
                let before = if is_compared { hits(&reason.before) } else { String::new() };
                let cells = [day.to_string(), reason.reason.clone(), meaning.into(), hits(&reason.days)];
                sheet.row(cells.into_iter().chain(scope.comparison.map(|_| before)))?;
            }
        }
        sheet.finish()
    })
    .await
}
