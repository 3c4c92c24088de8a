//! The outcomes of the lines of a file: imported, dropped with a reason, or refused with a problem.

use super::hosts::ImportedHosts;
use super::page_requests::Skip;
use crate::ingest::drop_reason::DropReason;
use crate::limits;
use crate::store::site_export;
use std::collections::BTreeMap;

/// The counts of one run over one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The lines read, empty ones too.
    pub lines: u64,
    /// The imported lines.
    pub imported: u64,
    /// The dropped lines, by the name of the reason.
    pub dropped: BTreeMap<&'static str, u64>,
    /// The hosts of requests to other sites.
    pub other_hosts: ImportedHosts,
    /// The number of lines that could not be parsed.
    pub invalid: u64,
    /// The numbers of the first invalid lines, with their problems.
    pub problems: Vec<(u64, &'static str)>,
    /// True if the last line has no line end yet: it is not read.
    pub is_unfinished: bool,
}

impl Counts {
    /// Counts a dropped line.
    pub fn drop_line(&mut self, reason: &'static str) {
        *self.dropped.entry(reason).or_default() += 1;
    }

    /// Counts a request for another host.
    pub fn drop_other_host(&mut self, name: String) {
        self.drop_line(OTHER_HOST);
        self.other_hosts.add(name);
    }

    /// Counts a line that could not be parsed.
    pub fn reject(&mut self, line: u64, why: &'static str) {
        self.invalid += 1;
        if self.problems.len() < limits::IMPORT_BAD_TOLD {
            self.problems.push((line, why));
        }
    }

    /// Returns the number of dropped lines.
    pub fn dropped_count(&self) -> u64 {
        self.dropped.values().sum()
    }

    /// Returns true if there are too many invalid lines to go on.
    pub fn has_too_many_invalid(&self) -> bool {
        self.invalid >= limits::IMPORT_BAD_MIN && self.invalid * limits::IMPORT_BAD_ONE_OF > self.lines
    }
}

const SKIPS: [Skip; 5] = [Skip::StaticFile, Skip::NotGet, Skip::Redirect, Skip::Failed, Skip::Tracker];

/// The reason for dropping requests for other hosts.
pub const OTHER_HOST: &str = "other-host";

/// The reason for dropping requests without a client address, such as those of a load balancer's own checks.
pub const NO_ADDRESS: &str = "no-address";

/// The reason for dropping lines that were imported before.
pub const ALREADY_IMPORTED: &str = "already-imported";

/// The reasons for dropping page views of a log, with the text for people.
const LINE_REASONS: [(&str, &str); 3] = [
    (ALREADY_IMPORTED, "lines that were imported before, with this file or another one"),
    (OTHER_HOST, "requests for hosts that are not the site's"),
    (NO_ADDRESS, "requests without an address"),
];

/// The reason for dropping guest links.
pub const GUEST_LINK: &str = "guest-link";

/// Returns the text for people of a reason that dropped so many lines.
pub fn describe(reason: &str, count: u64) -> String {
    if reason == GUEST_LINK {
        let links = if count == 1 { "guest link" } else { "guest links" };
        return format!("{links}, since the site is here already; --with-links brings them");
    }
    let skipped = SKIPS.iter().map(|skip| skip.names());
    let skipped = skipped.chain(site_export::LEFT_OUT).chain(LINE_REASONS).find(|(name, _)| *name == reason);
    let exclusion = || DropReason::from_name(reason).map(|reason| reason.explained().0.to_lowercase());
    skipped.map(|(_, text)| text.to_owned()).or_else(exclusion).unwrap_or_else(|| reason.to_owned())
}
