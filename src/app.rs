//! The program put together: clock, file, queue, live feed. `read` and `write` are the only gates to blocking work.

use crate::access::half_sign_ins::HalfSignIns;
use crate::access::password;
use crate::access::seats::Seats;
use crate::access::throttle::Throttle;
use crate::clock::{Clock, Zone};
use crate::config::ServeConfig;
use crate::error::{Error, Result};
use crate::fetch::{Fetcher, Page};
use crate::id::{SiteId, Token, VisitId};
use crate::ingest::changes::Changes;
use crate::ingest::hit::Hit;
use crate::ingest::hostnames::{self, Lookups};
use crate::ingest::live::Feed;
use crate::ingest::place::Places;
use crate::ingest::prepare::Desk;
use crate::ingest::reason::Reason;
use crate::ingest::recorder::{Answer, Recorder};
use crate::limits;
use crate::mail::letters::Letters;
use crate::mail::post::{self, Post};
use crate::reports::days::Days;
use crate::reports::pruning::Leaving;
use crate::reports::reader::Reader;
use crate::reports::sealing::{self, Block};
use crate::store::orphans::{Marks, Shared};
use crate::store::writer::Writer;
use crate::store::{self, ReaderPool, blocks, filtered, labels, outbox, retention, rows, sites};
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

/// Everything that requests and tasks share.
pub struct App {
    /// How the program was started.
    pub config: ServeConfig,
    /// What time it is.
    pub clock: Clock,
    /// Where beacons become hits.
    pub desk: Desk,
    /// Places of addresses.
    pub places: Arc<Places>,
    /// Actions as they are written.
    pub feed: Feed,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// Wrong codes of the second factor.
    pub code_throttle: Throttle,
    /// Letters with a link for a new password that were asked for.
    pub reset_throttle: Throttle,
    /// Wrong passwords of guest links.
    pub link_throttle: Throttle,
    /// Names that nobody has.
    pub guess_throttle: Throttle,
    /// People whom somebody lets in.
    pub share_throttle: Throttle,
    /// Letters about shared sites, by mailbox.
    pub letter_throttle: Throttle,
    /// Seats for event streams.
    pub stream_seats: Seats,
    /// Passwords that were right and wait for the second factor.
    pub half_sign_ins: HalfSignIns,
    /// What letters say; none where no mail is sent.
    pub letters: Option<Letters>,
    /// The link that makes the first user, as long as there is none.
    pub setup: Token,
    /// Hits that were refused before the writer saw them, by reason, not written down yet.
    refusals: Mutex<HashMap<Reason, i64>>,
    post: Option<Post>,
    sending: tokio::sync::Mutex<()>,
    clearing: tokio::sync::Mutex<()>,
    sealing: tokio::sync::Mutex<()>,
    pruning: tokio::sync::Mutex<()>,
    fetcher: Arc<Fetcher>,
    fetch_seats: Semaphore,
    picture_seats: Semaphore,
    password_seats: Semaphore,
    password_queue: Semaphore,
    guest_turns: Arc<Semaphore>,
    readers: ReaderPool,
    days: Arc<Days>,
    changes: Changes,
    lookups: Lookups,
    writer: Writer<Recorder>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Opens the data file and starts the writer.
    pub fn start(config: ServeConfig, clock: Clock) -> Result<Self> {
        let connection = store::open(&config.data, true)?;
        let readers = ReaderPool::new(&config.data)?;
        let feed = Feed::new();
        let changes = Changes::default();
        let lookups = Lookups::default();
        let waiting = config.resolve_hostnames.then(|| lookups.clone());
        let recorder = Recorder::new(feed.clone(), changes.clone(), waiting);
        let writer = Writer::start(connection, &config.data, recorder)?;
        let places = Arc::new(match &config.geoip {
            Some(path) => Places::open(path)?,
            None => Places::builtin(),
        });
        Ok(Self {
            clock,
            desk: Desk::new(Arc::clone(&places)),
            places,
            feed,
            throttle: Throttle::for_passwords(),
            code_throttle: Throttle::for_codes(),
            reset_throttle: Throttle::for_resets(),
            link_throttle: Throttle::for_links(),
            guess_throttle: Throttle::for_guesses(),
            share_throttle: Throttle::for_shares(),
            letter_throttle: Throttle::for_letters(),
            half_sign_ins: HalfSignIns::default(),
            letters: config.mail.as_ref().zip(config.public_url.clone()).map(|(_, home)| Letters { home }),
            setup: Token::generate()?,
            sending: tokio::sync::Mutex::default(),
            clearing: tokio::sync::Mutex::default(),
            sealing: tokio::sync::Mutex::default(),
            pruning: tokio::sync::Mutex::default(),
            post: config.mail.as_ref().map(Post::new).transpose()?,
            fetcher: Arc::new(Fetcher::new(config.allow_private_targets)),
            fetch_seats: Semaphore::new(limits::FETCHES_MAX),
            picture_seats: Semaphore::new(limits::PICTURES_AT_ONCE),
            refusals: Mutex::default(),
            password_seats: Semaphore::new(limits::PASSWORD_CHECKS_MAX),
            password_queue: Semaphore::new(limits::PASSWORDS_WAITING_MAX),
            stream_seats: Seats::default(),
            guest_turns: Arc::new(Semaphore::new(limits::GUESTS_ASKING_MAX)),
            readers,
            days: Arc::new(Days::new(changes.clone())),
            changes,
            lookups,
            writer,
            stopping: watch::Sender::new(false),
            config,
        })
    }

    /// Asks the file. All questions of one call see the same moment.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let readers = self.readers.clone();
        Self::block(move || readers.read(question)).await
    }

    /// Asks for reports, which see the file and the days of one moment.
    pub async fn report<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, days, now) = (self.readers.clone(), Arc::clone(&self.days), self.clock.now());
        Self::block(move || {
            // Taken before the moment: what is written in between is read twice rather than not at all.
            let mark = days.mark();
            readers.read(|connection| question(&Reader::new(connection, &days, (now, mark))))
        })
        .await
    }

    /// Changes the file; answers when the change is on the disk. The change may run twice, see [`Writer::change`].
    pub async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.change(change)?.await.map_err(|_| Error::Busy)?
    }

    /// The same for a change that erases visits which may be open.
    pub async fn erase<T: Send + 'static>(
        &self,
        change: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.erase_visits(change)?.await.map_err(|_| Error::Busy)?
    }

    /// Records a hit; answers when it is on the disk. `Busy` is counted, see [`App::count_refusals`].
    pub async fn record(&self, hit: Hit) -> Result<Answer> {
        let answer = match self.writer.record(hit) {
            Ok(answer) => answer.await.unwrap_or(Err(Error::Busy)),
            Err(error) => Err(error),
        };
        if matches!(answer, Err(Error::Busy)) {
            self.refuse(Reason::Busy);
        }
        answer
    }

    /// Counts a hit that is refused before the writer sees it: a word in memory, so that nobody slows the writer down
    /// by sending nonsense.
    pub fn refuse(&self, reason: Reason) {
        *self.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// Writes down what was refused since the last time. What can't be written now waits for the next.
    pub async fn count_refusals(&self) -> Result<()> {
        let counts = std::mem::take(&mut *self.refusals.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let (day, kept) = (Zone::utc().day(self.clock.now()), counts.clone());
        let written = self.write(move |tx| {
            kept.iter()
                .try_for_each(|(reason, count)| filtered::add(tx, SiteId(0), day, reason.name(), *count))
        });
        let outcome = written.await;
        if outcome.is_err() {
            let mut waiting = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            for (reason, count) in counts {
                *waiting.entry(reason).or_default() += count;
            }
        }
        outcome
    }

    /// Finds the names of some visits' addresses and writes them down; says whether more are waiting.
    pub async fn find_hostnames(&self) -> Result<bool> {
        let waiting = self.lookups.take(limits::LOOKUPS_AT_ONCE);
        let has_more = waiting.len() == limits::LOOKUPS_AT_ONCE;
        // Each may wait for a far-away answer: all of them side by side.
        let lookups = waiting.into_iter().map(|one| Self::outside(move || Ok((one, hostnames::find(&one)))));
        let answers = futures_util::future::join_all(lookups).await;
        let named: Vec<_> =
            answers.into_iter().flatten().filter_map(|(one, name)| Some((one, name?))).collect();
        if named.is_empty() {
            return Ok(has_more);
        }
        let changed: Vec<_> = named.iter().map(|(one, _)| (one.site, one.visit)).collect();
        let now = self.clock.now();
        self.write(move |tx| {
            for (one, name) in &named {
                if rows::find_visit(tx, one.site, one.visit)?.is_none() {
                    // It was erased meanwhile: its name must not come back.
                    continue;
                }
                let label = match labels::find(tx, name)? {
                    Some(label) => label,
                    None => labels::create(tx, name)?,
                };
                rows::update_hostname(tx, one.site, one.visit, label)?;
                if one.visit.began().after(limits::DAY_SETTLES_AFTER) < now {
                    blocks::unseal(tx, one.site, &(one.visit..VisitId(one.visit.0 + 1)))?;
                }
            }
            Ok(())
        })
        .await?;
        self.changes.tell(changed);
        Ok(has_more)
    }

    /// Seals the finished days of all sites that are not sealed yet, or not any more. Columns are made beside the writer
    /// and written in slices, between which others write.
    pub async fn seal_days(&self) -> Result<()> {
        let _sealing = self.sealing.lock().await;
        for site in self.read(sites::list).await? {
            let (now, damaged) = (self.clock.now(), self.days.damaged());
            let (asked, known) = (site.clone(), damaged.clone());
            if self.read(move |connection| sealing::is_sealed(connection, &asked, now, &known)).await? {
                continue;
            }
            let id = site.id;
            for stray in self.read(move |connection| blocks::list_strays(connection, id)).await? {
                self.write(move |tx| blocks::delete_stray(tx, id, stray)).await?;
            }
            let asked = site.clone();
            for one in self.read(move |connection| sealing::due(connection, &asked, now, &damaged)).await? {
                if *self.stopping.borrow() {
                    return Ok(());
                }
                let asked = site.clone();
                let mut block = self.read(move |connection| Block::build(connection, &asked, one)).await?;
                for slice in block.slices() {
                    self.write(move |tx| slice.write(tx)).await?;
                }
                // Where visits have changed meanwhile, the next turn makes them anew.
                self.write(move |tx| block.seal(tx)).await?;
            }
        }
        Ok(())
    }

    /// Deletes what removed sites left behind, in slices between which others write.
    pub async fn clear_removed_sites(&self) -> Result<()> {
        let _clearing = self.clearing.lock().await;
        let removed = self.read(sites::list_removed).await?;
        if removed.is_empty() {
            return Ok(());
        }
        for site in removed.clone() {
            while self.write(move |tx| sites::delete_rows(tx, site)).await? > 0 {}
        }
        self.clear_labels().await?;
        self.write(move |tx| removed.iter().try_for_each(|site| sites::delete_last(tx, *site))).await
    }

    /// Drops the visits that sites do not keep any longer: a day at a time, its totals first, then its rows in slices
    /// between which others write. What was cut off before goes on. A site where that fails does not stop the others.
    pub async fn prune(&self) -> Result<()> {
        let _pruning = self.pruning.lock().await;
        let mut failed = None;
        for site in self.read(sites::list).await? {
            let id = site.id;
            if let Err(error) = self.prune_site(site).await {
                tracing::error!(site = id.0, %error, "the old visits of a site were not dropped");
                failed = failed.or(Some(error));
            }
        }
        self.sweep().await?;
        failed.map_or(Ok(()), Err)
    }

    async fn prune_site(&self, site: sites::Site) -> Result<()> {
        let (id, mut tries) = (site.id, 0);
        while tries < limits::COUNT_TRIES {
            let rows = limits::DELETE_ROWS_PER_SLICE;
            while self.write(move |tx| retention::drop_slice(tx, id, rows)).await? {}
            let site = site.clone();
            let Some(leaving) = self.report(move |reader| Leaving::next(reader, &site)).await? else {
                return Ok(());
            };
            let now = self.clock.now();
            let is_written = self.write(move |tx| leaving.write(tx, now)).await?;
            tries = if is_written { 0 } else { tries + 1 };
        }
        Ok(())
    }

    /// Deletes the texts that nobody uses any more after visits went, and cuts the log, where they stand too.
    pub async fn sweep(&self) -> Result<()> {
        let _clearing = self.clearing.lock().await;
        let unswept = self.read(retention::list_unswept).await?;
        if unswept.is_empty() {
            return Ok(());
        }
        self.clear_labels().await?;
        for _ in 0..limits::LOG_TRIES {
            let data = self.config.data.clone();
            if Self::block(move || store::empty_log(&data)).await? {
                return self.write(move |tx| retention::set_swept(tx, &unswept)).await;
            }
            tokio::time::sleep(limits::DELETE_PAUSE).await;
        }
        Err(Error::Busy)
    }

    /// Deletes sources, machines, places and labels that no row refers to, in slices between which others write. Busy when
    /// an import goes on meanwhile.
    async fn clear_labels(&self) -> Result<()> {
        let now = self.clock.now();
        let (mut marks, known) = self
            .read(move |connection| Ok((Marks::begin(connection, now)?, sites::list(connection)?)))
            .await?;
        for site in known {
            // A question each: a long one would keep the log from being written back.
            marks = self.read(move |connection| marks.add(connection, site.id).map(|()| marks)).await?;
        }
        for shared in Shared::ALL {
            let find = move |connection: &Connection| Ok((marks.orphans(connection, shared)?, marks));
            let (orphans, found) = self.read(find).await?;
            let found = Arc::new(found);
            for slice in orphans.chunks(limits::DELETE_ROWS_PER_SLICE) {
                let (marks, slice) = (Arc::clone(&found), slice.to_vec());
                let deleted = self.writer.delete_labels(move |tx| marks.delete(tx, (shared, &slice)))?;
                if !deleted.await.map_err(|_| Error::Busy)?? {
                    return Err(Error::Busy);
                }
            }
            marks = Arc::into_inner(found).ok_or(Error::Busy)?;
        }
        Ok(())
    }

    /// Hands the letters whose turn has come to the mail server, where there is one.
    pub async fn send_letters(&self) -> Result<()> {
        let now = self.clock.now();
        // By its age, before it is tried: also where the mail server was taken away.
        if self.read(move |connection| outbox::has_expired(connection, now)).await? {
            self.write(move |tx| outbox::give_up_expired(tx, now)).await?;
        }
        let Some(post) = &self.post else { return Ok(()) };
        let due =
            self.read(move |connection| outbox::list_due(connection, now, limits::LETTERS_AT_ONCE)).await?;
        for waiting in due {
            let _sending = self.sending.lock().await;
            if *self.stopping.borrow() {
                return Ok(());
            }
            let (id, next) = (waiting.id, self.clock.now().after(post::pause(waiting.tries)));
            self.write(move |tx| outbox::begin_try(tx, id, next)).await?;
            let (post, letter) = (post.clone(), waiting.clone());
            let outcome = Self::outside(move || Ok(post.send(&letter))).await?;
            let now = self.clock.now();
            let Err(refusal) = outcome else {
                self.write(move |tx| outbox::delete(tx, id)).await?;
                continue;
            };
            let is_over = refusal.is_final;
            let problem = refusal.sentence.clone();
            tracing::warn!(
                letter = id,
                tries = waiting.tries + 1,
                is_over,
                problem,
                "a letter was not taken"
            );
            self.write(move |tx| {
                if is_over {
                    outbox::give_up(tx, id, now, &problem)
                } else {
                    outbox::update_problem(tx, id, &problem)
                }
            })
            .await?;
            if refusal.is_out_of_reach {
                return Err(Error::Setup(format!("The mail server can't be reached: {}", refusal.sentence)));
            }
        }
        Ok(())
    }

    /// Waits, for a while, until the letter that is being sent is written down as sent; none is begun once the program is
    /// told to stop.
    pub async fn finish_letter(&self) {
        if tokio::time::timeout(limits::STOP_WITHIN, self.sending.lock()).await.is_err() {
            tracing::warn!("a mail server takes long: its letter may be sent a second time after the start");
        }
    }

    /// Fetches a page of another server, a few at a time.
    pub async fn fetch(&self, address: String) -> Result<Page> {
        let _seat = self.fetch_seats.try_acquire().map_err(|_| Error::Busy)?;
        let fetcher = Arc::clone(&self.fetcher);
        Self::outside(move || fetcher.get(&address)).await
    }

    /// Runs work that waits for other machines. It has a thread of its own, since the pool's must end before the program
    /// can: nobody far away holds up a stop.
    async fn outside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        // Whoever asked may have gone away.
        let run = move || drop(reply.send(work()));
        std::thread::Builder::new().name("outside".into()).spawn(run)?;
        answer.await.map_err(|_| Error::Busy)?
    }

    /// Runs work that keeps a processor busy, such as a password's check, away from the event loops.
    #[expect(clippy::disallowed_methods, reason = "this is the one home of blocking work")]
    pub async fn block<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        actix_web::web::block(work).await.map_err(|_| Error::Busy)?
    }

    /// Runs work on a picture, whose pixels take much memory: a few at a time.
    pub async fn draw<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _seat = self.picture_seats.acquire().await.map_err(|_| Error::Busy)?;
        Self::block(work).await
    }

    /// Checks a password, a few at a time. Without a hash it takes the same time and fails.
    pub async fn check_password(&self, typed: String, hash: Option<String>) -> Result<bool> {
        let _place = self.password_queue.try_acquire().map_err(|_| Error::Busy)?;
        let _seat = self.password_seats.acquire().await.map_err(|_| Error::Busy)?;
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(password::nobodys_hash);
        let is_right = Self::block(move || Ok(password::matches(&typed, &hash))).await?;
        Ok(is_right && is_known)
    }

    /// Hashes a new password.
    pub async fn hash_password(&self, typed: String) -> Result<String> {
        let _place = self.password_queue.try_acquire().map_err(|_| Error::Busy)?;
        let _seat = self.password_seats.acquire().await.map_err(|_| Error::Busy)?;
        Self::block(move || password::hash(&typed)).await
    }

    /// A guest's turn to ask the file, of which only a few have one at once. `Busy` when it does not come soon.
    pub async fn turn_of_a_guest(&self) -> Result<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.guest_turns).acquire_owned();
        let in_time = tokio::time::timeout(limits::READER_WAIT, turn).await;
        in_time.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)
    }

    /// Whether hits and changes can be written.
    pub fn is_writing(&self) -> bool {
        self.writer.is_running()
    }

    /// Becomes true when the program is told to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Ends event streams, before the server itself stops.
    pub fn announce_stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Writes what was accepted and closes the file.
    pub fn stop(&self) {
        self.writer.stop();
    }
}
