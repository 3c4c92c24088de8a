//! An open connection, shared by its stream, its requests, and the table of all connections.

use super::closed::CloseCause;
use super::progress::{EvictionRank, Progress};
use crate::http::hangup::Hangup;
use futures_util::task::AtomicWaker;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// The unique number of the connection.
    pub id: u64,
    /// The network of the client: an IPv4 address, or an IPv6 /64.
    pub peer: IpAddr,
    /// The signal that the client has closed its side.
    pub hangup: Hangup,
    state: Mutex<State>,
    is_cut: AtomicBool,
    task: AtomicWaker,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    /// The response bytes queued in memory.
    waiting_bytes: usize,
    cause: Option<CloseCause>,
}

impl Connection {
    /// Returns a connection that was just accepted.
    pub fn new(id: u64, peer: IpAddr, now: Instant) -> Self {
        let state = State { progress: Progress::new(now), waiting_bytes: 0, cause: None };
        Self {
            id,
            peer,
            hangup: Hangup::default(),
            state: Mutex::new(state),
            is_cut: AtomicBool::new(false),
            task: AtomicWaker::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies a step to the connection's progress.
    pub fn step(&self, step: impl FnOnce(&mut Progress)) {
        step(&mut self.state().progress);
    }

    /// Returns the connection's rank for eviction.
    pub fn eviction_rank(&self) -> EvictionRank {
        self.state().progress.eviction_rank()
    }

    /// Returns the cause for closing the connection if it is overdue.
    pub fn overdue(&self, now: Instant) -> Option<CloseCause> {
        self.state().progress.overdue(now).map(CloseCause::Overdue)
    }

    /// Returns the time since which the client has read nothing, and the bytes queued in memory for it; `None`
    /// if none are queued.
    pub fn stuck(&self) -> Option<(Instant, usize)> {
        let state = self.state();
        state
            .progress
            .blocked_since()
            .filter(|_| state.waiting_bytes > 0)
            .map(|since| (since, state.waiting_bytes))
    }

    /// Adds queued bytes. Returns false for a connection that was cut: its bytes are not counted.
    pub fn keep(&self, bytes: usize) -> bool {
        let mut state = self.state();
        if state.cause.is_some() {
            return false;
        }
        state.waiting_bytes += bytes;
        true
    }

    /// Removes queued bytes; returns the number of them that were counted.
    pub fn release(&self, bytes: usize) -> usize {
        let mut state = self.state();
        let released = bytes.min(state.waiting_bytes);
        state.waiting_bytes -= released;
        released
    }

    /// Marks the connection to be closed and wakes its stream; returns the number of queued bytes that this
    /// frees.
    pub fn cut(&self, cause: CloseCause) -> usize {
        let released = {
            let mut state = self.state();
            state.cause = Some(cause);
            std::mem::take(&mut state.waiting_bytes)
        };
        self.is_cut.store(true, Ordering::Release);
        self.task.wake();
        released
    }

    /// Ready once the connection is cut; until then the caller is woken when it is.
    pub fn poll_cut(&self, context: &mut Context<'_>) -> Poll<()> {
        self.task.register(context.waker());
        if self.is_cut.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Returns the cause of the cut, if the connection was cut, and true if its client may get a last response
    /// because no other was begun.
    pub fn farewell(&self) -> Option<(CloseCause, bool)> {
        let state = self.state();
        state.cause.map(|cause| (cause, state.progress.can_be_told()))
    }
}
