//! The parameters of the address of a landing page that describe a campaign, under all their names.

use super::campaigns::SiteCampaigns;
use crate::limits;
use crate::store::campaigns::CampaignPart;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use url::Url;

/// The names in Matomo for the parts of a campaign, without their prefix.
const MATOMO_NAMES: [(CampaignPart, &[&str]); 5] = [
    (CampaignPart::Campaign, &["campaign", "cpn"]),
    (CampaignPart::Source, &["source"]),
    (CampaignPart::Medium, &["medium"]),
    (CampaignPart::Term, &["keyword", "kwd", "term"]),
    (CampaignPart::Content, &["content"]),
];
/// The prefixes of these names.
const MATOMO_STARTS: [&str; 2] = ["mtm_", "pk_"];
/// The most layers of escapes that are taken off a value.
const LAYERS_MAX: usize = 2;

/// The query parameters of an address.
pub(super) struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Reads the query of an address.
    pub fn new(address: &'a Url) -> Self {
        Self(address.query_pairs().collect())
    }

    /// Returns the first value that is not empty of a parameter, whose name is `start` followed by `name` in letters of any
    /// case.
    fn find_with(&self, start: &str, name: &str) -> Option<String> {
        let is_named = |known: &str| {
            known.split_at_checked(start.len()).is_some_and(|(before, rest)| {
                before.eq_ignore_ascii_case(start) && rest.eq_ignore_ascii_case(name)
            })
        };
        self.0.iter().filter(|(known, _)| is_named(known)).find_map(|(_, value)| bounded(value))
    }

    /// Returns the first value that is not empty of a parameter, by its name in letters of any case.
    pub fn find(&self, name: &str) -> Option<String> {
        self.find_with("", name)
    }

    /// Returns a part of the campaign, by its name in UTM, in Matomo or on the site, in this order.
    pub fn part(&self, part: CampaignPart, site: &SiteCampaigns) -> Option<String> {
        let name: &str = part.into();
        let matomo = MATOMO_NAMES.iter().filter(|(known, _)| *known == part).flat_map(|(_, names)| *names);
        self.find_with("utm_", name)
            .or_else(|| {
                matomo
                    .into_iter()
                    .find_map(|name| MATOMO_STARTS.iter().find_map(|start| self.find_with(start, name)))
            })
            .or_else(|| site.names_of(part).find_map(|name| self.find_folded(name)))
            .and_then(|value| bounded(&without_escapes(&value)))
    }

    /// Returns the first value that is not empty of a parameter, by its name in lower case, which may have letters beyond
    /// ASCII.
    fn find_folded(&self, name: &str) -> Option<String> {
        let named = self.0.iter().filter(|(known, _)| known.to_lowercase() == name);
        named.into_iter().find_map(|(_, value)| bounded(value))
    }
}

/// Returns a value without the escapes that were escaped once more on the way, as mail programs and short links do. A text
/// with a `%` that begins no escape stays as it is.
fn without_escapes(value: &str) -> Cow<'_, str> {
    let mut value = Cow::Borrowed(value);
    for _ in 0..LAYERS_MAX {
        let is_escape = |rest: &str| {
            rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        if !value.contains('%') || !value.split('%').skip(1).all(is_escape) {
            break;
        }
        let Ok(read) = percent_decode_str(&value).decode_utf8().map(Cow::into_owned) else { break };
        value = Cow::Owned(read);
    }
    value
}

/// Returns a text without control characters and surrounding blanks, cut to its limit; `None` if nothing is left.
pub(super) fn bounded(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|character| !character.is_control()).collect();
    let plain = plain.trim();
    let plain = &plain[..plain.floor_char_boundary(limits::CUSTOM_BYTES_MAX)];
    (!plain.is_empty()).then(|| plain.to_owned())
}
