//! The main business of the demo: a bakery with a shop, its pages and traffic sources. Data only;
//! [`super::clients`] has the other businesses of an agency, [`super::countries`] and [`super::devices`] the
//! data that the visitors of all share.

use super::measured::{DemoAnnotation, DemoCost, DemoFunnel, DemoGoal, DemoStep};
use crate::model::channel::Channel;
use crate::model::goal::RuleKind;
use crate::store::annotations::AnnotationKind;

/// A business with a website.
pub struct Business {
    /// The domain; names below `.example` are reserved (RFC 2606).
    pub domain: &'static str,
    /// The name of the business.
    pub name: &'static str,
    /// The pages: path and title, with a weight for entry pages.
    pub pages: &'static [Weighted<(&'static str, &'static str)>],
    /// The seasonal pages, visited during the campaign.
    pub season_pages: &'static [Weighted<(&'static str, &'static str)>],
    /// The files for download: path and title.
    pub downloads: &'static [Weighted<(&'static str, &'static str)>],
    /// The outbound links: address and title.
    pub outbound: &'static [Weighted<(&'static str, &'static str)>],
    /// The events: name and title.
    pub events: &'static [Weighted<(&'static str, &'static str)>],
    /// The media: path and title.
    pub media: &'static [Weighted<(&'static str, &'static str)>],
    /// The traffic sources of ordinary days.
    pub sources: &'static [Weighted<DemoSource>],
    /// The traffic source of the spike.
    pub spike_source: &'static DemoSource,
    /// The search terms.
    pub terms: &'static [Weighted<&'static str>],
    /// The links of the monthly campaigns.
    pub monthly: &'static [Weighted<CampaignLink>],
    /// The links of the seasonal campaign, in the last weeks.
    pub seasonal: &'static [Weighted<CampaignLink>],
    /// The filtered hits of an ordinary day.
    pub filtered: &'static [FilteredPattern],
    /// The goals.
    pub goals: &'static [DemoGoal],
    /// The funnels.
    pub funnels: &'static [DemoFunnel],
    /// The costs of campaigns.
    pub costs: &'static [DemoCost],
    /// The campaign without tagged links: the page on which its visits begin.
    pub own_campaign: Option<(&'static str, &'static CampaignLink)>,
    /// The annotations of dates.
    pub annotations: &'static [DemoAnnotation],
    /// The links to pages that are gone: the path, and the path or address of the page with the link; empty if unknown.
    pub broken_links: &'static [(&'static str, &'static str)],
    /// True if browsers measure web vitals.
    pub measures_vitals: bool,
    /// The pages whose clicks and depths are recorded; empty: none.
    pub heatmap_pages: &'static str,
}

/// The filtered hits of one reason: the reason, the number of hits per thousand visits, and a sample's page,
/// agent and referrer.
pub type FilteredPattern = (&'static str, u32, &'static str, &'static str, &'static str);

/// The bakery's main site.
pub static BAKERY: Business = Business {
    domain: "corner-bakery.example",
    name: "Corner Bakery",
    pages: &PAGES,
    season_pages: &SEASON_PAGES,
    downloads: &DOWNLOADS,
    outbound: &OUTBOUND,
    events: &EVENTS,
    media: &MEDIA,
    sources: &SOURCES,
    spike_source: &SPIKE_SOURCE,
    terms: &TERMS,
    monthly: &MONTHLY,
    seasonal: &SEASONAL,
    filtered: &FILTERED,
    goals: &GOALS,
    funnels: &FUNNELS,
    costs: &COSTS,
    own_campaign: Some(("/catering", &OFFICE_FLYER)),
    annotations: &ANNOTATIONS,
    broken_links: &BROKEN_LINKS,
    measures_vitals: true,
    heatmap_pages: "/*",
};

pub(super) const fn goal(
    name: &'static str,
    rule: Option<(RuleKind, &'static str)>,
    revenue: Option<i64>,
) -> DemoGoal {
    DemoGoal { name, rule, revenue, is_every_time: false }
}

const GOALS: [DemoGoal; 6] = [
    DemoGoal { is_every_time: true, ..goal("Order", None, None) },
    goal("Newsletter", Some((RuleKind::Event, "Newsletter signed up")), Some(250)),
    goal("Called us", Some((RuleKind::Event, "Telephone number tapped")), None),
    goal("Contact page", Some((RuleKind::Page, "/contact")), None),
    goal("Wedding-cake enquiry", None, Some(18_000)),
    goal("Catering menu", Some((RuleKind::Download, "/files/catering-menu.pdf")), None),
];

const FUNNELS: [DemoFunnel; 1] = [DemoFunnel {
    name: "Order for pick-up",
    steps: &[
        DemoStep::Page("Shop", "/shop"),
        DemoStep::Page("Basket", "/shop/basket"),
        DemoStep::Page("Checkout", "/shop/checkout"),
        DemoStep::Goal("Order"),
    ],
}];

const COSTS: [DemoCost; 3] = [
    DemoCost { campaign: "Christmas stollen", per_day: 1_400, is_seasonal: true },
    DemoCost { campaign: "Newsletter", per_day: 1_900, is_seasonal: false },
    DemoCost { campaign: "Office flyer", per_day: 4_500, is_seasonal: false },
];

static OFFICE_FLYER: CampaignLink = campaign("Office flyer", "flyer", "print", "", "");

const ANNOTATIONS: [DemoAnnotation; 4] = [
    DemoAnnotation {
        days_ago: 4,
        kind: AnnotationKind::Note,
        text: "Market day: free samples in front of the town hall",
    },
    DemoAnnotation { days_ago: 12, kind: AnnotationKind::Deploy, text: "Website 2.4: a shorter checkout" },
    DemoAnnotation { days_ago: 26, kind: AnnotationKind::Note, text: "Oven broken, shop closed" },
    DemoAnnotation { days_ago: 61, kind: AnnotationKind::Deploy, text: "Website 2.3: the new shop" },
];

/// The time zone of all businesses.
pub const ZONE: &str = "Europe/Berlin";

/// An item with its weight among its neighbours.
pub type Weighted<T> = (u32, T);

const BROKEN_LINKS: [(&str, &str); 6] = [
    ("/blog/bread-of-the-month", "/blog/why-rye-keeps"),
    ("/blog/bread-of-the-month", "/"),
    ("/cakes/easter-lamb", "/cakes"),
    ("/cakes/easter-lamb", "https://townnews.example/where-to-eat/easter-brunch"),
    ("/menu.html", "https://guide.example/bakeries/corner-bakery"),
    ("/shop/vouchers", ""),
];

const PAGES: [Weighted<(&str, &str)>; 22] = [
    (300, ("/", "Corner Bakery – fresh bread since 1921")),
    (140, ("/bread", "Our breads")),
    (120, ("/bread/rye", "Rye bread, 1 kg")),
    (95, ("/shop", "Order for pick-up")),
    (90, ("/cakes", "Cakes and tarts")),
    (85, ("/opening-hours", "Opening hours and way")),
    (70, ("/bread/sourdough", "Sourdough loaf")),
    (65, ("/cakes/birthday", "Birthday cakes to order")),
    (55, ("/shop/basket", "Your basket")),
    (50, ("/recipes/apple-tart", "Grandmother's apple tart")),
    (48, ("/blog/why-rye-keeps", "Why rye bread keeps for a week")),
    (42, ("/bread/baguette", "Baguette")),
    (40, ("/breakfast", "Breakfast at the corner")),
    (38, ("/recipes/sourdough-starter", "How to keep a sourdough starter")),
    (30, ("/about", "Four generations of bakers")),
    (28, ("/jobs", "Work with us")),
    (24, ("/bread/spelt", "Spelt bread")),
    (22, ("/blog/flour-from-next-door", "Flour from next door")),
    (18, ("/contact", "Contact")),
    (15, ("/catering", "Catering for offices")),
    (8, ("/imprint", "Imprint")),
    (7, ("/privacy", "Privacy")),
];

const SEASON_PAGES: [Weighted<(&str, &str)>; 3] = [
    (60, ("/christmas/stollen", "Christmas stollen, from our own oven")),
    (45, ("/christmas/cookies", "Twelve kinds of Christmas cookies")),
    (20, ("/christmas/order-by-post", "Stollen by post")),
];

const DOWNLOADS: [Weighted<(&str, &str)>; 4] = [
    (50, ("/files/price-list.pdf", "Price list")),
    (25, ("/files/catering-menu.pdf", "Catering menu")),
    (15, ("/files/allergens.pdf", "Allergens")),
    (10, ("/files/apple-tart.pdf", "Apple tart, to print")),
];

const OUTBOUND: [Weighted<(&str, &str)>; 4] = [
    (40, ("https://maps.example/corner-bakery", "Find us on the map")),
    (30, ("https://www.instagram.com/cornerbakery.example", "Instagram")),
    (20, ("https://mill.example/flour", "The mill next door")),
    (10, ("mailto:hello@corner-bakery.example", "Write to us")),
];

const EVENTS: [Weighted<(&str, &str)>; 5] = [
    (50, ("#add-to-basket", "Add to basket")),
    (18, ("#newsletter", "Newsletter signed up")),
    (14, ("#call", "Telephone number tapped")),
    (46, ("#gallery", "Gallery opened")),
    (12, ("#voucher", "Voucher used")),
];

const MEDIA: [Weighted<(&str, &str)>; 2] = [
    (70, ("/media/kneading.mp4", "Kneading by hand")),
    (30, ("/media/a-morning-at-three.mp4", "A morning at three")),
];

/// A traffic source.
pub struct DemoSource {
    /// The channel.
    pub channel: Channel,
    /// The referrer's address.
    pub referrer: &'static str,
    /// The referrer's domain.
    pub domain: &'static str,
    /// The name of the referring service.
    pub name: &'static str,
}

pub(super) const fn source(
    channel: Channel,
    referrer: &'static str,
    domain: &'static str,
    name: &'static str,
) -> DemoSource {
    DemoSource { channel, referrer, domain, name }
}

static SOURCES: [Weighted<DemoSource>; 21] = [
    (300, source(Channel::Direct, "", "", "")),
    (260, source(Channel::Search, "https://www.google.com/", "google.com", "Google")),
    (70, source(Channel::Search, "https://www.google.de/", "google.de", "Google")),
    (40, source(Channel::Search, "https://www.bing.com/", "bing.com", "Bing")),
    (30, source(Channel::Search, "https://duckduckgo.com/", "duckduckgo.com", "DuckDuckGo")),
    (14, source(Channel::Search, "https://www.ecosia.org/", "ecosia.org", "Ecosia")),
    (60, source(Channel::Social, "https://l.instagram.com/", "l.instagram.com", "Instagram")),
    (38, source(Channel::Social, "https://www.facebook.com/", "facebook.com", "Facebook")),
    (
        12,
        source(Channel::Social, "https://www.reddit.com/r/Breadit/comments/1a2b3c/", "reddit.com", "Reddit"),
    ),
    (9, source(Channel::Social, "https://pinterest.com/pin/8812/", "pinterest.com", "Pinterest")),
    (34, source(Channel::Link, "https://foodblog.example/ten-best-bakeries", "foodblog.example", "")),
    (22, source(Channel::Link, "https://city-guide.example/old-town/breakfast", "city-guide.example", "")),
    (16, source(Channel::Link, "https://mill.example/our-customers", "mill.example", "")),
    (12, source(Channel::Link, "https://recipes.example/tarts/apple", "recipes.example", "")),
    (8, source(Channel::Link, "https://neighbours.example/forum/thread-412", "neighbours.example", "")),
    (6, source(Channel::Link, "https://directory.example/bakeries?page=3", "directory.example", "")),
    (20, source(Channel::Email, "https://mail.google.com/", "mail.google.com", "Gmail")),
    (24, source(Channel::Assistant, "https://chatgpt.com/", "chatgpt.com", "ChatGPT")),
    (8, source(Channel::Assistant, "https://www.perplexity.ai/", "perplexity.ai", "Perplexity")),
    (5, source(Channel::Syndication, "https://feedly.com/", "feedly.com", "Feedly")),
    (10, source(Channel::Internal, "https://corner-bakery.example/", "corner-bakery.example", "")),
];

static SPIKE_SOURCE: DemoSource =
    source(Channel::Link, "https://morning-news.example/food/the-last-wood-oven", "morning-news.example", "");

const TERMS: [Weighted<&str>; 10] = [
    (40, "corner bakery"),
    (30, "rye bread near me"),
    (22, "bakery open sunday"),
    (18, "birthday cake order"),
    (14, "sourdough starter feeding"),
    (11, "apple tart recipe"),
    (9, "christmas stollen by post"),
    (7, "spelt bread wheat free"),
    (5, "catering breakfast office"),
    (3, "what is a wood oven"),
];

/// The tagged link of a campaign.
pub struct CampaignLink {
    /// The value of `utm_campaign`.
    pub name: &'static str,
    /// The value of `utm_source`.
    pub source: &'static str,
    /// The value of `utm_medium`.
    pub medium: &'static str,
    /// The value of `utm_term`.
    pub term: &'static str,
    /// The value of `utm_content`.
    pub content: &'static str,
}

pub(super) const fn campaign(
    name: &'static str,
    source: &'static str,
    medium: &'static str,
    term: &'static str,
    content: &'static str,
) -> CampaignLink {
    CampaignLink { name, source, medium, term, content }
}

static MONTHLY: [Weighted<CampaignLink>; 2] = [
    (3, campaign("Newsletter", "newsletter", "email", "", "bread-of-the-month")),
    (1, campaign("Window display", "qr-code", "print", "", "shop-window")),
];

static SEASONAL: [Weighted<CampaignLink>; 4] = [
    (40, campaign("Christmas stollen", "google", "cpc", "stollen", "headline-a")),
    (25, campaign("Christmas stollen", "google", "cpc", "stollen by post", "headline-b")),
    (20, campaign("Christmas stollen", "instagram", "social", "", "baker-film")),
    (15, campaign("Christmas stollen", "newsletter", "email", "", "first-advent")),
];

/// The user names of customers who sign in.
pub const CUSTOMERS: [&str; 24] = [
    "marta.weiss",
    "jonas",
    "li.wei",
    "anna-lena",
    "k.nowak",
    "oma.trude",
    "cafe-am-markt",
    "hotel-linde",
    "thomas.b",
    "sofia",
    "e.berger",
    "kita-sonnenschein",
    "peter.l",
    "zoe",
    "ferhat",
    "nina.h",
    "buero-nord",
    "m.schulz",
    "ivana",
    "claire",
    "d.okafor",
    "lukas",
    "restaurant-fischer",
    "yuki",
];

const FILTERED: [FilteredPattern; 6] = [
    ("bot", 140, "/", "Googlebot 2.1", ""),
    ("bot", 60, "/bread/rye", "bingbot 2.0", ""),
    ("bot", 35, "/blog/why-rye-keeps", "GPTBot 1.2", ""),
    ("automation", 9, "/", "Chrome 142 · Linux", ""),
    ("referrer-spam", 6, "/", "Chrome 142 · Windows 10", "buttons-for-website.com"),
    ("visit-over", 22, "/bread", "Mobile Safari 18 · iOS 18", ""),
];
