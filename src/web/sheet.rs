//! Files of comma-separated cells, which no spreadsheet may take for anything but texts and numbers.

use crate::error::{Error, Result};
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};

/// Lines of comma-separated cells.
pub struct Sheet(csv::Writer<Vec<u8>>);

impl Sheet {
    /// An empty one.
    pub fn new() -> Self {
        Self(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()))
    }

    /// With names in its first line.
    pub fn with_head(names: &[&str]) -> Result<Self> {
        let mut sheet = Self::new();
        sheet.row(names.iter().map(|name| (*name).to_owned()))?;
        Ok(sheet)
    }

    /// Adds a line.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<()> {
        let cells = cells.into_iter().map(harmless);
        self.0.write_record(cells).map_err(|error| Error::Internal(error.to_string()))
    }

    /// The whole of it.
    pub fn finish(self) -> Result<Bytes> {
        let bytes = self.0.into_inner().map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Bytes::from(bytes))
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
        let mut sheet = Sheet::with_head(&["a", "b"]).unwrap();
        sheet.row(["=1+1".into(), "@SUM(A1)".into()]).unwrap();
        sheet.row(["\tx".into(), "a \"quoted\", text".into()]).unwrap();
        let text = String::from_utf8(sheet.finish().unwrap().to_vec()).unwrap();
        assert_eq!(text, "a,b\r\n'=1+1,'@SUM(A1)\r\n'\tx,\"a \"\"quoted\"\", text\"\r\n");
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
