//! The list of visits as CSV, and the lists of recent and first occurrences.

use super::csv_export::CsvExport;
use crate::error::Result;
use crate::http::csv_file::{CsvCell, CsvFile, CsvReader};
use crate::ingest::country_name;
use crate::model::clock::Zone;
use crate::reports::answer::{Slice, SliceRows};
use crate::reports::query::{Export, Query};
use crate::reports::recent_list::RecentList;
use crate::reports::visits::visit::Visit;
use crate::reports::visits::visit_fields::VISIT_FIELDS;
use crate::store::visit_attribute::VisitAttribute;
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

/// The columns before and after those of [`VISIT_FIELDS`].
const FIRST_COLUMNS: [&str; 8] =
    ["visit", "began", "visitor", "name", "address", "new", "actions", "seconds"];
const LAST_COLUMNS: [&str; 1] = ["javascript"];

/// Returns the columns of goals, as far as the site has some and they may be seen: the names, and what they brought together.
fn goal_columns(query: &Query, has_goals: bool) -> Vec<String> {
    if !has_goals {
        return Vec::new();
    }
    let (visibility, currency) = (&query.visibility, query.site.currency);
    let names = visibility.shows_conversions().then(|| "goals".to_owned());
    names.into_iter().chain(visibility.shows_revenue().then(|| format!("revenue_{currency}"))).collect()
}

/// Returns the values of the columns of goals.
fn goal_cells(visit: &Visit, query: &Query, has_goals: bool) -> impl Iterator<Item = CsvCell> {
    let names: Vec<&str> = visit.goals.iter().map(|goal| goal.name.as_str()).collect();
    let revenue = visit.goals.iter().filter_map(|goal| goal.revenue).fold(0, i64::saturating_add);
    [names.join(", "), query.site.currency.plain(revenue)]
        .into_iter()
        .take(goal_columns(query, has_goals).len())
        .map(CsvCell::from)
}

/// Iterates over the attributes with a column, each with the column's name.
fn attributes() -> impl Iterator<Item = (&'static str, VisitAttribute)> {
    VISIT_FIELDS.iter().filter_map(|field| Some((field.column?, field.attribute)))
}

fn head(query: &Query, has_goals: bool) -> Vec<String> {
    let names = FIRST_COLUMNS.into_iter().chain(attributes().map(|(name, _)| name)).chain(LAST_COLUMNS);
    names.map(str::to_owned).chain(goal_columns(query, has_goals)).collect()
}

/// Returns the visits as CSV, the newest first.
///
/// # Errors
///
/// Fails as [`super::csv()`] does.
pub async fn list(export: CsvExport) -> Result<BoxBody> {
    // Visits that begin while the file is written are not in it: they would push others into the next slice.
    let started_at = export.app.clock.now();
    let (reader, has_goals) = (export.reader, export.goals.has_goals);
    let query = Query { until: Some(started_at), ..export.query };
    let export = CsvExport { query: query.clone(), ..export };
    let write = move |slice: Slice, is_first: bool| {
        let mut file = if is_first { CsvFile::first(reader) } else { CsvFile::new() };
        if is_first {
            file.row(head(&query, has_goals))?;
        }
        if let SliceRows::Visits(visits) = slice.rows {
            visits.iter().try_for_each(|visit| {
                let goals = goal_cells(visit, &query, has_goals);
                file.row(cells(visit, &query.site.zone, reader).into_iter().chain(goals))
            })?;
        }
        file.finish()
    };
    export.slices(Export::Visits, write).await
}

fn cells(visit: &Visit, zone: &Zone, reader: CsvReader) -> Vec<CsvCell> {
    let yes = |holds: bool| CsvCell::from(if holds { "1" } else { "0" }.to_owned());
    let first: [CsvCell; FIRST_COLUMNS.len()] = [
        reader.id(visit.id),
        zone.local_second_with_offset(visit.id.began()).into(),
        reader.id(visit.visitor),
        visit.name.clone().unwrap_or_default().into(),
        visit.address.map(|address| address.to_string()).unwrap_or_default().into(),
        yes(visit.is_new),
        visit.actions.to_string().into(),
        visit.seconds.to_string().into(),
    ];
    let last: [CsvCell; LAST_COLUMNS.len()] = [yes(visit.has_javascript)];
    let words = |(_, attribute)| {
        let words = visit.attributes.words(attribute).unwrap_or_default();
        let is_country = attribute == VisitAttribute::Country && !words.is_empty();
        CsvCell::from(if is_country { country_name(words) } else { words }.to_owned())
    };
    first.into_iter().chain(attributes().map(words)).chain(last).collect()
}
