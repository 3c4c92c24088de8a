//! Import of hits and of access logs: preview and writing.

use super::options::ImportArgs;
use super::plan::{ImportPlan, ImportRun, PlannedFile, PlannedLines, PlannedWork};
use super::summary::{Fate, Summary};
use crate::error::{Error, Result};
use crate::ingest::enrich::Enricher;
use crate::ingest::geoip::GeoIp;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::store::site_export::Head;
use crate::store::{self, imported_lines, private, sites, users};
use crate::transfer::format::Format;
use crate::transfer::log_fields::LogFields;
use crate::transfer::source_file::{LinePosition, SourceFile};
use crate::transfer::trusted_proxies::TrustedProxies;
use crate::transfer::{classify, fingerprint, hits, line_ledger};
use indicatif::ProgressBar;
use rusqlite::Connection;
use std::sync::Arc;

/// Previews a file of hits or log lines.
///
/// # Errors
/// Fails when no option names the site, the site does not exist, or either file cannot be read.
pub fn preview(
    run: &ImportRun<'_>,
    connection: &Connection,
    text: SourceFile,
    format: Format,
    bar: &ProgressBar,
) -> Result<ImportPlan> {
    let ImportRun { options, context, .. } = run;
    let Some(id) = options.site else {
        return Err(Error::Setup(format!(
            "{} holds hits: say with --site ID which site they are for; see `clickstead site list`.",
            text.name()
        )));
    };
    let site = sites::get(connection, id)?;
    let head = text.head()?;
    let known = fingerprint::find(connection, format, Some(id), &head)?;
    let from = known.as_ref().map_or(LinePosition::START, fingerprint::position);
    let trusted = options.trusted_proxies();
    let fields = LogFields::default();
    let mut parser =
        classify::LineParser { site: &site, format, now: context.now, trusted: &trusted, fields };
    let progress = |passed| bar.set_position(passed);
    let preview = parser.preview(&text, &head, from, &progress)?;
    let fields = parser.fields;
    let start = known
        .clone()
        .unwrap_or_else(|| fingerprint::begin(format, id, text.name(), &head, preview.end, context.now));
    let mut summary = Summary::new(&text, format, Some((id, site.domain.clone())), options.dry_run);
    summary.known = known;
    summary.counts = preview.counts.clone();
    let repeated = line_ledger::repeated(connection, &text, &parser, from, &preview)?;
    let warnings =
        [forwarded_warning(options, preview.forwarded.forwarded()), user_warning(preview.user_addresses)];
    summary.warning = warnings.into_iter().flatten().reduce(|all, warning| format!("{all} {warning}"));
    let is_done = summary.known.as_ref().is_some_and(|known| known.ended_at.is_some());
    summary.fate = match () {
        () if summary.counts.has_too_many_invalid() => Fate::TooBad,
        () if preview.end == from.bytes && (is_done || from.bytes == 0) => Fate::NothingNew,
        () => Fate::Written,
    };
    let work = match summary.fate {
        Fate::Written => PlannedWork::Lines(Box::new(PlannedLines {
            site,
            format,
            end: preview.end,
            first_at: preview.first_at,
            order: preview.order,
            fields,
            repeated,
        })),
        Fate::NothingNew | Fate::TooBad => PlannedWork::Nothing,
    };
    Ok(ImportPlan { file: PlannedFile { text, head, start }, work, summary })
}

/// Writes the new lines of a file; into a scratch file in a dry run.
///
/// # Errors
/// Fails when a line, the GeoIP or the referrer spam file is not valid, or a file cannot be read or written.
pub fn write(
    run: &ImportRun<'_>,
    connection: &mut Connection,
    file: PlannedFile,
    lines: PlannedLines,
    summary: &mut Summary,
    bar: &ProgressBar,
) -> Result<()> {
    let ImportRun { options, context, is_shared } = run;
    let PlannedFile { text, head, start } = file;
    let PlannedLines { site, format, end, order, fields, repeated, .. } = lines;
    let trusted = options.trusted_proxies();
    let parser = classify::LineParser { site: &site, format, now: context.now, trusted: &trusted, fields };
    let geoip = options.geoip.as_deref().map_or_else(|| Ok(GeoIp::builtin()), GeoIp::open)?;
    let spam = options
        .referrer_spam_file
        .as_deref()
        .map_or_else(|| Ok(ReferrerSpam::builtin()), ReferrerSpam::open)?;
    let enricher = Enricher::new(Arc::new(geoip));
    let actor = context.actor();
    let progress_before = start.clone();
    let preview = summary.counts.clone();
    let import = hits::HitImport {
        file: &text,
        parser,
        enricher: &enricher,
        start,
        end,
        order,
        preview: &preview,
        repeated: &repeated,
        folder: private::folder_of(&context.data),
        head: &head,
        actor: &actor,
        spam: Arc::new(spam),
    };
    let is_unfinished = summary.counts.is_unfinished;
    let progress = |passed| bar.set_position(passed);
    summary.counts = if options.dry_run {
        let mut scratch = scratch_with(connection, site.id, &progress_before)?;
        hits::run(&mut scratch, &import, false, &progress)?
    } else {
        hits::run(connection, &import, *is_shared, &progress)?
    };
    summary.counts.is_unfinished = is_unfinished;
    Ok(())
}

/// Returns the warning about lines with a list of addresses that was not trusted.
fn forwarded_warning(options: &ImportArgs, lines: u64) -> Option<String> {
    let has_proxies = !matches!(options.trusted_proxies(), TrustedProxies::Unknown);
    let (count, name) = if lines == 1 { ("1 line", "names") } else { (&*format!("{lines} lines"), "name") };
    (lines > 0 && !has_proxies).then(|| {
        format!(
            "{count} {name} further addresses behind the agent, as anybody may send them: the first one counted. If a \
             proxy stands before the server, import with --trust-proxy CIDR."
        )
    })
}

/// Returns the warning about lines with an IP address in the field of the user's name.
fn user_warning(lines: u64) -> Option<String> {
    let (count, name) =
        if lines == 1 { ("1 line".into(), "names") } else { (format!("{lines} lines"), "name") };
    let why = "in the place of the user's name, as anybody may send one: the address before it counted.";
    (lines > 0).then(|| format!("{count} {name} an address {why}"))
}

/// Creates a scratch file with the settings of the site and the progress of its last import, in which hits are tried
/// out.
fn scratch_with(connection: &Connection, site: SiteId, start: &store::imports::Import) -> Result<Connection> {
    let mut scratch = store::scratch()?;
    let head = Head::load(connection, site, false, Timestamp(0))?;
    store::change(&mut scratch, |tx| {
        let nobody = users::NewUser { username: "nobody", email: "", password: "", created_at: Timestamp(0) };
        let owner = users::create(tx, &nobody)?;
        head.site.create(tx, owner, Some(site))?;
        store::imports::set(tx, start)?;
        imported_lines::copy(connection, tx, site)
    })?;
    Ok(scratch)
}
