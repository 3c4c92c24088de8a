//! The fair queue for work with limited concurrency. Lanes take turns, and each serves its requests in their order: a
//! request's rank is one above that of its lane's last one, or that of the request served last if its lane has none
//! (start-time fair queueing, Goyal, Vin and Cheng 1996). So a flood from one network waits behind itself. Failed tries
//! add to the rank. Known requesters and strangers take turns, so that neither blocks the other. A lane may be limited to a part of the permits, so that its long work
//! leaves some to the others.

use crate::access::requester::{Lane, Turn};
use crate::error::{Error, Result};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A fair queue of permits; cheap to clone.
#[derive(Clone)]
pub struct FairQueue(Arc<Mutex<State>>);

/// A place in a line, as rank and arrival number: the lowest is served first.
type Place = (u64, u64);

struct State {
    /// Permits that are free.
    free: usize,
    /// The largest number of permits that one lane has at once.
    per_lane_max: usize,
    /// The largest number of waiting requesters in each line.
    waiting_max: usize,
    /// The waiting requesters: known ones, and strangers.
    lines: [BTreeMap<Place, Waiter>; 2],
    /// The number of permits that each lane has.
    running: HashMap<Lane, usize>,
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
    sender: oneshot::Sender<Seat>,
}

/// A slot of the limited concurrency, which a lane has; its drop serves the next in line.
struct Seat(FairQueue, Lane);

/// The count of one request in its lane, while it waits or has a permit.
struct Presence(FairQueue, Lane);

/// A place in a line; removed from the line when dropped.
struct Waiting(FairQueue, usize, Place);

impl FairQueue {
    /// Returns a queue with `permits` slots, in which `waiting_max` known requesters and as many strangers may
    /// wait.
    pub fn new(permits: usize, waiting_max: usize) -> Self {
        Self::with_lane_limit(permits, waiting_max, permits)
    }

    /// Returns such a queue in which one lane has at most `per_lane_max` permits at once.
    pub fn with_lane_limit(permits: usize, waiting_max: usize, per_lane_max: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: permits,
            per_lane_max,
            waiting_max,
            lines: Default::default(),
            running: HashMap::new(),
            outstanding: HashMap::new(),
            served_ranks: [0; 2],
            arrivals: 0,
            served: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the line is full of requesters with a better rank.
    pub async fn acquire(&self, turn: Turn) -> Result<Permit> {
        let (receiver, waiting, presence) = self.enter(turn)?;
        let seat = receiver.await.map_err(|_| Error::Busy)?;
        drop(waiting);
        Ok(Permit { _seat: seat, _presence: presence })
    }

    /// Takes a free permit, or a place in the line.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Busy` when the line is full of requesters with a better rank.
    fn enter(&self, turn: Turn) -> Result<(oneshot::Receiver<Seat>, Waiting, Presence)> {
        let (sender, receiver) = oneshot::channel();
        let line = usize::from(turn.lane.is_strange());
        let mut state = self.state();
        let rank = state.outstanding.get(&turn.lane).map_or(0, |lane| lane.next_rank);
        let rank = rank.max(state.served_ranks[line]);
        state.arrivals += 1;
        let place = (rank + u64::from(turn.demerits), state.arrivals);
        let waiter = Waiter { lane: turn.lane, sender };
        let seated = if state.may_run(turn.lane) {
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
        drop(self.sender.send(Seat(queue.clone(), self.lane)));
    }
}

impl State {
    /// Returns true if there is a free permit that a lane may have.
    fn may_run(&self, lane: Lane) -> bool {
        self.free > 0 && self.running.get(&lane).is_none_or(|count| *count < self.per_lane_max)
    }

    /// Counts a permit of a waiter from a place in a line, whose lane [`Self::may_run`].
    fn begin(&mut self, waiter: &Waiter, line: usize, (rank, _): Place) {
        self.free -= 1;
        self.served_ranks[line] = self.served_ranks[line].max(rank);
        *self.running.entry(waiter.lane).or_default() += 1;
    }

    /// Frees a permit of a lane.
    fn end(&mut self, lane: Lane) {
        self.free += 1;
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

    /// Takes the next waiting requester whose lane may have a permit, from the other line first.
    fn next(&mut self) -> Option<Waiter> {
        for line in [1 - self.served, self.served] {
            let place = self.lines[line].iter().find(|(_, waiter)| self.may_run(waiter.lane));
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
        // One permit more is free, and one lane has one less: at most one waiter may begin.
        let next = {
            let mut state = self.0.state();
            state.end(self.1);
            state.next()
        };
        if let Some(waiter) = next {
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
mod tests {
    use super::*;
    use crate::access::requester::Requester;
    use crate::model::id::UserId;
    use std::net::IpAddr;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    type Asking = Pin<Box<dyn Future<Output = Result<Permit>>>>;

    fn look(asking: &mut Asking) -> Option<Result<Permit>> {
        match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    /// Starts a request for a permit, which waits.
    fn ask(queue: &FairQueue, turn: Turn) -> Asking {
        let queue = queue.clone();
        let mut asking: Asking = Box::pin(async move { queue.acquire(turn).await });
        assert!(look(&mut asking).is_none(), "there was a free permit");
        asking
    }

    fn stranger(address: &str) -> Turn {
        Turn::for_requester(Requester::Stranger(address.parse().unwrap()))
    }

    fn person(number: i64) -> Turn {
        Turn::for_requester(Requester::Person(UserId(number), IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)))
    }

    fn busy(queue: &FairQueue) -> Permit {
        let queue = queue.clone();
        let mut asking: Asking = Box::pin(async move { queue.acquire(stranger("192.0.2.1")).await });
        look(&mut asking).unwrap().unwrap()
    }

    /// Returns the order in which waiting requests are served, as indices into the list.
    fn served(first: Permit, mut waiting: Vec<Asking>) -> Vec<usize> {
        let (mut permit, mut order) = (Some(first), Vec::new());
        while order.len() < waiting.len() {
            drop(permit.take());
            for (number, asking) in
                waiting.iter_mut().enumerate().filter(|(number, _)| !order.contains(number))
            {
                if let Some(answer) = look(asking) {
                    permit = Some(answer.unwrap());
                    order.push(number);
                    break;
                }
            }
            assert!(permit.is_some(), "nobody was served after {order:?}");
        }
        order
    }

    #[test]
    fn a_network_that_asks_again_and_again_waits_behind_the_others() {
        let queue = FairQueue::new(1, 10);
        let first = busy(&queue);
        let turns =
            ["203.0.113.1", "203.0.113.2", "203.0.113.3", "198.51.100.1", "2001:db8:1::1", "2001:db8:1:9::"];
        let waiting = turns.map(|address| ask(&queue, stranger(address)));
        assert_eq!(served(first, waiting.into()), [0, 3, 4, 1, 5, 2]);
        assert!(queue.state().outstanding.is_empty() && queue.state().free == 1);
    }

    #[test]
    fn a_lane_serves_its_requests_in_the_order_in_which_they_came() {
        let queue = FairQueue::new(1, 10);
        let mut permit = Some(busy(&queue));
        let mut waiting: Vec<_> = (0..4).map(|_| ask(&queue, stranger("192.0.2.2"))).collect();
        // Fewer requests are outstanding when the last ones come than when the others did.
        for mut asking in waiting.drain(..3) {
            drop(permit.take());
            permit = Some(look(&mut asking).unwrap().unwrap());
        }
        waiting.extend((0..2).map(|_| ask(&queue, stranger("192.0.2.2"))));
        assert_eq!(served(permit.unwrap(), waiting), [0, 1, 2]);
    }

    #[test]
    fn whoever_failed_lately_waits_behind_those_who_did_not() {
        let queue = FairQueue::new(1, 10);
        let first = busy(&queue);
        let failed = Turn { demerits: 3, ..stranger("203.0.113.1") };
        let waiting = vec![ask(&queue, failed), ask(&queue, stranger("198.51.100.1"))];
        assert_eq!(served(first, waiting), [1, 0]);
    }

    #[test]
    fn a_lane_with_all_the_permits_it_may_have_leaves_the_others_to_the_next_in_line() {
        let queue = FairQueue::with_lane_limit(3, 10, 2);
        let get = |turn: Turn| {
            let queue = queue.clone();
            let mut asking: Asking = Box::pin(async move { queue.acquire(turn).await });
            look(&mut asking).map(Result::unwrap)
        };
        let first = get(person(1)).unwrap();
        let second = get(person(1)).unwrap();
        let mut third = ask(&queue, person(1));
        let mut fourth = ask(&queue, person(1));
        let other = get(person(2)).unwrap();
        drop(other);
        assert!(look(&mut third).is_none(), "a third permit for the same lane");
        let other = get(stranger("192.0.2.1")).unwrap();
        drop(first);
        let third = look(&mut third).unwrap().unwrap();
        assert!(look(&mut fourth).is_none());
        drop((second, third, other));
        drop(look(&mut fourth).unwrap().unwrap());
        let state = queue.state();
        assert!(state.free == 3 && state.running.is_empty() && state.outstanding.is_empty());
    }

    #[test]
    fn known_requesters_and_strangers_take_turns() {
        let queue = FairQueue::new(1, 10);
        let first = busy(&queue);
        let strangers =
            ["203.0.113.1", "198.51.100.1", "192.0.2.1"].map(|address| ask(&queue, stranger(address)));
        let waiting = strangers.into_iter().chain([ask(&queue, person(1)), ask(&queue, person(1))]);
        assert_eq!(served(first, waiting.collect()), [0, 3, 1, 4, 2]);
    }

    #[test]
    fn where_too_many_wait_the_one_who_asked_for_most_gives_way() {
        let queue = FairQueue::new(1, 2);
        let first = busy(&queue);
        let mut flood = vec![ask(&queue, stranger("203.0.113.1")), ask(&queue, stranger("203.0.113.2"))];
        let mut refused: Asking = {
            let queue = queue.clone();
            Box::pin(async move { queue.acquire(stranger("203.0.113.3")).await })
        };
        assert!(matches!(look(&mut refused), Some(Err(Error::Busy))));
        let elsewhere = ask(&queue, stranger("198.51.100.1"));
        assert!(matches!(look(&mut flood[1]), Some(Err(Error::Busy))));
        flood.truncate(1);
        assert_eq!(served(first, flood.into_iter().chain([elsewhere]).collect()), [0, 1]);
    }

    #[test]
    fn whoever_goes_away_leaves_the_line_and_hands_a_permit_on() {
        let queue = FairQueue::new(1, 10);
        let first = busy(&queue);
        let (gone, called) = (ask(&queue, stranger("203.0.113.1")), ask(&queue, stranger("198.51.100.1")));
        let last = ask(&queue, stranger("198.51.100.2"));
        drop(gone);
        assert_eq!(queue.state().lines[1].len(), 2);
        drop(first);
        // The permit was offered to it, but never taken.
        drop(called);
        let mut last = last;
        assert!(look(&mut last).is_some_and(|answer| answer.is_ok()));
    }
}
