//! Texts of strangers, cut to size and without invisible characters.

use crate::limits;

/// Returns the start of a text, at most `bytes_max` bytes, cut between characters.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Returns a text of at most `bytes_max` bytes without control characters, invisible characters and outer white space;
/// `None` if nothing is left.
pub fn clean(text: &str, bytes_max: usize) -> Option<String> {
    let is_plain = |character: &char| !character.is_control() && !is_invisible(*character);
    let text: String = cut(text, bytes_max * 2).chars().filter(is_plain).collect();
    let text = cut(text.trim(), bytes_max).trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns a clean name, such as that of a goal, of at most [`limits::WORD_BYTES_MAX`] bytes.
pub fn word(text: &str) -> Option<String> {
    clean(text, limits::WORD_BYTES_MAX)
}

/// Returns true for a character that hides, or turns the direction of, the text around it.
pub fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
