//! The enricher makes a hit of a beacon: it bounds all texts, parses addresses, and adds the user agent and the location.
//! It is pure but for a cache of user agents, and never fails: missing or invalid values are left out.

use super::agent_cache::{AgentCache, AgentHeaders, Unread};
use super::beacon::{Beacon, MediaParams, RequestInfo, SplitParams};
use super::clean_text::{clean, cut, word};
use super::geoip::GeoIp;
use super::hit::{
    ActionKind, Hit, HitKind, IdentityClaim, Media, SentGoal, ServerProof, ServerSide, Split, VisitorRef,
};
use super::locale_names::language_tag;
use super::page_ref::page_of;
use super::user_agent::ClientHints;
use super::{page_url, page_use};
use crate::limits;
use crate::model::clicks::SplitQuery;
use crate::model::id::{VisitId, VisitorId};
use crate::model::vital::{VITALS, Vital};
use crate::store::visit_attribute::VisitAttribute;
use std::sync::Arc;
use strum::VariantArray;

/// The statuses of answers to requests for pages that do not exist.
const NOT_FOUND: [&str; 2] = ["404", "410"];

/// The enricher of beacons.
pub struct Enricher {
    agents: AgentCache,
    geoip: Arc<GeoIp>,
}

impl Enricher {
    /// Creates an enricher with this location database.
    pub fn new(geoip: Arc<GeoIp>) -> Self {
        Self { agents: AgentCache::new(), geoip }
    }

    /// Makes a hit of a beacon, with its user agent parsed; `None` if it names no site.
    pub fn enrich(&self, beacon: Beacon, request: &RequestInfo<'_>) -> Option<Hit> {
        let (mut hit, unread) = self.begin(beacon, request)?;
        if let Some(unread) = unread {
            self.read_agent(&mut hit, &unread);
        }
        Some(hit)
    }

    /// Parses the user agent of a hit.
    pub fn read_agent(&self, hit: &mut Hit, unread: &Unread) {
        hit.agent = self.agents.read(unread);
        hit.is_agent_read = true;
    }

    /// Makes a hit of a beacon. A user agent that is not cached is returned too, to be parsed by [`Enricher::read_agent`].
    /// `None` if the beacon names no site.
    pub fn begin(&self, beacon: Beacon, request: &RequestInfo<'_>) -> Option<(Hit, Option<Unread>)> {
        let site = beacon.site?;
        let is_program = beacon.program.is_some();
        let named_address = beacon.address.trim().parse().ok().filter(|_| is_program);
        let address = named_address.unwrap_or(request.address);
        let visitor = match VisitId::parse(beacon.visit.trim()) {
            Some(visit) => VisitorRef::Visit(visit),
            None if named_address.is_some() => VisitorRef::Address,
            None => VisitorRef::Nobody,
        };
        let kind = kind(&beacon.kind, is_program);
        let is_page_view = kind == HitKind::Action(ActionKind::PageView);
        let host = request.host.as_deref().filter(|_| !is_program);
        let (page, query) = page_of(kind, &beacon.href, host, beacon.has_hash_routes);
        let (agent, unread) = match self.agents.find(&agent_headers(&beacon, request)) {
            Ok(known) => (known, None),
            Err(unread) => (self.agents.unread(), Some(unread)),
        };
        let hit = Hit {
            site,
            at: request.at,
            kind,
            address,
            agent,
            is_agent_read: unread.is_none(),
            place: self.geoip.find(address),
            claim: claim(&beacon, request),
            has_origin: is_page_view && beacon.href.trim_start().starts_with("http"),
            page,
            sent_from: host.map(str::to_owned),
            query: with_campaign(query, &beacon.utm),
            fragment: if is_page_view {
                fragment_pairs(&beacon.href, beacon.has_hash_routes)
            } else {
                String::new()
            },
            title: clean(&beacon.title, limits::TITLE_BYTES_MAX),
            referrer: clean(&beacon.referrer, limits::URL_BYTES_MAX).unwrap_or_default(),
            attributes: attributes(&beacon.attributes, (!is_program).then_some(request.language)),
            javascript: beacon.javascript,
            sticky_disabled: beacon.sticky_disabled,
            page_views_disabled: beacon.page_views_disabled,
            automated: beacon.automated,
            custom: custom(&beacon.custom),
            goals: goal(&beacon).into_iter().collect(),
            splits: split(&beacon.split).into_iter().collect(),
            heatmap: if kind == HitKind::Heatmap { page_use::clicks(&beacon, host) } else { Vec::new() },
            reading: if beacon.program.is_none() { page_use::reading(&beacon, host) } else { None },
            is_not_found: is_page_view && NOT_FOUND.contains(&beacon.status.trim()),
            vitals: if kind == HitKind::Vitals { vitals(&beacon.vitals) } else { None },
            media: (kind == HitKind::Action(ActionKind::Media)).then(|| media(&beacon.media)),
            sent_id: beacon.sent_id,
            server_side: beacon.program.map(|proof| ServerSide {
                proof: bounded(proof),
                visitor,
                has_agent: !beacon.agent.trim().is_empty(),
            }),
        };
        Some((hit, unread))
    }
}

/// Returns a proof without the bytes that no right one has.
fn bounded(proof: ServerProof) -> ServerProof {
    match proof {
        ServerProof::AdminKey(key) => ServerProof::AdminKey(cut(&key, limits::WORD_BYTES_MAX).to_owned()),
        ServerProof::Batch => ServerProof::Batch,
    }
}

/// Returns the user agent of a visitor; a program sends it as a parameter.
fn agent_headers<'a>(beacon: &'a Beacon, request: &RequestInfo<'a>) -> AgentHeaders<'a> {
    let (agent, hints) = if beacon.program.is_some() {
        (beacon.agent.as_str(), ClientHints::default())
    } else {
        let platform = request.hints.platform.map(|platform| cut(platform, limits::PLATFORM_BYTES_MAX));
        (request.agent, ClientHints { platform, ..request.hints })
    };
    AgentHeaders { user_agent: cut(agent, limits::AGENT_BYTES_MAX), hints }
}

fn claim(beacon: &Beacon, request: &RequestInfo<'_>) -> IdentityClaim {
    IdentityClaim {
        cookie: VisitorId::from_cookie(&beacon.visitor),
        cookie_kept: beacon.cookie_kept,
        consent: beacon.consent,
        opted_out: request.opted_out && beacon.program.is_none(),
    }
}

/// Returns the query of a page with the campaign parameters that were sent apart from it.
fn with_campaign(query: String, utm: &str) -> String {
    if utm.is_empty() {
        return query;
    }
    let utm = cut(utm.trim_start_matches(['?', '&']), limits::RAW_URL_BYTES_MAX);
    format!("{query}&{utm}")
}

fn kind(name: &str, is_program: bool) -> HitKind {
    match name {
        "click" => HitKind::Action(ActionKind::Event),
        "download" => HitKind::Action(ActionKind::Download),
        "outbound" => HitKind::Action(ActionKind::Outbound),
        "goal" => HitKind::Goal,
        "custom" => HitKind::Custom,
        "video" if !is_program => HitKind::Action(ActionKind::Media),
        "heatmap" if !is_program => HitKind::Heatmap,
        "vitals" if !is_program => HitKind::Vitals,
        "ping" if !is_program => HitKind::Ping,
        _ => HitKind::Action(ActionKind::PageView),
    }
}

/// Returns the pairs in a plain fragment of the address of a page that are no campaign parameters.
fn fragment_pairs(href: &str, has_hash_routes: bool) -> String {
    let fragment = href.split_once('#').map_or("", |(_, fragment)| fragment);
    if !fragment.contains('=') || has_hash_routes && page_url::route(fragment).is_some() {
        return String::new();
    }
    SplitQuery::parse(&cut(fragment, limits::RAW_URL_BYTES_MAX).replace('?', "&")).page
}

/// Returns the attributes that a beacon has as they are. `accepted` is the header of a browser for the language; a program's
/// hit has none.
fn attributes(sent: &[(VisitAttribute, String)], accepted: Option<&str>) -> Vec<(VisitAttribute, String)> {
    let text = |attribute| {
        let sent = sent.iter().find(|(known, _)| *known == attribute).map_or("", |(_, text)| text.as_str());
        match attribute {
            VisitAttribute::Language => {
                accepted.and_then(|accepted| language(sent).or_else(|| language(accepted)))
            }
            VisitAttribute::Screen => screen(sent),
            _ => word(sent),
        }
    };
    let with_parameter = VisitAttribute::all().filter(|attribute| attribute.parameter().is_some());
    with_parameter.filter_map(|attribute| Some((attribute, text(attribute)?))).collect()
}

/// Returns the first language tag of a list such as `de-CH,de;q=0.9`.
fn language(text: &str) -> Option<String> {
    language_tag(text.split([',', ';']).next()?)
}

fn screen(text: &str) -> Option<String> {
    let (width, height) = text.split_once('x')?;
    let is_size =
        |side: &str| (1..=5).contains(&side.len()) && side.bytes().all(|byte| byte.is_ascii_digit());
    (is_size(width) && is_size(height)).then(|| text.to_owned())
}

fn custom(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let cleaned =
        |(key, value): &(String, String)| Some((word(key)?, clean(value, limits::CUSTOM_BYTES_MAX)?));
    pairs.iter().filter_map(cleaned).take(limits::CUSTOM_KEYS_MAX).collect()
}

fn goal(beacon: &Beacon) -> Option<SentGoal> {
    let (revenue, currency) = (word(&beacon.revenue), word(&beacon.currency));
    Some(SentGoal { name: word(&beacon.goal)?, revenue, currency })
}

fn split(SplitParams { name, version, goal }: &SplitParams) -> Option<Split> {
    Some(Split { test: word(name)?, version: word(version)?, goal: word(goal) })
}

/// Returns the values of web vitals; `None` without any, and if one is none that a browser measures.
fn vitals(sent: &[Option<String>; VITALS]) -> Option<[Option<u32>; VITALS]> {
    let mut values = [None; VITALS];
    for (vital, text) in Vital::VARIANTS.iter().zip(sent) {
        if let Some(text) = text {
            values[*vital as usize] = Some(vital.parse(text)?);
        }
    }
    values.iter().any(Option::is_some).then_some(values)
}

fn media(MediaParams { action, time }: &MediaParams) -> Media {
    let seconds = time.trim().parse().ok().filter(|seconds: &f64| (0.0..=1e7).contains(seconds));
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the line above")]
    Media { event: word(action), seconds: seconds.map(|seconds| seconds as i64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::hit::PageRef;

    #[test]
    fn a_bare_path_takes_the_senders_host_or_waits_for_the_sites_domain() {
        let view = HitKind::Action(ActionKind::PageView);
        let (page, query) = page_of(view, "/shop?utm_source=x&a=1#top", Some("bakery.example"), false);
        assert_eq!(page, PageRef::Absolute("https://bakery.example/shop?a=1".into()));
        assert_eq!(query, "utm_source=x&a=1");
        assert_eq!(page_of(view, "/shop?a=1#top", None, false).0, PageRef::Bare("/shop?a=1".into()));
        assert_eq!(page_of(view, "  ", None, false).0, PageRef::None);
    }

    #[test]
    fn the_route_of_an_application_is_part_of_its_page_and_its_campaign_is_not() {
        let view = HitKind::Action(ActionKind::PageView);
        for (href, page, query) in [
            (
                "/app?a=1#/basket?item=1&utm_source=x",
                "https://a.example/app?a=1#/basket?item=1",
                "a=1&item=1&utm_source=x",
            ),
            ("/app#/basket?gclid=1", "https://a.example/app#/basket", "gclid=1"),
            ("/app#!/list", "https://a.example/app#!/list", ""),
            ("/app#", "https://a.example/app", ""),
            ("/app", "https://a.example/app", ""),
        ] {
            let parsed = page_of(view, href, Some("a.example"), true);
            assert_eq!(parsed, (PageRef::Absolute(page.into()), query.into()), "{href}");
        }
        let without = page_of(view, "/app#/basket", Some("a.example"), false);
        assert_eq!(without.0, PageRef::Absolute("https://a.example/app".into()));
    }

    #[test]
    fn a_campaign_in_a_plain_fragment_is_read_and_the_page_is_the_same() {
        let view = HitKind::Action(ActionKind::PageView);
        for (href, query) in [
            ("/app#utm_source=x&utm_medium=email", "utm_source=x&utm_medium=email"),
            ("/app#?utm_source=x", "utm_source=x"),
            ("/app#top&utm_source=x", "utm_source=x"),
            ("/app#top?utm_source=x", "utm_source=x"),
            ("/app#top=1", ""),
        ] {
            let parsed = page_of(view, href, Some("a.example"), false);
            assert_eq!(parsed, (PageRef::Absolute("https://a.example/app".into()), query.into()), "{href}");
        }
    }

    #[test]
    fn pairs_in_a_plain_fragment_may_be_parameters_of_the_sites_own() {
        assert_eq!(fragment_pairs("/app#top?from=mail&utm_source=x", false), "top&from=mail");
        assert_eq!(fragment_pairs("/app#/basket?from=mail", true), "");
        assert_eq!((fragment_pairs("/app#top", false), fragment_pairs("/app", false)), Default::default());
    }

    #[test]
    fn a_page_behind_click_ids_is_measured_without_them() {
        let view = HitKind::Action(ActionKind::PageView);
        let clicks = format!("utm_source=x&fbclid={}", "a".repeat(2_100));
        let parsed = page_of(view, &format!("/shop?{clicks}"), Some("a.example"), false);
        assert_eq!(parsed, (PageRef::Absolute("https://a.example/shop".into()), clicks));
        let longest = format!("/shop?fbclid={}", "a".repeat(limits::RAW_URL_BYTES_MAX));
        assert_eq!(page_of(view, &longest, Some("a.example"), false).0, PageRef::None);
    }

    #[test]
    fn an_event_keeps_its_fragment_and_an_outbound_link_its_scheme() {
        let event = HitKind::Action(ActionKind::Event);
        let outbound = HitKind::Action(ActionKind::Outbound);
        assert_eq!(
            page_of(event, "#open", Some("a.example"), false).0,
            PageRef::Absolute("https://a.example/#open".into())
        );
        assert_eq!(
            page_of(outbound, "mailto:a@b.example", None, false).0,
            PageRef::Absolute("mailto:a@b.example".into())
        );
    }

    #[test]
    fn texts_are_cut_and_lose_what_could_deceive() {
        assert_eq!(clean(" a\u{0}b\r\n\u{202e}c ", 10).as_deref(), Some("abc"));
        assert_eq!(clean("äöü", 3).as_deref(), Some("ä"));
        assert_eq!(clean("\u{1}\u{2}", 9), None);
    }

    #[test]
    fn senseless_values_are_not_there() {
        assert_eq!(language("de-CH,de;q=0.9").as_deref(), Some("de-ch"));
        assert_eq!((language("<b>"), language("x"), language("12")), (None, None, None));
        assert_eq!(screen("1920x1080").as_deref(), Some("1920x1080"));
        assert_eq!(
            (screen("x"), screen("10x"), screen("1e5x3"), screen("123456x1")),
            (None, None, None, None)
        );
        let order = Beacon { goal: "Order".into(), revenue: " ".into(), ..Beacon::default() };
        assert_eq!(goal(&order).unwrap().revenue, None);
    }
}
