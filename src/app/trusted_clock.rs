//! The trust in the machine's clock. Data deleted by its age is gone for good, also where the clock was ahead
//! for a moment only: so the clock has to agree with what the program knows, the last moment at which it was
//! believed and how long the program has run since. A clock that jumped is believed once it has run steadily
//! for a day.

use super::App;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::limits;
use crate::store::{self, trusted_clock};
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A reading of the clock, with the moment of the program's life at which it was taken.
#[derive(Clone, Copy, Debug)]
struct Reading {
    shown: Timestamp,
    at: Instant,
}

impl Reading {
    /// True if a clock that was right at this reading can show `shown` at `at`, give or take
    /// `CLOCK_JUMP_MAX`.
    fn agrees_with(self, shown: Timestamp, at: Instant) -> bool {
        let expected = self.shown.after(at.duration_since(self.at));
        shown.since(expected).max(expected.since(shown)) <= limits::CLOCK_JUMP_MAX
    }
}

/// The readings by which the clock is judged.
#[derive(Debug)]
struct State {
    /// The last reading that was believed.
    believed: Reading,
    /// The first reading after a jump, while the clock is not believed.
    doubted: Option<Reading>,
}

impl State {
    fn new(believed: Timestamp, at: Instant) -> Self {
        Self { believed: Reading { shown: believed, at }, doubted: None }
    }

    /// True if a clock that shows `shown` at `at` is believed; remembers the reading.
    fn believes(&mut self, shown: Timestamp, at: Instant) -> bool {
        let now = Reading { shown, at };
        if shown.0 < limits::CLOCK_SET_SINCE_MILLISECONDS {
            return false;
        }
        let has_run_steadily = |doubted: Reading| {
            doubted.agrees_with(shown, at) && at.duration_since(doubted.at) >= limits::CLOCK_BELIEVED_AFTER
        };
        if self.believed.agrees_with(shown, at) || self.doubted.is_some_and(has_run_steadily) {
            *self = Self { believed: now, doubted: None };
            return true;
        }
        if self.doubted.is_none_or(|doubted| !doubted.agrees_with(shown, at)) {
            tracing::warn!(
                "the clock jumped: nothing is deleted by its age until it has run steadily for a day"
            );
            self.doubted = Some(now);
        }
        false
    }

    /// Returns how long a clock that jumped has yet to run before it is believed.
    fn wait(&self, at: Instant) -> Option<Duration> {
        let doubted = self.doubted?;
        Some(limits::CLOCK_BELIEVED_AFTER.saturating_sub(at.duration_since(doubted.at)))
    }
}

/// The trust in the machine's clock, shared by all threads.
#[derive(Debug)]
pub struct TrustedClock(Mutex<State>);

impl TrustedClock {
    /// Trusts a clock by the last moment at which it was believed. In a file that was never served, that is the
    /// present one, stored at once: a later start by a clock that is ahead is told by it.
    pub fn open(connection: &mut Connection, now: Timestamp) -> Result<Self> {
        let known = trusted_clock::find(connection)?;
        if known.is_none() && now.0 >= limits::CLOCK_SET_SINCE_MILLISECONDS {
            store::change(connection, |tx| trusted_clock::set(tx, now))?;
        }
        Ok(Self(Mutex::new(State::new(known.unwrap_or(now), Instant::now()))))
    }
}

impl App {
    /// Returns the time if the clock is believed. None: nothing may be deleted by its age.
    pub fn trusted_now(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut known = self.trusted_clock.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.believes(now, Instant::now()).then_some(now)
    }

    /// Returns the reason why nothing is deleted by its age now, for the list of tasks; none while the clock
    /// is believed.
    pub fn clock_doubt(&self) -> Option<String> {
        if self.trusted_now().is_some() {
            return None;
        }
        let known = self.trusted_clock.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = known.wait(Instant::now()).unwrap_or(limits::CLOCK_BELIEVED_AFTER);
        let hours = wait.as_secs().div_ceil(3_600);
        Some(format!(
            "Waits: the clock jumped, or the program did not run for hours. If the clock is right, this goes on after {hours} h."
        ))
    }

    /// Writes down the last moment at which the clock was believed, and corrects moments stored while it was
    /// ahead.
    pub async fn watch_clock(&self) -> Result<()> {
        let Some(now) = self.trusted_now() else { return Ok(()) };
        self.write(move |tx| {
            trusted_clock::set(tx, now)?;
            trusted_clock::bring_back_moments(tx, now)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);
    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_clock_that_goes_on_is_believed_and_one_that_jumped_when_it_has_stood_for_a_day() {
        let begun = Instant::now();
        let mut clock = State::new(NOW, begun);
        assert!(clock.believes(NOW.after(2 * HOUR), begun), "a short pause");
        assert!(clock.believes(NOW.after(50 * HOUR), begun + 48 * HOUR), "two days went by");
        let ahead = |hours: u32| (NOW.after((50 + 48 + hours) * HOUR), begun + (48 + hours) * HOUR);
        for hours in [0, 1, 23] {
            let (shown, at) = ahead(hours);
            assert!(!clock.believes(shown, at), "{hours} h after the jump");
        }
        assert_eq!(clock.wait(begun + 71 * HOUR), Some(HOUR));
        let (shown, at) = ahead(24);
        assert!(clock.believes(shown, at));
        assert_eq!(clock.wait(at), None);
    }

    #[test]
    fn a_clock_that_comes_back_is_believed_at_once_and_one_that_jumps_about_is_not() {
        let begun = Instant::now();
        let mut clock = State::new(NOW, begun);
        assert!(!clock.believes(NOW.after(400 * 24 * HOUR), begun));
        assert!(!clock.believes(NOW.after(900 * 24 * HOUR), begun + 23 * HOUR), "another jump");
        assert!(!clock.believes(NOW.after(900 * 24 * HOUR), begun + 25 * HOUR));
        assert!(clock.believes(NOW.after(26 * HOUR), begun + 26 * HOUR));
        assert!(!clock.believes(Timestamp(1), begun + 27 * HOUR), "never set");
        assert!(!clock.believes(Timestamp(1), begun + 99 * HOUR));
    }
}
