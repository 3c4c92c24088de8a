//! The export of reports and lists as CSV: the same numbers as on the screen, for the same range and filters. Long files are written
//! in slices.

use super::filters::query_params::QueryParams;
use super::report::{self, SecondDimension};
use super::ui::format::NumberUnit;
use crate::access::capability::{CapabilityType, ExportCsv};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteAccess;
use crate::http::csv_file::{self, CsvFile};
use crate::ingest::drop_reason::DropReason;
use crate::model::clock::Day;
use crate::reports::attribution;
use crate::reports::catalogue::{self, Metric, ReportKind};
use crate::reports::cohort_unit;
use crate::reports::date_range::Unit;
use crate::reports::hour_metrics;
use crate::reports::query::{FunnelWant, JourneyMiddle, JourneyWant, SplitTestWant, TableWant, Wants};
use crate::reports::results::time_series::TimeSeries;
use crate::sites::exports;
use actix_web::body::MessageBody;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::{BTreeMap, BTreeSet};

mod csv_export;
mod funnels;
mod goal_columns;
mod hours;
mod items;
mod journeys;
mod plain;
mod retention;
mod split_tests;
mod uptime;
mod visits;
mod vitals;

use csv_export::CsvExport;
use goal_columns::GoalColumns;
pub use plain::plain;

/// The name under which the list of visits is exported.
const VISITS: &str = "visitors-list";

/// `GET /sites/{site}/export/{report}.csv`: returns a report as CSV.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such report, with `Error::Forbidden` when the caller may not see it,
/// with `Error::Invalid` for bad parameters, and when the data file cannot be read.
pub async fn csv(
    access: SiteAccess<ExportCsv>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
    names: Path<(String, String)>,
) -> Result<HttpResponse> {
    let name = names.1.as_str();
    let mut query = params.query(&app, &access)?;
    let report = catalogue::find(name);
    if report.is_none() && name != VISITS {
        return Err(Error::Missing("report"));
    }
    if report.is_some_and(|report| !access.visibility().shows(report)) {
        return Err(Error::Forbidden);
    }
    let credited = params.attribution()?;
    let kind = report.map(|report| attribution::kind_by(report, credited)).transpose()?;
    let second = report
        .map(|report| SecondDimension::from_params(&params, report, access.visibility()))
        .transpose()?
        .flatten();
    query.visits_alone = second.is_some();
    let (query, goals) = GoalColumns::load(&app, query, &params).await?;
    let by = second.map(|second| format!("-by-{}", second.report.name)).unwrap_or_default();
    let range = query.range.text().replace(',', "-to-");
    let credit = credited.map(|one| format!("-{}-touch", one.name())).unwrap_or_default();
    let file = format!("{}-{name}{by}{credit}-{range}.csv", access.site.domain);
    let mut response = csv_file::file(&file);
    let wants = kind.map_or_else(Wants::default, |kind| wants(kind, &params));
    let covered = query.with(wants);
    let coverage = app.view(move |reader| reader.engine.coverage(&covered)).await?;
    if let Some(day) = if report.is_some() { coverage.cut_at() } else { coverage.kept_since } {
        // A note in the file would be read as a row.
        response.insert_header(("X-Clickstead-Visits-Kept-Since", day.to_string()));
    }
    let reader = csv_file::CsvReader::from_request(&request)?;
    let export = CsvExport { app: app.clone(), query, reader, goals };
    let body = match kind {
        None => visits::list(export).await?,
        Some(ReportKind::Recent(list)) => visits::recent(export, list).await?,
        Some(ReportKind::Items(dimension)) => {
            let table_query = report::table_query(&params, dimension);
            match second {
                Some(second) => items::pairs(export, dimension, table_query, second.dimension).await?,
                None => items::list(export, dimension, table_query).await?,
            }
        }
        Some(ReportKind::Metric(metric)) => time_series(export, metric).await?.boxed(),
        Some(ReportKind::FilteredHits) => filtered(export).await?.boxed(),
        Some(ReportKind::Journeys) => journeys::journey(export, &params).await?.boxed(),
        Some(ReportKind::Funnels) => {
            let funnel = params.get("funnel").map(str::to_owned);
            funnels::steps(export, funnel, second.map(|second| second.dimension)).await?.boxed()
        }
        Some(ReportKind::SplitTests(_)) => {
            let choice = report::split_choice(&params);
            split_tests::split_tests(export, choice).await?.boxed()
        }
        Some(ReportKind::Retention) => {
            let unit = cohort_unit::read(params.get("by"))?;
            retention::retention(export, unit).await?.boxed()
        }
        Some(ReportKind::Hours) => {
            let chosen = hour_metrics::find(params.get("metric"), access.visibility())?;
            hours::hours(export, chosen).await?.boxed()
        }
        Some(ReportKind::Uptime) => uptime::monitors(export).await?.boxed(),
        Some(ReportKind::Outages) => uptime::outages(export).await?.boxed(),
        Some(ReportKind::Vitals) => vitals::list(export, report::vitals_want(&params)).await?.boxed(),
    };
    record_export(&access, &app, &request, &file).await?;
    Ok(response.body(body))
}

/// Returns the parts of an answer that tell how much of the range a report covers.
fn wants(kind: ReportKind, params: &QueryParams) -> Wants {
    match kind {
        ReportKind::Items(dimension) => {
            let table = report::table_query(params, dimension);
            Wants { tables: vec![TableWant { dimension, table, is_brief: true }], ..Wants::default() }
        }
        ReportKind::Recent(list) => Wants { recent: Some((list, params.page())), ..Wants::default() },
        ReportKind::Metric(metric) => Wants { totals: metric != Metric::Online, ..Wants::default() },
        ReportKind::Funnels => Wants { funnel: Some(FunnelWant::default()), ..Wants::default() },
        ReportKind::SplitTests(_) => {
            let want = SplitTestWant { test: report::split_choice(params).test };
            Wants { split_test: Some(want), ..Wants::default() }
        }
        ReportKind::Retention => Wants { retention: Some(Unit::Week), ..Wants::default() },
        ReportKind::Hours => Wants { hours: Some(Metric::Visits), ..Wants::default() },
        ReportKind::FilteredHits | ReportKind::Uptime | ReportKind::Outages => Wants::default(),
        ReportKind::Journeys => Wants {
            journey: Some(JourneyWant { middle: JourneyMiddle::Page(String::new()), pages: 0 }),
            ..Wants::default()
        },
        ReportKind::Vitals => Wants { vitals: Some(report::vitals_want(params)), ..Wants::default() },
    }
}

/// Writes an audit record of an exported file; a `HEAD` request exports nothing.
///
/// # Errors
///
/// Fails when the caller's right has ended and when the data file cannot be written.
pub async fn record_export<R: CapabilityType>(
    access: &SiteAccess<R>,
    app: &Data<App>,
    request: &HttpRequest,
    file: &str,
) -> Result<()> {
    if request.method() == Method::HEAD {
        return Ok(());
    }
    let (actor, site, about) = (access.actor.clone(), access.site.id, file.to_owned());
    access.write(app, move |tx| exports::record(tx, &actor, site, &about)).await
}

async fn time_series(export: CsvExport, metric: Metric) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, goals } = export;
    let unit = metric.unit(query.site.currency);
    app.view(move |reader| {
        if metric == Metric::Online {
            let mut file = CsvFile::with_head(file_reader, &["online"])?;
            let answer = reader.run(&query.with(Wants { online: true, ..Wants::default() }))?;
            file.row([answer.online.unwrap_or(0).to_string()])?;
            return file.finish();
        }
        let answer = reader.run(&query.with(Wants { series: true, ..Wants::default() }))?;
        let series = answer.series.unwrap_or_default();
        let (head, steps): (&str, Vec<String>) = match &series.now {
            TimeSeries::Days(days, _) => ("date", days.iter().map(Day::to_string).collect()),
            TimeSeries::Hours(hours) => {
                ("hour", (0..hours.len()).map(|hour| format!("{hour:02}:00")).collect())
            }
        };
        let value = match unit {
            NumberUnit::Money(currency) => format!("value_{currency}"),
            _ => "value".to_owned(),
        };
        let mut names = vec![head.to_owned(), value];
        let before = series.before.as_ref().and(query.comparison);
        names.extend(before.map(|comparison| comparison.column().to_owned()));
        let in_view = goals.in_view.as_ref().filter(|_| metric.is_of_goals());
        names.extend(in_view.map(|_| goal_columns::IN_VIEW.to_owned()));
        let mut file = CsvFile::first(file_reader);
        file.row(names)?;
        for (index, step) in steps.into_iter().enumerate() {
            let value =
                |series: &TimeSeries| series.metrics().get(index).map(|step| plain(unit, metric.value(step)));
            let before = series.before.as_ref().map(|before| value(before).unwrap_or_default());
            let cells = [step, value(&series.now).unwrap_or_default()].into_iter().chain(before);
            file.row(cells.chain(in_view.cloned()))?;
        }
        file.finish()
    })
    .await
}

async fn filtered(export: CsvExport) -> Result<Bytes> {
    let CsvExport { app, query, reader: file_reader, .. } = export;
    app.view(move |reader| {
        let head = ["date", "reason", "meaning", "hits"].map(str::to_owned);
        let before = query.comparison.map(|comparison| format!("hits_{}", comparison.column()));
        let mut file = CsvFile::first(file_reader);
        file.row(head.into_iter().chain(before))?;
        let answer = reader.run(&query.with(Wants { filtered_hits: Some(0), ..Wants::default() }))?;
        let filtered = answer.filtered_hits.unwrap_or_default();
        for reason in &filtered.reasons {
            let meaning = DropReason::from_name(&reason.reason).map_or("", |reason| reason.explained().0);
            let days = reason.days.keys().chain(reason.before.keys()).copied();
            // An earlier month may be longer, and has days without a counterpart.
            let days: BTreeSet<Day> = days.filter(|day| query.range.contains(*day)).collect();
            for day in days {
                let hits = |days: &BTreeMap<Day, i64>| days.get(&day).copied().unwrap_or(0).to_string();
                // A day that is not over is not compared.
                let is_compared = filtered.compared.is_some_and(|range| range.contains(day));
                let before = if is_compared { hits(&reason.before) } else { String::new() };
                let cells = [day.to_string(), reason.reason.clone(), meaning.into(), hits(&reason.days)];
                file.row(cells.into_iter().chain(query.comparison.map(|_| before)))?;
            }
        }
        file.finish()
    })
    .await
}
