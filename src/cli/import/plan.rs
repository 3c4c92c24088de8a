//! The plan of `clickstead import` for one file: what its preview found, and what is left to write.

use super::options::ImportArgs;
use super::summary::Summary;
use crate::cli::context::Context;
use crate::model::clock::{Day, Timestamp};
use crate::store::imports::Import;
use crate::store::site_export::Head;
use crate::store::sites::Site;
use crate::transfer::format::Format;
use crate::transfer::line_ledger::LineCounts;
use crate::transfer::log_fields::LogFields;
use crate::transfer::sorted::LineOrder;
use crate::transfer::source_file::SourceFile;
use std::collections::HashSet;

/// One run of `import`.
pub struct ImportRun<'a> {
    /// The options.
    pub options: &'a ImportArgs,
    /// The context of the command.
    pub context: &'a Context,
    /// True if a server uses the data file meanwhile.
    pub is_shared: bool,
}

/// A previewed file.
pub struct PlannedFile {
    /// The file.
    pub text: SourceFile,
    /// The first bytes, by whose hash the file is recognised.
    pub head: Vec<u8>,
    /// The progress of an earlier import, or that of a new one.
    pub start: Import,
}

/// The plan for one file.
pub struct ImportPlan {
    /// The file.
    pub file: PlannedFile,
    /// The part of the file that is left to write.
    pub work: PlannedWork,
    /// The summary so far.
    pub summary: Summary,
}

/// The part of a file that is left to write.
pub enum PlannedWork {
    /// Nothing: nothing is new, or too many lines are invalid.
    Nothing,
    /// Hits or lines of an access log.
    Lines(Box<PlannedLines>),
    /// An exported site.
    Site(Box<PlannedSite>),
}

/// The hits or log lines to write.
pub struct PlannedLines {
    /// The site that they are for.
    pub site: Site,
    /// The format of the lines.
    pub format: Format,
    /// The offset of the end of the last line.
    pub end: u64,
    /// The time of the earliest hit.
    pub first_at: Option<Timestamp>,
    /// The order of the lines.
    pub order: LineOrder,
    /// The places of the fields in a line of a log.
    pub fields: LogFields,
    /// The lines before the position where the import goes on that occur again behind it.
    pub repeated: LineCounts,
}

/// The exported site to write.
pub struct PlannedSite {
    /// The header line.
    pub head: Head,
    /// The offset of the end of the last line.
    pub end: u64,
    /// The days with visits.
    pub days: HashSet<Day>,
    /// The number of guest links.
    pub links: u64,
}
