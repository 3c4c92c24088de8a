//! The output of a command: the text to print, JSON or a table, and whether the command succeeded.

use super::printed;
use std::io::Write;

/// The output of a command.
pub struct Output {
    /// The text to print.
    pub text: String,
    /// True if the exit code says success.
    pub has_succeeded: bool,
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self { text, has_succeeded: true }
    }
}

/// Prints a text and a line end, escaped for the terminal. A closed pipe is no error: its reader
/// has seen enough.
pub fn print(to: &mut impl Write, text: &str) {
    if !text.is_empty() {
        drop(writeln!(to, "{}", printed::text(text.trim_end())).and_then(|()| to.flush()));
    }
}

/// Formats a JSON value on one line.
pub fn json(value: &serde_json::Value) -> String {
    value.to_string()
}

/// Formats a table: columns as wide as their longest cell, a line a row.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| row.iter().map(|cell| printed::line(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(line).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let line = |cells: Vec<&str>| {
        let padded =
            cells.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(head.to_vec())).chain(body).collect::<Vec<_>>().join("\n")
}
