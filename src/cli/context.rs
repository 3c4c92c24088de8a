//! The context that every command runs in: the data file, the time, and how hints name the file.

use super::hints;
use crate::access::audit::Actor;
use crate::error::{DAMAGED, Error, Result};
use crate::model::clock::Timestamp;
use std::path::{Path, PathBuf};

/// The context of a command.
pub struct Context {
    /// The path of the data file.
    pub data: PathBuf,
    /// The time at which the command started.
    pub now: Timestamp,
    /// The data file as an option names it; `None` without that option.
    data_option: Option<PathBuf>,
    /// The definition of the whole command line, by which hints are recognised.
    command_line: clap::Command,
}

impl Context {
    /// Returns the context of a command on the data file that `data` leads to.
    pub fn new(
        data: &Path,
        data_option: Option<PathBuf>,
        now: Timestamp,
        command_line: clap::Command,
    ) -> Self {
        Self { data: crate::store::follow(data), now, data_option, command_line }
    }

    /// Returns the actor for the audit log.
    pub fn actor(&self) -> Actor {
        Actor::command_line(self.now)
    }

    /// Returns a command to run next, for a hint.
    pub fn hint(&self, words: &str) -> String {
        hints::command(words, self.data_option.as_deref())
    }

    /// Completes the hints of a sentence with the data file, if an option named it.
    pub fn complete_hints(&self, sentence: &str) -> String {
        hints::complete(sentence, &self.command_line, self.data_option.as_deref())
    }

    /// Returns the message for an error, with the data file that it concerns and hints that can be copied.
    pub fn error_text(&self, error: &Error) -> String {
        let file = self.data.display();
        let sentence = match error {
            Error::Busy => {
                format!("{file} is busy: another program writes to it just now. Try again in a moment.")
            }
            Error::Missing(what) => format!("There is no such {what} in {file}."),
            Error::Unwritable(sentence) => match sentence.strip_prefix("The data file ") {
                Some(rest) => format!("The data file {file} {rest}"),
                None => format!("{file}: {sentence}"),
            },
            Error::Damaged(problem) => format!("{file} is damaged ({problem}). {DAMAGED}"),
            Error::Internal(problem) if problem.starts_with("SQLite") => format!("{file}: {problem}"),
            error => error.to_string(),
        };
        self.complete_hints(&sentence)
    }

    /// Runs a change of the data file in one transaction.
    ///
    /// # Errors
    /// Fails as the change does, and when the data file cannot be opened or written.
    pub fn change<T>(&self, change: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = crate::store::open(&self.data, false)?;
        let outcome = crate::store::change(&mut connection, change);
        crate::store::close(connection)?;
        outcome
    }

    /// Runs a query on the data file.
    ///
    /// # Errors
    /// Fails as the query does, and when the data file cannot be opened.
    pub fn read<T>(&self, query: impl FnOnce(&rusqlite::Connection) -> Result<T>) -> Result<T> {
        let connection = crate::store::open(&self.data, false)?;
        let outcome = query(&connection);
        crate::store::close(connection)?;
        outcome
    }
}
