//! The words and signs of a Rust text, as far as the tests of `tidy` need them.

/// Returns the words and signs of a Rust text, without comments, literals and lifetimes.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let skipped = comment_length(rest).or_else(|| literal_length(rest));
        let length = skipped.unwrap_or_else(|| match &rest[..word_length(rest)] {
            "" if rest.starts_with("::") || rest.starts_with("->") || rest.starts_with("=>") => 2,
            "" => first.len_utf8(),
            word => word.len(),
        });
        if skipped.is_none() {
            tokens.push(&rest[..length]);
        }
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Whether a character stands in names, keywords and numbers.
pub fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_of_word(c)).unwrap_or(text.len())
}

/// Returns the length of the comment at the start of `text`. Block comments may hold others.
fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut at = text.starts_with("/*").then_some(2)?;
    let mut depth = 1;
    while depth > 0 {
        let Some(next) = text[at..].find(['/', '*']) else { return Some(text.len()) };
        at += next;
        let (change, length) = match text.get(at..at + 2) {
            Some("/*") => (1, 2),
            Some("*/") => (-1, 2),
            _ => (0, 1),
        };
        depth += change;
        at += length;
    }
    Some(at)
}

/// Returns the length of the string, byte string, raw string, character or lifetime at the start of `text`.
fn literal_length(text: &str) -> Option<usize> {
    let plain = text.strip_prefix(['b', 'c']).unwrap_or(text);
    let prefix = text.len() - plain.len();
    if let Some(raw) = plain.strip_prefix('r') {
        let quoted = raw.trim_start_matches('#');
        let hashes = &raw[..raw.len() - quoted.len()];
        let closing = format!("\"{hashes}");
        let content = quoted.strip_prefix('"')?;
        let length = content.find(&closing).map_or(content.len(), |end| end + closing.len());
        return Some(text.len() - content.len() + length);
    }
    let behind_quote = plain.strip_prefix('\'');
    let mut characters = behind_quote.unwrap_or_default().chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => Some(prefix + quoted_length(plain, '\'')),
        (Some(_), _) => Some(prefix + 1 + word_length(&plain[1..])),
        (None, _) => plain.starts_with('"').then(|| prefix + quoted_length(plain, '"')),
    }
}

/// Returns the length of a quoted text with its quotes. A backslash hides the character behind it, also a line's end.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if !is_escaped && c == quote {
            return at + 1;
        }
        is_escaped = !is_escaped && c == '\\';
    }
    text.len()
}

#[test]
fn comments_literals_and_lifetimes_are_left_out() {
    let text = r##"//! a
        fn f<'a>(b: &'a str) -> [u8; 2] { /* a /* a */ a */
            ["a // \" \
            a", r#"a " a"#, b'"', '\'', b"a"]; c::<r>()=>1 }"##;
    let expected = "fn f < > ( b : & str ) -> [ u8 ; 2 ] { [ , , , , ] ; c :: < r > ( ) => 1 }";
    assert_eq!(tokens(text).join(" "), expected);
}
