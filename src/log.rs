//! The limit on log lines that repeat while a fault lasts, or whenever a client asks for it. One line a minute
//! is written for each cause, with the number of similar lines suppressed since, so that neither a full disk
//! nor a stranger can fill the log.

use crate::error::Error;
use crate::limits;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Instant;

static LINES: LazyLock<Mutex<Lines>> = LazyLock::new(Mutex::default);

/// Returns the number of similar lines suppressed since the last one, if a line about a cause is due; else
/// `None`.
pub fn due(place: &'static str, cause: &str) -> Option<u64> {
    marked(place, cause, String::new()).0
}

/// Returns the number of lines suppressed, if a line about an error is due. A busy or unwritable data file is
/// one cause, in whatever place it appears.
pub fn failure(place: &'static str, error: &Error) -> Option<u64> {
    marked_failure(place, error, String::new()).0
}

/// Returns the same as [`failure`], and the mark under which the line is found: `mark`, or that of the line
/// written before.
pub fn marked_failure(place: &'static str, error: &Error, mark: String) -> (Option<u64>, String) {
    let place = if matches!(error, Error::Unwritable(_) | Error::Busy) { "" } else { place };
    marked(place, &error.to_string(), mark)
}

fn marked(place: &'static str, cause: &str, mark: String) -> (Option<u64>, String) {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).note(Instant::now(), place, cause, mark)
}

/// The lines written during the last minute, by place and cause.
#[derive(Default)]
struct Lines(HashMap<(&'static str, String), Line>);

struct Line {
    written_at: Instant,
    left_out: u64,
    mark: String,
}

impl Line {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.written_at) >= limits::LOG_LINE_EVERY
    }
}

impl Lines {
    fn note(
        &mut self,
        now: Instant,
        place: &'static str,
        cause: &str,
        mark: String,
    ) -> (Option<u64>, String) {
        let mut key = (place, cause.to_owned());
        if self.0.len() >= limits::LOG_CAUSES_MAX && !self.0.contains_key(&key) {
            self.0.retain(|_, line| !line.is_over(now));
            if self.0.len() >= limits::LOG_CAUSES_MAX {
                // So many causes at once are counted as one: something generates a new one each time.
                key = ("", String::new());
            }
        }
        match self.0.get_mut(&key) {
            Some(line) if !line.is_over(now) => {
                line.left_out += 1;
                (None, line.mark.clone())
            }
            known => {
                let left_out = known.map_or(0, |line| line.left_out);
                self.0.insert(key, Line { written_at: now, left_out: 0, mark: mark.clone() });
                (Some(left_out), mark)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn due(lines: &mut Lines, now: Instant, place: &'static str, cause: &str) -> Option<u64> {
        lines.note(now, place, cause, String::new()).0
    }

    #[test]
    fn one_line_a_minute_is_due_for_each_cause_and_tells_how_many_were_left_out() {
        let (mut lines, begun) = (Lines::default(), Instant::now());
        assert_eq!(due(&mut lines, begun, "a", "full"), Some(0));
        for second in 1..60 {
            assert_eq!(due(&mut lines, begun + Duration::from_secs(second), "a", "full"), None);
        }
        assert_eq!(due(&mut lines, begun, "a", "gone"), Some(0), "another cause");
        assert_eq!(due(&mut lines, begun, "b", "full"), Some(0), "another place");
        assert_eq!(due(&mut lines, begun + Duration::from_mins(1), "a", "full"), Some(59));
        assert_eq!(due(&mut lines, begun + Duration::from_mins(1), "a", "full"), None);
    }

    #[test]
    fn a_line_that_is_left_out_has_the_mark_of_the_one_that_stands_for_it() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        assert_eq!(lines.note(now, "a", "x", "first".into()), (Some(0), "first".into()));
        assert_eq!(lines.note(now, "a", "x", "second".into()), (None, "first".into()));
    }

    #[test]
    fn causes_that_are_made_up_neither_fill_the_memory_nor_the_log() {
        let (mut lines, now) = (Lines::default(), Instant::now());
        let written = (0..5 * limits::LOG_CAUSES_MAX)
            .filter(|number| due(&mut lines, now, "a", &number.to_string()).is_some());
        assert_eq!(written.count(), limits::LOG_CAUSES_MAX + 1);
        assert!(lines.0.len() <= limits::LOG_CAUSES_MAX + 1);
        let later = now + Duration::from_mins(1);
        assert_eq!(due(&mut lines, later, "a", "new"), Some(0), "what is over makes room");
    }
}
