//! The addresses in replies: of a site's pages, and of the screens that show the same.

use crate::model::page_form::opening_address;
use crate::reports::date_range::DateRange;
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
    /// Returns the address of the list of the visits of some days that match a filter.
    pub fn visits(&self, range: DateRange, filter: &str, value: &str) -> String {
        let date = range.text();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("date", date.as_str()), (filter, value)])
            .finish();
        format!("{}/visitors?{query}", self.screens)
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
