//! The forms of the campaigns' screen, and their checks.

use crate::error::{Error, Result};
use crate::goals::campaign_links::LinkParts;
use crate::limits;
use crate::model::clock::Day;
use crate::model::currency::{AmountProblem, Currency};
use crate::model::goal::MatchKind;
use crate::model::id::CampaignItemId;
use crate::reports::date_range::DateRange;
use crate::store::campaigns::{CampaignPart, CampaignRule, CampaignRuleKind};
use serde::Deserialize;

/// The form of a campaign by landing page or referring site.
#[derive(Clone, Deserialize, Default)]
pub struct RuleForm {
    /// The name of the campaign.
    #[serde(default)]
    pub campaign: String,
    /// The kind of the rule.
    #[serde(default)]
    pub kind: String,
    /// The comparison.
    #[serde(default, rename = "match")]
    pub matching: String,
    /// The page, or the domain.
    #[serde(default)]
    pub pattern: String,
}

/// The form of a cost.
#[derive(Clone, Deserialize, Default)]
pub struct CostForm {
    /// The name of the campaign.
    #[serde(default)]
    pub campaign: String,
    /// The first day.
    #[serde(default)]
    pub from: String,
    /// The last day.
    #[serde(default)]
    pub to: String,
    /// The amount.
    #[serde(default)]
    pub cost: String,
    /// `day` or `total`.
    #[serde(default)]
    pub per: String,
}

/// The form of the link builder.
#[derive(Clone, Deserialize, Default)]
pub struct LinkForm {
    /// The address of the page.
    #[serde(default)]
    pub page: String,
    /// The name of the campaign.
    #[serde(default)]
    pub campaign: String,
    /// The source.
    #[serde(default)]
    pub source: String,
    /// The medium.
    #[serde(default)]
    pub medium: String,
    /// The term.
    #[serde(default)]
    pub term: String,
    /// The content.
    #[serde(default)]
    pub content: String,
}

/// The form of further parameters: for each part their names, separated by commas or spaces.
#[derive(Clone, Deserialize, Default)]
pub struct ParametersForm {
    /// The names for the campaign.
    #[serde(default)]
    pub campaign: String,
    /// The names for the source.
    #[serde(default)]
    pub source: String,
    /// The names for the medium.
    #[serde(default)]
    pub medium: String,
    /// The names for the term.
    #[serde(default)]
    pub term: String,
    /// The names for the content.
    #[serde(default)]
    pub content: String,
}

/// A cost: of each day, or of all days together.
pub struct Cost {
    /// The days.
    pub days: DateRange,
    /// The amount.
    pub amount: i64,
    /// True if the amount is for all days together.
    pub is_total: bool,
}

impl RuleForm {
    /// Returns the rule.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when no kind is chosen.
    pub fn check(&self) -> Result<CampaignRule> {
        let kind: CampaignRuleKind = self
            .kind
            .parse()
            .map_err(|_| Error::invalid("kind", "Choose what makes a visit part of the campaign."))?;
        let matching = match kind {
            CampaignRuleKind::Landing => self.matching.parse().unwrap_or_default(),
            CampaignRuleKind::Referrer => MatchKind::Exact,
        };
        Ok(CampaignRule {
            id: CampaignItemId(0),
            campaign: self.campaign.trim().to_owned(),
            kind,
            matching,
            pattern: self.pattern.trim().to_owned(),
        })
    }
}

impl CostForm {
    /// Returns the days and the amount.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when a day or the amount is not valid.
    pub fn check(&self, currency: Currency) -> Result<Cost> {
        let day = |field: &'static str, text: &str| {
            Day::parse(text.trim()).ok_or_else(|| Error::invalid(field, "Choose a day."))
        };
        let first = day("from", &self.from)?;
        let last = if self.to.trim().is_empty() { first } else { day("to", &self.to)? };
        if last < first {
            return Err(Error::invalid("to", "Choose a last day that isn't before the first one."));
        }
        let amount = currency.parse_amount(&self.cost).map_err(|problem| {
            let sentence = match problem {
                AmountProblem::NoNumber => format!(
                    "Enter the cost as a number, such as {}.",
                    currency.plain(10_i64.pow(currency.decimals()) * 25)
                ),
                AmountProblem::TooLarge => format!("Enter {} at most.", currency.text(limits::REVENUE_MAX)),
            };
            Error::invalid("cost", sentence)
        })?;
        Ok(Cost { days: DateRange { first, last }, amount, is_total: self.per == "total" })
    }
}

impl LinkForm {
    /// Returns the parts of the link.
    pub fn parts(&self) -> LinkParts {
        let text = |text: &String| text.trim().to_owned();
        LinkParts {
            page: text(&self.page),
            campaign: text(&self.campaign),
            source: text(&self.source),
            medium: text(&self.medium),
            term: text(&self.term),
            content: text(&self.content),
        }
    }
}

impl ParametersForm {
    /// Returns the values of stored parameters.
    pub fn from_stored(parameters: &[(String, CampaignPart)]) -> Self {
        let names = |part: CampaignPart| {
            let of_part = parameters.iter().filter(|(_, of)| *of == part).map(|(name, _)| name.as_str());
            of_part.collect::<Vec<_>>().join(", ")
        };
        Self {
            campaign: names(CampaignPart::Campaign),
            source: names(CampaignPart::Source),
            medium: names(CampaignPart::Medium),
            term: names(CampaignPart::Term),
            content: names(CampaignPart::Content),
        }
    }

    /// Returns the names of each part, with its field, its title and an example.
    pub fn fields(&self) -> [(&'static str, &'static str, &'static str, &str, CampaignPart); 5] {
        [
            ("campaign", "Campaign", "mtm_campaign, pk_campaign", &self.campaign, CampaignPart::Campaign),
            ("source", "Source", "mtm_source", &self.source, CampaignPart::Source),
            ("medium", "Medium", "mtm_medium", &self.medium, CampaignPart::Medium),
            ("term", "Term", "mtm_kwd", &self.term, CampaignPart::Term),
            ("content", "Content", "mtm_content", &self.content, CampaignPart::Content),
        ]
    }

    /// Returns the parameters.
    pub fn parameters(&self) -> Vec<(String, CampaignPart)> {
        let names = |text: &str, part| {
            let names = text.split([',', ' ', '\n', '\r', '\t']).filter(|name| !name.is_empty());
            names.map(|name| (name.to_owned(), part)).collect::<Vec<_>>()
        };
        self.fields().into_iter().flat_map(|(_, _, _, text, part)| names(text, part)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_of_one_day_unless_a_last_one_is_given() {
        let form = |from: &str, to: &str, cost: &str| {
            let form = CostForm {
                from: from.into(),
                to: to.into(),
                cost: cost.into(),
                per: "total".into(),
                ..CostForm::default()
            };
            form.check(Currency::USD)
        };
        let cost = form("2026-11-03", "", "12,5").unwrap();
        assert_eq!((cost.days.days(), cost.amount, cost.is_total), (1, 1_250, true));
        for (from, to, cost, field) in
            [("", "", "1", "from"), ("2026-11-03", "2026-11-01", "1", "to"), ("2026-11-03", "", "x", "cost")]
        {
            assert_eq!(form(from, to, cost).err().unwrap().problems().unwrap()[0].field, field);
        }
    }

    #[test]
    fn names_of_parameters_are_read_as_they_are_shown() {
        let stored = vec![
            ("mtm_campaign".to_owned(), CampaignPart::Campaign),
            ("pk".to_owned(), CampaignPart::Campaign),
            ("from".to_owned(), CampaignPart::Source),
        ];
        let form = ParametersForm::from_stored(&stored);
        assert_eq!((form.campaign.as_str(), form.source.as_str()), ("mtm_campaign, pk", "from"));
        assert_eq!(form.parameters(), stored);
    }
}
