//! The lane of clicks: a bounded queue of its own, which the writer takes in batches of their own. Hits and changes that wait go first.
//! Clicks wait for [`limits::CLICKS_GATHERED`], or until a batch is full, so that they cost few transactions.

use crate::limits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

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

    /// Returns the time until the clicks are to be written; `None` if there are none.
    pub fn due_in(&self) -> Option<Duration> {
        let waited = self.seen_at?.elapsed();
        let is_full = self.next.len() >= limits::BATCH_CLICKS_MAX;
        Some(if is_full { Duration::ZERO } else { limits::CLICKS_GATHERED.saturating_sub(waited) })
    }

    /// Takes the clicks that are written next.
    pub fn take(&mut self) -> Vec<T> {
        self.seen_at = None;
        std::mem::take(&mut self.next)
    }
}
