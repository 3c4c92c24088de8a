//! A change in the queue: work in a savepoint of its own, and who waits for its outcome.

use crate::error::{Error, Result};
use rusqlite::Transaction;
use tokio::sync::oneshot;

/// What a change may do to what the intake remembers, beside settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// None.
    Usual,
    /// It deletes labels.
    Labels,
    /// It erases visits which may be open.
    Visits,
}

/// A change that is not a hit, such as a form's.
pub trait Change: Send {
    /// What it may do to what the intake remembers.
    fn reach(&self) -> Reach;
    /// Runs it, perhaps a second time.
    fn run(&mut self, transaction: &Transaction<'_>);
    /// Returns the error with which it failed, if it ran and did.
    fn failure(&self) -> Option<&Error>;
    /// Tells whoever waits how it went.
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// Work and who waits for it.
pub struct Task<F, T> {
    work: F,
    reach: Reach,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Task<F, T> {
    /// One that has not run yet.
    pub fn new(work: F, reach: Reach, reply: oneshot::Sender<Result<T>>) -> Self {
        Self { work, reach, outcome: None, reply }
    }
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

    fn failure(&self) -> Option<&Error> {
        self.outcome.as_ref().and_then(|outcome| outcome.as_ref().err())
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
    // A full disk takes the savepoint along: then the first failure says why, and nothing is left to take back.
    if outcome.is_err() && !transaction.is_autocommit() {
        transaction.execute_batch("rollback to change")?;
    }
    if !transaction.is_autocommit() {
        transaction.execute_batch("release change")?;
    }
    outcome
}
