//! What an address asks for, in Clicky's grammar, and links that ask for nearly the same: any view is a link.

use super::frame::RangeControl;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::entry::Ground;
use crate::limits::{PAGE_ROWS, PAGE_ROWS_MAX};
use crate::reports::filter::{self, Wanted};
use crate::reports::inquiry::Scope;
use crate::reports::range::Range;
use crate::reports::visits::Page;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

/// The range of a screen whose address names none.
const USUAL_RANGE: &str = "last-7-days";

/// The parameters of an address.
#[derive(Clone, Debug, Default)]
pub struct Asked(Vec<(String, String)>);

impl FromRequest for Asked {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let owned =
            pairs.take(crate::limits::PARAMETERS_MAX).map(|(name, value)| (name.into(), value.into()));
        std::future::ready(Ok(Self(owned.collect())))
    }
}

impl Asked {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The range as the address says it; the last seven days when it does not.
    pub fn date(&self) -> String {
        match (self.get("date"), self.get("from"), self.get("to")) {
            (Some(date), _, _) => date.to_owned(),
            (None, Some(from), Some(to)) => format!("{from},{to}"),
            _ => USUAL_RANGE.into(),
        }
    }

    /// The days that are asked for.
    pub fn range(&self, app: &App, entry: &Ground) -> Result<Range> {
        Range::parse(&self.date(), entry.site.zone.day(app.clock.now()))
    }

    /// What is asked of the site, within what the caller may see. Conditions on what is hidden are refused.
    pub fn scope(&self, app: &App, entry: &Ground) -> Result<Scope> {
        let wanted = self.filters()?;
        entry.view().check(&wanted).map_err(|_| entry.refusal())?;
        Ok(Scope {
            range: self.range(app, entry)?,
            wanted,
            compares: self.compares(),
            view: entry.view().clone(),
        })
    }

    /// Whether numbers are compared with the period before.
    pub fn compares(&self) -> bool {
        self.get("compare") != Some("none")
    }

    /// The conditions on visits.
    pub fn filters(&self) -> Result<Vec<Wanted>> {
        filter::wanted(&self.0)
    }

    /// The page that is asked for.
    pub fn page(&self) -> Page {
        let number = |name: &str| self.get(name).and_then(|text| text.parse::<u32>().ok());
        Page {
            number: number("page").unwrap_or(1).max(1),
            rows: number("limit").unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS_MAX),
        }
    }

    /// An address that asks for the same but for these parameters; an empty value takes one away. It begins again at
    /// the first page unless a page is named.
    pub fn link(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
        let is_dated = is_changed("date");
        let kept = self.0.iter().filter(|(name, value)| {
            let is_other_date = is_dated && matches!(name.as_str(), "from" | "to");
            !is_changed(name) && name != "page" && !value.is_empty() && !is_other_date
        });
        let pairs = kept
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .chain(changes.iter().filter(|(_, value)| !value.is_empty()).copied());
        address(path, pairs)
    }

    /// The same range on another screen.
    pub fn link_to(&self, path: &str) -> String {
        self.link_with(path, &[])
    }

    /// The same range on another screen, with these parameters.
    pub fn link_with(&self, path: &str, more: &[(&str, &str)]) -> String {
        let of_range = |name: &str| matches!(name, "date" | "from" | "to" | "compare" | "embed" | "theme");
        let kept = self.0.iter().filter(|(name, _)| of_range(name));
        address(path, kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied()))
    }

    /// The control for a screen at this path.
    pub fn control(&self, app: &App, entry: &Ground, path: &str, range: Range) -> RangeControl {
        let today = entry.site.zone.day(app.clock.now());
        RangeControl { path: path.to_owned(), asked: self.clone(), range, later: range.later(today) }
    }

    /// The parameters that a form must carry along, besides those that it sets itself.
    pub fn carried(&self, own: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let kept = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own: Vec<String> = own.iter().map(|name| (*name).to_owned()).collect();
        kept.filter(move |(name, value)| {
            !own.iter().any(|own| own == name) && *name != "page" && !value.is_empty()
        })
    }
}

fn address<'a>(path: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    // Commas and colons may stand in a query as they are, and read better so.
    let query = query.replace("%2C", ",").replace("%3A", ":").replace("%2F", "/");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_change_what_they_name_and_begin_at_the_first_page() {
        let pairs = [("date", "2026-11-01,2026-11-07"), ("page", "3"), ("country", "DE"), ("from", "x")];
        let asked = Asked(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
        assert_eq!(asked.link("/p", &[("date", "today")]), "/p?country=DE&date=today");
        assert_eq!(
            asked.link("/p", &[("country", ""), ("page", "4"), ("from", "")]),
            "/p?date=2026-11-01,2026-11-07&page=4"
        );
        assert_eq!(asked.link_to("/q"), "/q?date=2026-11-01,2026-11-07&from=x");
        assert_eq!(
            asked.link_with("/q", &[("landing", "https://a.example/ä&b")]),
            "/q?date=2026-11-01,2026-11-07&from=x&landing=https://a.example/%C3%A4%26b"
        );
    }
}
