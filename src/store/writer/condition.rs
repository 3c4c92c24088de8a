//! The condition of the writer, by the outcome of the last batch, for health checks.

use crate::error::Error;
use crate::limits;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The outcome of the last batch.
#[derive(Default)]
pub struct Condition(Mutex<Option<Attempt>>);

struct Attempt {
    at: Instant,
    /// The error message for the operator; `None` after success.
    fault: Option<String>,
}

impl Condition {
    /// Stores the outcome of a batch; returns true if the batch before had failed.
    pub fn set(&self, outcome: Result<(), &Error>) -> bool {
        let fault = outcome.err().map(|error| match error {
            Error::Busy => "Another process has been writing to the data file for too long.".to_owned(),
            error => error.to_string(),
        });
        let attempt = Attempt { at: Instant::now(), fault };
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(attempt);
        before.is_some_and(|attempt| attempt.fault.is_some())
    }

    /// Returns the outcome of the last batch; `None` when it is too old to count.
    pub fn known(&self) -> Option<Result<(), String>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Attempt { at, fault } = last.as_ref()?;
        let holds = if fault.is_some() { limits::FAULT_HOLDS } else { limits::HEALTH_HOLDS };
        (at.elapsed() < holds).then(|| fault.clone().map_or(Ok(()), Err))
    }
}
