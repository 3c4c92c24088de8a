//! Click parameters: the campaigns and click ids in the query of an address, which are no part of the page. Links that pass through mails
//! and other programs arrive with separators that were escaped once more; they are read as they were meant.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Query parameters that tell a click and not a page.
const CLICK_IDS: [&str; 33] = [
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "gad_source",
    "gad_campaignid",
    "fbclid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "_hsenc",
    "_hsmi",
    "epik",
    "srsltid",
    "rdt_cid",
    "sccid",
    "irclickid",
    "mkt_tok",
    "_kx",
    "vero_id",
    "oly_enc_id",
    "__hstc",
    "msockid",
    "_ga",
    "_gl",
];

/// Prefixes of further click parameters. Those of Google Translate say how a page was translated.
const CLICK_STARTS: [&str; 4] = ["utm_", "mtm_", "pk_", "_x_tr_"];

/// Click parameters that were part of pages until file version 10: older rows contain them.
const LATER_IDS: [&str; 9] =
    ["rdt_cid", "sccid", "irclickid", "mkt_tok", "_kx", "vero_id", "oly_enc_id", "__hstc", "msockid"];

/// Prefixes of further such parameters.
const LATER_STARTS: [&str; 3] = ["mtm_", "pk_", "_x_tr_"];

/// A separator `&` that was escaped twice.
const ESCAPED_AMPERSAND: &str = "%26";
/// Remains of `&amp;` in links that were copied from a page's source.
const ENTITIES: [&str; 3] = ["amp;", "amp%3B", "amp%3b"];

/// A query that was taken apart, its separators as they were meant.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SplitQuery {
    /// The parameters that belong to the page.
    pub page: String,
    /// The click parameters.
    pub clicks: String,
    /// Both, in their order.
    pub all: String,
}

impl SplitQuery {
    /// Takes a query apart.
    pub fn parse(query: &str) -> Self {
        let mut parts = Self::default();
        for pair in query.split('&').flat_map(pieces).filter(|pair| !pair.is_empty()) {
            if !names_an_address(pair) && pair.contains(ESCAPED_AMPERSAND) {
                parts.push_escaped(pair);
            } else {
                parts.push(pair);
            }
        }
        parts
    }

    /// The parameters in a fragment that tell a click, such as those of `top?utm_source=x`.
    pub fn of_fragment(fragment: &str) -> String {
        Self::parse(&fragment.replace('?', "&")).clicks
    }

    /// Adds what may be several pairs, whose ampersands were escaped.
    fn push_escaped(&mut self, pair: &str) {
        let mut page = String::new();
        for part in pair.split(ESCAPED_AMPERSAND) {
            let is_pair = part.contains('=') || part.contains("%3D") || part.contains("%3d");
            if is_pair && click(part).is_some() {
                self.push(part);
            } else if page.is_empty() {
                part.clone_into(&mut page);
            } else {
                page = format!("{page}{ESCAPED_AMPERSAND}{part}");
            }
        }
        if !page.is_empty() {
            append(&mut self.page, &page);
            append(&mut self.all, &page);
        }
    }

    fn push(&mut self, pair: &str) {
        let click = click(pair);
        let pairs = if click.is_some() { &mut self.clicks } else { &mut self.page };
        let pair = click.as_deref().unwrap_or(pair);
        append(pairs, pair);
        append(&mut self.all, pair);
    }
}

/// The pieces of a pair, to which a campaign was added with a `?` instead of a `&`.
fn pieces(pair: &str) -> impl Iterator<Item = &str> {
    let begins_click = |rest: &str| rest.contains('=') && pair_tells_a_click(rest);
    let mut ends: Vec<usize> = Vec::new();
    if pair.contains('?') && !names_an_address(pair) {
        ends = pair.match_indices('?').map(|(at, _)| at).filter(|at| begins_click(&pair[at + 1..])).collect();
    }
    let starts = std::iter::once(0).chain(ends.clone().into_iter().map(|at| at + 1));
    let ends = ends.into_iter().chain([pair.len()]);
    starts.zip(ends).map(|(start, end)| &pair[start..end])
}

/// A pair that tells a click, with its separators as they were meant; none for one that belongs to the page.
fn click(pair: &str) -> Option<String> {
    let entity = ENTITIES.iter().find_map(|entity| pair.strip_prefix(entity));
    let pair = entity.unwrap_or(pair);
    let escaped = pair.find("%3D").or_else(|| pair.find("%3d")).filter(|at| !pair[..*at].contains('='));
    let Some(at) = escaped else { return pair_tells_a_click(pair).then(|| pair.to_owned()) };
    let (name, value) = (&pair[..at], &pair[at + "%3D".len()..]);
    pair_tells_a_click(name).then(|| format!("{name}={}", unescaped(value)))
}

/// A text without one of its layers of escapes.
fn unescaped(text: &str) -> String {
    text.replace("%25", "%")
}

/// Returns true if the value of a pair is an address, which may have a campaign of its own.
fn names_an_address(pair: &str) -> bool {
    let is_path = |value: &str| ["/", "%2F", "%2f"].iter().any(|slash| value.starts_with(slash));
    ["://", "%3A%2F%2F", "%3a%2f%2f", "%3F", "%3f"].iter().any(|sign| pair.contains(sign))
        || pair.split_once('=').is_some_and(|(_, value)| is_path(value))
}

fn append(pairs: &mut String, pair: &str) {
    if !pairs.is_empty() {
        pairs.push('&');
    }
    pairs.push_str(pair);
}

fn pair_tells_a_click(pair: &str) -> bool {
    tells_a_click(&name_of(pair))
}

/// The name of a pair, unescaped.
fn name_of(pair: &str) -> Cow<'_, str> {
    percent_decode_str(pair.split('=').next().unwrap_or_default()).decode_utf8_lossy()
}

/// Returns true if a parameter of this name tells a click and not a page, in letters of any case.
pub fn tells_a_click(name: &str) -> bool {
    is_among(name, &CLICK_IDS, &CLICK_STARTS)
}

fn is_among(name: &str, ids: &[&str], starts: &[&str]) -> bool {
    let begins = |start: &&str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    starts.iter().any(begins) || ids.iter().any(|id| name.eq_ignore_ascii_case(id))
}

/// Returns a query without the pairs that no row was ever kept with; its other pairs keep their order and their bytes.
pub fn without_what_was_never_kept(query: &str) -> String {
    let is_kept = |pair: &&str| {
        let name = name_of(pair);
        !pair.is_empty() && (!tells_a_click(&name) || is_among(&name, &LATER_IDS, &LATER_STARTS))
    };
    query.split('&').filter(is_kept).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_a_click_is_told_apart_however_often_its_separators_were_escaped() {
        for (query, kept, clicks) in [
            ("a=1&utm_source=x&b=2&gclid=3", "a=1&b=2", "utm_source=x&gclid=3"),
            (
                "a=1%26utm_source%3Dx%26utm_campaign%3DSpring%2520Sale",
                "a=1",
                "utm_source=x&utm_campaign=Spring%20Sale",
            ),
            ("a=1%26b%26c=2&utm_source=x", "a=1%26b%26c=2", "utm_source=x"),
            ("utm_source%3Dx%26utm_medium%3Demail", "", "utm_source=x&utm_medium=email"),
            ("utm_source=x%26utm_medium%3Demail", "", "utm_source=x&utm_medium=email"),
            ("a=1&amp;utm_source=x&amp;b=2", "a=1&amp;b=2", "utm_source=x"),
            ("a=1&amp%3Butm_source%3dx", "a=1", "utm_source=x"),
            ("a=utm_source%3Dx", "a=utm_source%3Dx", ""),
            // An address within the address keeps its own campaign.
            (
                "to=https%3A%2F%2Fb.example%2F%3Fa%3D1%26utm_source%3Dx",
                "to=https%3A%2F%2Fb.example%2F%3Fa%3D1%26utm_source%3Dx",
                "",
            ),
            ("to=/shop%26utm_source%3Dx", "to=/shop%26utm_source%3Dx", ""),
            // A campaign that was added as if the address had no query.
            ("a=1?utm_source=x&b=2", "a=1&b=2", "utm_source=x"),
            ("?utm_source=x?utm_medium=email", "", "utm_source=x&utm_medium=email"),
            ("q=what?utm_source", "q=what?utm_source", ""),
            ("to=/shop?utm_source=x", "to=/shop?utm_source=x", ""),
            // A word of a search is no parameter.
            ("q=a%26pk_x", "q=a%26pk_x", ""),
            ("sku=12%26_ga", "sku=12%26_ga", ""),
            ("&&x&", "x", ""),
            ("", "", ""),
        ] {
            let parts = SplitQuery::parse(query);
            assert_eq!((parts.page.as_str(), parts.clicks.as_str()), (kept, clicks), "{query}");
        }
        assert_eq!(SplitQuery::parse("utm_source=x&a=1").all, "utm_source=x&a=1");
        for (fragment, clicks) in [
            ("utm_source=x&utm_medium=email", "utm_source=x&utm_medium=email"),
            ("?utm_source=x", "utm_source=x"),
            ("top&utm_source=x&a=1", "utm_source=x"),
            ("top?mtm_campaign=x", "mtm_campaign=x"),
            ("top", ""),
        ] {
            assert_eq!(SplitQuery::of_fragment(fragment), clicks, "{fragment}");
        }
    }

    #[test]
    fn parameters_that_rows_were_kept_with_stay_in_what_somebody_looks_for() {
        for (query, kept) in [
            ("a=1&utm_source=x&&GCLID=2&b", "a=1&b"),
            ("pk_campaign=partner&_kx=1&Mkt_Tok=2&fbclid=3", "pk_campaign=partner&_kx=1&Mkt_Tok=2"),
            ("a=1%26utm_source%3Dx", "a=1%26utm_source%3Dx"),
        ] {
            assert_eq!(without_what_was_never_kept(query), kept, "{query}");
        }
        assert!(LATER_IDS.iter().chain(&LATER_STARTS).all(|name| tells_a_click(name)));
    }
}
