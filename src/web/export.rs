//! Reports and lists as CSV: the same numbers as on the screen, for the same range and conditions. Whatever may be long
//! is streamed a slice at a time, so that a year of visits takes no more memory than a page.

use super::asked::Asked;
use super::dashboard::unit_of;
use super::format::Unit;
use super::kept;
use super::report;
use super::sheet::{self, Sheet};
use crate::access::audit::Act;
use crate::access::capability::{ExportCsv, Right};
use crate::app::App;
use crate::clock::{Day, Timestamp, Zone};
use crate::error::{Error, Result};
use crate::http::entry::Entry;
use crate::ingest::{country_name, reason::Reason};
use crate::limits;
use crate::reports::breakdown;
use crate::reports::catalogue::{self, Answer, Tally};
use crate::reports::chronicle::Chronicle;
use crate::reports::comparison::Comparison;
use crate::reports::dimension::Dimension;
use crate::reports::inquiry::{Course, Inquiry, Scope};
use crate::reports::left_out;
use crate::reports::online;
use crate::reports::questions::Measures;
use crate::reports::ranking::Ranking;
use crate::reports::shown::Shown;
use crate::reports::table::{Line, Part};
use crate::reports::visits::{Page, Visit};
use crate::store::sites::Site;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::unfold;
use std::sync::Arc;

/// The name under which the list of visits is exported.
const VISITS: &str = "visitors-list";

/// `GET /sites/{site}/export/{report}.csv`
pub async fn csv(
    entry: Entry<ExportCsv>,
    app: Data<App>,
    request: HttpRequest,
    asked: Asked,
    named: Path<(String, String)>,
) -> Result<HttpResponse> {
    let name = named.1.as_str();
    let scope = asked.scope(&app, &entry)?;
    // What is wrong with the question is said before the first byte of the file.
    let (asked_site, asked_scope) = (entry.site.clone(), scope.clone());
    app.report(move |reader| Inquiry::new(reader, &asked_site, &asked_scope).map(drop)).await?;
    let file = format!("{}-{name}-{}.csv", entry.site.domain, scope.range.text().replace(',', "-to-"));
    let known = catalogue::find(name);
    if known.is_some_and(|report| !entry.view().shows(report)) {
        return Err(Error::Forbidden);
    }
    if known.is_none() && name != VISITS {
        return Err(Error::Missing("report"));
    }
    let second = known.map(|report| report::second(entry.view(), &asked, report)).transpose()?.flatten();
    let file = second.map_or(file.clone(), |(report, _)| {
        file.replacen(&format!("-{name}-"), &format!("-{name}-by-{}-", report.name), 1)
    });
    note(&entry, &app, &request, &file).await?;
    let mut response = sheet::file(&file);
    let needs_visits = known.is_none_or(|report| kept::needs_visits(report, &scope));
    if needs_visits && let Some(day) = kept::since(&app, &entry.site, &scope).await? {
        // A line in the file would be taken for a row.
        response.insert_header(("X-Clickstead-Visits-Kept-Since", day.to_string()));
    }
    if name == VISITS {
        return Ok(response.streaming(visits(app, entry.site.clone(), scope)));
    }
    let report = catalogue::find(name).ok_or(Error::Missing("report"))?;
    let site = entry.site.clone();
    let body = match report.answer {
        Answer::Tally(tally) => course(&app, site, scope, tally).await?,
        Answer::Items(dimension) => {
            let part = report::part(&asked, dimension);
            if let Some((_, second)) = second {
                return Ok(response.streaming(pairs(app, site, scope, (dimension, part), second)));
            }
            return Ok(response.streaming(items(app, site, scope, (dimension, part))));
        }
        Answer::Chronicle(chronicle) => {
            return Ok(response.streaming(occurrences(app, site, scope, chronicle)));
        }
        Answer::LeftOut => filtered(&app, site, scope).await?,
    };
    Ok(response.body(body))
}

/// Writes down who took a file; asking for its head alone takes nothing.
pub async fn note<R: Right>(
    entry: &Entry<R>,
    app: &Data<App>,
    request: &HttpRequest,
    file: &str,
) -> Result<()> {
    if request.method() == Method::HEAD {
        return Ok(());
    }
    let (hand, site, about) = (entry.hand.clone(), entry.site.id, file.to_owned());
    entry.write(app, move |tx| hand.note(tx, site, (Act::Export, &about))).await
}

/// A number as programs read it: seconds whole, rates and averages as decimals.
fn plain(unit: Unit, value: i64) -> String {
    match unit {
        Unit::Count | Unit::Seconds => value.to_string(),
        Unit::Permille => format!("{}.{}", value / 10, value % 10),
        Unit::Hundredths => format!("{}.{:02}", value / 100, value % 100),
    }
}

async fn course(app: &Data<App>, site: Site, scope: Scope, tally: Tally) -> Result<Bytes> {
    let unit = unit_of(tally);
    app.report(move |reader| {
        if tally == Tally::Online {
            let mut sheet = Sheet::with_head(&["online"])?;
            let shown = Shown::of(reader, &site, &scope.view, &scope.wanted)?;
            sheet.row([online::count(&shown)?.to_string()])?;
            return sheet.finish();
        }
        let courses = Inquiry::new(reader, &site, &scope)?.courses()?;
        let (head, steps): (&str, Vec<String>) = match &courses.now {
            Course::Days(days, _) => ("date", days.iter().map(Day::to_string).collect()),
            Course::Hours(hours) => ("hour", (0..hours.len()).map(|hour| format!("{hour:02}:00")).collect()),
        };
        let mut names = vec![head, "value"];
        names.extend(courses.before.as_ref().and(scope.comparison).map(Comparison::column));
        let mut sheet = Sheet::with_head(&names)?;
        for (place, step) in steps.into_iter().enumerate() {
            let value =
                |course: &Course| course.measures().get(place).map(|step| plain(unit, tally.value(step)));
            let before = courses.before.as_ref().map(|before| value(before).unwrap_or_default());
            sheet.row([step, value(&courses.now).unwrap_or_default()].into_iter().chain(before))?;
        }
        sheet.finish()
    })
    .await
}

/// What a slice needs to go on: its number, and what was counted once for all slices.
type Ranked = (u32, Option<Arc<Ranking>>);

/// The items of a report: counted once, named and written a slice at a time.
fn items(
    app: Data<App>,
    site: Site,
    scope: Scope,
    (dimension, part): (&'static Dimension, Part),
) -> impl futures_util::Stream<Item = Slice> {
    let rows = limits::EXPORT_SLICE_ROWS;
    let first: Option<Ranked> = Some((1, None));
    unfold(first, move |next| {
        let (app, site, scope, part) = (app.clone(), site.clone(), scope.clone(), part.clone());
        async move {
            let (number, ranked) = next?;
            let slice = app
                .report(move |reader| {
                    let inquiry = Inquiry::new(reader, &site, &scope)?;
                    let ranked = match ranked {
                        Some(ranked) => ranked,
                        None => Arc::new(inquiry.ranking(dimension, &part)?),
                    };
                    let table = inquiry.page(dimension, &ranked, Page { number, rows })?;
                    let mut sheet = Sheet::new();
                    if number == 1 {
                        sheet.row(
                            ITEM_HEAD
                                .into_iter()
                                .map(str::to_owned)
                                .chain(scope.comparison.into_iter().flat_map(heads_before)),
                        )?;
                    }
                    let so_far = u64::from(number) * u64::from(rows);
                    let has_more = so_far < table.count as u64;
                    for line in table.lines {
                        sheet.row(item_cells(line))?;
                    }
                    Ok((sheet.finish()?, has_more.then_some((number + 1, Some(ranked)))))
                })
                .await;
            match slice {
                Ok((bytes, next)) => Some((Ok(bytes), next)),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

const ITEM_HEAD: [&str; 9] =
    ["item", "beside", "count", "visits", "unique", "new", "actions", "seconds", "bounces"];

/// The numbers among those once more, of the days that are compared.
fn heads_before(comparison: Comparison) -> impl Iterator<Item = String> {
    ITEM_HEAD[2..].iter().map(move |head| format!("{head}_{}", comparison.column()))
}

fn item_cells(line: Line) -> impl Iterator<Item = String> {
    let numbers = |sums: Measures| {
        [sums.hits, sums.visits, sums.uniques, sums.new, sums.actions, sums.seconds, sums.bounces]
    };
    [line.name.title, line.name.beside.unwrap_or_default()]
        .into_iter()
        .chain(numbers(line.measures).map(|number| number.to_string()))
        .chain(line.before.into_iter().flat_map(numbers).map(|number| number.to_string()))
}

/// What a slice of a breakdown needs to go on.
type RankedBoth = (u32, Option<Arc<breakdown::RankedBoth>>);

/// A report broken down by another: every two items that occur together, row by row.
fn pairs(
    app: Data<App>,
    site: Site,
    scope: Scope,
    (first, part): (&'static Dimension, Part),
    second: &'static Dimension,
) -> impl futures_util::Stream<Item = Slice> {
    let (rows, columns) = (limits::EXPORT_SLICE_ROWS, limits::BREAKDOWN_EXPORT_COLUMNS_MAX);
    let begin: Option<RankedBoth> = Some((1, None));
    unfold(begin, move |next| {
        let (app, site, scope, part) = (app.clone(), site.clone(), scope.clone(), part.clone());
        async move {
            let (number, ranked) = next?;
            let slice = app
                .report(move |reader| {
                    let inquiry = Inquiry::new(reader, &site, &scope)?;
                    let ranked = match ranked {
                        Some(ranked) => ranked,
                        None => Arc::new(inquiry.rank_both((first, &part, usize::MAX), (second, columns))?),
                    };
                    let answer = inquiry.breakdown((first, Page { number, rows }), second, &ranked)?;
                    let mut sheet = Sheet::new();
                    if number == 1 {
                        let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
                        let before =
                            scope.comparison.map(|comparison| format!("visits_{}", comparison.column()));
                        sheet.row(head.into_iter().chain(before))?;
                    }
                    for cells in pair_cells(&answer) {
                        sheet.row(cells)?;
                    }
                    let so_far = u64::from(number) * u64::from(rows);
                    let has_more = so_far < answer.rows.count as u64;
                    Ok((sheet.finish()?, has_more.then_some((number + 1, Some(ranked)))))
                })
                .await;
            match slice {
                Ok((bytes, next)) => Some((Ok(bytes), next)),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

/// The lines of a breakdown, without those of which there was none.
fn pair_cells(answer: &breakdown::Breakdown) -> impl Iterator<Item = Vec<String>> {
    let names = |line: &Line| [line.name.title.clone(), line.name.beside.clone().unwrap_or_default()];
    answer.rows.lines.iter().enumerate().flat_map(move |(row, line)| {
        let columns = answer.columns.iter().enumerate();
        columns.filter_map(move |(column, by)| {
            let now = answer.cells.now[row][column];
            let before = answer.cells.before.as_ref().map(|before| before[row][column]);
            let is_there = now > 0 || before.is_some_and(|before| before > 0);
            let counts = std::iter::once(now).chain(before).map(|count| count.to_string());
            is_there.then(|| names(line).into_iter().chain(names(by)).chain(counts).collect())
        })
    })
}

async fn filtered(app: &Data<App>, site: Site, scope: Scope) -> Result<Bytes> {
    app.read(move |connection| {
        let mut sheet = Sheet::with_head(&["date", "reason", "meaning", "hits"])?;
        for reason in left_out::list(connection, site.id, scope.range, 0)? {
            let meaning = Reason::from_name(&reason.reason).map_or("", |reason| reason.explained().0);
            for (day, count) in &reason.days {
                sheet.row([day.to_string(), reason.reason.clone(), meaning.into(), count.to_string()])?;
            }
        }
        sheet.finish()
    })
    .await
}

/// The local time of a moment, to the second, with its distance from UTC.
pub fn local(zone: &Zone, at: Timestamp) -> String {
    zone.local(at).round(jiff::Unit::Second).map(|local| local.to_string()).unwrap_or_default()
}

/// What a stream of slices yields: an error ends the answer without its last bytes, so that nobody takes a part for
/// the whole.
type Slice = std::result::Result<Bytes, Error>;

fn occurrences(
    app: Data<App>,
    site: Site,
    scope: Scope,
    chronicle: Chronicle,
) -> impl futures_util::Stream<Item = Slice> {
    let rows = limits::EXPORT_SLICE_ROWS;
    let scope = Scope { comparison: None, ..scope.clone() };
    // Where the next slice begins: at the newest, or below a visit.
    unfold(Some((scope.range, None)), move |next| {
        let (app, site, scope) = (app.clone(), site.clone(), scope.clone());
        async move {
            let (range, before) = next?;
            let slice = app
                .report(move |reader| {
                    let page = Page { number: 1, rows };
                    let inquiry = Inquiry::new(reader, &site, &scope)?;
                    let mut found = inquiry.occurrences(chronicle, before, page)?;
                    let has_more = found.len() > usize::try_from(rows).unwrap_or(usize::MAX);
                    found.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
                    let last = found.last().filter(|_| has_more).map(|one| one.visit);
                    let mut sheet = match before {
                        None => Sheet::with_head(&["time", "item", "visit"])?,
                        Some(_) => Sheet::new(),
                    };
                    for one in found {
                        sheet.row([local(&site.zone, one.at), one.item, one.visit.to_string()])?;
                    }
                    Ok((sheet.finish()?, last))
                })
                .await;
            match slice {
                Ok((bytes, last)) => Some((Ok(bytes), last.map(|last| (range, Some(last))))),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

const VISIT_HEAD: [&str; 24] = [
    "visit",
    "began",
    "visitor",
    "name",
    "address",
    "new",
    "actions",
    "seconds",
    "landing",
    "source",
    "referrer",
    "search",
    "campaign",
    "browser",
    "system",
    "hardware",
    "screen",
    "language",
    "country",
    "region",
    "city",
    "organization",
    "hostname",
    "javascript",
];

fn visits(app: Data<App>, site: Site, scope: Scope) -> impl futures_util::Stream<Item = Slice> {
    let rows = limits::EXPORT_SLICE_ROWS;
    // Visits that begin while the file is written would push others into the next slice.
    let begun = app.clock.now();
    unfold(Some(1_u32), move |next| {
        let (app, site, scope) = (app.clone(), site.clone(), scope.clone());
        async move {
            let number = next?;
            let slice = app
                .report(move |reader| {
                    let page = Page { number, rows };
                    let (found, total) = Inquiry::new(reader, &site, &scope)?.before(begun).visits(page)?;
                    let mut sheet = if number == 1 { Sheet::with_head(&VISIT_HEAD)? } else { Sheet::new() };
                    for visit in &found {
                        sheet.row(visit_cells(&site.zone, visit))?;
                    }
                    let so_far = u64::from(number) * u64::from(rows);
                    Ok((sheet.finish()?, so_far < total as u64))
                })
                .await;
            match slice {
                Ok((bytes, has_more)) => Some((Ok(bytes), has_more.then_some(number + 1))),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

fn visit_cells(zone: &Zone, visit: &Visit) -> [String; 24] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let yes = |holds: bool| if holds { "1" } else { "0" }.to_owned();
    let source = &visit.source;
    [
        visit.id.to_string(),
        local(zone, visit.id.began()),
        visit.visitor.to_string(),
        text(&visit.name),
        visit.address.map(|address| address.to_string()).unwrap_or_default(),
        yes(visit.is_new),
        visit.actions.to_string(),
        visit.seconds.to_string(),
        text(&visit.landing),
        source.medium.title().to_owned(),
        text(&source.referrer),
        text(&source.terms),
        text(&source.campaign[0]),
        text(&visit.browser),
        text(&visit.system),
        visit.hardware.name().to_owned(),
        text(&visit.screen),
        text(&visit.language),
        visit.country.as_deref().map(country_name).unwrap_or_default().to_owned(),
        text(&visit.region),
        text(&visit.city),
        text(&visit.organization),
        text(&visit.hostname),
        yes(visit.has_javascript),
    ]
}
