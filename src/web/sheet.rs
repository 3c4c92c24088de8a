//! Files of comma-separated cells, which no spreadsheet may take for anything but texts and numbers.

use crate::error::{Error, Result};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use std::fmt::Display;

/// The reader of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// A program, which knows that a file is UTF-8.
    #[default]
    Program,
    /// A spreadsheet, which is told so by a byte order mark (`?bom=1`), and which would round long numbers.
    Spreadsheet,
}

impl Reader {
    /// The reader that an address asks a file for.
    pub fn of(request: &HttpRequest) -> Result<Self> {
        let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
        match pairs.find(|(name, _)| name == BOM).map(|(_, value)| value).as_deref() {
            None | Some("" | "0") => Ok(Self::Program),
            Some("1") => Ok(Self::Spreadsheet),
            Some(_) => {
                Err(Error::invalid(BOM, "Write bom=1 for a file with a byte order mark, or leave it out."))
            }
        }
    }

    /// A number that names something: of no use when it is rounded.
    pub fn id(self, number: impl Display) -> Cell {
        match self {
            Self::Program => Cell(number.to_string()),
            Self::Spreadsheet => Cell(format!("'{number}")),
        }
    }
}

/// The parameter that asks for a byte order mark.
pub const BOM: &str = "bom";

/// The byte order mark of UTF-8.
const MARK: &str = "\u{feff}";

/// Lines of comma-separated cells.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// A sheet that goes on after others.
    pub fn new() -> Self {
        Self::after("")
    }

    /// A sheet at the beginning of a file.
    pub fn first(reader: Reader) -> Self {
        Self::after(if reader == Reader::Spreadsheet { MARK } else { "" })
    }

    fn after(start: &str) -> Self {
        let lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(start.into());
        Self(lines)
    }

    /// A sheet at the beginning of a file, with names in its first line.
    pub fn with_head(reader: Reader, names: &[&str]) -> Result<Self> {
        let mut sheet = Self::first(reader);
        sheet.row(names.iter().map(|name| (*name).to_owned()))?;
        Ok(sheet)
    }

    /// Adds a line.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) -> Result<()> {
        let cells = cells.into_iter().map(|cell| cell.into().0);
        self.0.write_record(cells).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The whole of it.
    pub fn finish(self) -> Result<Bytes> {
        let bytes = self.0.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Bytes::from(bytes))
    }
}

/// The text of a cell, which is no formula.
pub struct Cell(String);

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self(harmless(text))
    }
}

/// The characters that begin a formula, also in the full width and the small forms that spreadsheets read
/// alike (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULA: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];

/// Quotes a cell that a spreadsheet would take for a formula: texts come from strangers. Spreadsheets may
/// skip blanks, line ends and invisible characters before they look for one.
fn harmless(cell: String) -> String {
    let is_passed_over = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(letter, '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let is_risky =
        cell.starts_with(['\t', '\r', '\n']) || cell.trim_start_matches(is_passed_over).starts_with(FORMULA);
    if is_risky { format!("'{cell}") } else { cell }
}

/// The head of an answer that is kept as a file of this name.
pub fn file(name: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let mut sheet = Sheet::with_head(Reader::Program, &["a", "b"]).unwrap();
        sheet.row(["=1+1", "@SUM(A1)"].map(str::to_owned)).unwrap();
        sheet.row(["\tx", "a \"quoted\", text"].map(str::to_owned)).unwrap();
        let text = String::from_utf8(sheet.finish().unwrap().to_vec()).unwrap();
        assert_eq!(text, "a,b\r\n'=1+1,'@SUM(A1)\r\n'\tx,\"a \"\"quoted\"\", text\"\r\n");
    }

    #[test]
    fn a_file_for_a_spreadsheet_says_that_it_is_utf_8_and_has_ids_that_are_no_numbers() {
        let mut sheet = Sheet::with_head(Reader::Spreadsheet, &["visit", "item"]).unwrap();
        sheet
            .row([Reader::Spreadsheet.id(1_852_673_427_797_059_126_i64), "Brötchen".to_owned().into()])
            .unwrap();
        let text = String::from_utf8(sheet.finish().unwrap().to_vec()).unwrap();
        assert_eq!(text, "\u{feff}visit,item\r\n'1852673427797059126,Brötchen\r\n");
        assert_eq!(Reader::Program.id(7).0, "7");
    }

    #[test]
    fn neither_is_one_in_another_form_or_behind_what_is_not_seen() {
        for risky in [
            "＝1+1",
            "＋1",
            "－1",
            "＠SUM(A1)",
            "﹦1",
            "\nx",
            "\rx",
            " =1",
            "\u{feff}=1",
            "\u{a0}\n@a",
            "\0-1",
            "\u{200b}+1",
        ] {
            assert_eq!(harmless(risky.to_owned()), format!("'{risky}"));
        }
        for plain in ["", " ", "/a=b", "a@b.example", "10", " text", "\u{feff}", "ä＝b"] {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
    }
}
