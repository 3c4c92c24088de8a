//! The other businesses of the agency's demo: the agency itself, a bike workshop, and the bakery's café. Data
//! only.

use super::business::{
    Business, CampaignLink, DemoSource, FilteredPattern, Weighted, campaign, goal, source,
};
use super::measured::{DemoAnnotation, DemoCost, DemoGoal};
use crate::model::channel::Channel;
use crate::model::goal::RuleKind;
use crate::store::annotations::AnnotationKind;

/// The agency's own site.
pub static STUDIO: Business = Business {
    domain: "studio-linden.example",
    name: "Studio Linden",
    pages: &[
        (200, ("/", "Studio Linden – websites for small shops")),
        (90, ("/projects", "Our work")),
        (60, ("/projects/corner-bakery", "A website for a bakery")),
        (50, ("/projects/spoke-and-chain", "A shop for bike parts")),
        (45, ("/prices", "What it costs")),
        (40, ("/about", "Who we are")),
        (35, ("/contact", "Contact")),
        (20, ("/blog/honest-statistics", "Statistics without a banner")),
        (5, ("/imprint", "Imprint")),
    ],
    season_pages: &[(1, ("/blog/before-christmas", "Is your shop ready for Christmas?"))],
    downloads: &[(1, ("/files/services.pdf", "Our services"))],
    outbound: &[
        (2, ("https://corner-bakery.example/", "Corner Bakery")),
        (1, ("mailto:hello@studio-linden.example", "Write to us")),
    ],
    events: &[(1, ("#call", "Telephone number tapped"))],
    media: &[(1, ("/media/how-we-work.mp4", "How we work"))],
    sources: &SERVICES,
    spike_source: &TRADE_NEWS,
    terms: &[(3, "studio linden"), (2, "website for a bakery"), (1, "web design small shop")],
    monthly: &LETTERS,
    seasonal: &LETTERS,
    filtered: &FILTERED,
    goals: &STUDIO_GOALS,
    funnels: &[],
    costs: &LETTER_COSTS,
    own_campaign: None,
    annotations: &ANNOTATIONS,
    broken_links: &[],
    measures_vitals: false,
    heatmap_pages: "",
};

/// The site of a client: a bike workshop with a shop.
pub static BIKES: Business = Business {
    domain: "spoke-and-chain.example",
    name: "Spoke & Chain",
    pages: &[
        (240, ("/", "Spoke & Chain – bikes repaired while you wait")),
        (120, ("/repairs", "Repairs and prices")),
        (110, ("/shop", "Parts and accessories")),
        (80, ("/repairs/winter-check", "The winter check")),
        (70, ("/shop/lights", "Lights")),
        (60, ("/shop/tyres", "Tyres")),
        (55, ("/used-bikes", "Used bikes")),
        (45, ("/shop/basket", "Your basket")),
        (40, ("/blog/flat-tyre", "Mend a flat tyre in ten minutes")),
        (25, ("/hours", "Opening hours and way")),
        (15, ("/courses", "Learn to mend your bike")),
        (6, ("/imprint", "Imprint")),
    ],
    season_pages: &[(60, ("/repairs/winter-check", "The winter check")), (40, ("/shop/lights", "Lights"))],
    downloads: &[
        (2, ("/files/repair-prices.pdf", "Repair prices")),
        (1, ("/files/frame-sizes.pdf", "Frame sizes")),
    ],
    outbound: &[
        (3, ("https://maps.example/spoke-and-chain", "Find us on the map")),
        (1, ("mailto:hello@spoke-and-chain.example", "Write to us")),
    ],
    events: &[
        (3, ("#book-a-repair", "Repair booked")),
        (2, ("#add-to-basket", "Add to basket")),
        (1, ("#call", "Telephone number tapped")),
    ],
    media: &[
        (2, ("/media/flat-tyre.mp4", "A flat tyre")),
        (1, ("/media/chain-care.mp4", "Care for your chain")),
    ],
    sources: &RIDES,
    spike_source: &RIDERS,
    terms: &[
        (4, "bike repair near me"),
        (3, "spoke and chain"),
        (2, "winter check bike"),
        (1, "used city bike"),
    ],
    monthly: &LETTERS,
    seasonal: &WINTER,
    filtered: &FILTERED,
    goals: &BIKE_GOALS,
    funnels: &[],
    costs: &BIKE_COSTS,
    own_campaign: None,
    annotations: &ANNOTATIONS,
    broken_links: &[],
    measures_vitals: false,
    heatmap_pages: "",
};

/// The bakery's second site.
pub static CAFE: Business = Business {
    domain: "cafe-am-eck.example",
    name: "Café am Eck",
    pages: &[
        (200, ("/", "Café am Eck – breakfast until three")),
        (110, ("/breakfast", "Breakfast")),
        (80, ("/menu", "This week's menu")),
        (60, ("/cakes", "Cakes from our bakery")),
        (50, ("/table", "Reserve a table")),
        (40, ("/hours", "Opening hours and way")),
        (15, ("/rooms", "Rooms for your party")),
        (5, ("/imprint", "Imprint")),
    ],
    season_pages: &[(1, ("/advent", "Advent breakfast"))],
    downloads: &[(1, ("/files/menu.pdf", "Menu"))],
    outbound: &[
        (2, ("https://corner-bakery.example/", "Our bakery")),
        (1, ("https://maps.example/cafe-am-eck", "Find us on the map")),
    ],
    events: &[(2, ("#reserve", "Table reserved")), (1, ("#call", "Telephone number tapped"))],
    media: &[(1, ("/media/terrace.mp4", "Our terrace"))],
    sources: &SERVICES,
    spike_source: &CITY_NEWS,
    terms: &[(3, "breakfast old town"), (2, "café am eck"), (1, "café with terrace")],
    monthly: &LETTERS,
    seasonal: &LETTERS,
    filtered: &FILTERED,
    goals: &CAFE_GOALS,
    funnels: &[],
    costs: &[],
    own_campaign: None,
    annotations: &ANNOTATIONS,
    broken_links: &[],
    measures_vitals: false,
    heatmap_pages: "",
};

static TRADE_NEWS: DemoSource =
    source(Channel::Link, "https://trade-news.example/craft/websites-that-sell", "trade-news.example", "");
static RIDERS: DemoSource =
    source(Channel::Link, "https://riders.example/magazine/the-best-workshops", "riders.example", "");
static CITY_NEWS: DemoSource =
    source(Channel::Link, "https://city-guide.example/old-town/terraces", "city-guide.example", "");

static SERVICES: [Weighted<DemoSource>; 7] = [
    (300, source(Channel::Direct, "", "", "")),
    (240, source(Channel::Search, "https://www.google.com/", "google.com", "Google")),
    (40, source(Channel::Search, "https://duckduckgo.com/", "duckduckgo.com", "DuckDuckGo")),
    (60, source(Channel::Social, "https://l.instagram.com/", "l.instagram.com", "Instagram")),
    (40, source(Channel::Link, "https://corner-bakery.example/about", "corner-bakery.example", "")),
    (25, source(Channel::Link, "https://city-guide.example/old-town", "city-guide.example", "")),
    (20, source(Channel::Assistant, "https://chatgpt.com/", "chatgpt.com", "ChatGPT")),
];

static RIDES: [Weighted<DemoSource>; 9] = [
    (260, source(Channel::Direct, "", "", "")),
    (280, source(Channel::Search, "https://www.google.com/", "google.com", "Google")),
    (50, source(Channel::Search, "https://www.bing.com/", "bing.com", "Bing")),
    (40, source(Channel::Search, "https://duckduckgo.com/", "duckduckgo.com", "DuckDuckGo")),
    (45, source(Channel::Social, "https://www.facebook.com/", "facebook.com", "Facebook")),
    (20, source(Channel::Social, "https://www.reddit.com/r/bikewrench/", "reddit.com", "Reddit")),
    (35, source(Channel::Link, "https://riders.example/forum/winter-tyres", "riders.example", "")),
    (25, source(Channel::Link, "https://city-guide.example/old-town/by-bike", "city-guide.example", "")),
    (20, source(Channel::Assistant, "https://chatgpt.com/", "chatgpt.com", "ChatGPT")),
];

static LETTERS: [Weighted<CampaignLink>; 1] =
    [(1, campaign("Newsletter", "newsletter", "email", "", "monthly"))];

static WINTER: [Weighted<CampaignLink>; 2] = [
    (3, campaign("Winter check", "google", "cpc", "winter check", "headline-a")),
    (1, campaign("Winter check", "newsletter", "email", "", "november")),
];

const STUDIO_GOALS: [DemoGoal; 2] = [
    goal("Contact page", Some((RuleKind::Page, "/contact")), None),
    goal("Called us", Some((RuleKind::Event, "Telephone number tapped")), None),
];

const BIKE_GOALS: [DemoGoal; 3] = [
    DemoGoal { is_every_time: true, ..goal("Order", None, None) },
    goal("Repair booked", Some((RuleKind::Event, "Repair booked")), Some(4_500)),
    goal("Called us", Some((RuleKind::Event, "Telephone number tapped")), None),
];

const CAFE_GOALS: [DemoGoal; 2] = [
    goal("Table reserved", Some((RuleKind::Event, "Table reserved")), Some(2_400)),
    goal("Called us", Some((RuleKind::Event, "Telephone number tapped")), None),
];

const LETTER_COSTS: [DemoCost; 1] = [DemoCost { campaign: "Newsletter", per_day: 1_900, is_seasonal: false }];

const BIKE_COSTS: [DemoCost; 2] = [
    DemoCost { campaign: "Winter check", per_day: 900, is_seasonal: true },
    DemoCost { campaign: "Newsletter", per_day: 1_900, is_seasonal: false },
];

const ANNOTATIONS: [DemoAnnotation; 1] =
    [DemoAnnotation { days_ago: 15, kind: AnnotationKind::Deploy, text: "New page code" }];

const FILTERED: [FilteredPattern; 3] = [
    ("bot", 120, "/", "Googlebot 2.1", ""),
    ("bot", 40, "/", "bingbot 2.0", ""),
    ("automation", 9, "/", "Chrome 142 · Linux", ""),
];
