//! A batch of hits in the queue. It is written in one transaction as a whole, if its sender still has the right to write.

use super::hit_handler::HitHandler;
use crate::error::{Error, Result};
use crate::limits;
use rusqlite::Transaction;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

/// A check of the sender's right, which runs in the transaction of the hits. It may run twice.
pub type SenderCheck = Box<dyn Fn(&Transaction<'_>) -> Result<()> + Send>;

/// The number of hits of batches that wait or are being written; cheap to clone.
#[derive(Clone, Default)]
pub struct BatchRoom(Arc<AtomicUsize>);

/// The room that a batch takes; free again when it is dropped.
pub struct TakenRoom(BatchRoom, usize);

impl BatchRoom {
    /// Takes room for as many hits.
    ///
    /// # Errors
    /// Fails with [`Error::Busy`] when there is not enough.
    pub fn take(&self, hits: usize) -> Result<TakenRoom> {
        let fitting = |taken: usize| {
            taken.checked_add(hits).filter(|together| *together <= limits::QUEUE_BATCH_HITS_MAX)
        };
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fitting) {
            Ok(_) => Ok(TakenRoom(self.clone(), hits)),
            Err(_) => Err(Error::Busy),
        }
    }
}

impl Drop for TakenRoom {
    fn drop(&mut self) {
        (self.0).0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// A batch of hits, and the channel for their answers.
pub struct HitBatch<I: HitHandler> {
    /// The hits, in the order in which they are handled.
    pub hits: Vec<I::Hit>,
    /// The check of the sender's right.
    pub check: SenderCheck,
    /// The outcome of the last run.
    pub outcome: Option<Result<Vec<I::Answer>>>,
    /// The channel for the answers, in the order of the hits.
    pub reply: oneshot::Sender<Result<Vec<I::Answer>>>,
    /// The room in the queue.
    pub room: TakenRoom,
}

impl<I: HitHandler> HitBatch<I> {
    /// Handles the hits, if the sender has the right to write; possibly a second time.
    ///
    /// # Errors
    /// Fails when a row cannot be written; the transaction is then rolled back. A refused sender is an outcome, no failure.
    pub fn run(&mut self, transaction: &Transaction<'_>, intake: &mut I) -> Result<()> {
        self.outcome = Some(match (self.check)(transaction) {
            Ok(()) => {
                let answers = self.hits.iter().map(|hit| intake.handle(transaction, hit));
                Ok(answers.collect::<Result<_>>()?)
            }
            Err(refusal) => Err(refusal),
        });
        Ok(())
    }

    /// Sends the outcome to the sender.
    pub fn answer(self, committed: Result<()>) {
        let Self { hits, outcome, reply, room, .. } = self;
        drop((hits, room));
        let lost = || Err(Error::Internal("the batch was not run".into()));
        // A sender that went away does not wait for its answer.
        drop(reply.send(committed.and_then(|()| outcome.unwrap_or_else(lost))));
    }
}
