//! Hits: beacons with all texts bounded, and all data added that does not depend on the site.

use super::agent_cache::KnownAgent;
use super::geoip::Location;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::model::vital::VITALS;
use crate::store::visit_attribute::VisitAttribute;
use std::net::IpAddr;
use std::sync::Arc;
use strum::FromRepr;

/// The type of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitKind {
    /// An action of the visitor.
    Action(ActionKind),
    /// A goal that the page or the server reports as reached; no action.
    Goal,
    /// Custom data alone; no action.
    Custom,
    /// The positions of clicks; no action.
    Heatmap,
    /// The web vitals of a page; no action.
    Vitals,
    /// A sign that the page is still open and visible.
    Ping,
}

/// The type of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromRepr)]
#[repr(u8)]
pub enum ActionKind {
    /// A page view.
    PageView = 1,
    /// A download of a file.
    Download = 2,
    /// A click on a link to another site.
    Outbound = 3,
    /// Any other event that the page logs (Clicky: click).
    Event = 4,
    /// A video or audio that was played, paused, …
    Media = 5,
}

impl ActionKind {
    /// Returns the code stored in `actions.kind`.
    pub fn code(self) -> i64 {
        self as i64
    }

    /// Finds the type of a code in `actions.kind`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::from_repr(u8::try_from(code).ok()?)
    }

    /// Returns true if it counts among the visit's actions.
    pub fn counts(self) -> bool {
        self != Self::Media
    }
}

/// The address of a page, file or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRef {
    /// A complete, cleaned address.
    Absolute(String),
    /// A path on the site's domain.
    Bare(String),
    /// No address was sent.
    None,
}

impl PageRef {
    /// Returns the address, complete or not; `None` if none was sent.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Absolute(address) | Self::Bare(address) => Some(address),
            Self::None => None,
        }
    }
}

/// The claims of a hit about the identity of its visitor.
#[derive(Clone, Debug, Default)]
pub struct IdentityClaim {
    /// The ID in the first-party cookie, or one that the page offers to keep.
    pub cookie: Option<VisitorId>,
    /// True if the browser has stored the ID already.
    pub cookie_kept: bool,
    /// True if the page says that the visitor consented.
    pub consent: bool,
    /// True if GPC or DNT was sent.
    pub opted_out: bool,
}

/// The additional data of a hit from a program on the site's server, rather than from a visitor's browser.
#[derive(Clone, Debug)]
pub struct ServerSide {
    /// The proof that it may write to the site.
    pub proof: ServerProof,
    /// The visitor whose action it logs.
    pub visitor: VisitorRef,
    /// True if it names the visitor's user agent. Without one, no bot rule holds: a hit that joins a visit needs none.
    pub has_agent: bool,
}

/// The proof that a program may write to its site.
#[derive(Clone, Debug)]
pub enum ServerProof {
    /// The admin key that it sent with the hit.
    AdminKey(String),
    /// Credentials that are checked once for the whole batch to which the hit belongs.
    Batch,
}

/// The visitor of a server-side hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitorRef {
    /// The visit in `session_id`.
    Visit(VisitId),
    /// The address in `ip_address`.
    Address,
    /// Neither, or not in a valid form.
    Nobody,
}

/// A goal that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentGoal {
    /// Its ID, in digits, or its name.
    pub name: String,
    /// The revenue, as it was sent; `None` for none.
    pub revenue: Option<String>,
    /// The code of the revenue's currency, as it was sent; `None` for the site's.
    pub currency: Option<String>,
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

/// The position of a click on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatmapPoint {
    /// The page.
    pub page: PageRef,
    /// The distance from the left in pixels.
    pub x: i64,
    /// The distance from the top in pixels.
    pub y: i64,
    /// The width of the window in pixels.
    pub width: i64,
    /// The element; `None` if the page does not tell it, as Clicky's page code does not.
    pub element: Option<ClickedElement>,
}

/// The element that was clicked, and what the visitor met with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClickedElement {
    /// The CSS selector; ` >>> ` leads into a shadow root.
    pub selector: String,
    /// The text.
    pub text: Option<String>,
    /// The distance from its left side, in ten-thousandths of its width.
    pub x: i64,
    /// The distance from its upper side, in ten-thousandths of its height.
    pub y: i64,
    /// True for one of several quick clicks on the same place.
    pub is_rage: bool,
    /// True if nothing happened.
    pub is_dead: bool,
}

/// The reading of a page, since it was told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageReading {
    /// The page.
    pub page: PageRef,
    /// The seconds in which it was visible.
    pub seconds: i64,
    /// The deepest point seen, in thousandths of the page's height; `None` if it is not measured.
    pub depth: Option<i64>,
}

/// An event of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The event: `play`, `pause`, …
    pub event: Option<String>,
    /// The position in seconds.
    pub seconds: Option<i64>,
}

/// A hit, ready to be recorded. The full IP address stays in memory only.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the hit")]
pub struct Hit {
    /// The site.
    pub site: SiteId,
    /// The time of arrival.
    pub at: Timestamp,
    /// The type.
    pub kind: HitKind,
    /// The client's IP address.
    pub address: IpAddr,
    /// The user agent.
    pub agent: Arc<KnownAgent>,
    /// True if the user agent is parsed: the costly part of a hit, which is saved for one that is dropped anyway.
    pub is_agent_read: bool,
    /// The location of the address.
    pub place: Location,
    /// The claims about the visitor.
    pub claim: IdentityClaim,
    /// The data of a program that logs it; `None` for a browser.
    pub server_side: Option<ServerSide>,
    /// The id that a program gave the hit, so that it counts once if it is sent again.
    pub sent_id: Option<String>,
    /// The address of the page, file or link.
    pub page: PageRef,
    /// The host of the page that sent it, if the browser tells. A file or link may be on another host.
    pub sent_from: Option<String>,
    /// True for a page view whose address has a scheme and a host.
    pub has_origin: bool,
    /// The page's query with its campaign parameters.
    pub query: String,
    /// The pairs in the page's fragment that are no campaign parameters, unless it is a route: some may be the site's own.
    pub fragment: String,
    /// The title of the page.
    pub title: Option<String>,
    /// The referrer; may be empty.
    pub referrer: String,
    /// The attributes of the visit that the beacon has as they are, such as the screen size `1920x1080` and the language
    /// tag in lower case.
    pub attributes: Vec<(VisitAttribute, String)>,
    /// True if the browser runs scripts.
    pub javascript: bool,
    /// True if custom data must not stick to the visitor.
    pub sticky_disabled: bool,
    /// True if the page logs no page views, so that its goals and custom data may open a visit.
    pub page_views_disabled: bool,
    /// True if the browser reports that a program drives it.
    pub automated: bool,
    /// The custom data: keys and values.
    pub custom: Vec<(String, String)>,
    /// The goals reached.
    pub goals: Vec<SentGoal>,
    /// The split tests shown.
    pub splits: Vec<Split>,
    /// The clicks for the heatmap.
    pub heatmap: Vec<HeatmapPoint>,
    /// The reading of a page of the site.
    pub reading: Option<PageReading>,
    /// The event of a player.
    pub media: Option<Media>,
    /// True for a view of a page that was not found: the server's answer with it had the status 404 or 410.
    pub is_not_found: bool,
    /// The web vitals of the page, in the order of [`Vital`](crate::model::vital::Vital); `None` if a value is none that a
    /// browser measures.
    pub vitals: Option<[Option<u32>; VITALS]>,
}

impl Hit {
    /// Returns true for a page view.
    pub fn is_page_view(&self) -> bool {
        self.kind == HitKind::Action(ActionKind::PageView)
    }

    /// Marks a hit that another program recorded. It may distinguish visitors by a name, and may not have stored the user
    /// agent: a missing one does not make the hit a bot's.
    pub fn mark_imported(&mut self, name: &str, has_agent: bool) {
        if name.is_empty() && has_agent {
            return;
        }
        let mut agent = KnownAgent::clone(&self.agent);
        agent.is_bot &= has_agent;
        if !name.is_empty() {
            // The name enters the daily hash: where no lasting ID is allowed, it is forgotten with the salt of its day.
            let text = [agent.fingerprint.as_slice(), name.as_bytes()].concat();
            let digest = ring::digest::digest(&ring::digest::SHA256, &text);
            agent.fingerprint.copy_from_slice(&digest.as_ref()[..16]);
        }
        self.agent = Arc::new(agent);
    }
}
