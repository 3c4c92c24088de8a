//! One open connection as those see it who share it: its stream, its requests, and the table of all.

use super::closed::Cause;
use super::progress::{Progress, Standing};
use futures_util::task::AtomicWaker;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// Its number, which no other one has.
    pub id: u64,
    /// Who is at the other end: an IPv4 address, an IPv6 /64.
    pub peer: IpAddr,
    state: Mutex<State>,
    is_cut: AtomicBool,
    task: AtomicWaker,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    /// Bytes of its answer that wait in memory.
    waiting_bytes: usize,
    cause: Option<Cause>,
}

impl Connection {
    /// One that was just accepted.
    pub fn new(id: u64, peer: IpAddr, now: Instant) -> Self {
        let state = State { progress: Progress::new(now), waiting_bytes: 0, cause: None };
        Self { id, peer, state: Mutex::new(state), is_cut: AtomicBool::new(false), task: AtomicWaker::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of a step.
    pub fn step(&self, step: impl FnOnce(&mut Progress)) {
        step(&mut self.state().progress);
    }

    /// How dispensable it is.
    pub fn standing(&self) -> Standing {
        self.state().progress.standing()
    }

    /// Why it is to be closed by now, if it is.
    pub fn overdue(&self, now: Instant) -> Option<Cause> {
        self.state().progress.overdue(now).map(Cause::Overdue)
    }

    /// Since when its client has taken nothing, and the bytes that wait in memory for it; none where none do.
    pub fn stuck(&self) -> Option<(Instant, usize)> {
        let state = self.state();
        state
            .progress
            .blocked_since()
            .filter(|_| state.waiting_bytes > 0)
            .map(|since| (since, state.waiting_bytes))
    }

    /// So many bytes more wait in memory; not counted of a connection that is cut.
    pub fn keep(&self, bytes: usize) -> bool {
        let mut state = self.state();
        if state.cause.is_some() {
            return false;
        }
        state.waiting_bytes += bytes;
        true
    }

    /// So many bytes wait no longer; how many of them were counted until now.
    pub fn release(&self, bytes: usize) -> usize {
        let mut state = self.state();
        let released = bytes.min(state.waiting_bytes);
        state.waiting_bytes -= released;
        released
    }

    /// Closes it, wherever it is; how many waiting bytes that sets free.
    pub fn cut(&self, cause: Cause) -> usize {
        let released = {
            let mut state = self.state();
            state.cause = Some(cause);
            std::mem::take(&mut state.waiting_bytes)
        };
        self.is_cut.store(true, Ordering::Release);
        self.task.wake();
        released
    }

    /// Whether it is to be closed; whoever asks is woken when it is.
    pub fn poll_cut(&self, context: &mut Context<'_>) -> Poll<()> {
        self.task.register(context.waker());
        if self.is_cut.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Why it was cut, and whether its client may be told so: it waits for nothing else.
    pub fn farewell(&self) -> Option<(Cause, bool)> {
        let state = self.state();
        state.cause.map(|cause| (cause, state.progress.can_be_told()))
    }
}
