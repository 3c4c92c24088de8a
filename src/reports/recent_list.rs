//! The kinds of recent lists.

use crate::store::visit_attribute::VisitAttribute;

/// A kind of recent list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecentList {
    /// The visits that came by a link.
    LinksRecent,
    /// The links that brought a visitor for the first time ever.
    LinksFirst,
    /// The visits that came by a search with known terms.
    SearchesRecent,
    /// The search terms that brought a visitor for the first time ever.
    SearchesFirst,
}

impl RecentList {
    /// Returns the property, and true if only its first occurrence counts. Links of search engines and of the site
    /// itself are not in the property.
    pub fn parts(self) -> (VisitAttribute, bool) {
        match self {
            Self::LinksRecent => (VisitAttribute::Link, false),
            Self::LinksFirst => (VisitAttribute::Link, true),
            Self::SearchesRecent => (VisitAttribute::Terms, false),
            Self::SearchesFirst => (VisitAttribute::Terms, true),
        }
    }

    /// Returns true for lists of first occurrences.
    pub fn is_of_firsts(self) -> bool {
        self.parts().1
    }

    /// Returns the name of the filter for one item.
    pub fn filter(self) -> &'static str {
        match self {
            Self::LinksRecent | Self::LinksFirst => "link",
            Self::SearchesRecent | Self::SearchesFirst => "search",
        }
    }
}
