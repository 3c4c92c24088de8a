//! A hit: one beacon, bounded and understood as far as it can be without knowing its site.

use super::agent_cache::KnownAgent;
use super::geoip::Location;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use std::net::IpAddr;
use std::sync::Arc;

/// What a hit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitKind {
    /// Something the visitor did.
    Action(ActionKind),
    /// A goal that the page or the server declares reached; no action.
    Goal,
    /// Custom data alone; no action.
    Custom,
    /// Where the visitor clicked; no action.
    Heatmap,
    /// The page is still open and seen.
    Ping,
}

/// What visitors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// A page was shown.
    PageView,
    /// A file was fetched.
    Download,
    /// A link to elsewhere was followed.
    Outbound,
    /// Anything else that the page logs (Clicky: click).
    Event,
    /// A video or audio was played, paused, …
    Media,
}

impl ActionKind {
    /// As stored in `actions.kind`.
    pub fn code(self) -> i64 {
        match self {
            Self::PageView => 1,
            Self::Download => 2,
            Self::Outbound => 3,
            Self::Event => 4,
            Self::Media => 5,
        }
    }

    /// From `actions.kind`.
    pub fn from_code(code: i64) -> Option<Self> {
        [Self::PageView, Self::Download, Self::Outbound, Self::Event, Self::Media]
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// Whether it counts among the visit's actions.
    pub fn counts(self) -> bool {
        self != Self::Media
    }
}

/// The address of what was seen, opened or followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRef {
    /// Complete and cleaned.
    Absolute(String),
    /// A path that still needs the site's domain.
    Bare(String),
    /// None was sent.
    None,
}

impl PageRef {
    /// The address, complete or not; none if none was sent.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Absolute(address) | Self::Bare(address) => Some(address),
            Self::None => None,
        }
    }
}

/// Who the hit's sender says that the visitor is.
#[derive(Clone, Debug, Default)]
pub struct IdentityClaim {
    /// The number in the first-party cookie, or one that the page offers to keep.
    pub cookie: Option<VisitorId>,
    /// The browser has kept the number already.
    pub cookie_kept: bool,
    /// The page says that the visitor consented.
    pub consent: bool,
    /// GPC or DNT was sent.
    pub opted_out: bool,
}

/// A program on the site's server, rather than a visitor's browser, sends the hit.
#[derive(Clone, Debug)]
pub struct ServerSide {
    /// The admin key that it presents.
    pub key: String,
    /// Whose action it logs.
    pub names: VisitorRef,
}

/// How a server-side hit names its visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitorRef {
    /// `session_id`
    Visit(VisitId),
    /// `ip_address`
    Address,
    /// Neither, or not in a form that could be one.
    Nobody,
}

/// A goal as the page names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Its id, in digits, or its name.
    pub name: String,
    /// What it brought in.
    pub revenue: f64,
}

/// A version of a split test that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The test.
    pub test: String,
    /// The version.
    pub version: String,
    /// The goal that decides.
    pub goal: Option<String>,
}

/// A click's place on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatmapPoint {
    /// The page.
    pub page: PageRef,
    /// Pixels from the left.
    pub x: i64,
    /// Pixels from the top.
    pub y: i64,
    /// Width of the window.
    pub width: i64,
}

/// What a player reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `play`, `pause`, …
    pub event: Option<String>,
    /// Position in seconds.
    pub seconds: Option<i64>,
}

/// One beacon, ready to be judged. The full address stays in memory only.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the hit")]
pub struct Hit {
    /// The site it is for.
    pub site: SiteId,
    /// When it arrived.
    pub at: Timestamp,
    /// What it is about.
    pub kind: HitKind,
    /// Where it came from.
    pub address: IpAddr,
    /// The browser.
    pub agent: Arc<KnownAgent>,
    /// True once the user agent was parsed: the costly part of a hit, wasted on one that is refused anyway.
    pub is_agent_read: bool,
    /// Where on earth.
    pub place: Location,
    /// Who.
    pub claim: IdentityClaim,
    /// Set when a program logs it.
    pub server_side: Option<ServerSide>,
    /// The page, file or link.
    pub page: PageRef,
    /// The host of the page that the browser sends it from, where it says so. What is opened or followed may be elsewhere.
    pub sent_from: Option<String>,
    /// A page view whose address names its scheme and host itself.
    pub has_origin: bool,
    /// The page's query before it was stripped: campaign parameters stand there.
    pub query: String,
    /// Its title.
    pub title: Option<String>,
    /// The address that led here.
    pub referrer: String,
    /// A language tag in lower case.
    pub language: Option<String>,
    /// `1920x1080`.
    pub screen: Option<String>,
    /// The browser runs scripts.
    pub javascript: bool,
    /// The page does not want data to stick to the visitor.
    pub sticky_disabled: bool,
    /// The page logs no page views: what it logs stands for itself.
    pub page_views_disabled: bool,
    /// The browser says that a program drives it.
    pub automated: bool,
    /// Custom data.
    pub custom: Vec<(String, String)>,
    /// Goals.
    pub goals: Vec<Goal>,
    /// Split tests.
    pub splits: Vec<Split>,
    /// Clicks.
    pub heatmap: Vec<HeatmapPoint>,
    /// What a player reports.
    pub media: Option<Media>,
}

impl Hit {
    /// The hit was written down by another program, which may tell visitors apart by a name, and may not have kept the
    /// browser: that it is missing does not make it a robot's.
    pub fn written_elsewhere(&mut self, name: &str, has_agent: bool) {
        if name.is_empty() && has_agent {
            return;
        }
        let mut agent = KnownAgent::clone(&self.agent);
        agent.is_bot &= has_agent;
        if !name.is_empty() {
            // Mixed into what is hashed for the day: where nothing lasting is allowed, the name is forgotten with its salt.
            let said = [agent.fingerprint.as_slice(), name.as_bytes()].concat();
            let digest = ring::digest::digest(&ring::digest::SHA256, &said);
            agent.fingerprint.copy_from_slice(&digest.as_ref()[..16]);
        }
        self.agent = Arc::new(agent);
    }
}
