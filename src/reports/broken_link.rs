//! Broken links as text: the page that was not found, and the page whose link led there, such as `/old ← /blog`.

/// The word for a page with the link that is not known.
pub const UNKNOWN_ORIGIN: &str = "unknown";
/// The text between the two pages. No address has a blank.
const ARROW: &str = " ← ";

/// Returns the text of a link to a page, from another one.
pub fn write(page: &str, from: &str) -> String {
    format!("{page}{ARROW}{from}")
}

/// The page whose link is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOrigin<'t> {
    /// Any page.
    Any,
    /// One that is not known.
    Unknown,
    /// This page.
    Page(&'t str),
}

/// Reads a text as [`write`] makes it: the page, and the page with the link; any one if none is named.
pub fn read(text: &str) -> (&str, LinkOrigin<'_>) {
    match text.split_once(ARROW.trim()) {
        Some((page, from)) => {
            let from = from.trim();
            let origin = if from == UNKNOWN_ORIGIN { LinkOrigin::Unknown } else { LinkOrigin::Page(from) };
            (page.trim(), origin)
        }
        None => (text.trim(), LinkOrigin::Any),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let link = write("https://a.example/old", "https://a.example/blog");
        assert_eq!(read(&link), ("https://a.example/old", LinkOrigin::Page("https://a.example/blog")));
        assert_eq!(read(&write("/old", UNKNOWN_ORIGIN)), ("/old", LinkOrigin::Unknown));
        assert_eq!(read("/old"), ("/old", LinkOrigin::Any));
    }
}
