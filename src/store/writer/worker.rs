//! The writer's thread: takes jobs in batches, runs each batch in one transaction, and answers after the commit.

use super::change::{Change, Invalidates};
use super::checkpoint;
use super::click_lane::ClickLane;
use super::condition::Condition;
use super::hit_batch::HitBatch;
use super::hit_handler::HitHandler;
use crate::error::{Error, Result};
use crate::store::writable::FileIdentity;
use crate::{limits, log};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::Duration;
use tokio::sync::oneshot;

/// A job in the queue.
pub enum QueueItem<I: HitHandler> {
    /// A hit, and the channel for its answer.
    Hit(I::Hit, oneshot::Sender<Result<I::Answer>>),
    /// Hits that are written together.
    Batch(HitBatch<I>),
    /// Any other change.
    Change(Box<dyn Change>),
}

/// A message in the main queue.
pub enum Message<I: HitHandler> {
    /// A job.
    Job(QueueItem<I>),
    /// Clicks wait in their lane.
    Clicks,
}

/// The state of the writer's thread.
pub struct Worker<I: HitHandler> {
    /// The one writing connection.
    pub connection: Connection,
    /// The handler that turns hits into rows.
    pub intake: I,
    /// The number of frames in the log.
    pub frames: Arc<AtomicI64>,
    /// True after a commit that wrote something; a commit of jobs that changed nothing does not show that the disk
    /// works.
    pub has_written: Arc<AtomicBool>,
    /// The channel that wakes the checkpoint thread.
    pub wake: Sender<()>,
    /// The file's `data_version` after the last batch, which changes with commits of other connections.
    pub version: Option<i64>,
    /// The identity of the file when it was opened.
    pub identity: FileIdentity,
    /// The outcome of the last batch.
    pub condition: Arc<Condition>,
}

/// A job that has run and waits for the commit.
enum Done<I: HitHandler> {
    Hit(I::Hit, oneshot::Sender<Result<I::Answer>>, Result<I::Answer>),
    Batch(HitBatch<I>),
    Change(Box<dyn Change>),
}

impl<I: HitHandler> Worker<I> {
    /// Writes jobs until no more come, and closes the file. A batch of clicks contains nothing else, and hits wait for one at most,
    /// which runs one by one if it fails as a whole.
    pub fn serve(mut self, messages: &Receiver<Message<I>>, mut clicks: ClickLane<QueueItem<I>>) {
        let mut batch = Vec::with_capacity(limits::BATCH_JOBS_MAX);
        loop {
            clicks.fill();
            let is_open = gather(messages, &mut batch, clicks.due_in());
            if !batch.is_empty() {
                self.run_bounded(std::mem::take(&mut batch));
            }
            if !is_open {
                // Some may have come since.
                clicks.fill();
            }
            if clicks.due_in().is_some_and(|time| time.is_zero() || !is_open) {
                self.run_bounded(clicks.take());
            } else if !is_open {
                break;
            }
        }
        drop(self.wake);
        if let Err(error) = crate::store::close(self.connection) {
            tracing::warn!(%error, "the data file was not closed cleanly");
        }
    }

    /// Runs a batch, and bounds the log that it prolonged.
    fn run_bounded(&mut self, batch: Vec<QueueItem<I>>) {
        self.run(batch);
        self.bound_log();
    }

    fn run(&mut self, batch: Vec<QueueItem<I>>) {
        match self.attempt(batch) {
            Ok(()) => {}
            // Another process holds the file, or the disk is full: running each job alone would only take longer.
            Err((jobs, error @ (Error::Busy | Error::Unwritable(_)))) => {
                self.condition.set(Err(&error));
                if let Some(left_out) = log::failure("writer", &error) {
                    tracing::error!(%error, jobs = jobs.len(), left_out, "the data file can't be written now, and hits are refused");
                }
                for job in jobs {
                    refuse(job, &error);
                }
            }
            Err((jobs, error)) if jobs.len() == 1 => {
                if let Some(left_out) = log::failure("writer", &error) {
                    tracing::error!(%error, left_out, "a change could not be written");
                }
                for job in jobs {
                    refuse(job, &error);
                }
            }
            Err((jobs, error)) => {
                if let Some(left_out) = log::failure("batch", &error) {
                    tracing::warn!(%error, jobs = jobs.len(), left_out, "a batch failed and is run again one by one");
                }
                for job in jobs {
                    self.run(vec![job]);
                }
            }
        }
    }

    /// Runs a batch in one transaction; on failure nothing is changed and the jobs come back.
    fn attempt(&mut self, batch: Vec<QueueItem<I>>) -> std::result::Result<(), (Vec<QueueItem<I>>, Error)> {
        let mut done = Vec::with_capacity(batch.len());
        match self.write(batch, &mut done) {
            Ok(()) => {
                // This comes first: a sender who asks for a report right after the answer must find the hit in it.
                self.intake.after_commit();
                self.note_commit();
                done.into_iter().for_each(answer);
                Ok(())
            }
            Err((rest, error)) => {
                self.intake.forget();
                let ran = done.into_iter().map(|done| match done {
                    Done::Hit(hit, reply, _) => QueueItem::Hit(hit, reply),
                    Done::Batch(batch) => QueueItem::Batch(batch),
                    Done::Change(change) => QueueItem::Change(change),
                });
                Err((ran.chain(rest).collect(), error))
            }
        }
    }

    fn note_commit(&self) {
        if !self.has_written.swap(false, Ordering::Relaxed) {
            return;
        }
        if self.condition.set(Ok(())) && log::due("writer", "well again").is_some() {
            tracing::warn!("the data file can be written again");
        }
    }

    fn write(
        &mut self,
        batch: Vec<QueueItem<I>>,
        done: &mut Vec<Done<I>>,
    ) -> std::result::Result<(), (Vec<QueueItem<I>>, Error)> {
        let mut jobs = batch.into_iter();
        let outcome = (|| {
            self.identity.check()?;
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let version =
                transaction.prepare_cached("pragma data_version")?.query_row([], |row| row.get(0))?;
            if self.version.replace(version) != Some(version) {
                self.intake.forget();
            }
            for job in jobs.by_ref() {
                match job {
                    QueueItem::Hit(hit, reply) => {
                        let answer = self.intake.handle(&transaction, &hit);
                        let failure = answer.as_ref().err().map(same);
                        done.push(Done::Hit(hit, reply, answer));
                        if let Some(error) = failure {
                            return Err(error);
                        }
                        check_open(&transaction, None)?;
                    }
                    QueueItem::Batch(mut batch) => {
                        let ran = batch.run(&transaction, &mut self.intake);
                        done.push(Done::Batch(batch));
                        ran?;
                        check_open(&transaction, None)?;
                    }
                    QueueItem::Change(mut change) => {
                        self.intake.finish(&transaction)?;
                        change.run(&transaction);
                        let (reach, failure) = (change.reach(), change.failure().map(same));
                        done.push(Done::Change(change));
                        check_open(&transaction, failure)?;
                        self.intake.settings_changed();
                        match reach {
                            Invalidates::Usual => {}
                            Invalidates::Labels => self.intake.labels_deleted(),
                            Invalidates::Visits => self.intake.visits_erased(),
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

    /// Bounds the log: wakes the checkpoint thread, and runs a checkpoint here when that thread falls behind.
    fn bound_log(&mut self) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames > limits::WAL_FRAMES_MAX {
            checkpoint::run(&self.connection);
            self.frames.store(0, Ordering::Relaxed);
        } else if frames > limits::CHECKPOINT_FRAMES {
            // If that thread is gone, the writer bounds the log itself, above.
            self.wake.send(()).unwrap_or_default();
        }
    }
}

/// Checks that the transaction is still open. After some failures, such as a full disk, SQLite rolls it back by itself:
/// the earlier jobs are lost, and later ones would each commit alone. `failure` is the error of the job that just ran.
fn check_open(transaction: &Transaction<'_>, failure: Option<Error>) -> Result<()> {
    if !transaction.is_autocommit() {
        return Ok(());
    }
    Err(match failure {
        Some(error @ Error::Unwritable(_)) => error,
        _ => Error::Unwritable("SQLite gave a change up. Look whether the disk is full.".into()),
    })
}

/// Takes the jobs that are queued, up to the limit. If there is none it waits for a message, at most so long. Returns false when the
/// queue is closed.
fn gather<I: HitHandler>(
    messages: &Receiver<Message<I>>,
    batch: &mut Vec<QueueItem<I>>,
    within: Option<Duration>,
) -> bool {
    let mut next = match within {
        None => messages.recv().map_err(|_| TryRecvError::Disconnected),
        Some(time) => messages.recv_timeout(time).map_err(|error| match error {
            RecvTimeoutError::Timeout => TryRecvError::Empty,
            RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
        }),
    };
    let mut batched_hits: usize = 0;
    loop {
        match next {
            Ok(Message::Job(job)) => {
                batched_hits += batched(&job);
                batch.push(job);
            }
            Ok(Message::Clicks) => {}
            Err(error) => return error == TryRecvError::Empty,
        }
        if batch.len() >= limits::BATCH_JOBS_MAX || batched_hits >= limits::TRANSACTION_BATCH_HITS_MAX {
            return true;
        }
        next = messages.try_recv();
    }
}

/// Returns the number of hits of a job that is a batch of them.
fn batched<I: HitHandler>(job: &QueueItem<I>) -> usize {
    if let QueueItem::Batch(batch) = job { batch.hits.len() } else { 0 }
}

fn answer<I: HitHandler>(done: Done<I>) {
    match done {
        // A sender that went away does not wait for its answer.
        Done::Hit(_, reply, answer) => drop(reply.send(answer)),
        Done::Batch(batch) => batch.answer(Ok(())),
        Done::Change(change) => change.answer(Ok(())),
    }
}

/// Copies an error, as far as its callers tell errors apart.
fn same(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::Unwritable(reason) => Error::Unwritable(reason.clone()),
        Error::Setup(sentence) => Error::Setup(sentence.clone()),
        error => Error::Internal(error.to_string()),
    }
}

fn refuse<I: HitHandler>(job: QueueItem<I>, error: &Error) {
    let told = same(error);
    match job {
        QueueItem::Hit(_, reply) => drop(reply.send(Err(told))),
        QueueItem::Batch(batch) => batch.answer(Err(told)),
        QueueItem::Change(change) => change.answer(Err(told)),
    }
}
