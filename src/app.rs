//! The program put together: clock, file, queue, live feed. `read` and `write` are the only gates to blocking work.
//! Each kind of work that it does in the background, or for a few at once only, has a room below.

mod backup;
mod clearing;
mod health;
mod hostnames;
mod letters;
mod live_days;
pub mod queue;
mod refusals;
mod salts;
mod sealing;
mod seats;
mod trusted_clock;

use self::trusted_clock::TrustedClock;

use crate::access::half_sign_ins::HalfSignIns;
use crate::access::seats::Seats;
use crate::access::throttle::Throttle;
use crate::clock::Clock;
use crate::config::ServeConfig;
use crate::error::{Error, Result};
use crate::fetch::Fetcher;
use crate::id::Token;
use crate::ingest::changes::Changes;
use crate::ingest::hit::Hit;
use crate::ingest::hostnames::Lookups;
use crate::ingest::live::Feed;
use crate::ingest::place::Places;
use crate::ingest::prepare::Desk;
use crate::ingest::reason::Reason;
use crate::ingest::recorder::{Admission, Answer, Recorder};
use crate::ingest::referrer_spam::ReferrerSpam;
use crate::limits;
use crate::mail::letters::Letters;
use crate::mail::post::Post;
use crate::reports::days::Days;
use crate::reports::reader::Reader;
use crate::store::cancellation::Cancellation;
use crate::store::writer::Writer;
use crate::store::{self, ReaderPool};
use queue::FairQueue;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use tokio::sync::{oneshot, watch};

/// Everything that requests and tasks share.
pub struct App {
    /// How the program was started.
    pub config: ServeConfig,
    /// What time it is.
    pub clock: Clock,
    /// Where beacons become hits.
    pub desk: Desk,
    /// The table of sites and addresses that predicts which hits will be taken.
    pub admission: Admission,
    /// Places of addresses.
    pub places: Arc<Places>,
    /// Hosts known for referrer spam.
    pub spam: Arc<ReferrerSpam>,
    /// Actions as they are written.
    pub feed: Feed,
    /// Failed sign-ins.
    pub throttle: Throttle,
    /// Wrong codes of the second factor.
    pub code_throttle: Throttle,
    /// Wrong codes of the second factor from all unknown browsers together.
    pub strange_code_throttle: Throttle,
    /// Letters with a link for a new password that were asked for.
    pub reset_throttle: Throttle,
    /// Wrong passwords of guest links.
    pub link_throttle: Throttle,
    /// Names that nobody has.
    pub guess_throttle: Throttle,
    /// People whom somebody lets in.
    pub share_throttle: Throttle,
    /// Letters about shared sites that one user has sent, by mailbox.
    pub letter_throttle: Throttle,
    /// Letters about shared sites that one mailbox gets from all users.
    pub mailbox_throttle: Throttle,
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
    probing: tokio::sync::Mutex<()>,
    fetcher: Arc<Fetcher>,
    fetches: FairQueue,
    pictures: FairQueue,
    passwords: FairQueue,
    guests: FairQueue,
    readers: ReaderPool,
    days: Arc<Days>,
    changes: Changes,
    lookups: Lookups,
    trusted_clock: TrustedClock,
    /// True while the write-ahead log may still hold deleted salts or address keys.
    has_secrets_in_log: AtomicBool,
    writer: Writer<Recorder>,
    stopping: watch::Sender<bool>,
}

impl App {
    /// Opens the data file and starts the writer.
    pub fn start(config: ServeConfig, clock: Clock) -> Result<Self> {
        let mut connection = store::open(&config.data, true)?;
        store::writable::check(&mut connection, &config.data)?;
        sealing::unseal_premature(&mut connection, clock.now())?;
        let trusted_clock = TrustedClock::open(&mut connection, clock.now())?;
        let readers = ReaderPool::new(&config.data)?;
        let feed = Feed::new();
        let changes = Changes::default();
        let lookups = Lookups::default();
        let waiting = config.resolve_hostnames.then(|| lookups.clone());
        let admission = Admission::default();
        let spam = Arc::new(match &config.referrer_spam_file {
            Some(path) => ReferrerSpam::open(path)?,
            None => ReferrerSpam::builtin(),
        });
        let recorder =
            Recorder::new(feed.clone(), changes.clone(), waiting, admission.clone(), Arc::clone(&spam));
        let writer = Writer::start(connection, &config.data, recorder)?;
        let places = Arc::new(match &config.geoip {
            Some(path) => Places::open(path)?,
            None => Places::builtin(),
        });
        Ok(Self {
            clock,
            desk: Desk::new(Arc::clone(&places)),
            admission,
            places,
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
            half_sign_ins: HalfSignIns::default(),
            letters: config.mail.as_ref().zip(config.public_url.clone()).map(|(_, home)| Letters { home }),
            setup: Token::generate()?,
            sending: tokio::sync::Mutex::default(),
            clearing: tokio::sync::Mutex::default(),
            sealing: tokio::sync::Mutex::default(),
            pruning: tokio::sync::Mutex::default(),
            probing: tokio::sync::Mutex::default(),
            post: config.mail.as_ref().map(Post::new).transpose()?,
            fetcher: Arc::new(Fetcher::new(config.allow_private_targets)),
            fetches: FairQueue::new(limits::FETCHES_MAX, limits::FETCHES_WAITING_MAX),
            pictures: FairQueue::new(limits::PICTURES_AT_ONCE, limits::PICTURES_WAITING_MAX),
            refusals: Mutex::default(),
            passwords: FairQueue::new(limits::PASSWORD_CHECKS_MAX, limits::PASSWORDS_WAITING_MAX),
            stream_seats: Seats::default(),
            guests: FairQueue::new(limits::GUESTS_ASKING_MAX, limits::GUESTS_WAITING_MAX),
            readers,
            days: Arc::new(Days::new(changes.clone())),
            changes,
            lookups,
            trusted_clock,
            // A process that ended before may have left them.
            has_secrets_in_log: AtomicBool::new(true),
            writer,
            stopping: watch::Sender::new(false),
            config,
        })
    }

    /// Asks the file. All questions of one call see the same moment. They end when the future is dropped.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, cancellation) = (self.readers.clone(), Cancellation::default());
        let _cancelled = cancellation.on_drop();
        Self::block(move || readers.read(&cancellation, question)).await
    }

    /// Asks for reports, which see the file and the days of one moment. They end when the future is dropped.
    pub async fn report<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (readers, days, now) = (self.readers.clone(), Arc::clone(&self.days), self.clock.now());
        let cancellation = Cancellation::default();
        let _cancelled = cancellation.on_drop();
        Self::block(move || {
            // Taken before the moment: what is written in between is read twice rather than not at all.
            let mark = days.mark();
            readers.read(&cancellation, |connection| {
                question(&Reader::new(connection, &days, (now, mark)).until(cancellation.clone()))
            })
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

    /// Records a hit; returns once it is on the disk. A refusal is counted, see [`App::count_refusals`].
    pub async fn record(&self, hit: Hit) -> Result<Answer> {
        let answer = match self.writer.record(hit) {
            Ok(answer) => answer.await.unwrap_or(Err(Error::Busy)),
            Err(error) => Err(error),
        };
        if matches!(answer, Err(Error::Busy | Error::Unwritable(_))) {
            self.refuse(Reason::Busy);
        }
        answer
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
