//! Reading ahead: one thread reads and parses lines in batches while another one writes the lines before them. Written
//! batches go back to the reading thread, since memory is freed fastest on the thread that allocated it.

use crate::error::Result;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, Scope};
use std::time::Duration;

/// The items that are read ahead, in their order.
pub struct ReadAhead<T> {
    batches: Receiver<Result<Vec<T>>>,
    back: SyncSender<Vec<T>>,
    items: Vec<T>,
    next: usize,
    /// True if there are no further items.
    pub is_over: bool,
}

impl<T: Send> ReadAhead<T> {
    /// Starts a thread that reads up to `ahead` batches ahead. `fill` adds items to an empty list; if it adds none, or
    /// fails, it is not called again.
    ///
    /// # Errors
    ///
    /// Fails when the system has no thread left.
    pub fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        batches_ahead: usize,
        fill: impl FnMut(&mut Vec<T>) -> Result<()> + Send + 'scope,
    ) -> Result<Self>
    where
        T: 'scope,
    {
        let (ahead, batches) = sync_channel(batches_ahead);
        let (back, written) = sync_channel(batches_ahead);
        Builder::new().spawn_scoped(scope, move || read(fill, &ahead, &written))?;
        Ok(Self { batches, back, items: Vec::new(), next: 0, is_over: false })
    }

    fn is_empty(&self) -> bool {
        self.next >= self.items.len()
    }

    /// Waits for an item; returns false if there are no more.
    ///
    /// # Errors
    ///
    /// Fails as `fill` does.
    pub fn wait(&mut self) -> Result<bool> {
        while self.is_empty() {
            let Ok(batch) = self.batches.recv() else {
                self.is_over = true;
                return Ok(false);
            };
            self.turn_to(batch?);
        }
        Ok(true)
    }

    /// Returns the next item, if it comes within a time.
    ///
    /// # Errors
    ///
    /// Fails as `fill` does.
    pub fn next(&mut self, within: Duration) -> Result<Option<&T>> {
        while self.is_empty() {
            match self.batches.recv_timeout(within) {
                Ok(batch) => self.turn_to(batch?),
                Err(error) => {
                    self.is_over = error == RecvTimeoutError::Disconnected;
                    return Ok(None);
                }
            }
        }
        self.next += 1;
        Ok(self.items.get(self.next - 1))
    }

    fn turn_to(&mut self, batch: Vec<T>) {
        let written = std::mem::replace(&mut self.items, batch);
        self.next = 0;
        // Whoever reads may be done.
        drop(self.back.try_send(written));
    }
}

/// Reads to the end, or until the receiver is dropped.
fn read<T>(
    mut fill: impl FnMut(&mut Vec<T>) -> Result<()>,
    ahead: &SyncSender<Result<Vec<T>>>,
    written: &Receiver<Vec<T>>,
) {
    loop {
        let mut batch = written.try_recv().unwrap_or_default();
        batch.clear();
        if let Err(error) = fill(&mut batch) {
            drop(ahead.send(Err(error)));
            return;
        }
        if batch.is_empty() || ahead.send(Ok(batch)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const LONG: Duration = Duration::from_mins(10);

    /// Reads numbers from 0 on, three at a time, up to one that fails or the end.
    fn numbers(end: u32, failing: Option<u32>) -> impl FnMut(&mut Vec<u32>) -> Result<()> + Send {
        let mut next = 0;
        move |batch| {
            assert!(batch.is_empty());
            while batch.len() < 3 && next < end {
                if Some(next) == failing {
                    return Err(Error::Missing("number"));
                }
                batch.push(next);
                next += 1;
            }
            Ok(())
        }
    }

    #[test]
    fn items_come_in_their_order_to_the_end() {
        std::thread::scope(|scope| {
            let mut items = ReadAhead::start(scope, 2, numbers(100, None)).unwrap();
            let mut read = Vec::new();
            while items.wait().unwrap() {
                read.push(*items.next(LONG).unwrap().unwrap());
            }
            assert_eq!(read, (0..100).collect::<Vec<_>>());
            assert!(items.is_over && items.next(LONG).unwrap().is_none());
        });
    }

    #[test]
    fn a_failure_comes_behind_the_batches_before_it() {
        std::thread::scope(|scope| {
            let mut items = ReadAhead::start(scope, 2, numbers(100, Some(7))).unwrap();
            for number in 0..6 {
                assert_eq!(items.next(LONG).unwrap(), Some(&number));
            }
            assert!(items.wait().is_err());
        });
    }

    #[test]
    fn reading_ends_where_nobody_wants_the_rest() {
        std::thread::scope(|scope| {
            let mut items = ReadAhead::start(scope, 2, numbers(u32::MAX, None)).unwrap();
            assert!(items.wait().unwrap());
        });
    }
}
