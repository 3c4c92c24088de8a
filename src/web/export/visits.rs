//! The list of visits as CSV, and the lists of recent and first occurrences.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::ingest::country_name;
use crate::model::channel::Channel;
use crate::model::clock::Zone;
use crate::model::device_type::DeviceType;
use crate::reports::answer::{Slice, SliceRows};
use crate::reports::query::{Export, Query};
use crate::reports::recent_list::RecentList;
use crate::reports::visits::visit::Visit;
use crate::web::export::csv_file::{CsvCell, CsvFile, CsvReader};
use actix_web::body::BoxBody;

/// Returns recent or first occurrences as CSV, the newest first.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn recent(export: CsvExport, list: RecentList) -> Result<BoxBody> {
    let (zone, reader) = (export.query.site.zone.clone(), export.reader);
    let query = Query { comparison: None, ..export.query };
    let export = CsvExport { query, ..export };
    let write = move |slice: Slice, is_first: bool| {
        let mut file =
            if is_first { CsvFile::with_head(reader, &["time", "item", "visit"])? } else { CsvFile::new() };
        if let SliceRows::Recent(rows) = slice.rows {
            for recent in rows {
                let time = zone.local_second_with_offset(recent.at);
                file.row([time.into(), recent.item.into(), reader.id(recent.visit)])?;
            }
        }
        file.finish()
    };
    export.slices(Export::Recent(list), write).await
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
    let (zone, reader) = (export.query.site.zone.clone(), export.reader);
    let query = Query { until: Some(started_at), ..export.query };
    let export = CsvExport { query, ..export };
    let write = move |slice: Slice, is_first: bool| {
        let mut file = if is_first { CsvFile::with_head(reader, &HEAD)? } else { CsvFile::new() };
        if let SliceRows::Visits(visits) = slice.rows {
            visits.iter().try_for_each(|visit| file.row(cells(visit, &zone, reader)))?;
        }
        file.finish()
    };
    export.slices(Export::Visits, write).await
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
        source.channel.map(Channel::title).unwrap_or_default().to_owned().into(),
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
