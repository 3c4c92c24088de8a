//! The lane of clicks: a bounded queue of its own, which the writer takes in batches of their own. Hits and changes go first:
//! clicks are written when nothing else waits, or when they have waited for [`limits::CLICKS_WAIT_MAX`].

use crate::limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant;

/// The sending end of the lane of items.
pub struct ClickSender<T> {
    queue: SyncSender<T>,
    is_announced: Arc<AtomicBool>,
}

/// The writer's end of the lane, with the clicks that are written next.
pub struct ClickLane<T> {
    queue: Receiver<T>,
    /// True from the announcement of clicks to the next look at the queue.
    is_announced: Arc<AtomicBool>,
    next: Vec<T>,
    /// The time at which the first of them was seen.
    seen_at: Option<Instant>,
}

/// Returns both ends of an empty lane.
pub fn lane<T>() -> (ClickSender<T>, ClickLane<T>) {
    let (sender, queue) = sync_channel(limits::QUEUE_CLICKS_MAX);
    let is_announced = Arc::<AtomicBool>::default();
    let sender = ClickSender { queue: sender, is_announced: Arc::clone(&is_announced) };
    (sender, ClickLane { queue, is_announced, next: Vec::new(), seen_at: None })
}

impl<T> ClickSender<T> {
    /// Queues clicks. Returns true if the writer has to be told that there are some.
    ///
    /// # Errors
    /// Fails when the lane is full or the writer has stopped.
    pub fn send(&self, clicks: T) -> Result<bool, TrySendError<T>> {
        self.queue.try_send(clicks)?;
        Ok(!self.is_announced.swap(true, Ordering::SeqCst))
    }
}

impl<T> ClickLane<T> {
    /// Takes what waits in the queue, as far as one batch has room.
    pub fn fill(&mut self) {
        self.is_announced.store(false, Ordering::SeqCst);
        let room = limits::BATCH_CLICKS_MAX - self.next.len();
        self.next.extend(self.queue.try_iter().take(room));
        if !self.next.is_empty() {
            self.seen_at.get_or_insert_with(Instant::now);
        }
    }

    /// Returns true if there are no clicks to write.
    pub fn is_empty(&self) -> bool {
        self.next.is_empty()
    }

    /// Returns true if the clicks have waited for others long enough.
    pub fn has_waited(&self) -> bool {
        self.seen_at.is_some_and(|seen_at| seen_at.elapsed() >= limits::CLICKS_WAIT_MAX)
    }

    /// Takes the clicks that are written next.
    pub fn take(&mut self) -> Vec<T> {
        self.seen_at = None;
        std::mem::take(&mut self.next)
    }
}
