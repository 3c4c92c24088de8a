//! The engine that answers from the data file: days as columns in a cache, scanned by accumulators, with rollups for
//! days whose visits are gone.

pub mod action_list;
pub mod action_matcher;
pub mod aggregate;
mod analyses;
pub mod block_cache;
pub mod costs;
pub mod cross_tab;
pub mod funnel;
pub mod heatmaps;
pub mod journey;
pub mod live_day;
pub mod live_days;
pub mod loader;
pub mod name_resolver;
pub mod overview;
pub mod page_rows;
pub mod partial;
pub mod predicate;
pub mod pruning;
pub mod ranking;
mod redaction;
pub mod retention;
pub mod rollups;
pub mod runner;
pub mod sealing;
pub mod snapshot;
pub mod split_tests;
pub mod sqlite_engine;
pub mod timeseries;
pub mod visit_lists;
pub mod visitor_numbers;
pub mod visits_by_day;
pub mod vitals;
pub mod week_hours;

use super::answer::{Answer, Coverage, Cursor, Slice};
use super::date_range::DateRange;
use super::partial::Partial;
use super::query::{Export, Query};
use crate::error::Result;

/// An engine, which answers queries. Below it lie blocks, labels, accumulators and SQL; above it screens, files and
/// programs, which cannot tell which engine answers.
pub trait Engine {
    /// Returns how much of its range an answer would cover.
    ///
    /// # Errors
    /// Fails with `Error::Forbidden` for a filter on hidden data, with `Error::Invalid` for a filter that cannot be
    /// resolved, and when the data cannot be read.
    fn coverage(&self, query: &Query) -> Result<Coverage>;

    /// Answers a query.
    ///
    /// # Errors
    /// Fails as [`Engine::coverage`] does, with `Error::Forbidden` for hidden data, with `Error::Missing` for a visit or
    /// visitor that is not there or not visible, with `Error::Invalid` for a sort or search that is not possible, and with
    /// `Error::Abandoned` when the query is cancelled.
    fn run(&self, query: &Query) -> Result<Answer>;

    /// Returns the additive parts of an answer over those days of a query's range that lie in another range, so that two
    /// engines can share a range. Comparisons and the order of tables are no part of it.
    ///
    /// # Errors
    /// Fails as [`Engine::run`] does.
    fn partial(&self, query: &Query, days: DateRange) -> Result<Partial>;

    /// Returns at most so many rows of an export: the first ones, or those after a cursor.
    ///
    /// # Errors
    /// Fails as [`Engine::run`] does.
    fn slice(&self, query: &Query, export: &Export, rows: u32, after: Option<Cursor>) -> Result<Slice>;
}
