//! The tracking settings of a site: how visitors are known, what is kept of them, exclusions and limits.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::ingest::exclusions;
use crate::limits;
use crate::model::id::SiteId;
use crate::store;
use crate::store::exclusions::{Exclusion, ExclusionKind};
use crate::store::sites::{self, Bounds, Privacy, Site};
use rusqlite::Transaction;
use serde::Deserialize;
use std::str::FromStr;
use strum::IntoEnumIterator;

/// The form, as typed.
#[derive(Deserialize, Default)]
pub struct TrackingForm {
    /// The way visitors are recognised: `none`, `cookie` or `consent`; empty for `none`.
    #[serde(default)]
    pub identity: String,
    /// Not empty if "do not track" is honoured.
    #[serde(default)]
    pub signals: String,
    /// Not empty if addresses are shortened.
    #[serde(default)]
    pub shorten: String,
    /// The excluded addresses, one a line.
    #[serde(default)]
    pub addresses: String,
    /// The excluded pages, one a line.
    #[serde(default)]
    pub pages: String,
    /// The excluded countries, one a line.
    #[serde(default)]
    pub countries: String,
    /// The excluded referrers, one a line.
    #[serde(default)]
    pub referrers: String,
    /// The query parameters that are stripped, one a line.
    #[serde(default)]
    pub parameters: String,
    /// The limit of hits from one address in a minute.
    #[serde(default)]
    pub hits_per_minute: String,
    /// The limit of the site's actions in a day; empty: none.
    #[serde(default)]
    pub actions_per_day: String,
    /// Not empty if browsers measure web vitals.
    #[serde(default)]
    pub vitals: String,
}

/// The settings that a checked form holds.
#[derive(Debug)]
pub struct TrackingSettings {
    privacy: Privacy,
    bounds: Bounds,
    exclusions: Vec<Exclusion>,
    vitals_measured: bool,
}

impl TrackingForm {
    /// Returns the values of a stored site.
    pub fn from_site(site: &Site, exclusions: &[Exclusion]) -> Self {
        let privacy = site.privacy;
        let identity = match (privacy.consent_needed, privacy.cookies_allowed) {
            (true, _) => "consent",
            (false, true) => "cookie",
            (false, false) => "none",
        };
        let on = |is_on: bool| if is_on { "on".to_owned() } else { String::new() };
        let text = |kind| exclusions::text(exclusions, kind);
        Self {
            identity: identity.into(),
            signals: on(privacy.signals_honoured),
            shorten: on(privacy.addresses_shortened),
            addresses: text(ExclusionKind::Address),
            pages: text(ExclusionKind::Page),
            countries: text(ExclusionKind::Country),
            referrers: text(ExclusionKind::Referrer),
            parameters: text(ExclusionKind::Parameter),
            hits_per_minute: site.bounds.hits_per_minute_max.to_string(),
            actions_per_day: site.bounds.actions_per_day_max.map(|most| most.to_string()).unwrap_or_default(),
            vitals: on(site.vitals_measured),
        }
    }

    /// Returns the typed list of a kind of exclusions.
    pub fn list(&self, kind: ExclusionKind) -> &str {
        match kind {
            ExclusionKind::Address => &self.addresses,
            ExclusionKind::Page => &self.pages,
            ExclusionKind::Country => &self.countries,
            ExclusionKind::Referrer => &self.referrers,
            ExclusionKind::Parameter => &self.parameters,
        }
    }

    /// Returns the settings.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds all problems.
    pub fn check(&self) -> Result<TrackingSettings> {
        let (mut problems, mut exclusions) = (Vec::new(), Vec::new());
        for kind in ExclusionKind::iter() {
            match exclusions::parse(kind, self.list(kind)) {
                Ok(parsed) => exclusions.extend(parsed),
                Err(error) => problems.extend(error.problems()?),
            }
        }
        let most = limits::HITS_PER_ADDRESS_MINUTE_MAX;
        let hits_per_minute_max = number(&self.hits_per_minute, 10..=most).unwrap_or_else(|| {
            let sentence = format!("Enter a number from 10 to {most}.");
            problems.push(Problem { field: "hits_per_minute".into(), sentence });
            most
        });
        let actions_per_day_max = match self.actions_per_day.trim() {
            "" => None,
            text => number(text, 100..=limits::ACTIONS_PER_DAY_MAX).or_else(|| {
                let sentence =
                    format!("Enter a number from 100 to {}, or nothing.", limits::ACTIONS_PER_DAY_MAX);
                problems.push(Problem { field: "actions_per_day".into(), sentence });
                None
            }),
        };
        if !["none", "cookie", "consent", ""].contains(&self.identity.as_str()) {
            problems.push(Problem {
                field: "identity".into(),
                sentence: "Choose how visitors are known.".into(),
            });
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let privacy = Privacy {
            cookies_allowed: self.identity == "cookie",
            consent_needed: self.identity == "consent",
            signals_honoured: !self.signals.is_empty(),
            addresses_shortened: !self.shorten.is_empty(),
        };
        let bounds = Bounds { hits_per_minute_max, actions_per_day_max };
        Ok(TrackingSettings { privacy, bounds, exclusions, vitals_measured: !self.vitals.is_empty() })
    }
}

/// Saves the tracking settings of a site; they hold from the next hit on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, actor: &Actor, site: SiteId, settings: &TrackingSettings) -> Result<()> {
    sites::update_tracking(tx, site, settings.privacy, &settings.bounds)?;
    sites::update_vitals_measured(tx, site, settings.vitals_measured)?;
    store::exclusions::replace(tx, site, &settings.exclusions)?;
    actor.record(tx, site, AuditAction::ChangeTracking, "")
}

/// Says whether browsers measure web vitals on a site's pages, from the next page view on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn measure_vitals(tx: &Transaction<'_>, actor: &Actor, site: SiteId, is_measured: bool) -> Result<()> {
    if sites::get(tx, site)?.vitals_measured == is_measured {
        return Ok(());
    }
    sites::update_vitals_measured(tx, site, is_measured)?;
    let about = if is_measured { "web vitals on" } else { "web vitals off" };
    actor.record(tx, site, AuditAction::ChangeTracking, about)
}

/// Returns a whole number within bounds, `None` for any other text; digits may be grouped.
fn number<N: FromStr + PartialOrd>(text: &str, bounds: std::ops::RangeInclusive<N>) -> Option<N> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '.' | '\'')).collect();
    plain.parse().ok().filter(|number| bounds.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_from_its_own_form() {
        let form = TrackingForm {
            identity: "consent".into(),
            shorten: "on".into(),
            pages: "/a\n/b".into(),
            vitals: "on".into(),
            hits_per_minute: "3,000".into(),
            actions_per_day: "1 000 000".into(),
            ..TrackingForm::default()
        };
        let TrackingSettings { privacy, bounds, exclusions, vitals_measured } = form.check().unwrap();
        assert!(privacy.consent_needed && privacy.addresses_shortened);
        assert!(!privacy.cookies_allowed && !privacy.signals_honoured);
        assert_eq!((bounds.hits_per_minute_max, bounds.actions_per_day_max), (3_000, Some(1_000_000)));
        assert_eq!(exclusions.len(), 2);
        assert!(vitals_measured);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let form = TrackingForm {
            addresses: "x".into(),
            countries: "Atlantis".into(),
            hits_per_minute: "1".into(),
            actions_per_day: "many".into(),
            ..TrackingForm::default()
        };
        let Err(Error::Invalid(problems)) = form.check() else { panic!("it was taken") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.clone()).collect();
        assert_eq!(fields, ["addresses", "countries", "hits_per_minute", "actions_per_day"]);
    }
}
