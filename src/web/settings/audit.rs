//! Preferences → Audit log: the acts on the site with actor, time and address, as a page and as CSV.

use super::Tabs;
use crate::access::audit::{self as acts, AuditAction};
use crate::access::capability::SeeAuditLog;
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteAccess;
use crate::http::chunked_body;
use crate::http::csv_file::{self, CsvFile};
use crate::limits;
use crate::model::clock::Zone;
use crate::store::audit::{self, AuditEntry};
use crate::web::export;
use crate::web::filters::query_params::QueryParams;
use crate::web::layout::load;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::format::{self, Moment};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    tabs: Tabs,
    path: String,
    zone: Zone,
    entries: Vec<AuditEntry>,
    /// The number below which older acts begin; `None` if there are none.
    older: Option<i64>,
    is_first: bool,
}

/// `GET /sites/{site}/preferences/audit`: shows a page of the log.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn show(
    access: SiteAccess<SeeAuditLog>,
    app: Data<App>,
    request: HttpRequest,
    params: QueryParams,
) -> Result<HttpResponse> {
    let frame = load::site_frame(&app, &request, &access, "Audit log", NavItem::Preferences).await?;
    let before = params.get("before").and_then(|text| text.parse::<i64>().ok());
    let (site, most) = (access.site.id, limits::AUDIT_PAGE_ROWS);
    let mut entries = app
        .read(move |connection| audit::list(connection, site, before.unwrap_or(i64::MAX), most + 1))
        .await?;
    let has_older = entries.len() > usize::try_from(most).unwrap_or(usize::MAX);
    entries.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let older = entries.last().map(|(number, _)| *number).filter(|_| has_older);
    let view = View {
        tabs: Tabs::for_screen(&access, "audit"),
        path: Tabs::path(site, "audit"),
        zone: access.site.zone.clone(),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        older,
        is_first: before.is_none(),
    };
    Ok(load::html(page(&frame, &view)))
}

/// `GET /sites/{site}/preferences/audit.csv`: returns the log as CSV.
///
/// # Errors
///
/// Fails with `Error::Invalid` for a bad option of the file, when the caller's right has ended, and when the data file
/// cannot be written.
pub async fn csv(
    access: SiteAccess<SeeAuditLog>,
    app: Data<App>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let file = format!("{}-audit-log.csv", access.site.domain);
    let (site, zone, log) = (access.site.id, access.site.zone.clone(), app.clone());
    let csv_reader = csv_file::CsvReader::from_request(&request)?;
    let slice = move |before| {
        let (app, zone) = (log.clone(), zone.clone());
        async move {
            app.read(move |connection| {
                let entries = audit::list(connection, site, before, limits::EXPORT_SLICE_ROWS)?;
                let first = (before == i64::MAX).then_some(csv_reader);
                Ok((csv_rows(&entries, &zone, first)?, entries.last().map(|(number, _)| *number)))
            })
            .await
        }
    };
    let body = chunked_body::body(i64::MAX, slice).await?;
    export::record_export(&access, &app, &request, &file).await?;
    Ok(csv_file::file(&file).body(body))
}

fn csv_rows(entries: &[(i64, AuditEntry)], zone: &Zone, first: Option<csv_file::CsvReader>) -> Result<Bytes> {
    let mut file = match first {
        Some(csv_reader) => {
            CsvFile::with_head(csv_reader, &["time", "who", "acting_for", "act", "what", "from"])?
        }
        None => CsvFile::new(),
    };
    for (_, entry) in entries {
        file.row([
            zone.local_second_with_offset(entry.at),
            acts::who(entry).to_owned(),
            entry.acting_for.clone().unwrap_or_default(),
            entry.act.clone(),
            entry.about.clone(),
            entry.address.clone().unwrap_or_default(),
        ])?;
    }
    file.finish()
}

fn page(frame: &Frame, view: &View) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            p { "Who did what to this site, the newest first. Also what was done on the server itself, by the command line. Kept for a year." }
            p { a.button href={ (view.path) ".csv?bom=1" } { "Save as CSV" } }
            @if view.entries.is_empty() {
                p.quiet { @if view.is_first { "Nothing was done yet." } @else { "There is nothing older." } }
            } @else {
                table.list.acts {
                    thead { tr { th scope="col" { "When" } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "From" } } }
                    tbody { @for entry in &view.entries { (row(&view.zone, entry)) } }
                }
            }
            @if let Some(older) = view.older { p { a.button href={ (view.path) "?before=" (older) } { "Older" } } }
        },
    )
}

fn row(zone: &Zone, entry: &AuditEntry) -> Markup {
    html! {
        tr {
            td { (format::moment(zone, entry.at, Moment::Short)) }
            td {
                @if entry.actor.is_some() { (acts::who(entry)) } @else { span.quiet { (acts::who(entry)) } }
                @if let Some(child) = &entry.acting_for { br; span.quiet { "for " (child) } }
            }
            td { (AuditAction::label_of(&entry.act)) @if !entry.about.is_empty() { br; span.quiet { (entry.about) } } }
            td { @if let Some(address) = &entry.address { span.quiet { (address) } } }
        }
    }
}
