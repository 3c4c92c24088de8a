//! Escaping of output for a terminal or a log. Stored texts and files come from strangers: any character in them that
//! could control a terminal, change the writing direction or end a line is shown as a JSON escape, such as `\u001b`.
//! The text stays readable, and JSON stays equivalent JSON.

use std::borrow::Cow;
use std::io::{self, Write};
use tracing::field::Field;
use tracing_subscriber::fmt::format::Writer;

/// Escapes a text of several lines.
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| !matches!(letter, '\n' | '\t') && is_steering(letter))
}

/// Escapes a text that must stay on one line.
pub fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_steering)
}

/// Returns true for control characters (C0, DEL, C1), marks and overrides of the writing direction
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes>), and line separators.
fn is_steering(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_wrong: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_wrong) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|letter| match letter {
        '\n' if is_wrong(letter) => "\\n".into(),
        '\t' if is_wrong(letter) => "\\t".into(),
        _ if is_wrong(letter) => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.to_string(),
    });
    Cow::Owned(shown.collect())
}

/// Formats a size with one decimal of its unit: `28.9 MiB`. A value that rounds to 1,024 becomes 1.0 of the next unit.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1_024 {
        return format!("{size} B");
    }
    let tenths = |unit: usize| {
        let in_unit = 1_024_u128.pow(u32::try_from(unit + 1).unwrap_or(1));
        (u128::from(size) * 10 + in_unit / 2) / in_unit
    };
    let unit = (0..UNITS.len()).find(|unit| tenths(*unit) < 10_240).unwrap_or(UNITS.len() - 1);
    format!("{}.{} {}", tenths(unit) / 10, tenths(unit) % 10, UNITS[unit])
}

/// Writes a field of a log line, escaped.
///
/// # Errors
/// Fails when the writer does.
pub fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug) -> std::fmt::Result {
    let value = format!("{value:?}");
    match field.name() {
        "message" => write!(writer, "{}", line(&value)),
        name => write!(writer, "{name}={}", line(&value)),
    }
}

/// A writer that escapes the lines of JSON written to it; each write must hold whole lines.
pub struct EscapedLines<W>(pub W);

impl<W: Write> Write for EscapedLines<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(bytes) {
            Ok(lines) => self.0.write_all(text(lines).as_bytes())?,
            Err(_) => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_a_terminal_is_shown_and_all_else_stays() {
        for (said, shown) in [
            ("Bäckerei\tin\n\"Łódź\" 👩‍🍳", "Bäckerei\tin\n\"Łódź\" 👩‍🍳"),
            ("\u{1b}]0;x\u{7}", "\\u001b]0;x\\u0007"),
            ("\u{9b}2J\u{7f}\r\0", "\\u009b2J\\u007f\\u000d\\u0000"),
            ("a\u{202e}b\u{2066}\u{200f}\u{61c}\u{2028}", "a\\u202eb\\u2066\\u200f\\u061c\\u2028"),
        ] {
            assert_eq!(text(said), shown);
        }
        assert_eq!(line("a\nb\tc"), "a\\nb\\tc");
    }

    #[test]
    fn sizes_are_rounded_also_where_a_unit_ends() {
        for (size, shown) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (1_996, "1.9 KiB"),
            (1_997, "2.0 KiB"),
            (1_048_524, "1023.9 KiB"),
            (1_048_525, "1.0 MiB"),
            (30_303_846, "28.9 MiB"),
            (u64::MAX, "16777216.0 TiB"),
        ] {
            assert_eq!(bytes(size), shown, "{size}");
        }
    }

    proptest! {
        #[test]
        fn json_stays_json_that_says_the_same(said in any::<String>(), steering in "[\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{0}-\u{1f}\\\\\"]{0,8}") {
            let value = serde_json::json!({"name": format!("{said}{steering}"), "of": [steering]});
            for json in [value.to_string(), format!("{value:#}")] {
                let shown = text(&json).into_owned();
                prop_assert!(!shown.contains(|letter| is_steering(letter) && letter != '\n'));
                prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&shown).unwrap(), &value);
                let mut written = Vec::new();
                EscapedLines(&mut written).write_all(json.as_bytes()).unwrap();
                prop_assert_eq!(String::from_utf8(written).unwrap(), shown);
            }
        }
    }
}
