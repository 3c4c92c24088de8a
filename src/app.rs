//! The program's state: clock, data file, queues, live feed. `read` and `write` are the only gates to blocking
//! work. Each kind of background work has a module below, whose functions work on the state.

pub mod blocking;
pub mod database;
pub mod health;
pub mod intake;
pub mod key_uses;
pub mod limited_work;
pub mod mail;
pub mod probes;
pub mod queue;
pub mod throttles;
pub mod trusted_clock;
pub mod upkeep;
pub mod webhooks;

use self::database::Database;
use self::intake::Intake;
use self::key_uses::RecordedKeyUses;
use self::limited_work::{LimitedWork, ProgramPermit};
use self::mail::Mail;
use self::probes::Probes;
use self::throttles::Throttles;
use self::trusted_clock::TrustedClock;
use self::upkeep::Upkeep;
use crate::access::pending_sign_ins::PendingSignIns;
use crate::access::proven_keys::ProvenKeys;
use crate::access::request_rates::RequestRates;
use crate::access::stream_limits::StreamLimits;
use crate::alerts::day_hours::DayHours;
use crate::config::ServeConfig;
use crate::error::{Error, Result};
use crate::ingest::change_log::ChangeLog;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{Hit, HitKind};
use crate::ingest::pipeline::{HitReceipt, Step};
use crate::ingest::recorder::Recorder;
use crate::limits::{self, Limits};
use crate::model::clock::{Clock, Timestamp};
use crate::model::id::Token;
use crate::outbound::webhook_post::WebhookPoster;
use crate::recordings::heatmap_links::HeatmapLinks;
use crate::reports::answer::Answer;
use crate::reports::data_reader::DataReader;
use crate::reports::engine;
use crate::reports::engine::block_cache::BlockCache;
use crate::reports::engine::snapshot::Snapshot;
use crate::reports::engine::sqlite_engine::SqliteEngine;
use crate::reports::query::Query;
use crate::store::cancellation::Cancellation;
use crate::store::writer::{SenderCheck, Writer};
use crate::store::{self, ReaderPool, sites};
use rusqlite::{Connection, Transaction};
use std::sync::Arc;
use tokio::sync::watch;

/// The state that requests and tasks share.
pub struct App {
    /// The settings that the program was started with.
    pub config: ServeConfig,
    /// The source of the time.
    pub clock: Clock,
    /// The clock as far as it is trusted.
    pub trusted_clock: TrustedClock,
    /// The data file.
    pub database: Database,
    /// The reception of hits.
    pub intake: Intake,
    /// The sending of mail.
    pub mail: Mail,
    /// The client that posts messages to webhooks.
    pub webhook_poster: WebhookPoster,
    /// The throttles of guesses and requests.
    pub throttles: Throttles,
    /// The limits on event streams.
    pub stream_limits: StreamLimits,
    /// The work with limited concurrency.
    pub limited_work: LimitedWork,
    /// The checks of monitors that are under way.
    pub probes: Probes,
    /// The site keys and tokens that were right lately.
    pub proven_keys: ProvenKeys,
    /// The rate limits of programs.
    pub request_rates: RequestRates,
    /// The sign-ins that wait for the second factor.
    pub pending_sign_ins: PendingSignIns,
    /// The links that show heatmaps over pages.
    pub heatmap_links: HeatmapLinks,
    /// The uses of site keys and tokens that were recorded last.
    pub key_uses: RecordedKeyUses,
    /// The token of the set-up page, which creates the first user.
    pub setup: Token,
    /// The visits by hour of finished days, which alerts compare with.
    pub alert_hours: Arc<DayHours>,
    /// The locks of background work.
    pub upkeep: Upkeep,
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
        let readers = ReaderPool::new(&config.data, limits::READERS_MAX)?;
        let program_readers = ReaderPool::new(&config.data, limits::PROGRAM_READERS_MAX)?;
        let (intake, mail) = (Intake::open(&config)?, Mail::open(&config)?);
        let limits = Limits::default();
        let changes = ChangeLog::new(limits.changes_per_site_max);
        let recorder = Recorder::new(
            intake.feed.clone(),
            changes.clone(),
            config.resolve_hostnames.then(|| intake.lookups.clone()),
            intake.admission.clone(),
            Arc::clone(&intake.spam),
        );
        let block_cache = Arc::new(BlockCache::new(changes.clone(), limits.engine));
        let writer = Writer::start(connection, &config.data, recorder)?;
        Ok(Self {
            limited_work: LimitedWork::new(config.allow_private_targets),
            webhook_poster: WebhookPoster::new(config.allow_private_targets),
            probes: Probes::new(
                config.allow_private_targets,
                config.uptime_reference.clone(),
                clock.clone(),
            )?,
            config,
            clock,
            trusted_clock,
            database: Database { readers, program_readers, block_cache, changes, writer },
            intake,
            mail,
            throttles: Throttles::default(),
            stream_limits: StreamLimits::default(),
            proven_keys: ProvenKeys::default(),
            request_rates: RequestRates::default(),
            pending_sign_ins: PendingSignIns::default(),
            heatmap_links: HeatmapLinks::default(),
            key_uses: RecordedKeyUses::default(),
            setup: Token::generate()?,
            alert_hours: Arc::default(),
            upkeep: Upkeep::default(),
            stopping: watch::Sender::new(false),
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
        let (readers, cancellation) = (self.database.readers.clone(), Cancellation::default());
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

    /// Reads one moment of the data file for a program, if `check` passes in that moment, and still passes once the
    /// answer is made. The queries are cancelled when the future is dropped; the permit is held until they end.
    ///
    /// # Errors
    ///
    /// Fails as [`App::view`] and as `check` does.
    pub async fn view_for_program<C, T: Send + 'static>(
        &self,
        permit: ProgramPermit,
        check: impl Fn(&Connection) -> Result<C> + Send + 'static,
        read: impl FnOnce(&DataReader<'_>, C) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, cache) =
            (self.database.program_readers.clone(), Arc::clone(&self.database.block_cache));
        let (cancellation, now) = (Cancellation::default(), self.clock.now());
        let _cancelled = cancellation.on_drop();
        tracing::trace!("a snapshot of the data file for a program");
        blocking::run(move || {
            let _held = permit;
            let position = cache.position();
            readers.read_checked(&cancellation, check, |connection, checked| {
                let snapshot = Snapshot::new(connection, &cache, now, position).until(cancellation.clone());
                let engine = SqliteEngine::new(&snapshot);
                read(&DataReader { connection, engine: &engine, now }, checked)
            })
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
        let (readers, cache, now) =
            (self.database.readers.clone(), Arc::clone(&self.database.block_cache), self.clock.now());
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
        self.database.writer.change(change)?.await.map_err(|_| Error::Busy)?
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
        self.database.writer.erase_visits(change)?.await.map_err(|_| Error::Busy)?
    }

    /// Runs a change that deletes labels, which the writer has cached.
    ///
    /// # Errors
    ///
    /// Fails as [`App::write`] does.
    pub async fn delete_labels<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.database.writer.delete_labels(change)?.await.map_err(|_| Error::Busy)?
    }

    /// Brings the cached days that go on up to date, if a reader is free.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub async fn refresh_live_days(&self) -> Result<()> {
        let (readers, cache) = (self.database.readers.clone(), Arc::clone(&self.database.block_cache));
        let now = self.clock.now();
        blocking::run(move || {
            let mark = cache.position();
            readers
                .read_if_free(|connection| Snapshot::new(connection, &cache, now, mark).refresh_live_days())
                .map(|_| ())
        })
        .await
    }

    /// Records a hit; returns once it is on the disk. A refused hit is counted in
    /// [`Intake::dropped_hits`].
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the writer's queue is full or the program is stopping, and with
    /// `Error::Unwritable` when the data file cannot be written.
    pub async fn record(&self, hit: Hit) -> Result<HitReceipt> {
        let writer = &self.database.writer;
        let queued =
            if hit.kind == HitKind::Heatmap { writer.record_clicks(hit) } else { writer.record(hit) };
        let answer = match queued {
            Ok(answer) => answer.await.unwrap_or(Err(Error::Busy)),
            Err(error) => Err(error),
        };
        if matches!(answer, Err(Error::Busy | Error::Unwritable(_))) {
            self.intake.dropped_hits.add(Step::Queue.drops(DropReason::Busy));
        }
        answer
    }

    /// Records a batch of hits, all or none; returns once they are on the disk, with their receipts in the same order. `check`
    /// tells in the transaction of the hits whether their sender may write.
    ///
    /// # Errors
    ///
    /// Fails as [`App::record`] and as `check` does.
    pub async fn record_batch(&self, hits: Vec<Hit>, check: SenderCheck) -> Result<Vec<HitReceipt>> {
        let count = hits.len();
        let receipts = match self.database.writer.record_batch(hits, check) {
            Ok(receipts) => receipts.await.unwrap_or(Err(Error::Busy)),
            Err(error) => Err(error),
        };
        if matches!(receipts, Err(Error::Busy | Error::Unwritable(_))) {
            self.intake.dropped_hits.add_all(Step::Queue.drops(DropReason::Busy), count);
        }
        receipts
    }

    /// Returns a signal that becomes true when the program is asked to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Returns true once the program is asked to stop.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Signals the stop, which ends event streams before the server itself stops.
    pub fn announce_stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Writes all accepted changes and closes the data file.
    pub fn stop(&self) {
        self.database.readers.close(limits::READERS_CLOSED_WITHIN);
        self.database.program_readers.close(limits::READERS_CLOSED_WITHIN);
        self.database.writer.stop();
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
