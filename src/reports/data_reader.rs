//! A reader of one moment of the data.

use super::answer::Answer;
use super::engine::Engine;
use super::query::Query;
use crate::error::Result;
use crate::model::clock::Timestamp;
use rusqlite::Connection;

/// A reader of one moment of the data: the rows of users, sites and settings by a connection, and answers about visits
/// by an engine. What one page shows comes from one reader, so that its parts cannot disagree.
pub struct DataReader<'a> {
    /// The connection, in a read transaction.
    pub connection: &'a Connection,
    /// The engine, which answers queries about visits.
    pub engine: &'a dyn Engine,
    /// The current time.
    pub now: Timestamp,
}

impl DataReader<'_> {
    /// Answers a query.
    ///
    /// # Errors
    /// Fails as [`Engine::run`] does.
    pub fn run(&self, query: &Query) -> Result<Answer> {
        self.engine.run(query)
    }
}
