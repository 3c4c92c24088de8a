//! The four forms in which Clicky's clients read replies.

use self::script::Script;
use crate::api::clicky::reply::{Reply, TypeReply};
use crate::error::Result;
use actix_web::web::Bytes;

mod csv;
mod json;
mod node;
mod php;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod roundtrip;
pub mod script;
#[cfg(test)]
mod tests;
mod xml;

/// A form of replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// XML 1.0.
    #[default]
    Xml,
    /// JSON.
    Json,
    /// Serialized PHP.
    Php,
    /// Comma-separated values.
    Csv,
}

impl Output {
    /// Returns the form of this name (`output=`); XML without one and for an unknown one.
    pub fn parse(name: Option<&str>) -> Self {
        match name {
            Some("json") => Self::Json,
            Some("php") => Self::Php,
            Some("csv") => Self::Csv,
            _ => Self::Xml,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::Php => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Returns the extension of a file. That of serialized PHP is not `php`: a server would run what a visitor's text
    /// has between `<?php` and `?>`.
    fn extension(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Php => "txt",
            Self::Csv => "csv",
        }
    }
}

/// The way in which a request wants its reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The form.
    pub output: Output,
    /// Empty fields are sent too (`null_values=1`).
    pub keeps_empty: bool,
    /// The script around the reply; JSON only.
    pub script: Option<Script>,
    /// Browsers save the reply as a file (`download=1`).
    pub is_download: bool,
}

/// A reply in one of the forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The media type, with the character set.
    pub content_type: &'static str,
    /// The body, in UTF-8.
    pub body: Bytes,
    /// The name of the file, for a download. ASCII letters, digits, `-` and `.` only.
    pub file_name: Option<String>,
}

impl Style {
    /// Writes a reply in this style.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when it cannot be written.
    pub fn render(&self, reply: &Reply) -> Result<Rendered> {
        let script = self.script.as_ref().filter(|_| self.output == Output::Json);
        let body = match (self.output, script) {
            (Output::Xml, _) => xml::write(reply, self.keeps_empty).into(),
            (Output::Json, None) => json::write(reply, self.keeps_empty)?.into(),
            (Output::Json, Some(script)) => script.wrap(&json::write(reply, self.keeps_empty)?).into(),
            (Output::Php, _) => php::write(reply, self.keeps_empty).into(),
            (Output::Csv, _) => csv::write(reply, self.keeps_empty)?,
        };
        let (content_type, extension) = match script {
            Some(_) => ("application/javascript; charset=utf-8", "js"),
            None => (self.output.content_type(), self.output.extension()),
        };
        let file_name = self.is_download.then(|| format!("{}.{extension}", file_stem(reply)));
        Ok(Rendered { content_type, body, file_name })
    }
}

/// Returns the name of a file without its extension: `pages-2026-11-17-2026-11-23`, and `stats-…` of several types.
fn file_stem(reply: &Reply) -> String {
    let stem = match reply {
        Reply::Types(types) => {
            let name = if let [only] = &types[..] { &only.name } else { "stats" };
            types.first().map_or_else(|| name.to_owned(), |first| format!("{name}-{}", days(first)))
        }
        Reply::Rows { name, .. } => format!("{name}s"),
        Reply::Error(_) => "error".to_owned(),
    };
    stem.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

/// Returns the only date of a reply, or its earliest and its latest day: the newest is its first.
fn days(reply: &TypeReply) -> String {
    match &reply.dates[..] {
        [] => String::new(),
        [only] => only.date.clone(),
        [newest, .., oldest] => format!("{},{}", oldest.date, newest.date),
    }
}
