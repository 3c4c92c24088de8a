//! Import of an exported site: preview, choice of the target, and writing.

use super::summary::{Fate, Summary};
use super::{As, ImportArgs, Planned, What};
use crate::access::audit::AuditAction;
use crate::cli::terminal;
use crate::cli::{Context, called_off, person};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId};
use crate::store::site_export::Head;
use crate::store::{audit, imports};
use crate::store::{sites, users};
use crate::transfer::format::Format;
use crate::transfer::site::{Conflict, Target};
use crate::transfer::source_file::SourceFile;
use crate::transfer::{counts, fingerprint, site};
use indicatif::ProgressBar;
use rusqlite::Connection;
use std::collections::HashSet;

/// The number of users listed when an owner has to be chosen.
const OWNERS_SHOWN: usize = 10;

/// A previewed file with an exported site.
pub struct PreviewedSite<'a> {
    pub text: &'a SourceFile,
    /// The header line.
    pub head: &'a Head,
    /// The first bytes, by whose hash the file is recognised.
    pub beginning: &'a [u8],
    /// The offset of the end of the last line.
    pub end: u64,
    /// The days with visits.
    pub days: &'a HashSet<Day>,
    /// The number of guest links.
    pub links: u64,
    /// The progress of an earlier import.
    pub start: imports::Import,
}

impl PreviewedSite<'_> {
    /// Writes the new contents of the file; nothing in a dry run.
    ///
    /// # Errors
    /// Fails when consent is refused, the file is not valid, or either file cannot be read or written.
    pub fn write(
        self,
        order: &ImportArgs,
        (desk, connection, is_shared): (&Context, &mut Connection, bool),
        summary: &mut Summary,
        progress: &dyn Fn(u64),
    ) -> Result<()> {
        let Self { text, head, beginning, end, days, links, mut start } = self;
        let (place, owner) = match start.site {
            SiteId(0) => {
                let taken = site::taken(connection, head)?;
                if let Conflict::Same(_) = taken {
                    start.format = imports::SITE_AGAIN.into();
                }
                summary.warning = erasures(connection, desk.now, head, of_erasures(head, &taken)?)?;
                let place = place(order, head, (&taken, links))?;
                (place, owner(order, connection, place)?)
            }
            known => {
                summary.warning = erasures(connection, desk.now, head, Some((known, true)))?;
                (Target::Same(known), None)
            }
        };
        let with_links = order.with_links || start.format != imports::SITE_AGAIN;
        if order.dry_run {
            if !with_links && links > 0 {
                summary.tally.taken -= links;
                summary.tally.left_out.insert(counts::GUEST_LINK, links);
            }
            return Ok(());
        }
        if let Some(warning) = summary.warning.as_ref().filter(|_| !order.bring_back_erased) {
            agree_to_bring_back(warning)?;
        }
        let hand = desk.hand();
        let job = site::SiteImport {
            text,
            head,
            beginning,
            end,
            days,
            start,
            place,
            owner,
            with_links,
            hand: &hand,
        };
        let (site, tally) = site::run(connection, &job, is_shared, progress)?;
        summary.tally = tally;
        summary.site = Some((site, head.site.domain.clone()));
        Ok(())
    }
}

/// Returns the local site whose erased visitors may be in the file, and true if it exists now.
fn of_erasures(head: &Head, taken: &Conflict) -> Result<Option<(SiteId, bool)>> {
    Ok(match taken {
        Conflict::Other(_) => None,
        Conflict::Same(_) => Some((head.site.id()?, true)),
        Conflict::No => Some((head.site.id()?, false)),
    })
}

/// Returns the warning about visitors erased here since the file was written. Nothing is stored by which they could be
/// recognised in the file.
fn erasures(
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
pub fn look_through(
    order: &ImportArgs,
    (desk, connection): (&Context, &Connection),
    text: SourceFile,
    bar: &ProgressBar,
) -> Result<Planned> {
    let head = text.head()?;
    let known = fingerprint::find(connection, (Format::Site, None), &head)?;
    let known = known.filter(|known| sites::find(connection, known.site).is_ok_and(|site| site.is_some()));
    let survey = site::survey(&text, &|passed| bar.set_position(passed))?;
    let start = known.clone().unwrap_or_else(|| {
        fingerprint::begin((Format::Site, SiteId(0)), text.name(), (&head, survey.end), desk.now)
    });
    let site = known.as_ref().map(|known| (known.site, survey.head.site.domain.clone()));
    let mut summary = Summary::new(&text, Format::Site, site, order.dry_run);
    summary.fate = match &known {
        _ if survey.tally.is_too_bad() => Fate::TooBad,
        Some(known) if known.ended_at.is_some() => Fate::NothingNew,
        _ => Fate::Written,
    };
    summary.known = known;
    summary.tally = survey.tally;
    if summary.fate == Fate::NothingNew {
        summary.not_done = not_done(order);
    }
    let what = match summary.fate {
        Fate::Written => {
            let (links, end, days) = (survey.links, survey.end, survey.days);
            What::Site { head: Box::new(survey.head), end, days, links }
        }
        Fate::NothingNew | Fate::TooBad => What::Nothing,
    };
    Ok(Planned { text, head, start, what, summary })
}

/// Lists the options that have no effect on a file imported before, a sentence each.
fn not_done(order: &ImportArgs) -> Vec<&'static str> {
    let asked = [
        (
            order.place == Some(As::New),
            "No second site was made of it: a file becomes a site once (--as new).",
        ),
        (order.with_links, "No guest links were brought along (--with-links)."),
        (order.owner.is_some(), "The site's owner stays (--owner)."),
    ];
    asked.into_iter().filter_map(|(is_asked, sentence)| is_asked.then_some(sentence)).collect()
}

/// Returns the target of an exported site.
fn place(order: &ImportArgs, head: &Head, (taken, links): (&Conflict, u64)) -> Result<Target> {
    let id = head.site.id()?;
    let (domain, is_same) = match (taken, order.place) {
        (Conflict::No, Some(As::New)) => return Ok(Target::New),
        (Conflict::No, _) => return Ok(Target::Own),
        (Conflict::Same(domain), _) => (domain, true),
        (Conflict::Other(domain), _) => (domain, false),
    };
    match order.place {
        Some(As::New) => Ok(Target::New),
        Some(As::Same) if is_same => Ok(Target::Same(id)),
        Some(As::Same) => Err(Error::Setup(format!(
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
        None if is_same => ask_same(id, domain, if order.with_links { 0 } else { links }),
        None => ask_new(id, domain),
    }
}

/// Returns the owner of an exported site; `None` for a site that exists here already.
fn owner(order: &ImportArgs, connection: &Connection, place: Target) -> Result<Option<UserId>> {
    if matches!(place, Target::Same(_)) {
        return Ok(None);
    }
    if let Some(name) = &order.owner {
        return Ok(Some(person::get(connection, name)?.id));
    }
    match users::list(connection)?.as_slice() {
        [only] => Ok(Some(only.id)),
        [] => Err(Error::Setup(
            "There is no user who could own the site. Add one with `clickstead user add`.".into(),
        )),
        several if terminal::is_there() => ask_owner(connection, several),
        _ => Err(Error::Setup("Say with --owner NAME who owns the site from now on.".into())),
    }
}

fn ask_owner(connection: &Connection, users: &[users::User]) -> Result<Option<UserId>> {
    let shown =
        users.iter().take(OWNERS_SHOWN).map(|user| user.username.as_str()).collect::<Vec<_>>().join(", ");
    let more = if users.len() > OWNERS_SHOWN { ", …" } else { "" };
    let name = terminal::prompt(&format!("Who owns the site from now on ({shown}{more})?"))?;
    if name.trim().is_empty() {
        return Err(called_off());
    }
    Ok(Some(person::get(connection, name.trim())?.id))
}

fn ask_same(id: SiteId, domain: &str, links: u64) -> Result<Target> {
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

fn ask_new(id: SiteId, domain: &str) -> Result<Target> {
    let question = format!("Site {id} here is {domain}, so that the site in the file gets a new number.");
    if terminal::agrees(&question)? { Ok(Target::New) } else { Err(called_off()) }
}
