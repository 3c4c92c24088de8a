//! The progress of one connection: the event it waits for, since when, and its deadline. Contains all rules of
//! deadlines. Knows neither sockets nor clocks: times are arguments.

use crate::limits;
use std::time::{Duration, Instant};

/// The phase of a connection, by the part of a request that it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No bytes of the first or, after a response, the next request have arrived.
    Idle,
    /// A part of a request's head has arrived.
    Head,
    /// The head has arrived, and the body is incomplete.
    Body(Body),
    /// The whole request has arrived, and is being answered.
    Whole,
}

/// The kind of body that a request's head announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// No body.
    Nothing,
    /// A body with this number of bytes.
    Bytes(u64),
    /// A body that marks its own end (chunked).
    Chunks,
}

/// A body that is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Body {
    began_at: Instant,
    bytes: u64,
    /// The number of its bytes, if the head declares it.
    expected: Option<u64>,
    /// True while the program waits for the client, false while the client waits for the program.
    is_awaited: bool,
}

/// The part of an exchange that is overdue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// The head of a request.
    Head,
    /// The body of a request.
    Body,
    /// The client's reading of the response.
    Write,
}

/// The rank of a connection for eviction when there are too many: the smallest is closed first, and of equals
/// the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvictionRank {
    /// A connection without a request since this time.
    Idle(Instant),
    /// A connection whose request began at this time and is incomplete.
    Incomplete(Instant),
    /// A connection whose complete request is being answered; it is never evicted.
    Whole,
}

/// The progress of a connection, as its stream and its requests report it.
#[derive(Debug)]
pub struct Progress {
    phase: Phase,
    /// The time at which the connection became idle, or its request began to arrive.
    since: Instant,
    /// True until the first request.
    is_new: bool,
    /// True if bytes arrived behind the request that is being answered.
    has_more: bool,
    /// True once the response was begun.
    is_answering: bool,
    /// The time since which bytes are queued of which the client has read none.
    blocked_since: Option<Instant>,
}

impl Progress {
    /// Returns the progress of a connection that was just accepted.
    pub fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Idle,
            since: now,
            is_new: true,
            has_more: false,
            is_answering: false,
            blocked_since: None,
        }
    }

    /// Records that bytes arrived.
    pub fn received(&mut self, now: Instant) {
        match self.phase {
            Phase::Idle => {
                (self.phase, self.is_answering) = (Phase::Head, false);
                // A client that sends nothing at first has that much less time for its first head.
                if !self.is_new {
                    self.since = now;
                }
            }
            Phase::Whole => self.has_more = true,
            Phase::Head | Phase::Body(_) => {}
        }
    }

    /// Records that a head is complete.
    pub fn head_came(&mut self, now: Instant, body_kind: BodyKind) {
        if self.phase == Phase::Idle {
            // The head arrived in the same read as the request before.
            self.since = now;
        }
        (self.is_new, self.has_more, self.is_answering) = (false, false, false);
        let body = |expected| Phase::Body(Body { began_at: now, bytes: 0, expected, is_awaited: false });
        self.phase = match body_kind {
            BodyKind::Nothing | BodyKind::Bytes(0) => Phase::Whole,
            BodyKind::Bytes(bytes) => body(Some(bytes)),
            BodyKind::Chunks => body(None),
        };
    }

    /// Records that the program read bytes of the body.
    pub fn body_came(&mut self, bytes: usize) {
        let Phase::Body(body) = &mut self.phase else { return };
        body.bytes += bytes as u64;
        body.is_awaited = false;
        if body.expected.is_some_and(|expected| body.bytes >= expected) {
            self.phase = Phase::Whole;
        }
    }

    /// Records that the program waits for more of the body, or that it reads no more and the client has to
    /// finish sending.
    pub fn body_is_awaited(&mut self) {
        if let Phase::Body(body) = &mut self.phase {
            body.is_awaited = true;
        }
    }

    /// Records that the body is complete.
    pub fn body_ended(&mut self) {
        if let Phase::Body(_) = self.phase {
            self.phase = Phase::Whole;
        }
    }

    /// Records that the head of the response was made.
    pub fn answer_began(&mut self) {
        self.is_answering = true;
    }

    /// Records that the response is complete; its last bytes may still be queued.
    pub fn answer_ended(&mut self, now: Instant) {
        // A body that the program did not read may still be arriving.
        self.is_answering = self.phase != Phase::Whole;
        self.phase = if self.has_more || self.is_answering { Phase::Head } else { Phase::Idle };
        (self.since, self.has_more) = (now, false);
    }

    /// Records that bytes are queued which the client does not read.
    pub fn write_blocked(&mut self, now: Instant) {
        self.blocked_since.get_or_insert(now);
    }

    /// Records that the client read bytes.
    pub fn write_went_on(&mut self) {
        self.blocked_since = None;
    }

    /// Returns the time since which bytes are queued of which the client has read none.
    pub fn blocked_since(&self) -> Option<Instant> {
        self.blocked_since
    }

    /// Returns the part of the exchange that is overdue, if any.
    pub fn overdue(&self, now: Instant) -> Option<Overdue> {
        let has_passed = |since, within| now.saturating_duration_since(since) >= within;
        let request = match self.phase {
            Phase::Idle if self.is_new => {
                has_passed(self.since, limits::HEAD_WITHIN).then_some(Overdue::Head)
            }
            Phase::Head => has_passed(self.since, limits::HEAD_WITHIN).then_some(Overdue::Head),
            Phase::Body(body) if body.is_awaited => {
                has_passed(body.began_at, body_within(body.bytes)).then_some(Overdue::Body)
            }
            Phase::Idle | Phase::Body(_) | Phase::Whole => None,
        };
        let is_stuck = self.blocked_since.is_some_and(|since| has_passed(since, limits::WRITE_WITHIN));
        request.or(is_stuck.then_some(Overdue::Write))
    }

    /// Returns the connection's rank for eviction.
    pub fn eviction_rank(&self) -> EvictionRank {
        match self.phase {
            // A response is not finished before the client has read it.
            _ if self.blocked_since.is_some() => EvictionRank::Whole,
            // A new connection is about to send its request, and must not be the first to go.
            Phase::Idle if self.is_new => EvictionRank::Incomplete(self.since),
            Phase::Idle => EvictionRank::Idle(self.since),
            Phase::Head | Phase::Body(_) => EvictionRank::Incomplete(self.since),
            Phase::Whole => EvictionRank::Whole,
        }
    }

    /// Returns true while a request is arriving to which no response was begun.
    pub fn can_be_told(&self) -> bool {
        matches!(self.phase, Phase::Head | Phase::Body(_))
            && !self.is_answering
            && self.blocked_since.is_none()
    }
}

/// Returns the time allowed for a body of which `bytes` bytes have arrived.
fn body_within(bytes: u64) -> Duration {
    let at_slowest = Duration::from_secs(bytes / limits::BODY_BYTES_PER_SECOND_MIN);
    at_slowest.clamp(limits::BODY_WITHIN, limits::BODY_WITHIN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection, and the moments of its life in seconds.
    struct Course {
        began: Instant,
        progress: Progress,
    }

    impl Course {
        fn new() -> Self {
            let began = Instant::now();
            Self { began, progress: Progress::new(began) }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.began + Duration::from_secs(seconds)
        }

        fn request_at(&mut self, seconds: u64, body_kind: BodyKind) {
            let now = self.at(seconds);
            self.progress.received(now);
            self.progress.head_came(now, body_kind);
        }

        fn answer_at(&mut self, seconds: u64) {
            self.progress.answer_began();
            self.progress.answer_ended(self.at(seconds));
        }

        fn overdue_at(&self, seconds: u64) -> Option<Overdue> {
            self.progress.overdue(self.at(seconds))
        }
    }

    const LONG: BodyKind = BodyKind::Bytes(1 << 30);

    #[test]
    fn the_first_head_is_due_ten_seconds_after_the_connection_began() {
        let mut course = Course::new();
        assert_eq!((course.overdue_at(9), course.overdue_at(10)), (None, Some(Overdue::Head)));
        course.progress.received(course.at(8));
        course.progress.received(course.at(9));
        assert_eq!((course.overdue_at(9), course.overdue_at(10)), (None, Some(Overdue::Head)));
    }

    #[test]
    fn a_later_head_is_due_ten_seconds_after_its_first_byte() {
        let mut course = Course::new();
        course.request_at(1, BodyKind::Nothing);
        course.answer_at(2);
        assert_eq!(course.overdue_at(1_000), None, "how long it may be idle is another rule");
        course.progress.received(course.at(100));
        course.progress.received(course.at(105));
        assert_eq!((course.overdue_at(109), course.overdue_at(110)), (None, Some(Overdue::Head)));
        assert!(course.progress.can_be_told());
    }

    #[test]
    fn a_head_that_began_to_come_during_an_answer_is_due_after_it() {
        let mut course = Course::new();
        course.request_at(0, BodyKind::Nothing);
        course.progress.received(course.at(1));
        assert_eq!(course.overdue_at(500), None);
        course.answer_at(500);
        assert_eq!((course.overdue_at(509), course.overdue_at(510)), (None, Some(Overdue::Head)));
    }

    #[test]
    fn a_body_may_take_fifteen_seconds_and_two_minutes_while_a_kilobyte_a_second_comes() {
        for (kilobytes, due) in [(0, 15), (1, 15), (15, 15), (16, 16), (60, 60), (120, 120), (1_000_000, 120)]
        {
            let mut course = Course::new();
            course.request_at(5, BodyKind::Chunks);
            course.progress.body_came(kilobytes * 1_024);
            course.progress.body_is_awaited();
            let found = (course.overdue_at(5 + due - 1), course.overdue_at(5 + due));
            assert_eq!(found, (None, Some(Overdue::Body)), "{kilobytes} KB");
        }
    }

    #[test]
    fn a_body_that_the_program_does_not_take_is_not_held_against_the_client() {
        let mut course = Course::new();
        course.request_at(0, LONG);
        course.progress.body_is_awaited();
        course.progress.body_came(1);
        assert_eq!(course.overdue_at(1_000), None);
        course.progress.body_is_awaited();
        assert_eq!(course.overdue_at(15), Some(Overdue::Body));
    }

    #[test]
    fn a_whole_request_may_take_any_time() {
        let mut course = Course::new();
        for (body, ends) in [
            (BodyKind::Nothing, false),
            (BodyKind::Bytes(0), false),
            (BodyKind::Bytes(9), false),
            (BodyKind::Chunks, true),
        ] {
            course.request_at(0, body);
            course.progress.body_came(9);
            if ends {
                course.progress.body_ended();
            }
            assert_eq!(
                (course.overdue_at(10_000), course.progress.eviction_rank()),
                (None, EvictionRank::Whole)
            );
            course.answer_at(0);
        }
    }

    #[test]
    fn a_body_that_nobody_wanted_must_end_after_the_answer() {
        let mut course = Course::new();
        course.request_at(0, BodyKind::Chunks);
        course.progress.body_is_awaited();
        course.answer_at(3);
        assert_eq!((course.overdue_at(12), course.overdue_at(13)), (None, Some(Overdue::Head)));
        assert!(!course.progress.can_be_told(), "it was answered");
    }

    #[test]
    fn a_client_may_take_nothing_for_thirty_seconds_while_bytes_wait() {
        let mut course = Course::new();
        course.request_at(0, BodyKind::Nothing);
        course.progress.write_blocked(course.at(10));
        course.progress.write_blocked(course.at(39));
        assert_eq!((course.overdue_at(39), course.overdue_at(40)), (None, Some(Overdue::Write)));
        course.progress.write_went_on();
        assert_eq!(course.overdue_at(10_000), None, "a quiet stream has no bytes waiting");
        course.progress.write_blocked(course.at(10_000));
        assert_eq!(course.overdue_at(10_029), None, "a long answer has no limit in all");
        assert_eq!(course.overdue_at(10_030), Some(Overdue::Write));
    }

    #[test]
    fn the_longest_idle_one_goes_first_then_the_longest_incomplete_one_and_a_whole_one_never() {
        let (mut fresh, mut idle) = (Course::new(), Course::new());
        fresh.progress = Progress::new(fresh.at(7));
        idle.request_at(0, BodyKind::Nothing);
        idle.answer_at(3);
        let (mut head, mut body) = (Course::new(), Course::new());
        head.progress.received(head.at(0));
        body.request_at(0, BodyKind::Nothing);
        body.answer_at(0);
        body.request_at(2, LONG);
        let mut whole = Course::new();
        whole.request_at(0, BodyKind::Nothing);
        let mut waiting = Course::new();
        waiting.request_at(0, BodyKind::Nothing);
        waiting.progress.write_blocked(waiting.at(0));
        waiting.answer_at(0);
        let standings = [&idle, &head, &body, &fresh, &whole].map(|course| course.progress.eviction_rank());
        assert!(standings.is_sorted(), "{standings:?}");
        assert_eq!(
            [&whole, &waiting].map(|course| course.progress.eviction_rank()),
            [EvictionRank::Whole; 2]
        );
    }

    #[test]
    fn nothing_is_said_into_an_answer_that_has_begun() {
        let mut course = Course::new();
        assert!(!course.progress.can_be_told(), "nobody asked");
        course.request_at(0, LONG);
        assert!(course.progress.can_be_told());
        course.progress.answer_began();
        assert!(!course.progress.can_be_told());
    }
}
