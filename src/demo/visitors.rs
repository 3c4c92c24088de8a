//! The visitors of the demo: their attributes, visits and actions. All is drawn from one random source, so that
//! the same seed gives the same visitors.

use super::business::{Business, CUSTOMERS, CampaignLink, DemoSource, Weighted};
use super::calendar;
use super::countries::{COUNTRIES, CountryProfile};
use super::devices::{DEVICES, DemoDevice};
use crate::ingest::hit::ActionKind;
use crate::model::channel::Channel;
use crate::model::clock::Day;
use crate::model::page_form::page_form;
use fastrand::Rng;
use std::borrow::Cow;

/// The page of the basket, which leads to the checkout.
const BASKET: &str = "/shop/basket";
/// The number of visitors who may return.
const KNOWN_MAX: usize = 20_000;
/// The day on which versions are as listed: 1 November 2026.
const VERSIONS_AS_OF: Day = Day(20_758);
/// The range of visitor ids that a cookie can hold: above 32 bits, within 53.
const COOKIE_IDS: std::ops::Range<i64> = 1 << 32..1 << 53;

/// A visitor.
#[derive(Clone, Copy)]
pub struct DemoVisitor {
    /// The id in the visitor's cookie.
    pub id: i64,
    /// True on the visitor's first visit.
    pub is_new: bool,
    country: usize,
    city: usize,
    organization: usize,
    device: usize,
    customer: Option<usize>,
    block: u8,
}

impl DemoVisitor {
    /// Returns the visitor's country.
    pub fn country(&self) -> &'static CountryProfile {
        &COUNTRIES[self.country].1
    }

    /// Returns the visitor's city: name, region, latitude, longitude.
    pub fn city(&self) -> &'static (&'static str, &'static str, f64, f64) {
        &self.country().cities[self.city]
    }

    /// Returns the operator of the visitor's network.
    pub fn organization(&self) -> &'static str {
        self.country().organizations[self.organization]
    }

    /// Returns the host name of the visitor's address, without a part that identifies the address.
    pub fn hostname(&self) -> String {
        let provider = self.organization().to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        format!("dynamic.{provider}.example")
    }

    /// Returns the visitor's IPv4 address, shortened as the site's privacy settings require.
    pub fn address(&self) -> [u8; 4] {
        let [first, second] = self.country().network;
        [first, second, self.block, 0]
    }

    /// Returns the visitor's device.
    pub fn device(&self) -> &'static DemoDevice {
        &DEVICES[self.device].1
    }

    /// Returns the browser with its version on a day, which goes up by one every four weeks; Safari's changes
    /// once, from 18 to 26.
    pub fn browser(&self, day: Day) -> String {
        let device = self.device();
        match device.version {
            0 => format!("{} {}", device.browser, if day.0 > VERSIONS_AS_OF.0 - 40 { "26" } else { "18" }),
            version => format!("{} {}", device.browser, version + (day.0 - VERSIONS_AS_OF.0).div_euclid(28)),
        }
    }

    /// Returns the visitor's user name, if the visitor signs in.
    pub fn customer(&self) -> Option<&'static str> {
        self.customer.map(|customer| CUSTOMERS[customer])
    }

    /// Returns the customer card of the visitor.
    pub fn card(&self) -> &'static str {
        match self.customer.map_or(0, |customer| customer % 4) {
            0 => "gold",
            1 => "silver",
            _ => "none",
        }
    }
}

/// An action.
pub struct Step {
    /// The time in milliseconds since the visit began.
    pub at: i64,
    /// The type of action.
    pub kind: ActionKind,
    /// The address of the page, file or link.
    pub address: String,
    /// The title.
    pub title: &'static str,
}

/// A visit.
pub struct PlannedVisit {
    /// The visitor.
    pub visitor: DemoVisitor,
    /// The traffic source.
    pub source: &'static DemoSource,
    /// The referrer's address.
    pub referrer: Cow<'static, str>,
    /// The search terms.
    pub terms: Option<String>,
    /// The link of a campaign, if the visitor followed one.
    pub campaign: Option<&'static CampaignLink>,
    /// The actions, in order.
    pub steps: Vec<Step>,
    /// The length of the visit in milliseconds.
    pub length: i64,
    /// The goals reached: time in milliseconds since the visit began, name, revenue in the minor unit of the currency.
    pub goals: Vec<(i64, &'static str, i64)>,
}

/// The actions of a visit, its length in milliseconds, and the goals reached.
type Journey = (Vec<Step>, i64, Vec<(i64, &'static str, i64)>);

/// The generator of visitors, which remembers those who may return.
pub struct People {
    business: &'static Business,
    known: Vec<DemoVisitor>,
}

fn pick<'a, T>(rng: &mut Rng, choices: &'a [Weighted<T>]) -> (usize, &'a T) {
    let mut left = rng.u32(0..choices.iter().map(|(weight, _)| weight).sum());
    for (place, (weight, choice)) in choices.iter().enumerate() {
        if left < *weight {
            return (place, choice);
        }
        left -= weight;
    }
    (0, &choices[0].1)
}

impl People {
    /// Returns a generator without known visitors.
    pub fn for_business(business: &'static Business) -> Self {
        Self { business, known: Vec::new() }
    }

    /// Returns a random visit on a day.
    pub fn visit(&mut self, rng: &mut Rng, day: Day, last: Day) -> PlannedVisit {
        let is_spike = day == calendar::spike(last) && rng.u8(..10) < 7;
        let visitor = self.visitor(rng, is_spike);
        let business = self.business;
        let campaign = campaign(rng, business, day, last).filter(|_| !is_spike);
        let source = if is_spike { business.spike_source } else { pick(rng, business.sources).1 };
        let terms =
            (source.channel == Channel::Search && rng.u8(..100) < 9).then(|| terms(rng, business, &visitor));
        // Some visits come from other pages of a site that links here.
        let referrer = match source.channel {
            Channel::Link if !is_spike && rng.u8(..100) < 12 => {
                Cow::Owned(format!("https://{}/posts/{}", source.domain, rng.u16(1..4_000)))
            }
            _ => Cow::Borrowed(source.referrer),
        };
        let is_seasonal = calendar::is_campaign(day, last) && rng.u8(..10) < 3;
        let (steps, length, goals) = walk(rng, business, is_seasonal, if is_spike { 82 } else { 46 });
        let landing = steps.first().map(|step| step.address.as_str());
        let own = business.own_campaign.filter(|(page, _)| landing == Some(on_site(business, page).as_str()));
        let campaign = campaign.or(own.map(|(_, link)| link));
        PlannedVisit { visitor, source, referrer, terms, campaign, steps, length, goals }
    }

    fn visitor(&mut self, rng: &mut Rng, is_spike: bool) -> DemoVisitor {
        let comes_back = !is_spike && !self.known.is_empty() && rng.u8(..100) < 34;
        if comes_back {
            // Most returning visitors were here recently.
            let among = if rng.bool() { 400 } else { KNOWN_MAX };
            let near = rng.usize(..self.known.len().min(among));
            return DemoVisitor { is_new: false, ..self.known[self.known.len() - 1 - near] };
        }
        let (country, profile) = pick(rng, &COUNTRIES);
        let visitor = DemoVisitor {
            id: rng.i64(COOKIE_IDS),
            is_new: true,
            country,
            city: rng.usize(..profile.cities.len()).min(rng.usize(..profile.cities.len())),
            organization: rng.usize(..profile.organizations.len()),
            device: pick(rng, &DEVICES).0,
            customer: (rng.u8(..100) < 4).then(|| rng.usize(..CUSTOMERS.len())),
            block: rng.u8(..),
        };
        if self.known.len() < KNOWN_MAX {
            self.known.push(visitor);
        } else {
            let place = rng.usize(..KNOWN_MAX);
            self.known[place] = visitor;
        }
        visitor
    }
}

fn terms(rng: &mut Rng, business: &Business, visitor: &DemoVisitor) -> String {
    let words = *pick(rng, business.terms).1;
    match rng.u8(..4) {
        0 => format!("{words} {}", visitor.city().0.to_lowercase()),
        _ => words.into(),
    }
}

fn campaign(
    rng: &mut Rng,
    business: &'static Business,
    day: Day,
    last: Day,
) -> Option<&'static CampaignLink> {
    let chance = rng.u8(..100);
    if calendar::is_campaign(day, last) && chance < 16 {
        return Some(pick(rng, business.seasonal).1);
    }
    // A newsletter is sent in the first days of a month.
    (chance < if day.date().day() <= 3 { 10 } else { 2 }).then(|| pick(rng, business.monthly).1)
}

/// Returns the address of a page of a business.
pub fn on_site(business: &Business, path: &str) -> String {
    page_form(&format!("https://{}{path}", business.domain)).into_owned()
}

/// Returns random actions: pages by their weight, mostly on to the checkout from the basket, with other actions
/// in between. `leaves` of 100 visitors look at one page alone.
fn walk(rng: &mut Rng, business: &'static Business, is_seasonal: bool, leaves: u8) -> Journey {
    let pages = business.pages;
    let mut steps = Vec::new();
    let mut goals = Vec::new();
    let mut at = 0;
    let (mut path, mut title) = *pick(rng, if is_seasonal { business.season_pages } else { pages }).1;
    if path == BASKET {
        // Nobody lands in a basket.
        (path, title) = pages[0].1;
    }
    let leaves_at_once = rng.u8(..100) < leaves;
    loop {
        steps.push(Step { at, kind: ActionKind::PageView, address: on_site(business, path), title });
        if path == "/shop/thank-you" {
            goals.push((at, "Order", i64::from(rng.u32(650..7_800))));
        }
        if leaves_at_once {
            break;
        }
        if path == "/cakes/birthday" && rng.u8(..100) < 12 {
            goals.push((at + rng.i64(2_000..30_000), "Wedding-cake enquiry", 0));
        }
        if let Some((kind, address, title)) = aside(rng, business) {
            at += rng.i64(2_000..40_000);
            steps.push(Step { at, kind, address, title });
        }
        let goes_on = match path {
            BASKET | "/shop/checkout" => 80,
            _ => 71,
        };
        if rng.u8(..100) >= goes_on || steps.len() > 60 {
            break;
        }
        at += rng.i64(4_000..110_000);
        (path, title) = match path {
            "/shop" if rng.bool() => (BASKET, "Your basket"),
            BASKET => ("/shop/checkout", "Checkout"),
            "/shop/checkout" if rng.u8(..10) < 7 => ("/shop/thank-you", "Thank you for your order"),
            before => match *pick(rng, pages).1 {
                (same, _) if same == before => ("/", pages[0].1.1),
                other => other,
            },
        };
    }
    let stays_on = if leaves_at_once { rng.i64(1_000..40_000) } else { rng.i64(5_000..150_000) };
    (steps, at + stays_on, goals)
}

fn aside(rng: &mut Rng, business: &'static Business) -> Option<(ActionKind, String, &'static str)> {
    let (kind, choices) = match rng.u8(..100) {
        0..4 => (ActionKind::Download, business.downloads),
        4..9 => (ActionKind::Outbound, business.outbound),
        9..21 => (ActionKind::Event, business.events),
        21..23 => (ActionKind::Media, business.media),
        _ => return None,
    };
    let (path, title) = *pick(rng, choices).1;
    let is_own = path.starts_with('/') || path.starts_with('#');
    Some((kind, if is_own { on_site(business, path) } else { path.into() }, title))
}
