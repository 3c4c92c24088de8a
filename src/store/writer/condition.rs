//! Whether writing works, as the last batch told: for whoever asks how the program is.

use crate::error::Error;
use crate::limits;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What became of the last batch.
#[derive(Default)]
pub struct Condition(Mutex<Option<Attempt>>);

struct Attempt {
    at: Instant,
    /// Why it could not be written.
    fault: Option<String>,
}

impl Condition {
    /// Keeps how a batch ended. Whether it had failed before it could be written.
    pub fn set(&self, outcome: Result<(), &Error>) -> bool {
        let fault = outcome.err().map(|error| match error {
            Error::Busy => "Another process has been writing to the data file for too long.".to_owned(),
            error => error.to_string(),
        });
        let attempt = Attempt { at: Instant::now(), fault };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(attempt);
        before.is_some_and(|attempt| attempt.fault.is_some())
    }

    /// How it is; none when that was told too long ago to count.
    pub fn known(&self) -> Option<Result<(), String>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Attempt { at, fault } = last.as_ref()?;
        let holds = if fault.is_some() { limits::FAULT_HOLDS } else { limits::HEALTH_HOLDS };
        (at.elapsed() < holds).then(|| fault.clone().map_or(Ok(()), Err))
    }
}
