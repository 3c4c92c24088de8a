//! The outcome of the import of a record of an exported site.

use crate::model::id::VisitId;

/// The outcome of the import of a record.
pub enum ImportOutcome {
    /// A visit is in the data file, as it was there or as the record has it.
    Visit(VisitId),
    /// Anything else was created.
    Made,
    /// The record was there already.
    Known,
    /// The record was skipped, for the reason of this name: its day is counted already, by rollups or by visits.
    LeftOut(&'static str),
    /// There is no room for another one, with the reason.
    Full(&'static str),
}

/// The reason for skipped visits: of their days only rollups are left here.
pub(super) const ROLLUPS_HERE: (&str, &str) =
    ("totals-here", "visits of days of which only totals are kept here");
/// The reason for skipped rollups: the visits of their days are here.
pub(super) const VISITS_HERE: (&str, &str) = ("visits-here", "totals of days whose visits are here");
/// The reason for skipped hashes of imported lines: they are under another key than those here.
pub(super) const OTHER_KEY: (&str, &str) =
    ("lines-under-another-key", "lists of imported lines, since this site knows its lines by another key");

/// The reasons for skipped records: the name, and the text for people.
pub const LEFT_OUT: [(&str, &str); 3] = [ROLLUPS_HERE, VISITS_HERE, OTHER_KEY];
