//! The check of a page for a site's code: a pure function of the server's response.

use super::FetchedPage;
use crate::ingest::page_url;
use crate::model::id::SiteId;
use regex::Regex;
use std::sync::LazyLock;

/// The finding on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The site's code, from this server.
    Right,
    /// The site's code, by way of the page's own server, which takes the hits at this path.
    Proxied(String),
    /// The site's code, but browsers do not run it as it stands, as with consent tools.
    HeldBack,
    /// The site's code, but with the tracker of this other server.
    OtherServer(String),
    /// The tracker of this server, but for this other site.
    OtherSite(String),
    /// The tracker of this server, but without a site ID.
    NoSite,
    /// The site's code, but the page's own policy (CSP) keeps browsers from loading it.
    Blocked,
    /// A response with this status instead of a page.
    Status(u16),
    /// A page without the code.
    Nothing,
}

static SCRIPT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?is)<script\b([^>]*)>(.*?)</script>").ok());
static COMMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?s)<!--.*?-->").ok());
static ATTRIBUTE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?"#).ok());
static PUSHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"clicky_site_ids\.push\(\s*['\x22]?(\d+)|clicky_site_id\s*=\s*['\x22]?(\d+)|clicky\.init\(\s*['\x22]?(\d+)").ok()
});

/// A script element that loads a tracker.
struct Loader {
    host: String,
    site: Option<String>,
    /// True if browsers do not run the script as it stands.
    is_held_back: bool,
    /// The path on the page's own server that takes the hits.
    beacon_path: Option<String>,
}

/// The types of a script that browsers run (HTML standard: JavaScript MIME types, and modules).
const RUN: [&str; 8] = [
    "",
    "module",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "text/ecmascript",
    "application/ecmascript",
    "text/jscript",
];

/// Returns the finding on a page, for a site whose tracker comes from `origin`.
pub fn read(page: &FetchedPage, site: SiteId, origin: &str) -> Seen {
    if !(200..300).contains(&page.status) {
        return Seen::Status(page.status);
    }
    let text = COMMENT
        .as_ref()
        .map_or_else(|| page.text.as_str().into(), |comment| comment.replace_all(&page.text, ""));
    let (loaders, pushed) = (loaders(&text, &page.address), pushed(&text));
    let own = host(origin).unwrap_or_default();
    let site_id = site.to_string();
    let names_us = |loader: &&Loader| match &loader.site {
        Some(named) => *named == site_id,
        None => pushed.contains(&site_id),
    };
    let page_host = host(&page.address).unwrap_or_default();
    let is_blocked = |from: &str| {
        page.policy.as_deref().is_some_and(|policy| blocks(policy, from, from == page_host.as_str()))
    };
    let ours: Vec<&Loader> = loaders.iter().filter(|loader| loader.host == own).collect();
    if ours.iter().any(|loader| !loader.is_held_back && names_us(loader)) {
        return if is_blocked(&own) { Seen::Blocked } else { Seen::Right };
    }
    let proxied = loaders.iter().find(|loader| {
        loader.host == page_host && loader.beacon_path.is_some() && !loader.is_held_back && names_us(loader)
    });
    if let Some(path) = proxied.and_then(|loader| loader.beacon_path.clone()) {
        return if is_blocked(&page_host) { Seen::Blocked } else { Seen::Proxied(path) };
    }
    let is_ours =
        |loader: &&Loader| loader.host == own || loader.host == page_host && loader.beacon_path.is_some();
    if loaders.iter().any(|loader| is_ours(&loader) && names_us(&loader)) {
        return Seen::HeldBack;
    }
    if let Some(named) = ours
        .iter()
        .find_map(|loader| loader.site.clone())
        .or_else(|| (!ours.is_empty()).then(|| pushed.first().cloned()).flatten())
    {
        return Seen::OtherSite(named);
    }
    if !ours.is_empty() {
        return Seen::NoSite;
    }
    match loaders.iter().find(names_us) {
        Some(loader) => Seen::OtherServer(loader.host.clone()),
        None => Seen::Nothing,
    }
}

fn loaders(text: &str, base: &str) -> Vec<Loader> {
    let Some(script) = SCRIPT.as_ref() else { return Vec::new() };
    let base = url::Url::parse(base).ok();
    script
        .captures_iter(text)
        .filter_map(|script| {
            let attributes = script.get(1)?.as_str();
            let written = attribute(attributes, "src");
            let kind = attribute(attributes, "type").unwrap_or_default().to_lowercase();
            let is_held_back = written.is_none() || !RUN.contains(&kind.as_str());
            let source = written.or_else(|| attribute(attributes, "data-src"))?;
            if !page_url::has_short_host(&source) {
                return None;
            }
            let address = url::Url::options().base_url(base.as_ref()).parse(&source).ok()?;
            let beacon_path =
                address.query_pairs().find(|(name, _)| name == "in").map(|(_, path)| path.into_owned());
            // A site's own server may have the tracker at any path.
            let path = address.path();
            let path =
                if beacon_path.is_some() { path.rfind('/').map_or(path, |end| &path[end..]) } else { path };
            let numbered = path.strip_prefix('/').and_then(|path| path.strip_suffix(".js"));
            let numbered =
                numbered.filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()));
            let is_tracker = path == "/js" || numbered.is_some();
            let site = attribute(attributes, "data-id").or_else(|| numbered.map(str::to_owned));
            let host = host(address.as_str())?;
            is_tracker.then_some(Loader { host, site, is_held_back, beacon_path })
        })
        .collect()
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let found =
        ATTRIBUTE.as_ref()?.captures_iter(attributes).find(|found| found[1].eq_ignore_ascii_case(name))?;
    let value = found.get(2).or_else(|| found.get(3)).or_else(|| found.get(4))?;
    Some(value.as_str().replace("&amp;", "&").trim().to_owned())
}

/// Returns the site IDs that scripts on the page name.
fn pushed(text: &str) -> Vec<String> {
    let Some(pushed) = PUSHED.as_ref() else { return Vec::new() };
    pushed
        .captures_iter(text)
        .filter_map(|push| push.iter().skip(1).flatten().next().map(|number| number.as_str().to_owned()))
        .collect()
}

/// Returns host and port of an address.
fn host(address: &str) -> Option<String> {
    let address = url::Url::parse(address).ok()?;
    let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", address.host_str()?))
}

/// Returns true if a policy blocks the tracker or its hits from this host (`is_self`: the page's own), as far
/// as its sources show (CSP Level 3).
fn blocks(policy: &str, own: &str, is_self: bool) -> bool {
    let kinds: [&[&str]; 2] =
        [&["script-src-elem", "script-src", "default-src"], &["connect-src", "default-src"]];
    kinds.iter().any(|directives| forbids(policy, directives, own, is_self))
}

/// Returns true if the first of these directives that the policy has names no source that matches the host.
fn forbids(policy: &str, directives: &[&str], own: &str, is_self: bool) -> bool {
    let sources = |name: &str| {
        policy.split(';').map(str::trim).find_map(|directive| {
            let (directive, sources) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
            directive.eq_ignore_ascii_case(name).then(|| sources.to_lowercase())
        })
    };
    let Some(sources) = directives.iter().find_map(|name| sources(name)) else {
        return false;
    };
    let allows = |source: &str| {
        let bare = source.split_once("://").map_or(source, |(_, bare)| bare);
        let bare = bare.split('/').next().unwrap_or_default();
        let is_scheme = matches!(source, "*" | "https:" | "http:");
        let is_wild = bare.strip_prefix("*.").is_some_and(|domain| own.ends_with(&format!(".{domain}")));
        // The script may well have the nonce or hash of the policy; that cannot be checked here.
        let is_page = is_self && source == "'self'";
        is_scheme
            || is_wild
            || is_page
            || bare == own
            || source.starts_with("'nonce-")
            || source == "'strict-dynamic'"
    };
    !sources.split_whitespace().any(allows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, policy: Option<&str>, text: &str) -> Seen {
        let page = FetchedPage {
            address: "https://bakery.example/".into(),
            status,
            policy: policy.map(str::to_owned),
            text: text.into(),
        };
        read(&page, SiteId(7), "https://stats.example")
    }

    const TAG: &str = r#"<script async data-id="7" src="https://stats.example/js"></script>"#;

    #[test]
    fn every_form_of_the_code_is_known() {
        for code in [
            TAG,
            "<SCRIPT src='//stats.example/js' data-id=7></SCRIPT>",
            r#"<script async src="//stats.example/7.js"></script>"#,
            r#"<script>var clicky_site_ids = clicky_site_ids || []; clicky_site_ids.push(7);</script>
               <script async src="//stats.example/js"></script>"#,
            r#"<script>var clicky_site_id = "7";</script><script src="https://stats.example/js"></script>"#,
        ] {
            assert_eq!(seen(200, None, &format!("<html><body>{code}</body></html>")), Seen::Right, "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(seen(200, None, "<p>nothing</p>"), Seen::Nothing);
        assert_eq!(seen(200, None, &format!("<!-- {TAG} -->")), Seen::Nothing);
        assert_eq!(seen(404, None, TAG), Seen::Status(404));
        assert_eq!(seen(200, None, &TAG.replace('7', "8")), Seen::OtherSite("8".into()));
        assert_eq!(seen(200, None, &TAG.replace(r#"data-id="7""#, "")), Seen::NoSite);
        let old = TAG.replace("stats.example", "static.getclicky.com");
        assert_eq!(seen(200, None, &old), Seen::OtherServer("static.getclicky.com".into()));
    }

    #[test]
    fn a_sites_own_server_may_stand_between() {
        let tag = r#"<script async data-id="7" src="/assets/js?in=%2Fassets%2Fhits"></script>"#;
        let proxied = Seen::Proxied("/assets/hits".into());
        assert_eq!(seen(200, None, tag), proxied);
        assert_eq!(seen(200, None, r#"<script async src="/7.js?in=/assets/hits"></script>"#), proxied);
        assert_eq!(seen(200, Some("default-src 'self'"), tag), proxied);
        assert_eq!(seen(200, Some("default-src https://stats.example"), tag), Seen::Blocked);
        assert_eq!(seen(200, None, &tag.replace('7', "8")), Seen::Nothing);
        assert_eq!(seen(200, None, &tag.replace("/assets/js?in", "/assets/js?x")), Seen::Nothing);
    }

    #[test]
    fn code_that_no_browser_runs_is_not_right() {
        for held_back in [
            TAG.replace("<script", "<script type=\"text/plain\""),
            TAG.replace("<script", "<script type=text/x-consent"),
            TAG.replace(" src=", " data-src="),
            TAG.replace(" src=", " data-note=' src=x' data-src="),
        ] {
            assert_eq!(seen(200, None, &held_back), Seen::HeldBack, "{held_back}");
            assert_eq!(seen(200, None, &format!("{held_back}{TAG}")), Seen::Right, "{held_back}");
        }
        for kind in ["text/javascript", "module", "Application/JavaScript", ""] {
            let tag = TAG.replace("<script", &format!("<script type=\"{kind}\""));
            assert_eq!(seen(200, None, &tag), Seen::Right, "{tag}");
        }
    }

    #[test]
    fn a_policy_that_keeps_the_script_out_is_named() {
        for (policy, blocked) in [
            ("default-src 'self'", true),
            ("script-src 'self' https://stats.example; object-src 'none'", false),
            ("default-src 'none'; script-src *.example; connect-src https://stats.example", false),
            ("script-src https:", false),
            ("script-src 'nonce-abc'", false),
            ("img-src 'self'", false),
            ("script-src https:; connect-src 'self'", true),
            ("default-src *; script-src 'self' other.example", true),
        ] {
            let expected = if blocked { Seen::Blocked } else { Seen::Right };
            assert_eq!(seen(200, Some(policy), TAG), expected, "{policy}");
        }
    }
}
