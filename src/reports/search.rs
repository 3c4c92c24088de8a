//! Searches: texts that items and actions are compared with, letter case ignored.

use crate::ingest::page_url;
use crate::model::page_form::page_form;

/// A search among the items of a table, or among the titles or addresses of actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Search {
    /// No search: everything is found.
    #[default]
    Everything,
    /// Finds texts that contain this one.
    Contains(String),
    /// Finds what has exactly this text: as its title, its value in a filter, its address, or, on the site's own domain,
    /// its path. Elsewhere host and path do for an address.
    Exactly(String),
}

impl Search {
    /// Creates a search for texts that contain a typed one; an empty text finds everything.
    pub fn containing(typed: &str) -> Self {
        match typed.trim() {
            "" => Self::Everything,
            text => Self::Contains(text.to_owned()),
        }
    }

    /// Returns true if everything is found.
    pub fn is_unrestricted(&self) -> bool {
        *self == Self::Everything
    }

    /// Returns the text searched for; empty if everything is found.
    pub fn text(&self) -> &str {
        match self {
            Self::Everything => "",
            Self::Contains(text) | Self::Exactly(text) => text,
        }
    }

    /// Returns true if a text is found.
    pub fn finds(&self, text: &str) -> bool {
        self.matcher().finds(text)
    }

    /// Returns the search as it is compared with many texts.
    pub(in crate::reports) fn matcher(&self) -> SearchMatcher {
        match self {
            Self::Everything => SearchMatcher::Everything,
            Self::Contains(text) => SearchMatcher::Contains(text.to_lowercase()),
            Self::Exactly(text) => {
                let mut spellings = vec![text.to_lowercase(), page_form(text).to_lowercase()];
                spellings.dedup();
                SearchMatcher::Exactly(spellings)
            }
        }
    }
}

/// A search whose text is in lower case, ready to be compared.
#[derive(Clone, Debug)]
pub(in crate::reports) enum SearchMatcher {
    Everything,
    Contains(String),
    /// The text, and the address that stands for it if it is another spelling of one.
    Exactly(Vec<String>),
}

impl SearchMatcher {
    /// Returns true if everything is found.
    pub fn is_unrestricted(&self) -> bool {
        matches!(self, Self::Everything)
    }

    /// Returns true if whole texts are compared.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::Exactly(_))
    }

    /// Returns true if a text is found.
    pub fn finds(&self, text: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Contains(part) => text.to_lowercase().contains(part),
            Self::Exactly(spellings) => spellings.contains(&text.to_lowercase()),
        }
    }

    /// Returns true if an address is found, as it is or as it reads; `is_elsewhere` says that it is not on the site's own
    /// domain.
    pub fn finds_address(&self, address: &str, is_elsewhere: bool) -> bool {
        if self.finds(address) || self.finds(&page_url::readable(address)) {
            return true;
        }
        self.is_exact()
            && if is_elsewhere {
                self.finds(&page_url::without_scheme(address))
            } else {
                path(address).is_some_and(|path| self.finds(path) || self.finds(&page_url::readable(path)))
            }
    }
}

/// Returns the path of an address, with its query and fragment; `None` for an address without one.
fn path(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(search: &Search, address: &str) -> bool {
        search.matcher().finds_address(address, !address.starts_with("https://a.example/"))
    }

    #[test]
    fn an_address_is_found_exactly_by_itself_another_spelling_its_path_or_elsewhere_its_host() {
        let exactly = |text: &str| Search::Exactly(text.into());
        for text in ["https://a.example/B%C3%BC", "http://www.A.example/b%C3%BC", "/bü", "/BÜ", "/b%c3%bc"]
        {
            assert!(finds(&exactly(text), "https://a.example/B%C3%BC"), "{text}");
        }
        for text in ["", "a.example/bü", "bü", "/b", "/bü/"] {
            assert!(!finds(&exactly(text), "https://a.example/B%C3%BC"), "{text}");
        }
        assert!(finds(&exactly("b.example/x"), "https://b.example/x"));
        assert!(!finds(&exactly("/x"), "https://b.example/x"));
        assert!(finds(&exactly("MAILTO:anna@a.example"), "mailto:anna@a.example"));
    }

    #[test]
    fn a_part_is_found_wherever_it_stands_and_an_empty_one_everywhere() {
        for text in ["B%C3%", "bü", "A.EXAMPLE", "https"] {
            assert!(finds(&Search::containing(text), "https://a.example/b%C3%BC"), "{text}");
        }
        assert!(!finds(&Search::containing("x.y"), "https://a.example/b%C3%BC"));
        assert_eq!(Search::containing("  "), Search::Everything);
        assert!(finds(&Search::Everything, ""));
    }
}
