//! The campaigns of a site's own: further names of the parameters of links, and rules by landing page or referring domain.

use crate::model::channel::Channel;
use crate::model::goal::AddressPattern;
use crate::store::campaigns::{CampaignPart, CampaignRule, CampaignRuleKind};
use std::borrow::Cow;

/// The campaigns of a site's own, ready to be compared with visits that begin.
#[derive(Debug, Default)]
pub struct SiteCampaigns {
    /// The names of parameters in lower case, by name.
    parameters: Vec<(String, CampaignPart)>,
    /// The names of campaigns with their rules; the first one that matches holds.
    rules: Vec<(String, Rule)>,
}

#[derive(Debug)]
enum Rule {
    Landing(AddressPattern),
    Referrer(String),
}

impl SiteCampaigns {
    /// Compiles the rules of a site, oldest first. A rule that this version cannot compile is ignored.
    pub fn new(parameters: Vec<(String, CampaignPart)>, rules: Vec<CampaignRule>) -> Self {
        let compile = |rule: CampaignRule| {
            let compiled = match rule.kind {
                CampaignRuleKind::Landing => {
                    Rule::Landing(AddressPattern::compile(rule.matching, &rule.pattern).ok()?)
                }
                CampaignRuleKind::Referrer => {
                    let domain = rule.pattern.to_lowercase();
                    Rule::Referrer(domain.strip_prefix("www.").unwrap_or(&domain).to_owned())
                }
            };
            Some((rule.campaign, compiled))
        };
        let parameters = parameters.into_iter().map(|(name, part)| (name.to_lowercase(), part)).collect();
        Self { parameters, rules: rules.into_iter().filter_map(compile).collect() }
    }

    /// Returns true if there are rules.
    pub fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Iterates over the names of parameters, in lower case.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(name, _)| name.as_str())
    }

    /// Returns a query with those of the pairs in a fragment that are parameters of the site's own.
    pub fn with_own<'a>(&self, query: &'a str, fragment: &str) -> Cow<'a, str> {
        let mut all = Cow::Borrowed(query);
        if !self.parameters.is_empty() {
            for pair in fragment.split('&').filter(|pair| self.names(pair)) {
                all = Cow::Owned(format!("{all}&{pair}").trim_start_matches('&').to_owned());
            }
        }
        all
    }

    fn names(&self, pair: &str) -> bool {
        let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
        let name = pairs.next().map(|(name, _)| name.to_lowercase());
        name.is_some_and(|name| self.parameters.iter().any(|(own, _)| *own == name))
    }

    /// Iterates over the names of the parameters for a part of a campaign.
    pub(super) fn names_of(&self, part: CampaignPart) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(_, known)| *known == part).map(|(name, _)| name.as_str())
    }

    /// Returns the campaign of a visit that begins on a page of this absolute address (`None`: on none), from a domain. One
    /// that comes from the site itself has none: it goes on with what brought it there.
    pub(super) fn find(&self, page: Option<&str>, channel: Channel, domain: Option<&str>) -> Option<&str> {
        if channel == Channel::Internal {
            return None;
        }
        let is_from = |known: &str| {
            let left = domain.and_then(|domain| domain.strip_suffix(known));
            left.is_some_and(|left| left.is_empty() || left.ends_with('.'))
        };
        let is_matched = |rule: &Rule| match rule {
            Rule::Landing(pattern) => page.is_some_and(|page| pattern.matches(page)),
            Rule::Referrer(known) => is_from(known),
        };
        self.rules.iter().find(|(_, rule)| is_matched(rule)).map(|(campaign, _)| campaign.as_str())
    }
}
