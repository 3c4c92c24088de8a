//! The engine that answers from the data file: days as columns in a cache, scanned by accumulators, with rollups for
//! days whose visits are gone.

pub mod aggregate;
pub mod block_cache;
pub mod live_day;
pub mod live_days;
pub mod loader;
pub mod name_resolver;
pub mod predicate;
pub mod pruning;
pub mod query;
pub mod ranking;
pub mod rollups;
pub mod sealing;
pub mod snapshot;
pub mod visitor_numbers;
pub mod visits_by_day;
