//! `clickstead import`: a site that was exported, hits that another program wrote down, access logs.

mod summary;

use super::site::site_id;
use super::terminal::{self, bar};
use super::{Desk, Said, called_off, seal};
use crate::clock::{Day, Timestamp};
use crate::error::{Error, Result};
use crate::id::{SiteId, UserId};
use crate::import::format::Format;
use crate::import::site::{Place, Taken};
use crate::import::text::Text;
use crate::import::{hits, judge, known, site};
use crate::ingest::place::Places;
use crate::ingest::prepare;
use crate::store::site_file::Head;
use crate::store::sites::Site;
use crate::store::{self, sites, users};
use indicatif::ProgressBar;
use rusqlite::Connection;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use summary::{Fate, Summary};

/// Where a site goes whose number is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// It gets another number
    New,
    /// Into the same site, which is here already
    Same,
}

/// Users that are named when somebody is asked for one.
const OWNERS_SHOWN: usize = 10;

/// What `import` is told.
#[derive(clap::Args)]
#[command(
    after_help = "A site that `clickstead export` wrote keeps its number and its keys. Hits are lines of JSON:\n  \
    {\"time\":\"2026-11-01T10:00:00Z\",\"type\":\"pageview\",\"href\":\"/\",\"title\":\"\",\"ref\":\"\",\"ip\":\"\",\"ua\":\"\",\n  \
     \"lang\":\"\",\"res\":\"\",\"uid\":\"\",\"custom\":{},\"goal\":\"\"}\nAccess logs are those of Apache and nginx in the \
    combined format; only pages that were looked at count. All files may be packed by gzip.\nHits and logs go through the \
    site's rules: robots and exclusions are left out, addresses shortened. Nothing counts twice: a file is known again, \
    also under another name, and one that has grown goes on where it stopped. The server may run meanwhile."
)]
pub struct Import {
    /// The files; those of hits and logs are taken in the order of time
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site that hits and logs are for: its number
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: Option<SiteId>,
    /// What the files are, when it can't be told from their first lines
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where an exported site goes whose number is taken
    #[arg(long = "as", value_name = "PLACE")]
    place: Option<As>,
    /// Who owns an exported site from now on: user name or e-mail; needed when there are several users
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Read and judge everything, say what would come of it, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// A MMDB file with cities or organisations
    #[arg(long, env = "CLICKSTEAD_GEOIP", value_name = "FILE")]
    geoip: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A file that was looked through.
struct Planned {
    text: Text,
    head: Vec<u8>,
    start: store::imports::Import,
    what: What,
    summary: Summary,
}

enum What {
    /// Nothing of it is new, or too much of it is bad.
    Nothing,
    Lines {
        site: Box<Site>,
        format: Format,
        end: u64,
        first_at: Option<Timestamp>,
    },
    Site {
        head: Box<Head>,
        end: u64,
        days: HashSet<Day>,
    },
}

impl Import {
    pub(super) fn run(self, desk: &Desk) -> Result<Said> {
        let is_shared = store::is_in_use(&desk.data);
        let mut connection = store::open(&desk.data, false)?;
        let said = self.import(desk, &mut connection, is_shared);
        store::close(connection)?;
        said
    }

    fn import(&self, desk: &Desk, connection: &mut Connection, is_shared: bool) -> Result<Said> {
        let mut plans = Vec::new();
        for path in &self.files {
            plans.push(self.look_through(desk, connection, path)?);
        }
        let is_refused = plans.iter().any(|plan| plan.summary.fate == Fate::TooBad);
        plans.sort_by_key(|plan| match &plan.what {
            What::Lines { first_at, .. } => *first_at,
            _ => None,
        });
        let mut summaries = Vec::new();
        for plan in plans {
            if is_refused {
                summaries.push(plan.summary);
                continue;
            }
            summaries.push(self.write(desk, connection, plan, is_shared)?);
        }
        if let Some(id) = self.site.filter(|_| !is_refused && !self.dry_run) {
            hits::forget_salts(connection, &sites::get(connection, id)?, desk.now)?;
        }
        if !is_refused && !self.dry_run {
            seal(connection, desk)?;
        }
        let text = if self.json { summary::json(&summaries) } else { summary::text(&summaries) };
        Ok(Said { text, is_well: !is_refused })
    }

    fn look_through(&self, desk: &Desk, connection: &Connection, path: &std::path::Path) -> Result<Planned> {
        let text = Text::open(path)?;
        let Some(format) = self.format.map_or_else(|| Format::of(&text), |format| Ok(Some(format)))? else {
            return Err(Error::Setup(format!("{} is empty.", path.display())));
        };
        let bar = bar(text.size, "looking through {bar:30} {bytes} of {total_bytes}")?;
        let planned = match format {
            Format::Site => look_through_site(desk, connection, text, (&bar, self.dry_run)),
            Format::Hits | Format::Log => self.look_through_lines(desk, connection, (text, format), &bar),
        };
        bar.finish_and_clear();
        planned
    }

    fn look_through_lines(
        &self,
        desk: &Desk,
        connection: &Connection,
        (text, format): (Text, Format),
        bar: &ProgressBar,
    ) -> Result<Planned> {
        let Some(id) = self.site else {
            return Err(Error::Setup(format!(
                "{} holds hits: say with --site ID which site they are for; see `clickstead site list`.",
                text.name()
            )));
        };
        let site = sites::get(connection, id)?;
        let head = text.head()?;
        let known = known::find(connection, (format, Some(id)), &head)?;
        let from = known.as_ref().map_or((0, 0), |known| (known.bytes, known.lines));
        let from = (u64::try_from(from.0).unwrap_or(0), u64::try_from(from.1).unwrap_or(0));
        let judge = judge::Judge { site: &site, format, now: desk.now };
        let survey = judge.survey(&text, from, &|passed| bar.set_position(passed))?;
        let start = known
            .clone()
            .unwrap_or_else(|| known::begin((format, id), text.name(), (&head, survey.end), desk.now));
        let mut summary = Summary::new(&text, format, Some((id, site.domain.clone())), self.dry_run);
        summary.known = known;
        summary.tally = survey.tally;
        let is_done = summary.known.as_ref().is_some_and(|known| known.ended_at.is_some());
        summary.fate = match () {
            () if summary.tally.is_too_bad() => Fate::TooBad,
            () if survey.end == from.0 && (is_done || from.0 == 0) => Fate::NothingNew,
            () => Fate::Written,
        };
        let what = match summary.fate {
            Fate::Written => {
                What::Lines { site: Box::new(site), format, end: survey.end, first_at: survey.first_at }
            }
            Fate::NothingNew | Fate::TooBad => What::Nothing,
        };
        Ok(Planned { text, head, start, what, summary })
    }

    fn write(
        &self,
        desk: &Desk,
        connection: &mut Connection,
        plan: Planned,
        is_shared: bool,
    ) -> Result<Summary> {
        let Planned { text, head, start, what, mut summary } = plan;
        let bar = bar(text.size, "importing {bar:40} {bytes} of {total_bytes}, {eta} to go")?;
        match what {
            What::Nothing => {}
            What::Lines { site, format, end, .. } => {
                let judge = judge::Judge { site: &site, format, now: desk.now };
                let places = self.geoip.as_deref().map_or_else(|| Ok(Places::builtin()), Places::open)?;
                let making = prepare::Desk::new(Arc::new(places));
                let hand = desk.hand();
                let job =
                    hits::Job { text: &text, judge, desk: &making, start, end, head: &head, hand: &hand };
                let is_unfinished = summary.tally.is_unfinished;
                let progress = |passed| bar.set_position(passed);
                summary.tally = if self.dry_run {
                    let mut scratch = scratch_with(connection, site.id)?;
                    hits::run(&mut scratch, &job, false, &progress)?
                } else {
                    hits::run(connection, &job, is_shared, &progress)?
                };
                summary.tally.is_unfinished = is_unfinished;
            }
            What::Site { head, end, days } => {
                let (place, owner) = match start.site {
                    SiteId(0) => {
                        let place = self.place(connection, &head)?;
                        (place, self.owner(connection, place)?)
                    }
                    known => (Place::Same(known), None),
                };
                if !self.dry_run {
                    let (hand, days) = (desk.hand(), &days);
                    let job =
                        site::Job { text: &text, head: &head, end, days, start, place, owner, hand: &hand };
                    let progress = |passed| bar.set_position(passed);
                    let (site, tally) = site::run(connection, &job, is_shared, &progress)?;
                    summary.tally = tally;
                    summary.site = Some((site, head.site.domain.clone()));
                }
            }
        }
        bar.finish_and_clear();
        Ok(summary)
    }

    /// Where an exported site goes.
    fn place(&self, connection: &Connection, head: &Head) -> Result<Place> {
        let id = head.site.id()?;
        let (domain, is_same) = match (site::taken(connection, head)?, self.place) {
            (Taken::No, Some(As::New)) => return Ok(Place::New),
            (Taken::No, _) => return Ok(Place::Own),
            (Taken::Same(domain), _) => (domain, true),
            (Taken::Other(domain), _) => (domain, false),
        };
        match self.place {
            Some(As::New) => Ok(Place::New),
            Some(As::Same) if is_same => Ok(Place::Same(id)),
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
            None if is_same => ask_same(id, &domain),
            None => ask_new(id, &domain),
        }
    }

    /// Whose an exported site becomes; nobody's where it is here already.
    fn owner(&self, connection: &Connection, place: Place) -> Result<Option<UserId>> {
        if matches!(place, Place::Same(_)) {
            return Ok(None);
        }
        if let Some(name) = &self.owner {
            return Ok(Some(users::get_by_name(connection, name)?.id));
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
}

fn ask_owner(connection: &Connection, users: &[users::User]) -> Result<Option<UserId>> {
    let shown =
        users.iter().take(OWNERS_SHOWN).map(|user| user.username.as_str()).collect::<Vec<_>>().join(", ");
    let more = if users.len() > OWNERS_SHOWN { ", …" } else { "" };
    let name = terminal::ask(&format!("Who owns the site from now on ({shown}{more})?"))?;
    if name.trim().is_empty() {
        return Err(called_off());
    }
    Ok(Some(users::get_by_name(connection, name.trim())?.id))
}

fn ask_same(id: SiteId, domain: &str) -> Result<Place> {
    let question = format!(
        "Site {id}, {domain}, is here already. Add what is new in the file to it (same), or make a second site of it (new)?"
    );
    match terminal::ask(&question)?.trim().to_lowercase().as_str() {
        "same" => Ok(Place::Same(id)),
        "new" => Ok(Place::New),
        _ => Err(called_off()),
    }
}

fn ask_new(id: SiteId, domain: &str) -> Result<Place> {
    let question = format!("Site {id} here is {domain}, so that the site in the file gets a new number.");
    if terminal::agrees(&question)? { Ok(Place::New) } else { Err(called_off()) }
}

fn look_through_site(
    desk: &Desk,
    connection: &Connection,
    text: Text,
    (bar, is_dry): (&ProgressBar, bool),
) -> Result<Planned> {
    let head = text.head()?;
    let known = known::find(connection, (Format::Site, None), &head)?;
    let known = known.filter(|known| sites::find(connection, known.site).is_ok_and(|site| site.is_some()));
    let survey = site::survey(&text, &|passed| bar.set_position(passed))?;
    let start = known.clone().unwrap_or_else(|| {
        known::begin((Format::Site, SiteId(0)), text.name(), (&head, survey.end), desk.now)
    });
    let site = known.as_ref().map(|known| (known.site, survey.head.site.domain.clone()));
    let mut summary = Summary::new(&text, Format::Site, site, is_dry);
    summary.fate = match &known {
        _ if survey.tally.is_too_bad() => Fate::TooBad,
        Some(known) if known.ended_at.is_some() => Fate::NothingNew,
        _ => Fate::Written,
    };
    summary.known = known;
    summary.tally = survey.tally;
    let what = match summary.fate {
        Fate::Written => What::Site { head: Box::new(survey.head), end: survey.end, days: survey.days },
        Fate::NothingNew | Fate::TooBad => What::Nothing,
    };
    Ok(Planned { text, head, start, what, summary })
}

/// A file of its own with the same site, in which hits can be tried.
fn scratch_with(connection: &Connection, site: SiteId) -> Result<Connection> {
    let mut scratch = store::scratch()?;
    let head = Head::of(connection, site, false, Timestamp(0))?;
    store::change(&mut scratch, |tx| {
        let nobody = users::NewUser { username: "nobody", email: "", password: "", created_at: Timestamp(0) };
        let owner = users::create(tx, &nobody)?;
        head.site.create(tx, owner, Some(site))
    })?;
    Ok(scratch)
}
