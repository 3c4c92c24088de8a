//! The list of visits as CSV, and the lists of recent and first occurrences.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::ingest::country_name;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::clock::Zone;
use crate::model::device_type::DeviceType;
use crate::model::id::VisitId;
use crate::reports::engine::query::QueryRunner;
use crate::reports::query::Query;
use crate::reports::recent_list::RecentList;
use crate::reports::visits::recent::NewestFirst;
use crate::reports::visits::visit::Visit;
use crate::web::csv::{CsvCell, CsvFile, CsvReader};
use actix_web::body::BoxBody;

/// The position where the next slice begins.
enum Next {
    Newest,
    Below(VisitId),
    /// The remaining first occurrences, which are all found at once.
    Firsts(NewestFirst),
}

/// Returns recent or first occurrences as CSV, the newest first.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn recent(export: CsvExport, list: RecentList) -> Result<BoxBody> {
    let (zone, reader) = (export.site.zone.clone(), export.reader);
    let query = Query { comparison: None, ..export.query };
    let export = CsvExport { query, ..export };
    let make = move |inquiry: QueryRunner<'_>, next: Next| {
        let rows = limits::EXPORT_SLICE_ROWS;
        let mut file = match next {
            Next::Newest => CsvFile::with_head(reader, &["time", "item", "visit"])?,
            Next::Below(_) | Next::Firsts(_) => CsvFile::new(),
        };
        let (firsts, before) = match next {
            Next::Newest => (inquiry.first_times(list)?, None),
            Next::Below(visit) => (None, Some(visit)),
            Next::Firsts(visits) => (Some(visits), None),
        };
        let (recent, next) = if let Some(mut visits) = firsts {
            let slice = visits.take(rows as usize)?;
            let is_last = slice.len() < rows as usize;
            (inquiry.recent_of(list, slice)?, (!is_last).then_some(Next::Firsts(visits)))
        } else {
            let (recent, next) = inquiry.recent_below(list, before, rows as usize)?;
            (recent, next.map(Next::Below))
        };
        for recent in recent {
            let time = zone.local_second_with_offset(recent.at);
            file.row([time.into(), recent.item.into(), reader.id(recent.visit)])?;
        }
        Ok((file.finish()?, next))
    };
    export.slices(Next::Newest, make).await
}

/// The column names.
const HEAD: [&str; 24] = [
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

/// Returns the visits as CSV, the newest first.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn list(export: CsvExport) -> Result<BoxBody> {
    // Visits that begin while the file is written are not in it: they would push others into the next slice.
    let started_at = export.app.clock.now();
    let (zone, reader) = (export.site.zone.clone(), export.reader);
    let newest: Option<VisitId> = None;
    let make = move |inquiry: QueryRunner<'_>, below: Option<VisitId>| {
        let rows = limits::EXPORT_SLICE_ROWS as usize;
        let (visits, next) = inquiry.before(started_at).visits_below(below, rows)?;
        let mut file = if below.is_none() { CsvFile::with_head(reader, &HEAD)? } else { CsvFile::new() };
        for visit in &visits {
            file.row(cells(visit, &zone, reader))?;
        }
        Ok((file.finish()?, next.map(Some)))
    };
    export.slices(newest, make).await
}

fn cells(visit: &Visit, zone: &Zone, reader: CsvReader) -> [CsvCell; 24] {
    let cell = |text: &Option<String>| CsvCell::from(text.clone().unwrap_or_default());
    let yes = |holds: bool| if holds { "1" } else { "0" }.to_owned();
    let source = &visit.source;
    [
        reader.id(visit.id),
        zone.local_second_with_offset(visit.id.began()).into(),
        reader.id(visit.visitor),
        cell(&visit.name),
        visit.address.map(|address| address.to_string()).unwrap_or_default().into(),
        yes(visit.is_new).into(),
        visit.actions.to_string().into(),
        visit.seconds.to_string().into(),
        cell(&visit.landing),
        source.medium.map(Channel::title).unwrap_or_default().to_owned().into(),
        cell(&source.referrer),
        cell(&source.terms),
        cell(&source.campaign[0]),
        cell(&visit.browser),
        cell(&visit.system),
        visit.hardware.map(DeviceType::name).unwrap_or_default().to_owned().into(),
        cell(&visit.screen),
        cell(&visit.language),
        visit.country.as_deref().map(country_name).unwrap_or_default().to_owned().into(),
        cell(&visit.region),
        cell(&visit.city),
        cell(&visit.organization),
        cell(&visit.hostname),
        yes(visit.has_javascript).into(),
    ]
}
