//! Replies as CSV: a line with the names of the fields, then a line for each item, without formulas for spreadsheets.

use super::json;
use super::node::Node;
use crate::api::clicky::reply::{Item, Reply, TypeReply};
use crate::error::Result;
use crate::http::csv_file::{CsvFile, CsvReader};
use actix_web::web::Bytes;
use std::collections::HashMap;

/// The name of the first column of several days.
const DATE: &str = "date";

/// Writes a reply. A file has one table, so a reply to several types is an error.
///
/// # Errors
///
/// Fails with `Error::Internal` when it cannot be written.
pub fn write(reply: &Reply, keeps_empty: bool) -> Result<Bytes> {
    match reply {
        Reply::Types(types) => match &types[..] {
            [] => Table::default().write(),
            [reply] => Table::from_type(reply, keeps_empty)?.write(),
            _ => write_error("CSV takes one type only."),
        },
        Reply::Rows { rows, .. } => {
            let mut table = Table::default();
            for row in rows {
                table.add(None, row, keeps_empty)?;
            }
            table.write()
        }
        Reply::Error(sentence) => write_error(sentence),
    }
}

fn write_error(sentence: &str) -> Result<Bytes> {
    let mut file = CsvFile::first(CsvReader::Program);
    file.row(["error", sentence].map(str::to_owned))?;
    file.finish()
}

/// Returns the text of a cell: that of a text, and JSON of several values, whose keys a visitor may have chosen.
fn cell(node: &Node<'_>) -> Result<String> {
    if let Node::Text(text) = node { Ok((*text).to_owned()) } else { json::write_node(node) }
}

/// A table whose columns are the fields of all items, in the order in which they first come up. There are as many of them
/// as items may have fields, whatever visitors send.
#[derive(Default)]
struct Table {
    names: Vec<String>,
    columns: HashMap<String, usize>,
    /// The cells of each row with their columns.
    rows: Vec<HashMap<usize, String>>,
}

impl Table {
    fn from_type(reply: &TypeReply, keeps_empty: bool) -> Result<Self> {
        let mut table = Self::default();
        let has_dates = reply.dates.len() > 1;
        for date in &reply.dates {
            let first = has_dates.then_some(date.date.as_str());
            for item in &date.items {
                table.add(first, item, keeps_empty)?;
            }
        }
        Ok(table)
    }

    fn add(&mut self, date: Option<&str>, item: &Item, keeps_empty: bool) -> Result<()> {
        let mut row = HashMap::new();
        if let Some(date) = date {
            row.insert(self.column(DATE), date.to_owned());
        }
        for (name, node) in Node::of_fields(item, keeps_empty) {
            row.insert(self.column(name), cell(&node)?);
        }
        self.rows.push(row);
        Ok(())
    }

    fn column(&mut self, name: &str) -> usize {
        if let Some(column) = self.columns.get(name) {
            return *column;
        }
        self.names.push(name.to_owned());
        self.columns.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    fn write(self) -> Result<Bytes> {
        let columns = 0..self.names.len();
        let mut file = CsvFile::first(CsvReader::Program);
        if !columns.is_empty() {
            file.row(self.names)?;
            for mut row in self.rows {
                file.row(columns.clone().map(|column| row.remove(&column).unwrap_or_default()))?;
            }
        }
        file.finish()
    }
}
