//! The format of an import file, detected from its first lines.

use super::hit_line::HitLine;
use super::log_line::LogLine;
use super::source_file::{LinePosition, SourceFile};
use crate::error::{Error, Result};
use crate::limits;
use crate::store::site_export;
use strum::IntoStaticStr;

/// The formats that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// A whole site, as `export` writes it
    Site,
    /// A line of JSON for each hit
    Hits,
    /// The access log of a web server, in the combined format
    Log,
}

impl Format {
    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the format of a file: that of its first line in a known format; `None` for an empty file.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Setup` when none of the first lines is in a known format, and when the file cannot be read.
    pub fn detect(file: &SourceFile) -> Result<Option<Self>> {
        let mut lines = file.lines(LinePosition::START, limits::IMPORT_VISIT_BYTES_MAX)?;
        let mut is_empty = true;
        for _ in 0..limits::IMPORT_LINES_TRIED {
            let Some(line) = lines.next()? else { break };
            let line = String::from_utf8_lossy(line.bytes);
            is_empty &= line.trim().is_empty();
            if let Some(format) = format_of_line(&line) {
                return Ok(Some(format));
            }
        }
        if is_empty {
            return Ok(None);
        }
        Err(Error::Setup(format!(
            "{} is neither an exported site, nor hits as JSON lines, nor an access log in the combined format. If it is \
             one of them nevertheless, say which with --format.",
            file.name()
        )))
    }
}

fn format_of_line(line: &str) -> Option<Format> {
    if site_export::is_head(line) {
        return Some(Format::Site);
    }
    HitLine::parse(line).map(|_| Format::Hits).or_else(|_| LogLine::parse(line).map(|_| Format::Log)).ok()
}
