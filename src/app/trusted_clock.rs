//! The trust in the machine's clock. Data deleted by its age is gone for good, even if the clock was ahead for
//! a moment only: so the clock has to agree with the last trusted reading and the time that the program has run
//! since. A clock that jumped is trusted once it has run steadily for a day.

use crate::error::Result;
use crate::limits;
use crate::model::clock::{Clock, Timestamp};
use crate::store::{self, trusted_clock};
use rusqlite::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A reading of the clock, with the monotonic instant at which it was taken.
#[derive(Clone, Copy, Debug)]
struct Reading {
    shown: Timestamp,
    at: Instant,
}

impl Reading {
    /// Returns true if a clock that was right at this reading can show `shown` at `at`, give or take
    /// `CLOCK_JUMP_MAX`.
    fn agrees_with(self, shown: Timestamp, at: Instant) -> bool {
        let expected = self.shown.after(at.duration_since(self.at));
        shown.since(expected).max(expected.since(shown)) <= limits::CLOCK_JUMP_MAX
    }
}

/// The readings by which the clock is judged.
#[derive(Debug)]
struct State {
    /// The last trusted reading.
    trusted: Reading,
    /// The first reading after a jump, while the clock is not trusted.
    doubted: Option<Reading>,
}

impl State {
    fn new(trusted: Timestamp, at: Instant) -> Self {
        Self { trusted: Reading { shown: trusted, at }, doubted: None }
    }

    /// Returns true if a clock that shows `shown` at `at` is trusted; stores the reading.
    fn trusts(&mut self, shown: Timestamp, at: Instant) -> bool {
        let now = Reading { shown, at };
        if shown.0 < limits::CLOCK_SET_SINCE_MILLISECONDS {
            return false;
        }
        let has_run_steadily = |doubted: Reading| {
            doubted.agrees_with(shown, at) && at.duration_since(doubted.at) >= limits::CLOCK_BELIEVED_AFTER
        };
        if self.trusted.agrees_with(shown, at) || self.doubted.is_some_and(has_run_steadily) {
            *self = Self { trusted: now, doubted: None };
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

    /// Returns the time that a clock which jumped still has to run before it is trusted; `None` without a jump.
    fn wait(&self, at: Instant) -> Option<Duration> {
        let doubted = self.doubted?;
        Some(limits::CLOCK_BELIEVED_AFTER.saturating_sub(at.duration_since(doubted.at)))
    }
}

/// The machine's clock as far as it is trusted, shared by all threads.
#[derive(Debug)]
pub struct TrustedClock {
    clock: Clock,
    state: Mutex<State>,
}

impl TrustedClock {
    /// Returns the trusted clock from the last trusted time in the data file. A file that was never served
    /// stores the present time at once, so that a later start with a clock that is ahead is recognised.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn open(connection: &mut Connection, clock: Clock) -> Result<Self> {
        let (now, last_trusted) = (clock.now(), trusted_clock::find(connection)?);
        if last_trusted.is_none() && now.0 >= limits::CLOCK_SET_SINCE_MILLISECONDS {
            store::change(connection, |tx| trusted_clock::set(tx, now))?;
        }
        let state = State::new(last_trusted.unwrap_or(now), Instant::now());
        Ok(Self { clock, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the time if the clock is trusted. `None`: nothing may be deleted by its age.
    pub fn now(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        self.state().trusts(now, Instant::now()).then_some(now)
    }

    /// Returns the reason why nothing is deleted by its age now, for the list of tasks; `None` while the clock
    /// is trusted.
    pub fn doubt(&self) -> Option<String> {
        if self.now().is_some() {
            return None;
        }
        let wait = self.state().wait(Instant::now()).unwrap_or(limits::CLOCK_BELIEVED_AFTER);
        let hours = wait.as_secs().div_ceil(3_600);
        Some(format!(
            "Waits: the clock jumped, or the program did not run for hours. If the clock is right, this goes on after {hours} h."
        ))
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
        assert!(clock.trusts(NOW.after(2 * HOUR), begun), "a short pause");
        assert!(clock.trusts(NOW.after(50 * HOUR), begun + 48 * HOUR), "two days went by");
        let ahead = |hours: u32| (NOW.after((50 + 48 + hours) * HOUR), begun + (48 + hours) * HOUR);
        for hours in [0, 1, 23] {
            let (shown, at) = ahead(hours);
            assert!(!clock.trusts(shown, at), "{hours} h after the jump");
        }
        assert_eq!(clock.wait(begun + 71 * HOUR), Some(HOUR));
        let (shown, at) = ahead(24);
        assert!(clock.trusts(shown, at));
        assert_eq!(clock.wait(at), None);
    }

    #[test]
    fn a_clock_that_comes_back_is_believed_at_once_and_one_that_jumps_about_is_not() {
        let begun = Instant::now();
        let mut clock = State::new(NOW, begun);
        assert!(!clock.trusts(NOW.after(400 * 24 * HOUR), begun));
        assert!(!clock.trusts(NOW.after(900 * 24 * HOUR), begun + 23 * HOUR), "another jump");
        assert!(!clock.trusts(NOW.after(900 * 24 * HOUR), begun + 25 * HOUR));
        assert!(clock.trusts(NOW.after(26 * HOUR), begun + 26 * HOUR));
        assert!(!clock.trusts(Timestamp(1), begun + 27 * HOUR), "never set");
        assert!(!clock.trusts(Timestamp(1), begun + 99 * HOUR));
    }
}
