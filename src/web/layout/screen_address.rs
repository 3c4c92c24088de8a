//! The address of a screen of a site, and the links that lead from it.

use crate::reports::dimension::Dimension;
use crate::reports::filter::{self, Filter};
use crate::web::filters::query_params::QueryParams;

/// The address of a screen of a site.
#[derive(Clone)]
pub struct ScreenAddress {
    /// The path below which the site's screens are.
    pub base: String,
    /// The path of the screen.
    pub path: String,
    /// The query parameters.
    pub params: QueryParams,
    /// The filters among the query parameters.
    pub filters: Vec<Filter>,
}

impl ScreenAddress {
    /// Returns the address with these parameters changed; an empty value removes one.
    pub fn link(&self, changes: &[(&str, &str)]) -> String {
        self.params.link(&self.path, changes)
    }

    /// Returns the address of another page of the screen's list.
    pub fn page(&self, number: impl ToString) -> String {
        self.link(&[("page", &number.to_string())])
    }

    /// Returns the address with these filters.
    pub fn with_filters(&self, filters: &[Filter]) -> String {
        self.params.with_filters(&self.path, filters)
    }

    /// Returns the address with a filter by one value of a dimension.
    pub fn narrowed_to(&self, dimension: &'static Dimension, value: &str) -> String {
        self.with_filters(&filter::narrowed_to(&self.filters, dimension, value))
    }

    /// Returns the address with a filter that excludes one value of a dimension.
    pub fn excluding(&self, dimension: &'static Dimension, value: &str) -> String {
        self.with_filters(&filter::excluding(&self.filters, dimension, value))
    }

    /// Returns the address of the list of visitors for the same range, with these filters.
    pub fn visitors(&self, filters: &[Filter]) -> String {
        self.params.to_screen_with_filters(&format!("{}/visitors", self.base), filters)
    }

    /// Returns the address of a page's heatmap for the same range and filters.
    pub fn heatmap(&self, page: &str) -> String {
        let screen = self.params.to_screen(&format!("{}/heatmaps/page", self.base));
        let of = form_urlencoded::Serializer::new(String::new()).append_pair("of", page).finish();
        format!("{screen}{}{of}", if screen.contains('?') { '&' } else { '?' })
    }
}
