//! CSV files whose cells no spreadsheet reads as formulas.

use crate::error::{Error, Result};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use std::fmt::Display;

/// The reader of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsvReader {
    /// A program, which reads files as UTF-8.
    #[default]
    Program,
    /// A spreadsheet, which needs a byte order mark (`?bom=1`), and rounds long numbers.
    Spreadsheet,
}

impl CsvReader {
    /// Reads the reader of a file from the query of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a value other than 0 or 1.
    pub fn from_request(request: &HttpRequest) -> Result<Self> {
        let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
        match pairs.find(|(name, _)| name == BOM).map(|(_, value)| value).as_deref() {
            None | Some("" | "0") => Ok(Self::Program),
            Some("1") => Ok(Self::Spreadsheet),
            Some(_) => {
                Err(Error::invalid(BOM, "Write bom=1 for a file with a byte order mark, or leave it out."))
            }
        }
    }

    /// Returns the cell of an ID; quoted for spreadsheets, which would round it.
    pub fn id(self, number: impl Display) -> CsvCell {
        match self {
            Self::Program => CsvCell(number.to_string()),
            Self::Spreadsheet => CsvCell(format!("'{number}")),
        }
    }
}

/// The parameter that requests a byte order mark.
pub const BOM: &str = "bom";

/// The byte order mark of UTF-8.
const MARK: &str = "\u{feff}";

/// A CSV file, or a slice of one.
pub struct CsvFile(csv::Writer<Vec<u8>>);

impl CsvFile {
    /// Returns a slice that continues a file.
    pub fn new() -> Self {
        Self::after("")
    }

    /// Returns the beginning of a file.
    pub fn first(reader: CsvReader) -> Self {
        Self::after(if reader == CsvReader::Spreadsheet { MARK } else { "" })
    }

    fn after(start: &str) -> Self {
        let lines = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(start.into());
        Self(lines)
    }

    /// Returns the beginning of a file, with column names in its first line.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when the line cannot be written.
    pub fn with_head(reader: CsvReader, names: &[&str]) -> Result<Self> {
        let mut file = Self::first(reader);
        file.row(names.iter().map(|name| (*name).to_owned()))?;
        Ok(file)
    }

    /// Writes a line.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when the line cannot be written.
    pub fn row<C: Into<CsvCell>>(&mut self, cells: impl IntoIterator<Item = C>) -> Result<()> {
        let cells = cells.into_iter().map(|cell| cell.into().0);
        self.0.write_record(cells).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Returns the bytes.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Internal` when they cannot be written.
    pub fn finish(self) -> Result<Bytes> {
        let bytes = self.0.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Bytes::from(bytes))
    }
}

/// A cell whose text is no formula.
pub struct CsvCell(String);

impl From<String> for CsvCell {
    fn from(text: String) -> Self {
        Self(escape_formula(text))
    }
}

/// The characters that begin a formula, also in the full-width and small forms that spreadsheets accept
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
const FORMULA: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];

/// Quotes a cell that a spreadsheet would read as a formula: the texts come from strangers. Spreadsheets may skip
/// blanks, line ends and invisible characters before a formula.
fn escape_formula(cell: String) -> String {
    let is_passed_over = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(letter, '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let is_formula =
        cell.starts_with(['\t', '\r', '\n']) || cell.trim_start_matches(is_passed_over).starts_with(FORMULA);
    if is_formula && !is_negative_number(&cell) { format!("'{cell}") } else { cell }
}

fn is_negative_number(cell: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    cell.strip_prefix('-').is_some_and(|number| number.splitn(2, '.').all(is_digits))
}

/// Returns the head of a response that browsers save as a file of this name.
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
        let mut file = CsvFile::with_head(CsvReader::Program, &["a", "b"]).unwrap();
        file.row(["=1+1", "@SUM(A1)"].map(str::to_owned)).unwrap();
        file.row(["\tx", "a \"quoted\", text"].map(str::to_owned)).unwrap();
        let text = String::from_utf8(file.finish().unwrap().to_vec()).unwrap();
        assert_eq!(text, "a,b\r\n'=1+1,'@SUM(A1)\r\n'\tx,\"a \"\"quoted\"\", text\"\r\n");
    }

    #[test]
    fn a_file_for_a_spreadsheet_says_that_it_is_utf_8_and_has_ids_that_are_no_numbers() {
        let mut file = CsvFile::with_head(CsvReader::Spreadsheet, &["visit", "item"]).unwrap();
        file.row([CsvReader::Spreadsheet.id(1_852_673_427_797_059_126_i64), "Brötchen".to_owned().into()])
            .unwrap();
        let text = String::from_utf8(file.finish().unwrap().to_vec()).unwrap();
        assert_eq!(text, "\u{feff}visit,item\r\n'1852673427797059126,Brötchen\r\n");
        assert_eq!(CsvReader::Program.id(7).0, "7");
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
            assert_eq!(escape_formula(risky.to_owned()), format!("'{risky}"));
        }
        for risky in ["-", "-.5", "-1.", "-1-1", "-1.5.5", "-1e5", " -1", "-1\n"] {
            assert_eq!(escape_formula(risky.to_owned()), format!("'{risky}"));
        }
        for plain in ["", " ", "/a=b", "a@b.example", "10", "-7", "-71.1557", " text", "\u{feff}", "ä＝b"] {
            assert_eq!(escape_formula(plain.to_owned()), plain);
        }
    }
}
