//! The list of visits as a file, and the lists of what occurred in them.

use super::Question;
use crate::clock::Zone;
use crate::error::Result;
use crate::id::VisitId;
use crate::ingest::agent::Hardware;
use crate::ingest::country_name;
use crate::ingest::source::Medium;
use crate::limits;
use crate::reports::chronicle::Chronicle;
use crate::reports::inquiry::{Inquiry, Scope};
use crate::reports::visits::{Page, Visit};
use crate::web::sheet::{Cell, Reader, Sheet};
use actix_web::body::BoxBody;

/// What occurred, the newest first.
pub async fn occurrences(question: Question, chronicle: Chronicle) -> Result<BoxBody> {
    let (rows, zone, reader) = (limits::EXPORT_SLICE_ROWS, question.site.zone.clone(), question.reader);
    let scope = Scope { comparison: None, ..question.scope };
    let question = Question { scope, ..question };
    // Where the next slice begins: at the newest, or below a visit.
    let newest: Option<VisitId> = None;
    let make = move |inquiry: Inquiry<'_>, before: Option<VisitId>| {
        let mut found = inquiry.occurrences(chronicle, before, Page { number: 1, rows })?;
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let has_more = found.len() > rows;
        found.truncate(rows);
        let last = found.last().filter(|_| has_more).map(|one| one.visit);
        let mut sheet = match before {
            None => Sheet::with_head(reader, &["time", "item", "visit"])?,
            Some(_) => Sheet::new(),
        };
        for one in found {
            let time = zone.local_second_with_offset(one.at);
            sheet.row([time.into(), one.item.into(), reader.id(one.visit)])?;
        }
        Ok((sheet.finish()?, last.map(Some)))
    };
    question.slices(newest, make).await
}

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

/// The visits, the newest first.
pub async fn list(question: Question) -> Result<BoxBody> {
    // Visits that begin while the file is written would push others into the next slice.
    let begun = question.app.clock.now();
    let (rows, zone, reader) = (limits::EXPORT_SLICE_ROWS, question.site.zone.clone(), question.reader);
    let make = move |inquiry: Inquiry<'_>, number: u32| {
        let page = Page { number, rows };
        let (found, total) = inquiry.before(begun).visits(page)?;
        let mut sheet = if number == 1 { Sheet::with_head(reader, &HEAD)? } else { Sheet::new() };
        for visit in &found {
            sheet.row(cells((&zone, reader), visit))?;
        }
        let has_more = u64::from(number) * u64::from(rows) < total as u64;
        Ok((sheet.finish()?, has_more.then_some(number + 1)))
    };
    question.slices(1, make).await
}

fn cells((zone, reader): (&Zone, Reader), visit: &Visit) -> [Cell; 24] {
    let cell = |text: &Option<String>| Cell::from(text.clone().unwrap_or_default());
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
        source.medium.map(Medium::title).unwrap_or_default().to_owned().into(),
        cell(&source.referrer),
        cell(&source.terms),
        cell(&source.campaign[0]),
        cell(&visit.browser),
        cell(&visit.system),
        visit.hardware.map(Hardware::name).unwrap_or_default().to_owned().into(),
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
