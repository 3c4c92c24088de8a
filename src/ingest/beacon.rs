//! Beacons: what a browser or a program sends about one action, as it came: parameters and request, not yet parsed or
//! bounded.

use super::hit::ServerProof;
use super::user_agent::ClientHints;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::model::vital::VITALS;
use crate::store::visit_attribute::VisitAttribute;
use std::net::IpAddr;

/// The parameters of a beacon, decoded; Clicky's names are in brackets where they differ.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of its own")]
pub struct Beacon {
    /// `site_id`
    pub site: Option<SiteId>,
    /// `type`
    pub kind: String,
    /// `href`
    pub href: String,
    /// `title`
    pub title: String,
    /// `ref`
    pub referrer: String,
    /// `utm`: campaign parameters as a query
    pub utm: String,
    /// The attributes of the visit that have a parameter of their own, such as `res` and `lang`.
    pub attributes: Vec<(VisitAttribute, String)>,
    /// `jsuid`
    pub visitor: String,
    /// `ck`
    pub cookie_kept: bool,
    /// `consent`
    pub consent: bool,
    /// `sticky=0`
    pub sticky_disabled: bool,
    /// `hash=1`: the fragment of a page's address is the route of an application
    pub has_hash_routes: bool,
    /// `pv=0`: the page logs no page views
    pub page_views_disabled: bool,
    /// `webdriver`
    pub automated: bool,
    /// The sender runs scripts.
    pub javascript: bool,
    /// `custom[key]`
    pub custom: Vec<(String, String)>,
    /// `goal[id]` or `goal[name]`
    pub goal: String,
    /// `goal[revenue]`
    pub revenue: String,
    /// `goal[currency]`
    pub currency: String,
    /// The parameters of a split test.
    pub split: SplitParams,
    /// `heatmap[]`, each `HREF|x|y|width`
    pub heatmap: Vec<String>,
    /// `click[]`, each a click on an element of the page in `href`
    pub clicks: Vec<String>,
    /// The reading of a page.
    pub reading: ReadingParams,
    /// The parameters of a player.
    pub media: MediaParams,
    /// The proof of a program, such as `sitekey_admin`; present makes the hit a server's
    pub program: Option<ServerProof>,
    /// The id that a program gave the hit
    pub sent_id: Option<String>,
    /// `status`: that of the server's answer with the page
    pub status: String,
    /// `lcp`, `inp` and `cls`, in the order of [`Vital`](crate::model::vital::Vital)
    pub vitals: [Option<String>; VITALS],
    /// `session_id`
    pub visit: String,
    /// `ip_address`
    pub address: String,
    /// `ua`
    pub agent: String,
}

/// The parameters of a split test.
#[derive(Clone, Debug, Default)]
pub struct SplitParams {
    /// `split[name]`
    pub name: String,
    /// `split[version]`
    pub version: String,
    /// `split[goal]`
    pub goal: String,
}

/// The parameters of the reading of a page.
#[derive(Clone, Debug, Default)]
pub struct ReadingParams {
    /// `on`: the page
    pub page: String,
    /// `seen`: the seconds in which it was visible, since they were told last
    pub seconds: String,
    /// `depth`: the deepest point seen, in thousandths of its height
    pub depth: String,
}

/// The parameters of a player.
#[derive(Clone, Debug, Default)]
pub struct MediaParams {
    /// `video[action]`
    pub action: String,
    /// `video[time]`, in seconds
    pub time: String,
}

/// The properties of a request besides its parameters.
#[derive(Clone, Debug)]
pub struct RequestInfo<'a> {
    /// The time of arrival.
    pub at: Timestamp,
    /// The client's address.
    pub address: IpAddr,
    /// `User-Agent`
    pub agent: &'a str,
    /// `Sec-CH-UA-*`
    pub hints: ClientHints<'a>,
    /// The host of `Origin` or `Referer`.
    pub host: Option<String>,
    /// `Accept-Language`
    pub language: &'a str,
    /// `Sec-GPC: 1` or `DNT: 1`
    pub opted_out: bool,
}
