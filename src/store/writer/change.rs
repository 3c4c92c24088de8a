//! A change in the queue: work in a savepoint of its own, and the channel for its outcome.

use crate::error::{Error, Result};
use rusqlite::Transaction;
use tokio::sync::oneshot;

/// The caches of the intake, besides settings, that a change makes invalid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Invalidates {
    /// No further caches.
    Usual,
    /// Caches of labels: the change deletes some.
    Labels,
    /// Caches of visits: the change erases some that may be open.
    Visits,
}

/// A change other than a hit, such as one made by a form.
pub trait Change: Send {
    /// Returns the caches that the change makes invalid.
    fn reach(&self) -> Invalidates;
    /// Runs the change, possibly a second time.
    fn run(&mut self, transaction: &Transaction<'_>);
    /// Returns the error of the last run, if it failed.
    fn failure(&self) -> Option<&Error>;
    /// Sends the outcome to the caller.
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// A change with the channel for its outcome.
pub struct Job<F, T> {
    work: F,
    reach: Invalidates,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job<F, T> {
    /// Creates a task that has not run yet.
    pub fn new(work: F, reach: Invalidates, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { work, reach, outcome: None, reply }
    }
}

impl<F, T> Change for Job<F, T>
where
    F: Fn(&Transaction<'_>) -> Result<T> + Send,
    T: Send,
{
    fn reach(&self) -> Invalidates {
        self.reach
    }

    fn run(&mut self, transaction: &Transaction<'_>) {
        self.outcome = Some(in_savepoint(transaction, &self.work));
    }

    fn failure(&self) -> Option<&Error> {
        self.outcome.as_ref().and_then(|outcome| outcome.as_ref().err())
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let Self { work, outcome, reply, .. } = *self;
        // The caller may need resources back that the work borrowed.
        drop(work);
        let lost = || Err(Error::Internal("the change was not run".into()));
        // A caller that went away does not wait for its answer.
        drop(reply.send(committed.and_then(|()| outcome.unwrap_or_else(lost))));
    }
}

fn in_savepoint<T>(transaction: &Transaction<'_>, work: impl Fn(&Transaction<'_>) -> Result<T>) -> Result<T> {
    transaction.execute_batch("savepoint change")?;
    let outcome = work(transaction);
    // A full disk rolls the savepoint back as well; the first error then tells why, and nothing is left to roll back.
    if outcome.is_err() && !transaction.is_autocommit() {
        transaction.execute_batch("rollback to change")?;
    }
    if !transaction.is_autocommit() {
        transaction.execute_batch("release change")?;
    }
    outcome
}
