//! The program's state: clock, data file, queues, live feed. `read` and `write` are the only gates to blocking
//! work. Each kind of background work has a module below, whose functions work on the state.

pub mod backup;
pub mod blocking;
pub mod cleanup;
pub mod dropped_hits;
pub mod filtered_hits;
pub mod health;
pub mod hostnames;
pub mod limited_work;
pub mod live_days;
pub mod mail_queue;
pub mod queue;
pub mod salts;
pub mod sealing;
pub mod trusted_clock;
mod write_ahead_log;

use self::dropped_hits::PendingDroppedHits;
use self::limited_work::LimitedWork;
use self::trusted_clock::TrustedClock;
use crate::access::pending_sign_ins::PendingSignIns;
use crate::access::stream_limits::StreamLimits;
use crate::access::throttle::Throttle;
use crate::config::ServeConfig;
use crate::error::{Error, Result};
use crate::ingest::change_log::ChangeLog;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::enrich::Enricher;
use crate::ingest::geoip::GeoIp;
use crate::ingest::hit::Hit;
use crate::ingest::live::Feed;
use crate::ingest::recorder::{Admission, HitReceipt, Recorder};
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::ingest::reverse_dns::LookupQueue;
use crate::mail::smtp::Mailer;
use crate::mail::templates::Letters;
use crate::model::clock::{Clock, Timestamp};
use crate::model::id::Token;
use crate::reports::answer::Answer;
use crate::reports::data_reader::DataReader;
use crate::reports::engine;
use crate::reports::engine::block_cache::BlockCache;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::query::Query;
use crate::store::cancellation::Cancellation;
use crate::store::writer::Writer;
use crate::store::{self, ReaderPool, sites};
use rusqlite::{Connection, Transaction};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::watch;

/// The state that requests and tasks share.
pub struct App {
    /// The settings that the program was started with.
    pub config: ServeConfig,
    /// The source of the time.
    pub clock: Clock,
    /// The enricher that turns beacons into hits.
    pub enricher: Enricher,
    /// The table of sites and addresses that predicts which hits will be accepted.
    pub admission: Admission,
    /// The location database of IP addresses.
    pub geoip: Arc<GeoIp>,
    /// The list of hosts known for referrer spam.
    pub spam: Arc<ReferrerSpam>,
    /// The live feed of recorded actions.
    pub feed: Feed,
    /// The throttle of failed sign-ins.
    pub throttle: Throttle,
    /// The throttle of wrong second-factor codes.
    pub code_throttle: Throttle,
    /// The throttle of wrong second-factor codes from all unknown browsers together.
    pub strange_code_throttle: Throttle,
    /// The throttle of requests for a new password.
    pub reset_throttle: Throttle,
    /// The throttle of wrong passwords of guest links.
    pub link_throttle: Throttle,
    /// The throttle of names tried that do not exist.
    pub guess_throttle: Throttle,
    /// The throttle of shares and invitations.
    pub share_throttle: Throttle,
    /// The throttle of one user's letters about shared sites, by mailbox.
    pub letter_throttle: Throttle,
    /// The throttle of letters about shared sites that one mailbox gets from all users.
    pub mailbox_throttle: Throttle,
    /// The limits on event streams.
    pub stream_limits: StreamLimits,
    /// The sign-ins that wait for the second factor.
    pub pending_sign_ins: PendingSignIns,
    /// The templates of letters; `None` if no mail is sent.
    pub letters: Option<Letters>,
    /// The token of the set-up page, which creates the first user.
    pub setup: Token,
    /// The counts of hits dropped before the writer.
    pub dropped_hits: PendingDroppedHits,
    /// The work with limited concurrency.
    pub limited_work: LimitedWork,
    /// The clock as far as it is trusted.
    pub trusted_clock: TrustedClock,
    mailer: Option<Mailer>,
    sending: tokio::sync::Mutex<()>,
    deleting: tokio::sync::Mutex<()>,
    sealing: tokio::sync::Mutex<()>,
    pruning: tokio::sync::Mutex<()>,
    probing: tokio::sync::Mutex<()>,
    readers: ReaderPool,
    block_cache: Arc<BlockCache>,
    changes: ChangeLog,
    lookups: LookupQueue,
    /// True while the write-ahead log may still hold deleted salts or address keys.
    has_secrets_in_log: AtomicBool,
    writer: Writer<Recorder>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Opens the data file and starts the writer.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be opened or written, the GeoIP or referrer spam file cannot be read, or
    /// the mail settings are not valid.
    pub fn start(config: ServeConfig, clock: Clock) -> Result<Self> {
        let mut connection = store::open(&config.data, true)?;
        store::writable::check(&mut connection, &config.data)?;
        unseal_premature_days(&mut connection, clock.now())?;
        let trusted_clock = TrustedClock::open(&mut connection, clock.clone())?;
        let readers = ReaderPool::new(&config.data)?;
        let feed = Feed::new();
        let changes = ChangeLog::default();
        let lookups = LookupQueue::default();
        let waiting = config.resolve_hostnames.then(|| lookups.clone());
        let admission = Admission::default();
        let spam = Arc::new(match &config.referrer_spam_file {
            Some(path) => ReferrerSpam::open(path)?,
            None => ReferrerSpam::builtin(),
        });
        let recorder =
            Recorder::new(feed.clone(), changes.clone(), waiting, admission.clone(), Arc::clone(&spam));
        let writer = Writer::start(connection, &config.data, recorder)?;
        let geoip = Arc::new(match &config.geoip {
            Some(path) => GeoIp::open(path)?,
            None => GeoIp::builtin(),
        });
        Ok(Self {
            clock,
            enricher: Enricher::new(Arc::clone(&geoip)),
            admission,
            geoip,
            spam,
            feed,
            throttle: Throttle::for_passwords(),
            code_throttle: Throttle::for_codes(),
            strange_code_throttle: Throttle::for_codes_of_strangers(),
            reset_throttle: Throttle::for_resets(),
            link_throttle: Throttle::for_links(),
            guess_throttle: Throttle::for_guesses(),
            share_throttle: Throttle::for_shares(),
            letter_throttle: Throttle::for_letters(),
            mailbox_throttle: Throttle::for_mailboxes(),
            pending_sign_ins: PendingSignIns::default(),
            letters: config.mail.as_ref().zip(config.public_url.clone()).map(|(_, home)| Letters { home }),
            setup: Token::generate()?,
            sending: tokio::sync::Mutex::default(),
            deleting: tokio::sync::Mutex::default(),
            sealing: tokio::sync::Mutex::default(),
            pruning: tokio::sync::Mutex::default(),
            probing: tokio::sync::Mutex::default(),
            mailer: config.mail.as_ref().map(Mailer::new).transpose()?,
            dropped_hits: PendingDroppedHits::default(),
            limited_work: LimitedWork::new(config.allow_private_targets),
            stream_limits: StreamLimits::default(),
            readers,
            block_cache: Arc::new(BlockCache::new(changes.clone())),
            changes,
            lookups,
            trusted_clock,
            // A process that ended earlier may have left them.
            has_secrets_in_log: AtomicBool::new(true),
            writer,
            stopping: watch::Sender::new(false),
            config,
        })
    }

    /// Reads the data file. All reads of one call see one snapshot. The query is cancelled when the future is
    /// dropped.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when no reader is free in time, as the query itself does, and when the data
    /// file cannot be read.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, cancellation) = (self.readers.clone(), Cancellation::default());
        let _cancelled = cancellation.on_drop();
        tracing::trace!("a look-up in the data file");
        blocking::run(move || readers.read(&cancellation, query)).await
    }

    /// Reads one moment of the data file: its rows, and answers to queries. The queries are cancelled when the future
    /// is dropped.
    ///
    /// # Errors
    ///
    /// Fails as [`App::read`] does.
    pub async fn view<T: Send + 'static>(
        &self,
        read: impl FnOnce(&DataReader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.snapshot(move |snapshot| {
            let engine = SqliteEngine::new(snapshot);
            read(&DataReader { connection: snapshot.connection, engine: &engine, now: snapshot.now })
        })
        .await
    }

    /// Answers a query. It is cancelled when the future is dropped.
    ///
    /// # Errors
    ///
    /// Fails as [`App::read`] does.
    pub async fn answer(&self, query: Query) -> Result<Answer> {
        self.view(move |reader| reader.run(&query)).await
    }

    /// Reads one snapshot of the data file and of the cached days, for the upkeep of the data file.
    ///
    /// # Errors
    ///
    /// Fails as [`App::read`] does.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, cache, now) = (self.readers.clone(), Arc::clone(&self.block_cache), self.clock.now());
        let cancellation = Cancellation::default();
        let _cancelled = cancellation.on_drop();
        tracing::trace!("a snapshot of the data file");
        blocking::run(move || {
            // The position comes before the snapshot: a change in between is read twice rather than missed.
            let position = cache.position();
            readers.read(&cancellation, |connection| {
                read(&Snapshot::new(connection, &cache, now, position).until(cancellation.clone()))
            })
        })
        .await
    }

    /// Runs a change in a write transaction; returns once it is on the disk. The change may run twice, see
    /// [`Writer::change`].
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the writer's queue is full or the program is stopping, as the change
    /// itself does, and when the data file cannot be written.
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.change(change)?.await.map_err(|_| Error::Busy)?
    }

    /// Runs a change that erases visits, which may be open.
    ///
    /// # Errors
    ///
    /// Fails as [`App::write`] does.
    pub async fn erase<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.erase_visits(change)?.await.map_err(|_| Error::Busy)?
    }

    /// Records a hit; returns once it is on the disk. A refused hit is counted in
    /// [`App::dropped_hits`].
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the writer's queue is full or the program is stopping, and with
    /// `Error::Unwritable` when the data file cannot be written.
    pub async fn record(&self, hit: Hit) -> Result<HitReceipt> {
        let answer = match self.writer.record(hit) {
            Ok(answer) => answer.await.unwrap_or(Err(Error::Busy)),
            Err(error) => Err(error),
        };
        if matches!(answer, Err(Error::Busy | Error::Unwritable(_))) {
            self.dropped_hits.add(DropReason::Busy);
        }
        answer
    }

    /// Returns a signal that becomes true when the program is asked to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Signals the stop, which ends event streams before the server itself stops.
    pub fn announce_stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Writes all accepted changes and closes the data file.
    pub fn stop(&self) {
        self.writer.stop();
    }
}

/// Unseals the days that are not over, before anything is read or written.
///
/// # Errors
///
/// Fails when the data file cannot be written.
fn unseal_premature_days(connection: &mut Connection, now: Timestamp) -> Result<()> {
    for site in sites::list(connection)? {
        if engine::sealing::is_premature(connection, &site, now)? {
            store::change(connection, |tx| engine::sealing::unseal_premature(tx, &site, now))?;
            tracing::warn!(site = site.id.0, "sealed days are not over: the clock was ahead");
        }
    }
    Ok(())
}
