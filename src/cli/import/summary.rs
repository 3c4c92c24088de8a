//! The summary that `import` prints for each file: lines imported, left out and refused, with reasons.

use crate::cli::{output, printed};
use crate::model::id::SiteId;
use crate::store::imports::Import;
use crate::transfer::counts;
use crate::transfer::counts::Counts;
use crate::transfer::format::Format;
use crate::transfer::source_file::SourceFile;
use serde_json::{Value, json};
use std::fmt::Write;

/// The outcome of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A file that was written, or would be without `--dry-run`.
    Written,
    /// A file with nothing new.
    NothingNew,
    /// A file with too many invalid lines, of which nothing was written.
    TooBad,
}

/// The summary of one file.
pub struct Summary {
    name: String,
    format: Format,
    is_dry: bool,
    pub site: Option<(SiteId, String)>,
    pub known: Option<Import>,
    pub fate: Fate,
    pub counts: Counts,
    /// A warning for the operator.
    pub warning: Option<String>,
    /// A sentence on amounts that come into a site with another currency.
    pub currency: Option<String>,
    /// True if monitors or alerts of the file wait until somebody turns them on.
    pub is_waiting: bool,
    /// Sentences on options that have no effect.
    pub not_done: Vec<&'static str>,
}

impl Summary {
    pub fn new(text: &SourceFile, format: Format, site: Option<(SiteId, String)>, is_dry: bool) -> Self {
        let (known, fate, counts) = (None, Fate::Written, Counts::default());
        Self {
            name: text.name(),
            format,
            is_dry,
            site,
            known,
            fate,
            counts,
            warning: None,
            currency: None,
            is_waiting: false,
            not_done: Vec::new(),
        }
    }

    fn json(&self) -> Value {
        let (hosts, further) = self.counts.other_hosts.top();
        let bad = self.counts.problems.iter().map(|(line, why)| json!({"line": line, "why": why}));
        json!({
            "file": self.name,
            "format": self.format.name(),
            "site_id": self.site.as_ref().map(|(site, _)| site.0),
            "outcome": match (self.fate, self.is_dry) {
                (Fate::Written, true) => "tried",
                (Fate::Written, false) => "imported",
                (Fate::NothingNew, _) => "nothing-new",
                (Fate::TooBad, _) => "too-many-bad-lines",
            },
            "goes_on": self.known.is_some(),
            "lines": self.counts.lines,
            "taken": self.counts.imported,
            "left_out": self.counts.dropped,
            "other_hosts": hosts.iter().map(|(name, count)| json!({"host": name, "lines": count})).collect::<Vec<_>>(),
            "lines_of_further_hosts": further,
            "refused": self.counts.invalid,
            "refused_lines": bad.collect::<Vec<_>>(),
            "warning": self.warning,
            "currency": self.currency,
            "monitors_and_alerts_are_off": self.is_waiting,
            "not_done": self.not_done,
            "unfinished_line": self.counts.is_unfinished,
        })
    }

    fn text(&self) -> String {
        let (name, counts) = (printed::line(&self.name), &self.counts);
        let site = self.site.as_ref().map(|(site, domain)| format!("{domain} (site {site})"));
        let site = site.unwrap_or_else(|| "a new site".into());
        let mut text = match (self.fate, &self.known) {
            (Fate::NothingNew, Some(_)) => {
                format!("{name} is imported already into {site}; nothing in it is new.")
            }
            (Fate::NothingNew, None) => format!("{name} has no finished line yet."),
            (Fate::TooBad, _) => format!(
                "{name}: {} of {} {} can't be understood, more than one of a hundred. Nothing was written.",
                counts.invalid,
                counts.lines,
                lines(counts.lines)
            ),
            (Fate::Written, _) => self.counts(&site),
        };
        for (line, why) in &counts.problems {
            put(&mut text, format_args!("\n    line {line}: {why}"));
        }
        if self.fate == Fate::Written && counts.invalid > 0 && !self.is_dry {
            text.push_str(
                "\n  To bring repaired lines in, put them into a file of their own: this one is not read again.",
            );
        }
        if let Some(warning) = &self.warning {
            put(&mut text, format_args!("\n  {warning}"));
        }
        if let Some(sentence) = &self.currency {
            put(&mut text, format_args!("\n  {sentence}"));
        }
        if self.is_waiting {
            text.push_str("\n  Monitors and alerts of the file don't run yet: turn them on under Preferences → Uptime and Alerts.");
        }
        for sentence in &self.not_done {
            put(&mut text, format_args!("\n  {sentence}"));
        }
        if counts.is_unfinished {
            text.push_str("\n  The last line has no end yet; it is read the next time.");
        }
        text
    }

    fn counts(&self, site: &str) -> String {
        let counts = &self.counts;
        let how = match (self.is_dry, &self.known) {
            (true, _) => "would be read; nothing was changed",
            (false, Some(_)) => "read, from where it stopped the last time",
            (false, None) => "read",
        };
        let mut text = format!(
            "{}: {} {} {how}.\n  {} taken into {site}",
            printed::line(&self.name),
            counts.lines,
            lines(counts.lines),
            counts.imported
        );
        if !counts.dropped.is_empty() {
            put(&mut text, format_args!("\n  {} left out", counts.dropped_count()));
            for (reason, count) in &counts.dropped {
                put(&mut text, format_args!("\n    {count} {}", counts::describe(reason, *count)));
                if *reason == counts::OTHER_HOST {
                    self.put_hosts(&mut text);
                }
            }
        }
        if counts.invalid > 0 {
            put(&mut text, format_args!("\n  {} refused", counts.invalid));
        }
        text
    }

    fn put_hosts(&self, text: &mut String) {
        let (hosts, further) = self.counts.other_hosts.top();
        for (name, count) in hosts {
            put(text, format_args!("\n      {count} {}", printed::line(name)));
        }
        if further > 0 {
            put(text, format_args!("\n      {further} of further hosts"));
        }
    }
}

fn lines(count: u64) -> &'static str {
    if count == 1 { "line" } else { "lines" }
}

/// Appends formatted text to a string, which never fails.
fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).unwrap_or_default();
}

pub fn text(summaries: &[Summary]) -> String {
    summaries.iter().map(Summary::text).collect::<Vec<_>>().join("\n")
}

pub fn json(summaries: &[Summary]) -> String {
    output::json(&json!({"files": summaries.iter().map(Summary::json).collect::<Vec<_>>()}))
}
