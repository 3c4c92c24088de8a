//! The options that say what counts for a goal, of `goal add` and `goal change`.

use crate::error::{Error, Result};
use crate::goals::amounts;
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::store::goals::GoalSettings;
use crate::store::sites::Site;

/// The rule of a goal; without one, pages and programs name it.
#[derive(clap::Args)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("rule").args([
    "page", "event", "download", "outbound", "actions", "seconds", "custom", "campaign",
])))]
pub struct GoalOptions {
    /// A page: its path, such as /thanks, or whole address
    #[arg(long, value_name = "P")]
    page: Option<String>,
    /// An event, by its title
    #[arg(long, value_name = "E")]
    event: Option<String>,
    /// A downloaded file, by path or address
    #[arg(long, value_name = "D")]
    download: Option<String>,
    /// A link to another site, by address
    #[arg(long, value_name = "O")]
    outbound: Option<String>,
    /// A number of actions in the visit
    #[arg(long, value_name = "N")]
    actions: Option<String>,
    /// A time on the site, in seconds
    #[arg(long, value_name = "N")]
    seconds: Option<String>,
    /// Custom data, such as 'plan: premium'
    #[arg(long, value_name = "KEY: VALUE")]
    custom: Option<String>,
    /// The campaign that brought the visit
    #[arg(long, value_name = "C")]
    campaign: Option<String>,
    /// The comparison: exact, starts, wildcard (* for anything) or regex
    #[arg(long = "match", value_name = "HOW", value_parser = match_kind)]
    matching: Option<MatchKind>,
    /// The revenue of each conversion, in the site's currency; as it is sent if left out
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    revenue: Option<String>,
    /// Count every conversion of a visit, not only the first
    #[arg(long)]
    every_time: bool,
}

fn match_kind(text: &str) -> std::result::Result<MatchKind, String> {
    text.parse().map_err(|_| "write exact, starts, wildcard or regex".into())
}

impl GoalOptions {
    /// Returns the settings of a new goal.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for a revenue that is no amount, and for a comparison without anything to compare.
    pub fn settings(&self, site: &Site, name: String) -> Result<GoalSettings> {
        self.changed(site, GoalSettings { name, rule: None, revenue: None, is_every_time: false })
    }

    /// Returns settings with the given options applied.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for a revenue that is no amount, and for a comparison without anything to compare.
    pub fn changed(&self, site: &Site, before: GoalSettings) -> Result<GoalSettings> {
        let matching = self.matching.or_else(|| before.rule.as_ref().map(|rule| rule.matching));
        let rule = match (self.pattern(), before.rule) {
            (Some((kind, pattern)), _) => Some(GoalRule {
                kind,
                matching: self.matching.unwrap_or_default(),
                pattern: pattern.trim().to_owned(),
            }),
            (None, Some(rule)) => Some(GoalRule { matching: matching.unwrap_or_default(), ..rule }),
            (None, None) if self.matching.is_some() => {
                return Err(Error::invalid("match", "Say what to match, such as --page /thanks."));
            }
            (None, None) => None,
        };
        let revenue =
            self.revenue.as_deref().map(|text| amounts::parse(site, "revenue", text)).transpose()?;
        Ok(GoalSettings {
            rule,
            revenue: revenue.or(before.revenue),
            is_every_time: self.every_time || before.is_every_time,
            ..before
        })
    }

    fn pattern(&self) -> Option<(RuleKind, &str)> {
        let all = [
            (RuleKind::Page, &self.page),
            (RuleKind::Event, &self.event),
            (RuleKind::Download, &self.download),
            (RuleKind::Outbound, &self.outbound),
            (RuleKind::Actions, &self.actions),
            (RuleKind::Seconds, &self.seconds),
            (RuleKind::Custom, &self.custom),
            (RuleKind::Campaign, &self.campaign),
        ];
        all.into_iter().find_map(|(kind, pattern)| Some((kind, pattern.as_deref()?)))
    }
}
