//! `clickstead import`: a site that was exported, hits that another program wrote down, access logs.

mod site_import;
mod summary;

use super::site::site_id;
use super::terminal::bar;
use super::{Context, Output, seal};
use crate::error::{Error, Result};
use crate::ingest::enrich;
use crate::ingest::geoip::GeoIp;
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::model::clock::{Day, Timestamp};
use crate::model::id::SiteId;
use crate::store::private;
use crate::store::site_export::Head;
use crate::store::sites::Site;
use crate::store::{self, imported_lines, sites, users};
use crate::transfer::format::Format;
use crate::transfer::line_ledger;
use crate::transfer::line_ledger::LineCounts;
use crate::transfer::log_fields::LogFields;
use crate::transfer::sorted::LineOrder;
use crate::transfer::source_file::SourceFile;
use crate::transfer::trusted_proxies::TrustedProxies;
use crate::transfer::{classify, fingerprint, hits};
use indicatif::ProgressBar;
use ipnet::IpNet;
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

/// What `import` is told.
#[derive(clap::Args)]
#[command(
    after_help = "A site that `clickstead export` wrote keeps its number and its keys. Hits are lines of JSON:\n  \
    {\"time\":\"2026-11-01T10:00:00Z\",\"type\":\"pageview\",\"href\":\"/\",\"title\":\"\",\"ref\":\"\",\"ip\":\"\",\"ua\":\"\",\n  \
     \"lang\":\"\",\"res\":\"\",\"uid\":\"\",\"custom\":{},\"goal\":\"\"}\nAccess logs are those of Apache and nginx in the \
    combined format, also with virtual hosts and lists of addresses; only pages that were looked at count.\nAll files may be \
    packed by gzip, and lines need no order. Hits and logs go through the \
    site's rules: robots and exclusions are left out, addresses shortened. Nothing counts twice: a file is known again, \
    also under another name, and one that has grown goes on where it stopped; lines that came with another file in the \
    last 40 days are skipped. The server may run meanwhile."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct ImportArgs {
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
    /// A proxy before the server that wrote a log, such as 10.0.0.0/8: the last address of a line that is no such proxy's
    /// is the visitor's; say it once for each, or `none` where there is no proxy
    #[arg(long, value_name = "CIDR", value_parser = trusted_network)]
    trust_proxy: Vec<TrustedNetwork>,
    /// Bring an exported site's guest links along also when that site is here already: those too that were removed here or
    /// have another address by now
    #[arg(long)]
    with_links: bool,
    /// Import an exported site although visitors were erased here since the file was written: what it holds of them comes
    /// back
    #[arg(long)]
    bring_back_erased: bool,
    /// Who owns an exported site from now on: user name or e-mail; needed when there are several users
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Read and judge everything, say what would come of it, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// A MMDB file with cities or organisations
    #[arg(long, env = "CLICKSTEAD_GEOIP", value_name = "FILE")]
    geoip: Option<PathBuf>,
    /// Hosts known for referrer spam, one a line, beside those that are built in
    #[arg(long, env = "CLICKSTEAD_REFERRER_SPAM_FILE", value_name = "FILE")]
    referrer_spam_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A network of `--trust-proxy`; `None` for `none`, which means that there is no proxy.
#[derive(Clone, Copy, Debug)]
struct TrustedNetwork(Option<IpNet>);

fn trusted_network(text: &str) -> std::result::Result<TrustedNetwork, String> {
    if text.trim() == "none" {
        return Ok(TrustedNetwork(None));
    }
    super::serve::network(text).map(|network| TrustedNetwork(Some(network)))
}

/// A previewed file.
struct Planned {
    text: SourceFile,
    head: Vec<u8>,
    start: store::imports::Import,
    what: What,
    summary: Summary,
}

enum What {
    /// Nothing to write: nothing is new, or too many lines are invalid.
    Nothing,
    Lines {
        site: Box<Site>,
        format: Format,
        end: u64,
        first_at: Option<Timestamp>,
        order: LineOrder,
        fields: LogFields,
        before: LineCounts,
    },
    Site {
        head: Box<Head>,
        end: u64,
        days: HashSet<Day>,
        links: u64,
    },
}

impl ImportArgs {
    pub(super) fn run(self, desk: &Context) -> Result<Output> {
        let is_shared = store::is_in_use(&desk.data);
        let mut connection = store::open(&desk.data, false)?;
        let said = self.import(desk, &mut connection, is_shared);
        store::close(connection)?;
        said
    }

    fn import(&self, desk: &Context, connection: &mut Connection, is_shared: bool) -> Result<Output> {
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
        let is_well = !is_refused && summaries.iter().all(|summary| summary.not_done.is_empty());
        let text = if self.json { summary::json(&summaries) } else { summary::text(&summaries) };
        Ok(Output { text, is_well })
    }

    fn look_through(
        &self,
        desk: &Context,
        connection: &Connection,
        path: &std::path::Path,
    ) -> Result<Planned> {
        let text = SourceFile::open(path)?;
        let Some(format) = self.format.map_or_else(|| Format::detect(&text), |format| Ok(Some(format)))?
        else {
            return Err(Error::Setup(format!("{} is empty.", path.display())));
        };
        let bar = bar(text.size, "looking through {bar:30} {bytes} of {total_bytes}")?;
        let planned = match format {
            Format::Site => site_import::look_through(self, (desk, connection), text, &bar),
            Format::Hits | Format::Log => self.look_through_lines(desk, connection, (text, format), &bar),
        };
        bar.finish_and_clear();
        planned
    }

    fn look_through_lines(
        &self,
        desk: &Context,
        connection: &Connection,
        (text, format): (SourceFile, Format),
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
        let known = fingerprint::find(connection, (format, Some(id)), &head)?;
        let from = known.as_ref().map_or((0, 0), |known| (known.bytes, known.lines));
        let from = (u64::try_from(from.0).unwrap_or(0), u64::try_from(from.1).unwrap_or(0));
        let trusted = self.trusted();
        let fields = LogFields::default();
        let mut judge =
            classify::LineParser { site: &site, format, now: desk.now, trusted: &trusted, fields };
        let progress = |passed| bar.set_position(passed);
        let survey = judge.survey((&text, &head), from, &progress)?;
        let fields = judge.fields;
        let start = known
            .clone()
            .unwrap_or_else(|| fingerprint::begin((format, id), text.name(), (&head, survey.end), desk.now));
        let mut summary = Summary::new(&text, format, Some((id, site.domain.clone())), self.dry_run);
        summary.known = known;
        summary.tally = survey.tally.clone();
        let before = line_ledger::repeated(connection, (&text, &judge), from, &survey)?;
        let warnings =
            [self.forwarded_warning(survey.forwarded.forwarded()), user_warning(survey.user_addresses)];
        summary.warning = warnings.into_iter().flatten().reduce(|all, warning| format!("{all} {warning}"));
        let is_done = summary.known.as_ref().is_some_and(|known| known.ended_at.is_some());
        summary.fate = match () {
            () if summary.tally.is_too_bad() => Fate::TooBad,
            () if survey.end == from.0 && (is_done || from.0 == 0) => Fate::NothingNew,
            () => Fate::Written,
        };
        let what = match summary.fate {
            Fate::Written => What::Lines {
                site: Box::new(site),
                format,
                end: survey.end,
                first_at: survey.first_at,
                order: survey.order,
                fields,
                before,
            },
            Fate::NothingNew | Fate::TooBad => What::Nothing,
        };
        Ok(Planned { text, head, start, what, summary })
    }

    /// Returns the proxies whose `X-Forwarded-For` lists are trusted.
    fn trusted(&self) -> TrustedProxies {
        match &*self.trust_proxy {
            [] => TrustedProxies::Unknown,
            networks => TrustedProxies::Known(networks.iter().filter_map(|network| network.0).collect()),
        }
    }

    /// Returns the warning about lines with a list of addresses that was not trusted.
    fn forwarded_warning(&self, lines: u64) -> Option<String> {
        let is_told = !self.trust_proxy.is_empty();
        let (count, name) =
            if lines == 1 { ("1 line", "names") } else { (&*format!("{lines} lines"), "name") };
        (lines > 0 && !is_told).then(|| {
            format!(
                "{count} {name} further addresses behind the agent, as anybody may send them: the first one counted. If a \
                 proxy stands before the server, import with --trust-proxy CIDR."
            )
        })
    }

    fn write(
        &self,
        desk: &Context,
        connection: &mut Connection,
        plan: Planned,
        is_shared: bool,
    ) -> Result<Summary> {
        let Planned { text, head, start, what, mut summary } = plan;
        let trusted = self.trusted();
        let bar = bar(text.size, "importing {bar:40} {bytes} of {total_bytes}, {eta} to go")?;
        match what {
            What::Nothing => {}
            What::Lines { site, format, end, order, fields, before, .. } => {
                let judge =
                    classify::LineParser { site: &site, format, now: desk.now, trusted: &trusted, fields };
                let places = self.geoip.as_deref().map_or_else(|| Ok(GeoIp::builtin()), GeoIp::open)?;
                let spam = self
                    .referrer_spam_file
                    .as_deref()
                    .map_or_else(|| Ok(ReferrerSpam::builtin()), ReferrerSpam::open)?;
                let making = enrich::Enricher::new(Arc::new(places));
                let hand = desk.hand();
                let start_from = start.clone();
                let survey = summary.tally.clone();
                let job = hits::HitImport {
                    text: &text,
                    judge,
                    desk: &making,
                    start,
                    end,
                    order,
                    survey: &survey,
                    before: &before,
                    folder: private::folder_of(&desk.data),
                    head: &head,
                    hand: &hand,
                    spam: Arc::new(spam),
                };
                let is_unfinished = summary.tally.is_unfinished;
                let progress = |passed| bar.set_position(passed);
                summary.tally = if self.dry_run {
                    let mut scratch = scratch_with(connection, site.id, &start_from)?;
                    hits::run(&mut scratch, &job, false, &progress)?
                } else {
                    hits::run(connection, &job, is_shared, &progress)?
                };
                summary.tally.is_unfinished = is_unfinished;
            }
            What::Site { head: site, end, days, links } => {
                let file = site_import::PreviewedSite {
                    text: &text,
                    head: &site,
                    beginning: &head,
                    end,
                    days: &days,
                    links,
                    start,
                };
                let progress = |passed| bar.set_position(passed);
                file.write(self, (desk, connection, is_shared), &mut summary, &progress)?;
            }
        }
        bar.finish_and_clear();
        Ok(summary)
    }
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
