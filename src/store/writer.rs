//! The one writer. A thread owns the one writing connection; every change is a job in its bounded queue; a batch of
//! jobs is one transaction, one `fsync`, and only then are the jobs answered. Hits go in without savepoints, other
//! jobs in a savepoint each; a batch that fails as a whole is run again one by one, so that one job hurts nobody.

use super::Purpose;
use crate::error::{Error, Result};
use crate::limits;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How hits become rows; the rules live with whoever implements it. Called on the writer's thread only.
pub trait Intake: Send + 'static {
    /// One beacon, ready to be judged and written.
    type Hit: Send + 'static;
    /// What its sender is told after the commit.
    type Answer: Send + 'static;

    /// Drops everything remembered of the file: another process wrote, or a batch was rolled back.
    fn forget(&mut self);
    /// Drops what is remembered of settings: this process changed some.
    fn settings_changed(&mut self);
    /// Drops what is remembered of labels: this process deleted some, and their ids may be given again.
    fn labels_deleted(&mut self);
    /// Drops what is remembered of visits: this process erased some.
    fn visits_erased(&mut self);
    /// Judges a hit and writes its rows.
    fn take(&mut self, transaction: &Transaction<'_>, hit: &Self::Hit) -> Result<Self::Answer>;
    /// Writes what was gathered over the batch. Called once before each commit.
    fn finish(&mut self, transaction: &Transaction<'_>) -> Result<()>;
    /// The batch is on the disk; its senders are answered next.
    fn committed(&mut self);
}

/// A change that is not a hit, such as a form's.
/// What a change may do to what the intake remembers, beside settings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Usual,
    Labels,
    Visits,
}

trait Change: Send {
    fn reach(&self) -> Reach;
    fn run(&mut self, transaction: &Transaction<'_>);
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Task<F, T> {
    work: F,
    reach: Reach,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Change for Task<F, T>
where
    F: Fn(&Transaction<'_>) -> Result<T> + Send,
    T: Send,
{
    fn reach(&self) -> Reach {
        self.reach
    }

    fn run(&mut self, transaction: &Transaction<'_>) {
        self.outcome = Some(in_savepoint(transaction, &self.work));
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self { work, outcome, reply, .. } = *self;
        // Whoever waits may want back what the work was lent.
        drop(work);
        let lost = || Err(Error::Internal("the change was not run".into()));
        // A caller that went away does not wait for its answer.
        drop(reply.send(committed.and_then(|()| outcome.unwrap_or_else(lost))));
    }
}

fn in_savepoint<T>(transaction: &Transaction<'_>, work: impl Fn(&Transaction<'_>) -> Result<T>) -> Result<T> {
    transaction.execute_batch("savepoint change")?;
    let outcome = work(transaction);
    if outcome.is_err() {
        transaction.execute_batch("rollback to change")?;
    }
    transaction.execute_batch("release change")?;
    outcome
}

enum Job<I: Intake> {
    Hit(I::Hit, oneshot::Sender<Result<I::Answer>>),
    Change(Box<dyn Change>),
}

/// The way into the writer's queue.
pub struct Writer<I: Intake> {
    queue: Mutex<Option<SyncSender<Job<I>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    is_failing: Arc<AtomicBool>,
}

impl<I: Intake> Writer<I> {
    /// Starts the writer on an opened file, and its checkpoints beside it.
    pub fn start(mut connection: Connection, path: &Path, intake: I) -> Result<Self> {
        let (queue, jobs) = sync_channel(limits::QUEUE_JOBS_MAX);
        let (wake, wakes) = channel();
        let frames = Arc::new(AtomicI64::new(0));
        let checkpoints = super::connect(path, Purpose::Checkpoint)?;
        let seen = Arc::clone(&frames);
        connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
            seen.store(i64::from(count), Ordering::Relaxed);
            Ok(())
        }))?;
        let is_failing = Arc::new(AtomicBool::new(false));
        let failing = Arc::clone(&is_failing);
        let desk = Desk { connection, intake, frames, wake, version: None, is_failing: failing };
        let threads = vec![
            std::thread::Builder::new().name("writer".into()).spawn(move || desk.serve(&jobs))?,
            std::thread::Builder::new()
                .name("checkpoint".into())
                .spawn(move || checkpoint(&checkpoints, &wakes))?,
        ];
        Ok(Self { queue: Mutex::new(Some(queue)), threads: Mutex::new(threads), is_failing })
    }

    /// Queues a hit. The answer comes after the commit; `Busy` at once when the queue is full.
    pub fn record(&self, hit: I::Hit) -> Result<oneshot::Receiver<Result<I::Answer>>> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Hit(hit, reply))?;
        Ok(answer)
    }

    /// Queues a change. It may run twice, when a batch fails as a whole; only a committed run counts.
    pub fn change<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Reach::Usual)
    }

    /// The same for a change that deletes labels.
    pub fn delete_labels<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Reach::Labels)
    }

    /// The same for a change that erases visits which may be open.
    pub fn erase_visits<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.hand_in(work, Reach::Visits)
    }

    fn hand_in<T: Send + 'static>(
        &self,
        work: impl Fn(&Transaction<'_>) -> Result<T> + Send + 'static,
        reach: Reach,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Change(Box::new(Task { work, reach, outcome: None, reply })))?;
        Ok(answer)
    }

    fn send(&self, job: Job<I>) -> Result<()> {
        let queue = self.queue.lock().map_err(|_| Error::Busy)?;
        match queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => Err(Error::Busy),
        }
    }

    /// Whether jobs are being written: false after a stop, after a fault of the writer itself, and as long as the disk is
    /// full or another process holds the file.
    pub fn is_running(&self) -> bool {
        !self.is_failing.load(Ordering::Relaxed)
            && self
                .threads
                .lock()
                .is_ok_and(|threads| !threads.is_empty() && !threads.iter().any(JoinHandle::is_finished))
    }

    /// Takes no more jobs, finishes those accepted and closes the file.
    pub fn stop(&self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        let threads =
            self.threads.lock().map(|mut threads| std::mem::take(&mut *threads)).unwrap_or_default();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store panicked");
            }
        }
    }
}

/// What the writer's thread owns.
struct Desk<I: Intake> {
    connection: Connection,
    intake: I,
    frames: Arc<AtomicI64>,
    wake: Sender<()>,
    version: Option<i64>,
    is_failing: Arc<AtomicBool>,
}

/// A job that has run and waits for the commit.
enum Done<I: Intake> {
    Hit(I::Hit, oneshot::Sender<Result<I::Answer>>, Result<I::Answer>),
    Change(Box<dyn Change>),
}

impl<I: Intake> Desk<I> {
    fn serve(mut self, jobs: &Receiver<Job<I>>) {
        let mut batch = Vec::with_capacity(limits::BATCH_JOBS_MAX);
        while gather(jobs, &mut batch) {
            self.run(std::mem::take(&mut batch));
            self.bound_log();
        }
        drop(self.wake);
        if let Err(error) = super::close(self.connection) {
            tracing::warn!(%error, "the data file was not closed cleanly");
        }
    }

    fn run(&mut self, batch: Vec<Job<I>>) {
        match self.attempt(batch) {
            Ok(()) => self.is_failing.store(false, Ordering::Relaxed),
            // Another process holds the file, or the disk is full: to try each job alone would only take longer.
            Err((jobs, error @ (Error::Busy | Error::Setup(_)))) => {
                self.is_failing.store(true, Ordering::Relaxed);
                tracing::error!(%error, jobs = jobs.len(), "the data file can't be written now");
                for job in jobs {
                    refuse(job, &Error::Busy);
                }
            }
            Err((jobs, error)) if jobs.len() == 1 => {
                tracing::error!(%error, "a change could not be written");
                for job in jobs {
                    refuse(job, &error);
                }
            }
            Err((jobs, error)) => {
                tracing::warn!(%error, jobs = jobs.len(), "a batch failed and is run again one by one");
                for job in jobs {
                    self.run(vec![job]);
                }
            }
        }
    }

    /// Runs a batch in one transaction; on failure nothing is changed and the jobs come back.
    fn attempt(&mut self, batch: Vec<Job<I>>) -> std::result::Result<(), (Vec<Job<I>>, Error)> {
        let mut done = Vec::with_capacity(batch.len());
        match self.write(batch, &mut done) {
            Ok(()) => {
                // Told first: whoever is answered and asks a report at once must find their hit in it.
                self.intake.committed();
                done.into_iter().for_each(answer);
                Ok(())
            }
            Err((rest, error)) => {
                self.intake.forget();
                let ran = done.into_iter().map(|done| match done {
                    Done::Hit(hit, reply, _) => Job::Hit(hit, reply),
                    Done::Change(change) => Job::Change(change),
                });
                Err((ran.chain(rest).collect(), error))
            }
        }
    }

    fn write(
        &mut self,
        batch: Vec<Job<I>>,
        done: &mut Vec<Done<I>>,
    ) -> std::result::Result<(), (Vec<Job<I>>, Error)> {
        let mut jobs = batch.into_iter();
        let outcome = (|| {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let version =
                transaction.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
            if self.version.replace(version) != Some(version) {
                self.intake.forget();
            }
            for job in jobs.by_ref() {
                match job {
                    Job::Hit(hit, reply) => {
                        let answer = self.intake.take(&transaction, &hit);
                        let failure = answer.as_ref().err().map(same);
                        done.push(Done::Hit(hit, reply, answer));
                        if let Some(error) = failure {
                            return Err(error);
                        }
                        check_open(&transaction)?;
                    }
                    Job::Change(mut change) => {
                        self.intake.finish(&transaction)?;
                        change.run(&transaction);
                        let reach = change.reach();
                        done.push(Done::Change(change));
                        check_open(&transaction)?;
                        self.intake.settings_changed();
                        match reach {
                            Reach::Usual => {}
                            Reach::Labels => self.intake.labels_deleted(),
                            Reach::Visits => self.intake.visits_erased(),
                        }
                    }
                }
            }
            self.intake.finish(&transaction)?;
            transaction.commit()?;
            Ok(())
        })();
        outcome.map_err(|error| (jobs.collect(), error))
    }

    /// Checkpoints run beside the writer; when they fall behind, the writer waits for one, so that the log is bounded.
    fn bound_log(&mut self) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames > limits::WAL_FRAMES_MAX {
            run_checkpoint(&self.connection);
            self.frames.store(0, Ordering::Relaxed);
        } else if frames > limits::CHECKPOINT_FRAMES {
            // Should that thread be gone, the writer bounds the log itself, above.
            self.wake.send(()).unwrap_or_default();
        }
    }
}

/// After some failures, such as a full disk, SQLite rolls the whole transaction back by itself: what ran before is gone,
/// and what came after would be on its own.
fn check_open(transaction: &Transaction<'_>) -> Result<()> {
    if transaction.is_autocommit() {
        return Err(Error::Setup("SQLite gave the transaction up. Is the disk full?".into()));
    }
    Ok(())
}

/// Waits for a job and takes along what else is there. False when no job will come any more.
fn gather<I: Intake>(jobs: &Receiver<Job<I>>, batch: &mut Vec<Job<I>>) -> bool {
    match jobs.recv() {
        Ok(job) => batch.push(job),
        Err(_) => return false,
    }
    while batch.len() < limits::BATCH_JOBS_MAX {
        match jobs.try_recv() {
            Ok(job) => batch.push(job),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
        }
    }
    true
}

fn answer<I: Intake>(done: Done<I>) {
    match done {
        // A sender that went away does not wait for its answer.
        Done::Hit(_, reply, answer) => drop(reply.send(answer)),
        Done::Change(change) => change.answer(Ok(())),
    }
}

/// An error once more, as far as its callers tell errors apart.
fn same(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::Setup(sentence) => Error::Setup(sentence.clone()),
        error => Error::Internal(error.to_string()),
    }
}

fn refuse<I: Intake>(job: Job<I>, error: &Error) {
    let told = same(error);
    match job {
        Job::Hit(_, reply) => drop(reply.send(Err(told))),
        Job::Change(change) => change.answer(Err(told)),
    }
}

fn checkpoint(connection: &Connection, wakes: &Receiver<()>) {
    while wakes.recv().is_ok() {
        while wakes.try_recv().is_ok() {}
        run_checkpoint(connection);
    }
}

fn run_checkpoint(connection: &Connection) {
    if let Err(error) = connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())) {
        tracing::warn!(%error, "a checkpoint failed; the next one tries again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Writes each hit into a table, once a test says go on; a hit of 13 fails.
    struct Gate(mpsc::Receiver<()>);

    impl Intake for Gate {
        type Hit = i64;
        type Answer = ();

        fn forget(&mut self) {}
        fn settings_changed(&mut self) {}
        fn labels_deleted(&mut self) {}
        fn visits_erased(&mut self) {}
        fn committed(&mut self) {}

        fn take(&mut self, transaction: &Transaction<'_>, hit: &i64) -> Result<()> {
            self.0.recv().unwrap_or_default();
            if *hit == 13 {
                return Err(Error::Internal("unlucky".into()));
            }
            transaction.execute("insert into labels (id, text) values (:hit, :hit)", [hit])?;
            Ok(())
        }

        fn finish(&mut self, _: &Transaction<'_>) -> Result<()> {
            Ok(())
        }
    }

    fn start(folder: &Path) -> (Writer<Gate>, mpsc::Sender<()>, std::path::PathBuf) {
        let file = folder.join("test.db");
        let (go, gate) = mpsc::channel();
        let writer = Writer::start(crate::store::open(&file, true).unwrap(), &file, Gate(gate)).unwrap();
        (writer, go, file)
    }

    fn kept(file: &Path) -> i64 {
        let connection = crate::store::open(file, false).unwrap();
        connection.query_row("select count(*) from labels", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_keeps_what_it_took() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, file) = start(folder.path());
        let mut answers = Vec::new();
        let refusal = loop {
            match writer.record(1_000 + i64::try_from(answers.len()).unwrap()) {
                Ok(answer) => answers.push(answer),
                Err(error) => break error,
            }
        };
        assert!(matches!(refusal, Error::Busy));
        assert!(answers.len() >= limits::QUEUE_JOBS_MAX);
        drop(go);
        writer.stop();
        assert_eq!(kept(&file), i64::try_from(answers.len()).unwrap());
        assert!(answers.into_iter().all(|answer| matches!(answer.blocking_recv(), Ok(Ok(())))));
    }

    #[test]
    fn a_job_that_fails_hurts_no_other_of_its_batch() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, go, file) = start(folder.path());
        let hits: Vec<_> = [11, 12, 13, 14].iter().map(|hit| writer.record(*hit).unwrap()).collect();
        let change = writer
            .change(|tx| Ok(tx.execute("insert into labels (id, text) values (99, 'x')", [])?))
            .unwrap();
        let failing = writer
            .change(|tx| {
                tx.execute("insert into labels (id, text) values (100, 'y')", [])?;
                Err::<(), _>(Error::Forbidden)
            })
            .unwrap();
        drop(go);
        let outcomes: Vec<bool> = hits.into_iter().map(|hit| hit.blocking_recv().unwrap().is_ok()).collect();
        assert_eq!(outcomes, [true, true, false, true]);
        assert_eq!(change.blocking_recv().unwrap().unwrap(), 1);
        assert!(matches!(failing.blocking_recv().unwrap(), Err(Error::Forbidden)));
        writer.stop();
        assert_eq!(kept(&file), 4);
        assert!(matches!(writer.record(1), Err(Error::Busy)));
        assert!(!writer.is_running());
    }
}
