//! The fair queue for work with limited concurrency. Lanes take turns, and each serves its requests in their order: a
//! request's rank is one above that of its lane's last one, or that of the request served last if its lane has none
//! (start-time fair queueing, Goyal, Vin and Cheng 1996). So a flood from one network waits behind itself. Failed tries
//! add to the rank. Known requesters and strangers take turns, so that neither blocks the other. A lane may be limited to a
//! part of the permits, and so may long work, so that they leave some to the others.

use crate::access::requester::{Lane, Turn};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A fair queue of permits; cheap to clone.
#[derive(Clone)]
pub struct FairQueue(Arc<Mutex<State>>);

/// The length of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// It is done soon, or at least all work of the queue is alike.
    Short,
    /// It may go on for long.
    Long,
}

/// The largest numbers of permits that are in use at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// By one lane.
    pub per_lane: usize,
    /// By long work of all lanes.
    pub long: usize,
}

/// A place in a line, as rank and arrival number: the lowest is served first.
type Place = (u64, u64);

struct State {
    /// Permits that are free.
    free: usize,
    limits: Limits,
    /// The largest number of waiting requesters in each line.
    waiting_max: usize,
    /// The waiting requesters: known ones, and strangers.
    lines: [BTreeMap<Place, Waiter>; 2],
    /// The number of permits that each lane has.
    running: HashMap<Lane, usize>,
    /// The number of permits that long work has.
    running_long: usize,
    /// The requests of each lane that wait or have a permit.
    outstanding: HashMap<Lane, Outstanding>,
    /// The highest rank that was served in each line.
    served_ranks: [u64; 2],
    arrivals: u64,
    /// The line that was served last.
    served: usize,
}

/// A permit for one piece of work; passes to the next in line when dropped.
pub struct Permit {
    _seat: Seat,
    _presence: Presence,
}

impl Permit {
    /// Runs the work, then releases the permit.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        let done = work();
        drop(self);
        done
    }
}

/// The requests of a lane that wait or have a permit.
struct Outstanding {
    count: u32,
    /// The rank of the next one, without its failed tries.
    next_rank: u64,
}

/// A waiting requester.
struct Waiter {
    lane: Lane,
    length: Length,
    sender: oneshot::Sender<Seat>,
}

/// A slot of the limited concurrency, which work of a lane has; its drop serves the next in line.
struct Seat(FairQueue, Lane, Length);

/// The count of one request in its lane, while it waits or has a permit.
struct Presence(FairQueue, Lane);

/// A place in a line; removed from the line when dropped.
struct Waiting(FairQueue, usize, Place);

impl FairQueue {
    /// Returns a queue with `permits` slots, in which `waiting_max` known requesters and as many strangers may
    /// wait.
    pub fn new(permits: usize, waiting_max: usize) -> Self {
        Self::with_limits(permits, waiting_max, Limits { per_lane: permits, long: permits })
    }

    /// Returns such a queue in which one lane, or long work, has only a part of the permits at once.
    pub fn with_limits(permits: usize, waiting_max: usize, limits: Limits) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: permits,
            limits,
            waiting_max,
            lines: Default::default(),
            running: HashMap::new(),
            running_long: 0,
            outstanding: HashMap::new(),
            served_ranks: [0; 2],
            arrivals: 0,
            served: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit for short work.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the line is full of requesters with a better rank.
    pub async fn acquire(&self, turn: Turn) -> Result<Permit> {
        self.acquire_for(turn, Length::Short).await
    }

    /// Waits for a permit for work of a length.
    ///
    /// # Errors
    ///
    /// Fails as [`Self::acquire`] does.
    pub async fn acquire_for(&self, turn: Turn, length: Length) -> Result<Permit> {
        let (receiver, waiting, presence) = self.enter(turn, length)?;
        let seat = receiver.await.map_err(|_| Error::Busy)?;
        drop(waiting);
        Ok(Permit { _seat: seat, _presence: presence })
    }

    /// Takes a free permit, or a place in the line.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the line is full of requesters with a better rank.
    fn enter(&self, turn: Turn, length: Length) -> Result<(oneshot::Receiver<Seat>, Waiting, Presence)> {
        let (sender, receiver) = oneshot::channel();
        let line = usize::from(turn.lane.is_strange());
        let mut state = self.state();
        let rank = state.outstanding.get(&turn.lane).map_or(0, |lane| lane.next_rank);
        let rank = rank.max(state.served_ranks[line]);
        state.arrivals += 1;
        let place = (rank + u64::from(turn.demerits), state.arrivals);
        let waiter = Waiter { lane: turn.lane, length, sender };
        let seated = if state.may_run(&waiter) {
            state.begin(&waiter, line, place);
            Some(waiter)
        } else {
            state.admit(line, place, waiter)?;
            None
        };
        let outstanding =
            state.outstanding.entry(turn.lane).or_insert(Outstanding { count: 0, next_rank: 0 });
        outstanding.count += 1;
        outstanding.next_rank = rank + 1;
        drop(state);
        if let Some(waiter) = seated {
            waiter.seat(self);
        }
        Ok((receiver, Waiting(self.clone(), line, place), Presence(self.clone(), turn.lane)))
    }
}

impl Waiter {
    /// Gives the waiter a slot. A receiver that is gone drops the seat, and so passes it on.
    fn seat(self, queue: &FairQueue) {
        drop(self.sender.send(Seat(queue.clone(), self.lane, self.length)));
    }
}

impl State {
    /// Returns true if there is a free permit that a waiter may have.
    fn may_run(&self, waiter: &Waiter) -> bool {
        self.free > 0
            && self.running.get(&waiter.lane).is_none_or(|count| *count < self.limits.per_lane)
            && (waiter.length == Length::Short || self.running_long < self.limits.long)
    }

    /// Counts a permit of a waiter from a place in a line, who [`Self::may_run`].
    fn begin(&mut self, waiter: &Waiter, line: usize, (rank, _): Place) {
        self.free -= 1;
        self.served_ranks[line] = self.served_ranks[line].max(rank);
        *self.running.entry(waiter.lane).or_default() += 1;
        self.running_long += usize::from(waiter.length == Length::Long);
    }

    /// Frees a permit of work of a lane.
    fn end(&mut self, lane: Lane, length: Length) {
        self.free += 1;
        self.running_long -= usize::from(length == Length::Long);
        if let Some(count) = self.running.get_mut(&lane) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(&lane);
            }
        }
    }

    /// Adds a waiting requester to a line. In a full line the worst place is dropped.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the new place is the worst one.
    fn admit(&mut self, line: usize, place: Place, waiter: Waiter) -> Result<()> {
        let waiting = &mut self.lines[line];
        if waiting.len() >= self.waiting_max {
            if waiting.last_key_value().is_none_or(|(worst, _)| *worst < place) {
                return Err(Error::Busy);
            }
            waiting.pop_last();
        }
        waiting.insert(place, waiter);
        Ok(())
    }

    /// Takes the next waiting requester who may have a permit, from the other line first.
    fn next(&mut self) -> Option<Waiter> {
        for line in [1 - self.served, self.served] {
            let place = self.lines[line].iter().find(|(_, waiter)| self.may_run(waiter));
            let Some(place) = place.map(|(place, _)| *place) else { continue };
            let waiter = self.lines[line].remove(&place)?;
            self.served = line;
            self.begin(&waiter, line, place);
            return Some(waiter);
        }
        None
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Where one more was free already, one waiter may begin because its lane has one less, and another one because long
        // work has one less.
        let next: Vec<Waiter> = {
            let mut state = self.0.state();
            state.end(self.1, self.2);
            std::iter::from_fn(|| state.next()).collect()
        };
        for waiter in next {
            waiter.seat(&self.0);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.state().lines[self.1].remove(&self.2);
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if let Some(lane) = state.outstanding.get_mut(&self.1) {
            lane.count -= 1;
            if lane.count == 0 {
                state.outstanding.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests;
