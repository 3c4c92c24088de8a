//! The addresses of the screens that show the same as a reply.

use crate::model::currency::Currency;
use crate::model::id::{VisitId, VisitorId};
use crate::reports::catalogue;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::Filter;
use crate::store::sites::Site;
use url::form_urlencoded;

/// The addresses of a site's screens.
#[derive(Clone, Debug)]
pub struct Screens {
    /// The address below which they stand, such as `https://stats.example.com/sites/1`.
    base: String,
    /// The currency of the site's amounts.
    pub currency: Currency,
}

impl Screens {
    /// Returns the addresses of the screens of a site on the server of this origin.
    pub fn new(origin: &str, site: &Site) -> Self {
        Self { base: format!("{origin}/sites/{}", site.id), currency: site.currency }
    }

    /// Returns the address of the screen of a visit.
    pub fn visit(&self, visit: VisitId) -> String {
        format!("{}/visits/{visit}", self.base)
    }

    /// Returns the address of the screen of a visitor.
    pub fn visitor(&self, visitor: VisitorId) -> String {
        format!("{}/visitors/{visitor}", self.base)
    }

    /// Returns the address of a screen of the site for some days, filters and a comparison; `None` for filters that screens do
    /// not have.
    pub fn screen(
        &self,
        path: &str,
        range: DateRange,
        filters: &[Filter],
        comparison: Option<Comparison>,
    ) -> Option<String> {
        let is_on_screens =
            |filter: &Filter| catalogue::dimension_of_filter(filter.dimension.filter).is_some();
        if !filters.iter().all(is_on_screens) {
            return None;
        }
        let compare = comparison.map_or("none", Comparison::name);
        let parameters = form_urlencoded::Serializer::new(String::new())
            .append_pair("date", &range.text())
            .append_pair("compare", compare)
            .extend_pairs(filters.iter().map(Filter::parameter))
            .finish();
        let path = if path.is_empty() { self.base.clone() } else { format!("{}/{path}", self.base) };
        Some(format!("{path}?{parameters}"))
    }
}
