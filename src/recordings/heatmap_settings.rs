//! The settings of a site's heatmaps: the form, its check, and the act.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Problem, Result};
use crate::ingest::page_patterns;
use crate::ingest::page_url;
use crate::limits;
use crate::model::id::SiteId;
use crate::store::site_heatmaps::{self, HeatmapSettings};
use crate::store::sites;
use rusqlite::Transaction;
use serde::Deserialize;

/// The form, as typed.
#[derive(Clone, Deserialize, Default)]
pub struct HeatmapForm {
    /// The patterns of the pages, one a line; empty: nothing is recorded.
    #[serde(default)]
    pub pages: String,
    /// The share of visits in percent; empty: the default.
    #[serde(default)]
    pub sample: String,
    /// The days for which clicks and depths are kept; empty: the default.
    #[serde(default)]
    pub days: String,
}

impl HeatmapForm {
    /// Returns the values of stored settings.
    pub fn from_settings(settings: &HeatmapSettings) -> Self {
        let shown = |text| page_url::readable(text).into_owned();
        Self {
            pages: settings.pages.lines().map(shown).collect::<Vec<_>>().join("\n"),
            sample: settings.sample.to_string(),
            days: settings.days.to_string(),
        }
    }

    /// Returns the settings.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds all problems.
    pub fn check(&self) -> Result<HeatmapSettings> {
        let mut problems = Vec::new();
        let mut refuse =
            |field: &'static str, sentence: String| problems.push(Problem { field: field.into(), sentence });
        let pages = page_patterns::parse(&self.pages).unwrap_or_else(|sentence| {
            refuse("pages", sentence);
            Vec::new()
        });
        let mut number = |field: &'static str, text: &str, default: i64, most: i64| match text
            .trim()
            .trim_end_matches('%')
            .trim()
        {
            "" => default,
            text => text.parse().ok().filter(|number| (1..=most).contains(number)).unwrap_or_else(|| {
                refuse(field, format!("Enter a number from 1 to {most}."));
                default
            }),
        };
        let sample = number("sample", &self.sample, limits::HEATMAP_SAMPLE, 100);
        let days = number("days", &self.days, limits::HEATMAP_DAYS, limits::HEATMAP_DAYS_MAX);
        if problems.is_empty() {
            Ok(HeatmapSettings { pages: pages.join("\n"), sample, days })
        } else {
            Err(Error::Invalid(problems))
        }
    }
}

/// Saves the settings of a site's heatmaps; they hold from the next hit on.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, actor: &Actor, site: SiteId, settings: &HeatmapSettings) -> Result<()> {
    if sites::get(tx, site)?.heatmaps == *settings {
        return Ok(());
    }
    site_heatmaps::update(tx, site, settings)?;
    actor.record(tx, site, AuditAction::ChangeHeatmaps, &describe(settings))
}

/// Returns the settings in words, as they stand in the audit log.
fn describe(settings: &HeatmapSettings) -> String {
    let count = settings.pages.lines().count();
    match count {
        0 => "off".into(),
        1 => format!("{}; {} % of visits, {} days", settings.pages, settings.sample, settings.days),
        _ => format!("{count} patterns of pages; {} % of visits, {} days", settings.sample, settings.days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_from_its_own_form() {
        let form = HeatmapForm { pages: "/shop/*\n\n/".into(), sample: "25 %".into(), days: String::new() };
        let settings = form.check().unwrap();
        assert_eq!(settings, HeatmapSettings { pages: "/shop/*\n/".into(), sample: 25, days: 365 });
        assert_eq!(HeatmapForm::from_settings(&settings).check().unwrap(), settings);
        assert!(!HeatmapForm::default().check().unwrap().is_on());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let form = HeatmapForm { pages: "no page".into(), sample: "0".into(), days: "4000".into() };
        let problems = form.check().unwrap_err().problems().unwrap();
        let fields = problems.iter().map(|problem| problem.field.as_ref()).collect::<Vec<&str>>();
        assert_eq!(fields, ["pages", "sample", "days"]);
    }
}
