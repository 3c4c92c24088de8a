//! The source of a visit: its channel, referrer and campaign, from the address and the referrer of its first page.

mod campaigns;
mod hosts;
mod parameters;
mod payment;

pub use campaigns::SiteCampaigns;

use super::page_url;
use crate::limits;
use crate::model::channel::Channel;
use crate::store::campaigns::CampaignPart;
use hosts::{Service, without_www};
use parameters::{Parameters, bounded};
use url::Url;

/// The source of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSource {
    /// The channel.
    pub channel: Channel,
    /// The full address of the referrer, without its fragment.
    pub referrer: Option<String>,
    /// The host of the referrer, without `www.`.
    pub domain: Option<String>,
    /// The name of the referring service.
    pub name: Option<String>,
    /// The search terms.
    pub terms: Option<String>,
    /// The campaign.
    pub campaign: Option<Campaign>,
}

/// A campaign, by the parameters of its links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// `utm_campaign`
    pub name: String,
    /// `utm_source`
    pub source: Option<String>,
    /// `utm_medium`
    pub medium: Option<String>,
    /// `utm_term`
    pub term: Option<String>,
    /// `utm_content`
    pub content: Option<String>,
}

/// The parameters that advertisers add to the address of a paid click, in lower case.
const PAID_CLICKS: [&str; 13] = [
    "dclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "li_fat_id",
    "msclkid",
    "rdt_cid",
    "sccid",
    "ttclid",
    "twclid",
    "wbraid",
    "yclid",
];

/// The query parameters in which search engines pass on the search terms.
const TERMS: [&str; 7] = ["q", "query", "p", "text", "wd", "search", "keyword"];

impl Campaign {
    /// Returns a campaign of which only the name is known.
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), source: None, medium: None, term: None, content: None }
    }
}

impl TrafficSource {
    /// Returns the source of a visit without referrer and campaign.
    pub fn direct() -> Self {
        Self {
            channel: Channel::Direct,
            referrer: None,
            domain: None,
            name: None,
            terms: None,
            campaign: None,
        }
    }
}

/// Returns the host of a referrer, without `www.`.
pub fn domain_of(referrer: &str) -> Option<String> {
    let url = page_url::parse(referrer)?;
    url.host_str().map(|host| without_www(host).to_owned())
}

/// The beginning of a visit, of which its source is found out.
pub struct Beginning<'a> {
    /// The address of the referrer; empty for none.
    pub referrer: &'a str,
    /// The address of the first page with its campaign parameters.
    pub landing: &'a Url,
    /// The address of the first page as it is stored; `None` for a visit that does not begin with a page view.
    pub page: Option<&'a str>,
    /// Returns true for the hosts of the site.
    pub owns_host: &'a dyn Fn(&str) -> bool,
    /// The campaigns of the site's own.
    pub campaigns: &'a SiteCampaigns,
}

/// Returns the source of a visit.
pub fn classify(beginning: &Beginning<'_>) -> TrafficSource {
    let Beginning { referrer, landing, page, owns_host, campaigns } = *beginning;
    let parameters = Parameters::new(landing);
    let part = |part| parameters.part(part, campaigns);
    let linked = from_referrer(referrer, landing, owns_host);
    let campaign = part(CampaignPart::Campaign);
    let named = part(CampaignPart::Source);
    let mut source = match named.clone().or_else(|| parameters.find("ref")) {
        // The source of a campaign is no referring domain.
        Some(text) if campaign.is_some() => {
            TrafficSource { domain: linked.domain.clone(), ..from_word(&text, linked) }
        }
        Some(text) => from_word(&text, linked),
        None => linked,
    };
    if let Some(terms) = part(CampaignPart::Term) {
        source.terms = Some(terms);
    }
    let medium = part(CampaignPart::Medium);
    let channel = medium.as_ref().and_then(|medium| channel_of_medium(medium, source.channel));
    if PAID_CLICKS.iter().any(|name| parameters.find(name).is_some()) {
        source.channel = Channel::Advertising;
    } else if let Some(channel) = channel.or(campaign.is_some().then_some(Channel::Advertising)) {
        source.channel = channel;
    }
    if let Some(name) = campaign {
        let (term, content) = (part(CampaignPart::Term), part(CampaignPart::Content));
        source.campaign = Some(Campaign { name, source: named, medium, term, content });
    } else if let Some(name) = campaigns.find(page, source.channel, source.domain.as_deref()) {
        source.campaign = Some(Campaign::named(name));
        // Somebody who paid for a page of its own learns how they came only where a referrer says so.
        if source.channel == Channel::Direct {
            source.channel = Channel::Advertising;
        }
    }
    source
}

fn from_referrer(referrer: &str, landing: &Url, owns_host: &dyn Fn(&str) -> bool) -> TrafficSource {
    if let Some(app) = referrer.strip_prefix("android-app://") {
        return from_app(app.trim_end_matches('/'));
    }
    let Some(mut address) = page_url::parse(referrer)
        .filter(|url| matches!(url.scheme(), "http" | "https") && page_url::has_plain_host(url))
    else {
        return TrafficSource::direct();
    };
    address.set_fragment(None);
    // A hand-made referrer may have a user name and password. They can always be removed from http(s) addresses.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    let host = address.host_str().unwrap_or_default().to_owned();
    let domain = without_www(&host).to_owned();
    let full = (address.as_str().len() <= limits::URL_BYTES_MAX).then(|| address.to_string());
    if owns_host(&host) || landing.host_str() == Some(&host) {
        return TrafficSource {
            channel: Channel::Internal,
            referrer: full,
            domain: Some(domain),
            ..TrafficSource::direct()
        };
    }
    // Somebody who paid comes back: what brought them is the visit before, or unknown.
    if payment::is_host(&host) {
        return TrafficSource::direct();
    }
    let Service { channel, name } =
        hosts::find(&host, &address).unwrap_or(Service { channel: Channel::Link, name: None });
    let searched = || {
        let parameters = Parameters::new(&address);
        TERMS.iter().find_map(|name| parameters.find(name))
    };
    let terms = if channel == Channel::Search { searched() } else { None };
    TrafficSource {
        channel,
        referrer: full,
        domain: Some(domain),
        name: name.map(str::to_owned),
        terms,
        campaign: None,
    }
}

/// Returns the source of a visit from an app, by its package, such as `com.google.android.gm`.
fn from_app(package: &str) -> TrafficSource {
    let Service { channel, name } =
        hosts::find_app(package).unwrap_or(Service { channel: Channel::Link, name: None });
    let domain = bounded(package);
    let referrer = domain.as_ref().map(|package| format!("android-app://{package}/"));
    TrafficSource { channel, referrer, domain, name: name.map(str::to_owned), terms: None, campaign: None }
}

/// Returns the source that a link names as a word or a host: `utm_source=newsletter`, `ref=producthunt.com`.
fn from_word(text: &str, referred: TrafficSource) -> TrafficSource {
    let host = text.to_lowercase();
    let as_address = page_url::parse(&format!("https://{host}/")).filter(|_| host.contains('.'));
    let service = as_address
        .as_ref()
        .and_then(|address| hosts::find(&host, address))
        .or_else(|| hosts::find_name(text))
        .unwrap_or_else(|| Service { channel: word_channel(&host).unwrap_or(Channel::Link), name: None });
    let name = service.name.unwrap_or(text).to_owned();
    TrafficSource {
        channel: service.channel,
        domain: Some(without_www(&host).to_owned()),
        name: Some(name),
        ..referred
    }
}

fn word_channel(word: &str) -> Option<Channel> {
    ["newsletter", "email", "mail"].iter().any(|mail| word.contains(mail)).then_some(Channel::Email)
}

/// Returns the channel of a `utm_medium` in a link from a source of the channel `referred`, by the default channel groups of
/// Google Analytics (<https://support.google.com/analytics/answer/9756891>); `None` for an unknown medium.
fn channel_of_medium(text: &str, referred: Channel) -> Option<Channel> {
    let text = text.to_lowercase();
    let is_paid =
        text.contains("cp") || text.starts_with("paid") || matches!(text.as_str(), "ppc" | "retargeting");
    // An organic or referral link in a social network or an e-mail stays in that channel.
    let of_source = |otherwise: Channel| match referred {
        Channel::Direct | Channel::Internal | Channel::Link => otherwise,
        known => known,
    };
    match text.as_str() {
        _ if is_paid => Some(Channel::Advertising),
        "display" | "banner" | "expandable" | "interstitial" | "ads" | "affiliate" => {
            Some(Channel::Advertising)
        }
        "email" | "e-mail" | "e_mail" | "e mail" | "mail" | "newsletter" => Some(Channel::Email),
        "social" | "social-network" | "social-media" | "social_media" | "social network" | "social media"
        | "sm" => Some(Channel::Social),
        "organic" | "search" => Some(of_source(Channel::Search)),
        "rss" | "feed" | "syndication" => Some(Channel::Syndication),
        "referral" | "link" | "app" => Some(of_source(Channel::Link)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
