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
        let queue = FairQueue::with_limits(3, 10, Limits { per_lane: 2, long: 3 });
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
    fn long_work_leaves_permits_to_short_work_and_its_end_serves_everybody_who_waited_for_it() {
        let queue = FairQueue::with_limits(4, 10, Limits { per_lane: 2, long: 2 });
        let start = |turn: Turn, length: Length| -> Asking {
            let queue = queue.clone();
            Box::pin(async move { queue.acquire_for(turn, length).await })
        };
        let get = |turn: Turn, length: Length| look(&mut start(turn, length)).map(Result::unwrap).unwrap();
        let long = [get(person(1), Length::Long), get(person(1), Length::Long)];
        let (mut long_of_another, mut short_of_the_same) =
            (start(person(2), Length::Long), start(person(1), Length::Short));
        assert!(look(&mut long_of_another).is_none(), "a third long one");
        assert!(look(&mut short_of_the_same).is_none(), "a third one of the same lane");
        let short = get(person(2), Length::Short);
        let [first, second] = long;
        drop(first);
        let begun = [look(&mut long_of_another), look(&mut short_of_the_same)];
        assert!(begun.iter().all(|begun| matches!(begun, Some(Ok(_)))));
        drop((begun, second, short));
        let state = queue.state();
        assert!(state.free == 4 && state.running_long == 0 && state.running.is_empty());
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
