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
use crate::id::VisitId;
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
use crate::reports::reader::Reader;
use crate::reports::shown::Shown;
use crate::reports::table::{Line, Part};
use crate::reports::visits::{Page, Visit};
use crate::store::sites::Site;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream::{Stream, unfold};
use std::collections::{BTreeMap, BTreeSet};
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
        return Ok(response.streaming(visits(app, (entry.site.clone(), scope))));
    }
    let report = catalogue::find(name).ok_or(Error::Missing("report"))?;
    let site = entry.site.clone();
    let body = match report.answer {
        Answer::Tally(tally) => course(&app, site, scope, tally).await?,
        Answer::Items(dimension) => {
            let part = report::part(&asked, dimension);
            if let Some((_, second)) = second {
                return Ok(response.streaming(pairs(app, (site, scope), (dimension, part), second)));
            }
            return Ok(response.streaming(items(app, (site, scope), (dimension, part))));
        }
        Answer::Chronicle(chronicle) => {
            return Ok(response.streaming(occurrences(app, (site, scope), chronicle)));
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

/// What a stream of slices yields: an error ends the answer without its last bytes, so that nobody takes a part for
/// the whole.
type Slice = std::result::Result<Bytes, Error>;

/// A file made a slice at a time, each beginning where the one before says.
fn sliced<S: Send + 'static>(
    app: Data<App>,
    first: S,
    make: impl Fn(&Reader<'_>, S) -> Result<(Bytes, Option<S>)> + Send + Sync + 'static,
) -> impl Stream<Item = Slice> {
    let make = Arc::new(make);
    unfold(Some(first), move |next| {
        let (app, make) = (app.clone(), Arc::clone(&make));
        async move {
            let begin = next?;
            match app.report(move |reader| make(reader, begin)).await {
                Ok((bytes, next)) => Some((Ok(bytes), next)),
                Err(error) => Some((Err(error), None)),
            }
        }
    })
}

/// The same of pages of something that is counted once for all of them. `write` says how many rows there are in all.
fn paged<C: Send + Sync + 'static>(
    app: Data<App>,
    (site, scope): (Site, Scope),
    count: impl Fn(&Inquiry<'_>) -> Result<C> + Send + Sync + 'static,
    write: impl Fn(&Inquiry<'_>, &C, Page) -> Result<(Sheet, usize)> + Send + Sync + 'static,
) -> impl Stream<Item = Slice> {
    let first: (u32, Option<Arc<C>>) = (1, None);
    sliced(app, first, move |reader, (number, counted)| {
        let inquiry = Inquiry::new(reader, &site, &scope)?;
        let counted = counted.map_or_else(|| count(&inquiry).map(Arc::new), Ok)?;
        let page = Page { number, rows: limits::EXPORT_SLICE_ROWS };
        let (sheet, rows) = write(&inquiry, &counted, page)?;
        let has_more = u64::from(number) * u64::from(page.rows) < rows as u64;
        Ok((sheet.finish()?, has_more.then_some((number + 1, Some(counted)))))
    })
}

/// The items of a report.
fn items(
    app: Data<App>,
    (site, scope): (Site, Scope),
    (dimension, part): (&'static Dimension, Part),
) -> impl Stream<Item = Slice> {
    let comparison = scope.comparison;
    let rank = move |inquiry: &Inquiry<'_>| inquiry.ranking(dimension, &part);
    paged(app, (site, scope), rank, move |inquiry, ranking, page| {
        let table = inquiry.page(dimension, ranking, page)?;
        let mut sheet = Sheet::new();
        if page.number == 1 {
            let heads = ITEM_HEAD.into_iter().map(str::to_owned);
            sheet.row(heads.chain(comparison.into_iter().flat_map(heads_before)))?;
        }
        table.lines.into_iter().try_for_each(|line| sheet.row(item_cells(line)))?;
        Ok((sheet, table.count))
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

/// A report broken down by another: every two items that occur together, row by row.
fn pairs(
    app: Data<App>,
    (site, scope): (Site, Scope),
    (first, part): (&'static Dimension, Part),
    second: &'static Dimension,
) -> impl Stream<Item = Slice> {
    let (comparison, columns) = (scope.comparison, limits::BREAKDOWN_EXPORT_COLUMNS_MAX);
    let rank = move |inquiry: &Inquiry<'_>| inquiry.rank_both((first, &part, usize::MAX), (second, columns));
    paged(app, (site, scope), rank, move |inquiry, ranked, page| {
        let answer = inquiry.breakdown((first, page), second, ranked)?;
        let mut sheet = Sheet::new();
        if page.number == 1 {
            let head = ["item", "beside", "by", "by_beside", "visits"].map(str::to_owned);
            let before = comparison.map(|comparison| format!("visits_{}", comparison.column()));
            sheet.row(head.into_iter().chain(before))?;
        }
        pair_cells(&answer).try_for_each(|cells| sheet.row(cells))?;
        Ok((sheet, answer.rows.count))
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
    app.report(move |reader| {
        let head = ["date", "reason", "meaning", "hits"].map(str::to_owned);
        let before = scope.comparison.map(|comparison| format!("hits_{}", comparison.column()));
        let mut sheet = Sheet::new();
        sheet.row(head.into_iter().chain(before))?;
        let found = left_out::list(reader, &site, (scope.range, scope.comparison), 0)?;
        for reason in &found.reasons {
            let meaning = Reason::from_name(&reason.reason).map_or("", |reason| reason.explained().0);
            let days: BTreeSet<Day> = reason.days.keys().chain(reason.before.keys()).copied().collect();
            for day in days {
                let hits = |days: &BTreeMap<Day, i64>| days.get(&day).copied().unwrap_or(0).to_string();
                // Of a day that is not over nothing can be compared.
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

/// The local time of a moment, to the second, with its distance from UTC.
pub fn local(zone: &Zone, at: Timestamp) -> String {
    zone.local(at).round(jiff::Unit::Second).map(|local| local.to_string()).unwrap_or_default()
}

fn occurrences(
    app: Data<App>,
    (site, scope): (Site, Scope),
    chronicle: Chronicle,
) -> impl Stream<Item = Slice> {
    let rows = limits::EXPORT_SLICE_ROWS;
    let scope = Scope { comparison: None, ..scope };
    // Where the next slice begins: at the newest, or below a visit.
    let newest: Option<VisitId> = None;
    sliced(app, newest, move |reader, before| {
        let inquiry = Inquiry::new(reader, &site, &scope)?;
        let mut found = inquiry.occurrences(chronicle, before, Page { number: 1, rows })?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let has_more = found.len() > rows;
        found.truncate(rows);
        let last = found.last().filter(|_| has_more).map(|one| one.visit);
        let mut sheet = match before {
            None => Sheet::with_head(&["time", "item", "visit"])?,
            Some(_) => Sheet::new(),
        };
        for one in found {
            sheet.row([local(&site.zone, one.at), one.item, one.visit.to_string()])?;
        }
        Ok((sheet.finish()?, last.map(Some)))
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

fn visits(app: Data<App>, (site, scope): (Site, Scope)) -> impl Stream<Item = Slice> {
    // Visits that begin while the file is written would push others into the next slice.
    let begun = app.clock.now();
    let rows = limits::EXPORT_SLICE_ROWS;
    sliced(app, 1_u32, move |reader, number| {
        let page = Page { number, rows };
        let (found, total) = Inquiry::new(reader, &site, &scope)?.before(begun).visits(page)?;
        let mut sheet = if number == 1 { Sheet::with_head(&VISIT_HEAD)? } else { Sheet::new() };
        for visit in &found {
            sheet.row(visit_cells(&site.zone, visit))?;
        }
        let has_more = u64::from(number) * u64::from(rows) < total as u64;
        Ok((sheet.finish()?, has_more.then_some(number + 1)))
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
