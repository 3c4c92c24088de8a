//! Patterns of pages, in which `*` stands for any number of characters. A pattern is a path, or a host with a path; the
//! query of an address takes part only where the pattern has one.

use super::typed_address;
use crate::limits;
use crate::model::page_form::capital_escapes;

/// Patterns of pages of one site.
#[derive(Clone, Debug, Default)]
pub struct PagePatterns(Vec<String>);

impl PagePatterns {
    /// Compiles patterns, as they were stored or typed.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        Self(texts.map(typed_address::pattern).collect())
    }

    /// Adds a pattern.
    pub fn push(&mut self, text: &str) {
        self.0.push(typed_address::pattern(text));
    }

    /// Returns true if a pattern matches the address of a page, or its path.
    pub fn cover(&self, page: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let page = capital_escapes(page);
        let (host, rest) = match page.split_once("://") {
            Some((_, rest)) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
            None => ("", &*page),
        };
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let host = host.strip_prefix("www.").unwrap_or(host);
        self.0.iter().any(|pattern| {
            let target = if pattern.contains('?') { rest } else { path };
            if pattern.starts_with(['/', '*']) {
                matches(pattern, target)
            } else {
                matches(pattern, &format!("{host}{target}"))
            }
        })
    }
}

/// Parses typed patterns, one a line, into the form that is stored.
///
/// # Errors
/// Returns a sentence that says what is wrong.
pub fn parse(typed: &str) -> Result<Vec<String>, String> {
    let mut patterns = Vec::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let pattern = typed_address::pattern(line);
        if line.len() > limits::EXCLUSION_BYTES_MAX
            || line.contains(char::is_control)
            || !pattern.contains('/')
        {
            let line: String = line.chars().take(60).collect();
            return Err(format!(
                "“{line}” can't be used: write a path such as /shop/*, where * stands for any characters."
            ));
        }
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    if patterns.len() > limits::EXCLUSIONS_PER_LIST_MAX {
        return Err(format!("{} lines at most.", limits::EXCLUSIONS_PER_LIST_MAX));
    }
    Ok(patterns)
}

/// Returns true if a text matches a pattern in which `*` stands for any number of characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_pages_by_path_host_or_query() {
        let covers = |typed: &str, page: &str| {
            PagePatterns::new(parse(typed).unwrap().iter().map(String::as_str)).cover(page)
        };
        assert!(covers("/*", "https://bakery.example/shop?x=1"));
        assert!(covers("/shop/*", "https://www.bakery.example/shop/rye"));
        assert!(covers("/\n/about", "/about"));
        assert!(covers("shop.example/*", "https://shop.example/a"));
        assert!(!covers("/shop", "https://bakery.example/shop/rye"));
        assert!(!covers("", "https://bakery.example/"));
        assert!(parse("no page").is_err() && parse(&"/a".repeat(2_000)).is_err());
    }
}
