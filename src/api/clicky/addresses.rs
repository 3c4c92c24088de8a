//! The addresses in replies: of a site's pages, and of the screens that show the same.

use crate::model::page_form::opening_address;
use crate::reports::catalogue;
use crate::reports::filter::Filter;
use crate::reports::query::Query;
use url::form_urlencoded;

/// The addresses of a site's pages and screens.
pub struct SiteAddresses {
    /// The address of the site's screens, such as `https://stats.example.com/sites/1`.
    pub screens: String,
    /// The domain of the site.
    pub domain: String,
    /// The scheme, host and port under which the site's pages open, if known.
    pub page_origin: Option<String>,
}

impl SiteAddresses {
    /// Returns the address of the list of the visits of a query that match one more filter. Screens do not filter by goals.
    pub fn visits(&self, query: &Query, filter: Filter) -> String {
        let others = query.filters.iter().filter(|other| {
            other.dimension != filter.dimension
                && catalogue::dimension_of_filter(other.dimension.filter).is_some()
        });
        let filters = others.chain([&filter]).map(Filter::parameter);
        let date = ("date".to_owned(), query.range.text());
        let parameters = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([date].into_iter().chain(filters))
            .finish();
        format!("{}/visitors?{parameters}", self.screens)
    }

    /// Returns the address of the screen of a visit.
    pub fn visit(&self, visit: impl std::fmt::Display) -> String {
        format!("{}/visits/{visit}", self.screens)
    }

    /// Returns the address that opens a page of the site.
    pub fn page(&self, page: &str) -> String {
        opening_address(page, &self.domain, self.page_origin.as_deref())
    }
}
