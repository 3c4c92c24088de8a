//! Import of an exported site: preview, choice of the target, and writing.

use super::options::{ImportArgs, TargetChoice};
use super::plan::{ImportPlan, ImportRun, PlannedFile, PlannedSite, PlannedWork};
use super::summary::{Fate, Summary};
use crate::access::audit::AuditAction;
use crate::cli::person;
use crate::cli::terminal::{self, called_off};
use crate::error::{Error, Result};
use crate::goals::currency::{self, CurrencyChange};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{SiteId, UserId};
use crate::store::alerts::{self, AlertScope};
use crate::store::site_export::Head;
use crate::store::{audit, imports, monitors};
use crate::store::{sites, users};
use crate::transfer::format::Format;
use crate::transfer::site::{Conflict, Target};
use crate::transfer::source_file::SourceFile;
use crate::transfer::{counts, fingerprint, site};
use indicatif::ProgressBar;
use rusqlite::Connection;

/// The number of users listed when an owner has to be chosen.
const OWNERS_SHOWN: usize = 10;

/// Writes the new contents of the file; nothing in a dry run.
///
/// # Errors
/// Fails when consent is refused, the file is not valid, or either file cannot be read or written.
pub fn write(
    run: &ImportRun<'_>,
    connection: &mut Connection,
    file: PlannedFile,
    planned: PlannedSite,
    summary: &mut Summary,
    bar: &ProgressBar,
) -> Result<()> {
    let ImportRun { options, context, is_shared } = run;
    let PlannedFile { text, head: beginning, mut start } = file;
    let PlannedSite { head, end, days, links } = planned;
    let (target, owner) = match start.site {
        SiteId(0) => {
            let conflict = site::find_conflict(connection, &head)?;
            if let Conflict::Same(_) = conflict {
                start.format = imports::SITE_AGAIN.into();
            }
            summary.warning =
                erasure_warning(connection, context.now, &head, erasures_site(&head, &conflict)?)?;
            let target = target(options, &head, &conflict, links)?;
            (target, owner(options, connection, target)?)
        }
        known => {
            summary.warning = erasure_warning(connection, context.now, &head, Some((known, true)))?;
            (Target::Same(known), None)
        }
    };
    summary.currency = currency_note(connection, &head, target)?;
    let with_links = options.with_links || start.format != imports::SITE_AGAIN;
    if options.dry_run {
        if !with_links && links > 0 {
            summary.counts.imported -= links;
            summary.counts.dropped.insert(counts::GUEST_LINK, links);
        }
        return Ok(());
    }
    if let Some(warning) = summary.warning.as_ref().filter(|_| !options.bring_back_erased) {
        agree_to_bring_back(warning)?;
    }
    let actor = context.actor();
    let import = site::SiteImport {
        file: &text,
        head: &head,
        beginning: &beginning,
        end,
        days: &days,
        start,
        target,
        owner,
        with_links,
        actor: &actor,
    };
    let (site, counts) = site::run(connection, &import, *is_shared, &|passed| bar.set_position(passed))?;
    summary.counts = counts;
    summary.is_waiting = waits_for_people(connection, site, actor.at)?;
    summary.site = Some((site, head.site.domain.clone()));
    Ok(())
}

/// Returns true if monitors or alerts came in at a time: they do not run until somebody turns them on.
fn waits_for_people(connection: &Connection, site: SiteId, at: Timestamp) -> Result<bool> {
    let alerts = alerts::list(connection, AlertScope { site, owner: None })?;
    let mut stopped = alerts.iter().filter_map(|alert| alert.stopped.as_ref());
    let monitors = monitors::list(connection, site)?;
    Ok(stopped.any(|(stopped_at, _)| *stopped_at == at)
        || monitors.iter().any(|monitor| monitor.paused_at == Some(at)))
}

/// Returns a sentence on the amounts of a file that come into a site with another currency.
fn currency_note(connection: &Connection, head: &Head, target: Target) -> Result<Option<String>> {
    let (Target::Same(site), Some(_)) = (target, &head.site.currency) else { return Ok(None) };
    let preview = currency::preview(connection, &sites::get(connection, site)?, head.site.currency())?;
    if !preview.is_needed() {
        return Ok(None);
    }
    let change = CurrencyChange { from: preview.to, to: preview.from, ..preview };
    let (before, after) = change.example();
    let rounds = if change.rounds() { " Amounts are rounded." } else { "" };
    Ok(Some(format!(
        "Amounts of the file are in {}, and site {site} counts in {}. Numbers stay, nothing is converted at a rate: {before} \
         becomes {after}.{rounds}",
        change.from, change.to
    )))
}

/// Returns the local site whose erased visitors may be in the file, and true if it exists now.
fn erasures_site(head: &Head, conflict: &Conflict) -> Result<Option<(SiteId, bool)>> {
    Ok(match conflict {
        Conflict::Other(_) => None,
        Conflict::Same(_) => Some((head.site.id()?, true)),
        Conflict::No => Some((head.site.id()?, false)),
    })
}

/// Returns the warning about visitors erased here since the file was written. Nothing is stored by which they could be
/// recognised in the file.
fn erasure_warning(
    connection: &Connection,
    now: Timestamp,
    head: &Head,
    site: Option<(SiteId, bool)>,
) -> Result<Option<String>> {
    let Some((site, is_here)) = site else { return Ok(None) };
    let written_at = Timestamp(head.exported_at);
    let day = Zone::utc().day(written_at);
    if is_here && written_at < now.before(limits::AUDIT_KEPT) {
        return Ok(Some(format!(
            "The file was written on {day}, longer ago than the audit log reaches. If visitors of site {site} were erased \
             since then, what the file holds of them comes back."
        )));
    }
    let count = audit::count_since(connection, site, AuditAction::EraseVisitor.name(), written_at)?;
    let times = if count == 1 { "once".into() } else { format!("{count} times") };
    Ok((count > 0).then(|| {
        format!(
            "Visitors of site {site} were erased {times} since the file was written on {day}. What the file holds of them \
             comes back; erase it again afterwards."
        )
    }))
}

/// Asks for consent to bring erased visitors back; without a terminal an option is required.
fn agree_to_bring_back(warning: &str) -> Result<()> {
    if !terminal::is_there() {
        return Err(Error::Setup(format!(
            "{warning} Import it nevertheless with --bring-back-erased. Nothing was changed."
        )));
    }
    if terminal::agrees(warning)? { Ok(()) } else { Err(called_off()) }
}

/// Previews an exported site.
///
/// # Errors
/// Fails when the file is not valid, or either file cannot be read.
pub fn preview(
    run: &ImportRun<'_>,
    connection: &Connection,
    text: SourceFile,
    bar: &ProgressBar,
) -> Result<ImportPlan> {
    let ImportRun { options, context, .. } = run;
    let head = text.head()?;
    let known = fingerprint::find(connection, Format::Site, None, &head)?;
    let known = known.filter(|known| sites::find(connection, known.site).is_ok_and(|site| site.is_some()));
    let preview = site::preview(&text, &|passed| bar.set_position(passed))?;
    let start = known.clone().unwrap_or_else(|| {
        fingerprint::begin(Format::Site, SiteId(0), text.name(), &head, preview.end, context.now)
    });
    let site = known.as_ref().map(|known| (known.site, preview.head.site.domain.clone()));
    let mut summary = Summary::new(&text, Format::Site, site, options.dry_run);
    summary.fate = match &known {
        _ if preview.counts.has_too_many_invalid() => Fate::TooBad,
        Some(known) if known.ended_at.is_some() => Fate::NothingNew,
        _ => Fate::Written,
    };
    summary.known = known;
    summary.counts = preview.counts;
    if summary.fate == Fate::NothingNew {
        summary.not_done = not_done(options);
    }
    let work = match summary.fate {
        Fate::Written => PlannedWork::Site(Box::new(PlannedSite {
            head: preview.head,
            end: preview.end,
            days: preview.days,
            links: preview.links,
        })),
        Fate::NothingNew | Fate::TooBad => PlannedWork::Nothing,
    };
    Ok(ImportPlan { file: PlannedFile { text, head, start }, work, summary })
}

/// Lists the options that have no effect on a file imported before, a sentence each.
fn not_done(options: &ImportArgs) -> Vec<&'static str> {
    let options = [
        (
            options.target == Some(TargetChoice::New),
            "No second site was made of it: a file becomes a site once (--as new).",
        ),
        (options.with_links, "No guest links were brought along (--with-links)."),
        (options.owner.is_some(), "The site's owner stays (--owner)."),
    ];
    options.into_iter().filter_map(|(is_given, sentence)| is_given.then_some(sentence)).collect()
}

/// Returns the target of an exported site.
fn target(options: &ImportArgs, head: &Head, conflict: &Conflict, links: u64) -> Result<Target> {
    let id = head.site.id()?;
    let (domain, is_same) = match (conflict, options.target) {
        (Conflict::No, Some(TargetChoice::New)) => return Ok(Target::New),
        (Conflict::No, _) => return Ok(Target::Own),
        (Conflict::Same(domain), _) => (domain, true),
        (Conflict::Other(domain), _) => (domain, false),
    };
    match options.target {
        Some(TargetChoice::New) => Ok(Target::New),
        Some(TargetChoice::Same) if is_same => Ok(Target::Same(id)),
        Some(TargetChoice::Same) => Err(Error::Setup(format!(
            "Site {id} here is {domain}, another site than the one in the file. Give that one a new number with \
             `--as new`."
        ))),
        None if !terminal::is_there() => Err(Error::Setup(if is_same {
            format!(
                "Site {id}, {domain}, is here already. Add what is new in the file to it with `--as same`, or make a \
                 second site of the file with `--as new`."
            )
        } else {
            format!(
                "The number {id} is taken: site {id} here is {domain}. Give the site in the file a new number with \
                 `--as new`; its page code must then name that number."
            )
        })),
        None if is_same => prompt_same(id, domain, if options.with_links { 0 } else { links }),
        None => prompt_new(id, domain),
    }
}

/// Returns the owner of an exported site; `None` for a site that exists here already.
fn owner(options: &ImportArgs, connection: &Connection, target: Target) -> Result<Option<UserId>> {
    if matches!(target, Target::Same(_)) {
        return Ok(None);
    }
    if let Some(name) = &options.owner {
        return Ok(Some(person::get(connection, name)?.id));
    }
    match users::list(connection)?.as_slice() {
        [only] => Ok(Some(only.id)),
        [] => Err(Error::Setup(
            "There is no user who could own the site. Add one with `clickstead user add`.".into(),
        )),
        several if terminal::is_there() => prompt_owner(connection, several),
        _ => Err(Error::Setup("Say with --owner NAME who owns the site from now on.".into())),
    }
}

fn prompt_owner(connection: &Connection, users: &[users::User]) -> Result<Option<UserId>> {
    let shown =
        users.iter().take(OWNERS_SHOWN).map(|user| user.username.as_str()).collect::<Vec<_>>().join(", ");
    let more = if users.len() > OWNERS_SHOWN { ", …" } else { "" };
    let name = terminal::prompt(&format!("Who owns the site from now on ({shown}{more})?"))?;
    if name.trim().is_empty() {
        return Err(called_off());
    }
    Ok(Some(person::get(connection, name.trim())?.id))
}

fn prompt_same(id: SiteId, domain: &str, links: u64) -> Result<Target> {
    let left_out = match links {
        0 => String::new(),
        links => format!(" Left out: {links} {}.", counts::describe(counts::GUEST_LINK, links)),
    };
    let question = format!(
        "Site {id}, {domain}, is here already.{left_out} Add what is new in the file to it (same), or make a second site of \
         it (new)?"
    );
    match terminal::prompt(&question)?.trim().to_lowercase().as_str() {
        "same" => Ok(Target::Same(id)),
        "new" => Ok(Target::New),
        _ => Err(called_off()),
    }
}

fn prompt_new(id: SiteId, domain: &str) -> Result<Target> {
    let question = format!("Site {id} here is {domain}, so that the site in the file gets a new number.");
    if terminal::agrees(&question)? { Ok(Target::New) } else { Err(called_off()) }
}
