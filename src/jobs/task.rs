//! A background task: its name, its schedule, its work.

use crate::app::App;
use crate::config::ServeConfig;
use crate::error::Result;
use actix_web::web::Data;
use futures_util::future::LocalBoxFuture;
use std::time::Duration;

/// The schedule of a task.
#[derive(Clone, Copy)]
pub enum Schedule {
    /// One run at every start of the program.
    AtStart,
    /// A run whenever this time has passed since the last one, counting time while the program was stopped.
    Every(Duration),
    /// A run whenever the time in the operator's settings has passed since the last one; none without such a
    /// setting.
    Configured(fn(&ServeConfig) -> Option<Duration>),
}

impl Schedule {
    /// Returns the time between two runs; `None` for a task that runs once at the start, or never.
    pub fn period(self, config: &ServeConfig) -> Option<Duration> {
        match self {
            Self::AtStart => None,
            Self::Every(period) => Some(period),
            Self::Configured(period) => period(config),
        }
    }

    /// Returns the period, as far as it is known without the server's settings.
    pub fn known_period(self) -> Period {
        match self {
            Self::AtStart => Period::Start,
            Self::Every(period) => Period::Every(period),
            Self::Configured(_) => Period::Configured,
        }
    }
}

/// A background task.
pub struct Task {
    /// The name, as the list of tasks shows it.
    pub name: &'static str,
    /// The times of its runs.
    pub schedule: Schedule,
    /// True for a task that deletes or closes old data for good: it runs only while the clock is trusted.
    pub needs_trusted_clock: bool,
    /// The work.
    pub run: fn(Data<App>) -> LocalBoxFuture<'static, Result<()>>,
}

/// The period of a task, as far as it is known without the server's settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// One run at the start.
    Start,
    /// A run whenever this time has passed.
    Every(Duration),
    /// A run whenever the time in the server's settings has passed.
    Configured,
}
