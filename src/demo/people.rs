//! The visitors of the demo: who comes, how, and what they do there. Everything comes from one source of chance, so
//! that the same seed makes the same people.

use super::business::{Business, CUSTOMERS, CampaignLink, Way, Weighted};
use super::calendar;
use super::countries::{COUNTRIES, Country};
use super::machines::{MACHINES, Machine};
use crate::clock::Day;
use crate::ingest::hit::ActionKind;
use crate::ingest::source::Medium;
use crate::page_form::page_form;
use fastrand::Rng;
use std::borrow::Cow;

/// People who may come again.
const KNOWN_MAX: usize = 20_000;
/// Versions count from this day: 1 November 2026.
const VERSIONS_AS_OF: Day = Day(20_758);
/// Ids of visitors that a cookie could hold.
const LASTING: std::ops::Range<i64> = 1 << 32..1 << 53;

/// Somebody with a browser.
#[derive(Clone, Copy)]
pub struct Person {
    /// The number in their cookie.
    pub id: i64,
    /// They were not here before.
    pub is_new: bool,
    country: usize,
    city: usize,
    organization: usize,
    machine: usize,
    customer: Option<usize>,
    block: u8,
}

impl Person {
    /// Where they live.
    pub fn country(&self) -> &'static Country {
        &COUNTRIES[self.country].1
    }

    /// City, region, latitude and longitude.
    pub fn city(&self) -> &'static (&'static str, &'static str, f64, f64) {
        &self.country().cities[self.city]
    }

    /// Whose network they use.
    pub fn organization(&self) -> &'static str {
        self.country().organizations[self.organization]
    }

    /// What their address is called, as far as it says nothing of the address.
    pub fn hostname(&self) -> String {
        let provider = self.organization().to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        format!("dynamic.{provider}.example")
    }

    /// Their address, shortened as the site's settings say.
    pub fn address(&self) -> [u8; 4] {
        let [first, second] = self.country().network;
        [first, second, self.block, 0]
    }

    /// What they browse with.
    pub fn machine(&self) -> &'static Machine {
        &MACHINES[self.machine].1
    }

    /// Their browser as of a day: a new version every four weeks, where it has versions of its own.
    pub fn browser(&self, day: Day) -> String {
        let machine = self.machine();
        match machine.version {
            0 => format!("{} {}", machine.browser, if day.0 > VERSIONS_AS_OF.0 - 40 { "26" } else { "18" }),
            version => format!("{} {}", machine.browser, version + (day.0 - VERSIONS_AS_OF.0).div_euclid(28)),
        }
    }

    /// The name under which they order.
    pub fn customer(&self) -> Option<&'static str> {
        self.customer.map(|customer| CUSTOMERS[customer])
    }
}

/// One thing that somebody does.
pub struct Step {
    /// Milliseconds since the visit began.
    pub at: i64,
    /// What.
    pub kind: ActionKind,
    /// The address.
    pub address: String,
    /// The title.
    pub title: &'static str,
}

/// One visit.
pub struct Stay {
    /// Who.
    pub person: Person,
    /// How they came.
    pub way: &'static Way,
    /// The address that led here.
    pub referrer: Cow<'static, str>,
    /// What they searched for.
    pub terms: Option<String>,
    /// The campaign.
    pub campaign: Option<&'static CampaignLink>,
    /// What they did, in order.
    pub steps: Vec<Step>,
    /// Milliseconds.
    pub length: i64,
    /// Goals that they reached: when, which, and for how much.
    pub goals: Vec<(i64, &'static str, f64)>,
}

/// What somebody did, how long they stayed, and the goals that they reached.
type Walk = (Vec<Step>, i64, Vec<(i64, &'static str, f64)>);

/// Whoever may come.
pub struct People {
    business: &'static Business,
    known: Vec<Person>,
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
    /// Nobody was there yet.
    pub fn of(business: &'static Business) -> Self {
        Self { business, known: Vec::new() }
    }

    /// Somebody comes on a day.
    pub fn come(&mut self, rng: &mut Rng, day: Day, last: Day) -> Stay {
        let is_spike = day == calendar::spike(last) && rng.u8(..10) < 7;
        let person = self.somebody(rng, is_spike);
        let business = self.business;
        let campaign = campaign(rng, business, (day, last)).filter(|_| !is_spike);
        let way = if is_spike { business.spike_way } else { pick(rng, business.ways).1 };
        let terms =
            (way.medium == Medium::Search && rng.u8(..100) < 9).then(|| terms(rng, business, &person));
        // Now and then another page of a site that has linked here before.
        let referrer = match way.medium {
            Medium::Link if !is_spike && rng.u8(..100) < 12 => {
                Cow::Owned(format!("https://{}/posts/{}", way.domain, rng.u16(1..4_000)))
            }
            _ => Cow::Borrowed(way.referrer),
        };
        let is_seasonal = calendar::is_campaign(day, last) && rng.u8(..10) < 3;
        let (steps, length, goals) = walk(rng, business, is_seasonal);
        Stay { person, way, referrer, terms, campaign, steps, length, goals }
    }

    fn somebody(&mut self, rng: &mut Rng, is_spike: bool) -> Person {
        let comes_back = !is_spike && !self.known.is_empty() && rng.u8(..100) < 34;
        if comes_back {
            // Most who come again were here lately.
            let among = if rng.bool() { 400 } else { KNOWN_MAX };
            let near = rng.usize(..self.known.len().min(among));
            return Person { is_new: false, ..self.known[self.known.len() - 1 - near] };
        }
        let (country, place) = pick(rng, &COUNTRIES);
        let person = Person {
            id: rng.i64(LASTING),
            is_new: true,
            country,
            city: rng.usize(..place.cities.len()).min(rng.usize(..place.cities.len())),
            organization: rng.usize(..place.organizations.len()),
            machine: pick(rng, &MACHINES).0,
            customer: (rng.u8(..100) < 4).then(|| rng.usize(..CUSTOMERS.len())),
            block: rng.u8(..),
        };
        if self.known.len() < KNOWN_MAX {
            self.known.push(person);
        } else {
            let place = rng.usize(..KNOWN_MAX);
            self.known[place] = person;
        }
        person
    }
}

fn terms(rng: &mut Rng, business: &Business, person: &Person) -> String {
    let words = *pick(rng, business.terms).1;
    match rng.u8(..4) {
        0 => format!("{words} {}", person.city().0.to_lowercase()),
        _ => words.into(),
    }
}

fn campaign(
    rng: &mut Rng,
    business: &'static Business,
    (day, last): (Day, Day),
) -> Option<&'static CampaignLink> {
    let chance = rng.u8(..100);
    if calendar::is_campaign(day, last) && chance < 16 {
        return Some(pick(rng, business.seasonal).1);
    }
    // A newsletter goes out on the first days of a month.
    (chance < if day.date().day() <= 3 { 10 } else { 2 }).then(|| pick(rng, business.monthly).1)
}

fn on_site(business: &Business, path: &str) -> String {
    page_form(&format!("https://{}{path}", business.domain)).into_owned()
}

/// What somebody does: pages by their weight, from the basket on mostly the way to the till, and other things between.
fn walk(rng: &mut Rng, business: &'static Business, is_seasonal: bool) -> Walk {
    let pages = business.pages;
    let mut steps = Vec::new();
    let mut goals = Vec::new();
    let mut at = 0;
    let (mut path, mut title) = *pick(rng, if is_seasonal { business.season_pages } else { pages }).1;
    let leaves_at_once = rng.u8(..100) < 46;
    loop {
        steps.push(Step { at, kind: ActionKind::PageView, address: on_site(business, path), title });
        if path == "/shop/thank-you" {
            goals.push((at, "Order", f64::from(rng.u32(650..7_800)) / 100.0));
        }
        if leaves_at_once {
            break;
        }
        if let Some((kind, address, title)) = aside(rng, business) {
            at += rng.i64(2_000..40_000);
            if title == "Newsletter signed up" {
                goals.push((at, "Newsletter", 0.0));
            }
            steps.push(Step { at, kind, address, title });
        }
        let goes_on = match path {
            "/shop/basket" | "/shop/checkout" => 80,
            _ => 71,
        };
        if rng.u8(..100) >= goes_on || steps.len() > 60 {
            break;
        }
        at += rng.i64(4_000..110_000);
        (path, title) = match path {
            "/shop" if rng.bool() => ("/shop/basket", "Your basket"),
            "/shop/basket" => ("/shop/checkout", "Checkout"),
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
