//! `clickstead digest`: e-mail reports, to users and to addresses outside.

use super::context::Context;
use super::output::{json, table};
use super::person;
use crate::alerts::digests::outside::{self, Asking, OutsideSettings};
use crate::alerts::digests::standing::{self, Standing};
use crate::alerts::digests::subscriptions::{self, DigestSettings};
use crate::alerts::digests::{due, ending, sending};
use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::ingest::change_log::ChangeLog;
use crate::limits::EngineLimits;
use crate::mail::templates::Letters;
use crate::model::clock::Timestamp;
use crate::model::id::{DigestId, LinkId, SiteId, Token};
use crate::model::rhythm::Rhythm;
use crate::reports::data_reader::DataReader;

use crate::reports::engine::block_cache::BlockCache;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::store::digest_periods;
use crate::store::digests::{self, Audience, Digest};
use crate::store::{sites, users};
use rusqlite::Connection;
use serde_json::{Value, json};

/// The verbs of `digest`.
#[derive(clap::Subcommand)]
pub enum DigestArgs {
    /// Set up an e-mail report: of a user with --user, or to an address outside with --to and --link
    Add(AddDigestArgs),
    /// List e-mail reports
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send an e-mail report now, about the newest period that is over; the server delivers it
    Send {
        /// Its number, see `digest list`
        #[arg(value_parser = digest_id)]
        digest: DigestId,
        #[command(flatten)]
        home: Home,
    },
    /// Remove an e-mail report
    Remove {
        /// Its number, see `digest list`
        #[arg(value_parser = digest_id)]
        digest: DigestId,
    },
}

/// The options of `digest add`.
#[derive(clap::Args)]
pub struct AddDigestArgs {
    /// How often: daily, weekly or monthly
    #[arg(long, value_name = "RHYTHM", value_parser = rhythm)]
    every: Rhythm,
    /// The number of a site, once for each
    #[arg(long = "site", required = true, value_name = "SITE", value_parser = super::values::site_id)]
    sites: Vec<SiteId>,
    /// The user who gets it
    #[arg(long, value_name = "USER", conflicts_with_all = ["to", "link"], required_unless_present = "to")]
    user: Option<String>,
    /// The address outside that gets it, once it has confirmed that it wants it
    #[arg(long, value_name = "ADDRESS", requires = "link")]
    to: Option<String>,
    /// The number of the guest link that the address outside gets, see `link list`
    #[arg(long, value_name = "LINK", requires = "to", value_parser = link_id)]
    link: Option<LinkId>,
    #[command(flatten)]
    home: Home,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The address that links in letters begin with.
#[derive(clap::Args)]
pub struct Home {
    /// The address that people use, such as <https://stats.example.com>
    #[arg(long, env = "CLICKSTEAD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl Home {
    fn letters(&self) -> Result<Letters> {
        let Some(url) = &self.public_url else {
            return Err(Error::Setup(
                "Letters carry links: say with --public-url https://HOST where people reach Clickstead."
                    .into(),
            ));
        };
        Ok(Letters { home: PublicUrl::parse(url)? })
    }
}

fn digest_id(text: &str) -> std::result::Result<DigestId, String> {
    DigestId::parse(text)
        .ok_or_else(|| "a report's number is made of digits, see `clickstead digest list`".into())
}

fn link_id(text: &str) -> std::result::Result<LinkId, String> {
    LinkId::parse(text).ok_or_else(|| "a link's number is made of digits, see `clickstead link list`".into())
}

fn rhythm(text: &str) -> std::result::Result<Rhythm, String> {
    text.parse().map_err(|_| "write daily, weekly or monthly".into())
}

impl DigestArgs {
    pub(super) fn run(self, context: &Context) -> Result<String> {
        match self {
            Self::Add(add) => add.run(context),
            Self::List { json } => list(context, json),
            Self::Send { digest, home } => send(context, digest, &home.letters()?),
            Self::Remove { digest } => {
                context.change(|tx| match digests::get(tx, digest)?.audience {
                    Audience::User { user, .. } => subscriptions::remove(tx, user, digest),
                    Audience::Outside(about) => outside::remove(tx, &context.actor(), about.site, digest),
                })?;
                Ok(format!("E-mail report {digest} is removed."))
            }
        }
    }
}

impl AddDigestArgs {
    fn run(self, context: &Context) -> Result<String> {
        let (id, note) = match (&self.user, &self.to) {
            (Some(name), _) => {
                let settings = DigestSettings { rhythm: self.every, sites: self.sites.clone() };
                let id = context.change(|tx| {
                    let user = person::get_or_advise(tx, name)?;
                    subscriptions::add(tx, user.id, &settings, context.now)
                })?;
                (id, format!("It goes to {name}, {}.", self.every.when()))
            }
            (None, Some(to)) => {
                let [site] = self.sites.as_slice() else {
                    return Err(Error::Setup("A report to an address outside is about one site.".into()));
                };
                let (letters, token) = (self.home.letters()?, Token::generate()?);
                let settings = OutsideSettings { link: self.link, recipient: to.clone(), rhythm: self.every };
                let id = context.change(|tx| {
                    let site = sites::get(tx, *site)?;
                    let asking = Asking { letters: &letters, token: &token };
                    outside::add(tx, &context.actor(), None, &site, &settings, &asking)
                })?;
                (id, format!("{to} gets a letter with a link first, and reports once that is confirmed."))
            }
            (None, None) => {
                return Err(Error::Setup("Name a user with --user, or an address with --to.".into()));
            }
        };
        if self.json {
            return Ok(json(&json!({"digest_id": id.0})));
        }
        Ok(format!("E-mail report {id} is set up. {note}"))
    }
}

/// Composes a report and puts its letter into the outbox, from which a server delivers it.
fn send(context: &Context, id: DigestId, letters: &Letters) -> Result<String> {
    let address = context.change(|tx| {
        let digest = digests::get(tx, id)?;
        let blocks = BlockCache::new(ChangeLog::default(), EngineLimits::default());
        let snapshot = Snapshot::new(tx, &blocks, context.now, blocks.position());
        let reader = DataReader { connection: tx, engine: &SqliteEngine::new(&snapshot), now: context.now };
        let Some(composed) = sending::compose_now(&reader, &digest, context.now)? else {
            let why = match standing::find(tx, &digest, context.now)? {
                Standing::Waits(sentence) => sentence,
                Standing::Over(why) => ending::sentence(why),
                Standing::Open(_) => "",
            };
            return Err(Error::Setup(format!("This report can't be sent now. {why}")));
        };
        sending::write_now(tx, letters, &composed, context.now)?;
        Ok(composed.prepared.recipient.address)
    })?;
    Ok(format!("The report to {address} is in the outbox. A server with a mail server sends it."))
}

/// A report of the list, with what is looked up for it.
struct Listed {
    digest: Digest,
    recipient: String,
    sites: Vec<SiteId>,
    state: String,
    next: Option<Timestamp>,
    last: Option<String>,
}

fn look_up(connection: &Connection, digest: Digest, now: Timestamp) -> Result<Listed> {
    let (recipient, sites) = match &digest.audience {
        Audience::User { user, sites } => (users::get(connection, *user)?.username, sites.clone()),
        Audience::Outside(outside) => (outside.recipient.clone(), vec![outside.site]),
    };
    let (state, next) = match standing::find(connection, &digest, now)? {
        Standing::Open(open) => ("active".to_owned(), due::next_at(&digest, &open, now)),
        Standing::Waits(sentence) => (sentence.to_owned(), None),
        Standing::Over(why) => (ending::sentence(why).to_owned(), None),
    };
    let last = digest_periods::find_last(connection, digest.id)?.map(|(period, _)| period.last.to_string());
    Ok(Listed { digest, recipient, sites, state, next, last })
}

fn list(context: &Context, as_json: bool) -> Result<String> {
    let listed: Vec<Listed> = context.read(|connection| {
        let all = digests::list(connection)?.into_iter();
        all.map(|digest| look_up(connection, digest, context.now)).collect()
    })?;
    if as_json {
        return Ok(json(&listed.iter().map(listed_json).collect()));
    }
    let rows = listed.iter().map(|one| {
        vec![
            one.digest.id.to_string(),
            one.recipient.clone(),
            one.digest.rhythm.name().to_owned(),
            one.sites.iter().map(SiteId::to_string).collect::<Vec<_>>().join(","),
            one.next.map_or_else(|| "–".to_owned(), Timestamp::rfc3339),
            one.last.clone().unwrap_or_else(|| "–".to_owned()),
            one.state.clone(),
        ]
    });
    let head = ["ID", "TO", "EVERY", "SITES", "NEXT", "SENT UP TO", "STATE"];
    Ok(table(&head, &rows.collect::<Vec<_>>()))
}

fn listed_json(one: &Listed) -> Value {
    let link = match &one.digest.audience {
        Audience::Outside(outside) => outside.link.map(|link| link.0),
        Audience::User { .. } => None,
    };
    let is_outside = matches!(one.digest.audience, Audience::Outside(_));
    json!({
        "digest_id": one.digest.id.0, "to": one.recipient, "outside": is_outside, "link_id": link,
        "rhythm": one.digest.rhythm.name(), "sites": one.sites.iter().map(|site| site.0).collect::<Vec<_>>(),
        "state": one.state, "next_at": one.next.map(Timestamp::seconds), "sent_up_to": one.last,
        "created_at": one.digest.created_at.seconds(),
    })
}
