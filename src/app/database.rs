//! The data file as the program uses it: its readers, the cached days, and its writer.

use crate::ingest::change_log::ChangeLog;
use crate::ingest::recorder::Recorder;
use crate::reports::engine::block_cache::BlockCache;
use crate::store::ReaderPool;
use crate::store::writer::Writer;
use std::sync::Arc;

/// The data file with its readers and its writer.
pub struct Database {
    /// The readers, of which each query takes one.
    pub readers: ReaderPool,
    /// The readers of programs, so that their long queries take none from the screens.
    pub program_readers: ReaderPool,
    /// The days that reports have read lately.
    pub block_cache: Arc<BlockCache>,
    /// The visits that the writer has changed since the cached days were read.
    pub changes: ChangeLog,
    /// The one writer.
    pub writer: Writer<Recorder>,
}
