//! The fair queue, asked step by step.

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
        for (number, asking) in waiting.iter_mut().enumerate().filter(|(number, _)| !order.contains(number)) {
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
