//! The query parameters of an address, in Clicky's grammar, and the links that repeat them: every view of a screen has
//! an address.

mod filter_form;
pub mod names;
mod unknown;

pub use filter_form::RejectedFilter;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::guest;
use crate::http::site_context::SiteContext;
use crate::limits::{self, PAGE_ROWS, PAGE_ROWS_MAX};
use crate::reports::attribution::Attribution;
use crate::reports::catalogue;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::DateRange;
use crate::reports::filter::{self, Filter};
use crate::reports::query::Query;
use crate::reports::table_query::Page;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use filter_form::FilterForm;
use names::{FILTER_FORM, is_known, is_of_range};

/// The default range.
const DEFAULT_RANGE: &str = "last-7-days";

/// The query parameters of an address; filters in their canonical form.
#[derive(Clone, Debug, Default)]
pub struct QueryParams {
    pairs: Vec<(String, String)>,
    rejected_filter: Option<RejectedFilter>,
    /// The names of unknown parameters.
    unknown: Vec<String>,
    /// True if unknown parameters are ignored with a note, not refused: guest links pick them up when they are shared.
    ignores_unknown: bool,
}

impl FromRequest for QueryParams {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::read(request))
    }
}

impl QueryParams {
    /// Reads the query parameters of a request.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when there are more than `PARAMETERS_MAX` parameters or they are too long.
    pub fn read(request: &HttpRequest) -> Result<Self> {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let owned: Vec<(String, String)> =
            pairs.take(limits::PARAMETERS_MAX + 1).map(|(name, value)| (name.into(), value.into())).collect();
        if owned.len() > limits::PARAMETERS_MAX {
            return Err(too_much());
        }
        let params = Self::from_pairs(owned).short()?;
        Ok(Self { ignores_unknown: guest::is_below(request), ..params })
    }

    /// Checks that every name is known, except where unknown names are ignored.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when a name is unknown.
    pub fn check(&self) -> Result<()> {
        if self.ignores_unknown { Ok(()) } else { unknown::check(&self.unknown) }
    }

    /// Returns the unknown names that were ignored.
    pub fn ignored_names(&self) -> &[String] {
        if self.ignores_unknown { &self.unknown } else { &[] }
    }

    /// Returns the known parameters, each once except filters. The fields of the filter form become a filter like the
    /// others.
    fn from_pairs(params: Vec<(String, String)>) -> Self {
        let (form, others): (Vec<_>, Vec<_>) =
            params.into_iter().partition(|(name, _)| FILTER_FORM.contains(&name.as_str()));
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut unknown: Vec<String> = Vec::new();
        for (name, value) in others {
            let is_new = || !pairs.iter().any(|(before, _)| *before == name);
            if is_filter(&name) || is_known(&name) && is_new() {
                pairs.push((name, value));
            } else if !is_known(&name) && !unknown::is_harmless(&name) && !unknown.contains(&name) {
                unknown.push(name);
            }
        }
        for (name, value) in &mut pairs {
            if let Ok(Some(filter)) = Filter::parse(name, value) {
                (*name, *value) = filter.parameter();
            }
        }
        let form = FilterForm::from_params(&form);
        let rejected_filter = match form.read(&pairs) {
            Ok(filter) => {
                pairs.extend(filter.as_ref().map(Filter::parameter));
                None
            }
            Err(error) => Some(RejectedFilter { form, problem: error.to_string() }),
        };
        Self { pairs, rejected_filter, unknown, ignores_unknown: false }
    }

    /// Returns the parameters if they are short enough to be repeated by all links of a page.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when they are longer than `ADDRESS_BYTES_MAX`.
    fn short(self) -> Result<Self> {
        if self.bytes() <= limits::ADDRESS_BYTES_MAX {
            return Ok(self);
        }
        Err(too_much())
    }

    /// Returns the length in bytes of the text that every link of a page repeats.
    fn bytes(&self) -> usize {
        let repeated = self.pairs.iter().filter(|(name, _)| !matches!(name.as_str(), "page" | "limit"));
        address("", texts(repeated)).len()
    }

    /// Returns the filter of the form that was refused.
    pub fn rejected_filter(&self) -> Option<&RejectedFilter> {
        self.rejected_filter.as_ref()
    }

    /// Returns the value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(is_known(name), "{name} is missing in the list of parameters");
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the range as written in the address; the default range if there is none.
    pub fn date(&self) -> String {
        match (self.get("date"), self.get("from"), self.get("to")) {
            (Some(date), _, _) => date.to_owned(),
            (None, Some(from), Some(to)) => format!("{from},{to}"),
            _ => DEFAULT_RANGE.into(),
        }
    }

    /// Returns the range in days. One end alone is an error: if it were ignored, the page would show other
    /// days than the address means.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when the range is not valid.
    pub fn range(&self, app: &App, access: &SiteContext) -> Result<DateRange> {
        let has = |name: &str| self.get(name).is_some_and(|value| !value.is_empty());
        if self.get("date").is_none() && has("from") != has("to") {
            return Err(Error::invalid("date", "Choose both days, the first and the last one."));
        }
        DateRange::parse(&self.date(), access.site.zone.day(app.clock.now()))
    }

    /// Returns the range, filters, comparison and visibility of a report. The goal in view, which is named in the data file,
    /// is added by the screens that count conversions.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when a filter or the range is not valid, and with `Error::Missing` or
    /// `Error::Forbidden` when a filter reads what the caller may not see.
    pub fn query(&self, app: &App, access: &SiteContext) -> Result<Query> {
        let filters = self.filters()?;
        access.visibility().check(&filters).map_err(|_| access.refusal())?;
        let (range, visibility) = (self.range(app, access)?, access.visibility().clone());
        let query = Query::new(access.site.clone(), range, visibility);
        let custom_key = self.custom_key().map(str::to_owned);
        Ok(Query { filters, comparison: self.comparison(), custom_key, ..query })
    }

    /// Returns the key to which a report on custom data is narrowed.
    pub fn custom_key(&self) -> Option<&str> {
        self.get("key").filter(|key| !key.is_empty())
    }

    /// Returns the touch by which a report on sources counts; `None` for the visit's own source.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a touch that there is not.
    pub fn attribution(&self) -> Result<Option<Attribution>> {
        Attribution::read(self.get("attribution"))
    }

    /// Returns the period to compare with.
    pub fn comparison(&self) -> Option<Comparison> {
        Comparison::parse(self.get("compare")).map(|comparison| comparison.for_date(&self.date()))
    }

    /// Returns the filters on visits. An unknown name refuses all of them: it may have been meant as a filter.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when a name is unknown or a filter is not valid.
    pub fn filters(&self) -> Result<Vec<Filter>> {
        self.check()?;
        filter::from_params(&self.pairs)
    }

    /// Returns the page of a table. It has fewer rows if the address is long: every row has links that repeat the
    /// address.
    pub fn page(&self) -> Page {
        let number = |name: &str| self.get(name).and_then(|text| text.parse::<u32>().ok());
        let fitting = limits::CARRIED_BYTES_MAX / self.bytes().max(1);
        let most = u32::try_from(fitting).unwrap_or(PAGE_ROWS_MAX).clamp(1, PAGE_ROWS_MAX);
        Page {
            number: number("page").unwrap_or(1).max(1),
            rows: number("limit").unwrap_or(PAGE_ROWS).clamp(1, most),
        }
    }

    /// Returns an address with these parameters changed; an empty value removes one. It leads to the first page unless
    /// the changes name a page.
    pub fn link(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
        let is_dated = is_changed("date");
        let repeated = self.pairs.iter().filter(|(name, value)| {
            let is_other_date = is_dated && matches!(name.as_str(), "from" | "to");
            !is_changed(name) && name != "page" && !value.is_empty() && !is_other_date
        });
        address(path, texts(repeated).chain(changes.iter().filter(|(_, value)| !value.is_empty()).copied()))
    }

    /// Returns an address of another screen with the same range and filters.
    pub fn to_screen(&self, path: &str) -> String {
        address(path, texts(self.pairs.iter().filter(|(name, _)| is_of_range(name) || is_filter(name))))
    }

    /// Returns an address of another screen with the same range, and these filters.
    pub fn to_screen_with_filters(&self, path: &str, filters: &[Filter]) -> String {
        self.address_with_filters(path, filters, is_of_range)
    }

    /// Returns an address with all parameters, but these filters.
    pub fn with_filters(&self, path: &str, filters: &[Filter]) -> String {
        self.address_with_filters(path, filters, |name| name != "page" && !is_filter(name))
    }

    fn address_with_filters(
        &self,
        path: &str,
        filters: &[Filter],
        is_repeated: impl Fn(&str) -> bool,
    ) -> String {
        let filters: Vec<_> = filters.iter().map(Filter::parameter).collect();
        let repeated = self.pairs.iter().filter(|(name, value)| is_repeated(name) && !value.is_empty());
        address(path, texts(repeated.chain(&filters)))
    }

    /// Returns the hidden fields of a form, without those that the form sets itself.
    pub fn hidden_fields(&self, own: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let own: Vec<String> = own.iter().map(|name| (*name).to_owned()).collect();
        texts(self.pairs.iter()).filter(move |(name, value)| {
            !own.iter().any(|own| own == name) && *name != "page" && !value.is_empty()
        })
    }

    /// Returns the hidden fields of a form that changes filters: all other parameters, and these filters.
    pub fn hidden_fields_with_filters(&self, filters: &[Filter]) -> Vec<(String, String)> {
        let others =
            self.pairs.iter().filter(|(name, value)| name != "page" && !value.is_empty() && !is_filter(name));
        others.cloned().chain(filters.iter().map(Filter::parameter)).collect()
    }
}

fn too_much() -> Error {
    Error::invalid("address", "This address asks for too much at once. Take filters away, or write less.")
}

/// Returns true if a parameter is a filter on visits.
fn is_filter(name: &str) -> bool {
    let filter = name.split_once('.').map_or(name, |(filter, _)| filter);
    catalogue::dimension_of_filter(filter).is_some()
}

fn texts<'a>(pairs: impl Iterator<Item = &'a (String, String)>) -> impl Iterator<Item = (&'a str, &'a str)> {
    pairs.map(|(name, value)| (name.as_str(), value.as_str()))
}

fn address<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // Commas, colons and slashes are allowed in a query (RFC 3986, section 3.4), and are easier to read there.
    let query = query.replace("%2C", ",").replace("%3A", ":").replace("%2F", "/");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params<const N: usize>(pairs: [(&str, &str); N]) -> QueryParams {
        QueryParams::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
    }

    #[test]
    fn links_change_what_they_name_and_begin_at_the_first_page() {
        let params = params([
            ("date", "2026-11-01,2026-11-07"),
            ("page", "3"),
            ("country", "DE"),
            ("from", "x"),
            ("sort", "time"),
        ]);
        assert_eq!(params.link("/p", &[("date", "today")]), "/p?country=DE&sort=time&date=today");
        assert_eq!(
            params.link("/p", &[("country", ""), ("page", "4"), ("from", ""), ("sort", "")]),
            "/p?date=2026-11-01,2026-11-07&page=4"
        );
        assert_eq!(params.to_screen("/q"), "/q?date=2026-11-01,2026-11-07&country=DE&from=x");
        let landing = filter::read("landing=https://a.example/%C3%A4%26b&href.starts=/x").unwrap();
        assert_eq!(
            params.to_screen_with_filters("/q", &landing),
            "/q?date=2026-11-01,2026-11-07&from=x&landing=https://a.example/%C3%A4%26b&href.starts=/x"
        );
        assert_eq!(params.with_filters("/q", &[]), "/q?date=2026-11-01,2026-11-07&from=x&sort=time");
    }

    #[test]
    fn what_no_screen_reads_is_not_carried_along_and_nothing_is_twice() {
        let params = params([
            ("x", "1"),
            ("sort", "time"),
            ("sort", "hits"),
            ("country", "DE"),
            ("country.not", "FR"),
            ("country", "AT"),
            ("machines", "hardware"),
            ("conditions", "y"),
        ]);
        let link = "/p?sort=time&country=DE&country.not=FR&country=AT&machines=hardware";
        assert_eq!(params.link("/p", &[]), link);
        let carried: Vec<_> = params.hidden_fields(&[]).map(|(name, _)| name).collect();
        assert_eq!(carried, ["sort", "country", "country.not", "country", "machines"]);
    }

    #[test]
    fn a_long_address_has_fewer_rows_on_a_page_and_a_longer_one_is_refused() {
        let rows = |find: &str| params([("limit", "1000"), ("find", find)]).page().rows;
        assert_eq!((rows("cake"), rows(&"x".repeat(400))), (1_000, 1_000));
        assert_eq!(rows(&"x".repeat(4_090)), 128);
        assert_eq!(params([("limit", "25"), ("find", "x"), ("page", "2")]).page().rows, 25);
        let longest = "x".repeat(limits::ADDRESS_BYTES_MAX - "?find=".len());
        assert!(params([("find", &longest)]).short().is_ok());
        let refused = params([("find", &format!("{longest}x"))]).short();
        assert!(refused.unwrap_err().to_string().contains("too much at once"));
    }

    #[test]
    fn what_the_form_of_a_condition_sends_becomes_one_like_others() {
        let form =
            [("country.in", "DE,,AT"), ("filter", "href"), ("operator", "starts"), ("value", " /blog/ ")];
        assert_eq!(params(form).to_screen("/p"), "/p?country.in=DE,AT&href.starts=/blog/");
        assert!(params(form).rejected_filter().is_none());
        let refused =
            params([("country", "DE"), ("filter", "actions"), ("operator", "is"), ("value", "many")]);
        let rejected = refused.rejected_filter().unwrap();
        assert_eq!((rejected.form.value.as_str(), rejected.form.filter.as_str()), ("many", "actions"));
        assert!(rejected.problem.contains("such as 4"));
        assert_eq!(refused.to_screen("/p"), "/p?country=DE");
    }
}
