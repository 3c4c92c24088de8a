//! The validation of the header line: the settings of the site.

use super::values::{are_names, first_wrong, is_digits, is_moment, is_text};
use crate::error::{Error, Result};
use crate::ingest::exclusions;
use crate::ingest::page_patterns;
use crate::limits;
use crate::model::currency::Currency;
use crate::model::id;
use crate::reports::retention_period;
use crate::sites::brand::{self, BrandForm};
use crate::sites::{hosts, logo, settings};
use crate::store::campaigns::CampaignPart;
use crate::store::exclusions::ExclusionKind;
use crate::store::site_export::{BrandRecord, Head, SiteSettings};
use strum::IntoEnumIterator;

/// Returns the header with its domain and name as forms would store them.
///
/// # Errors
///
/// Fails with `Error::Setup` and the first problem when a setting is not valid.
pub fn check(mut head: Head) -> Result<Head> {
    let site = settings::check(&head.site.domain, &head.site.name, &head.site.time_zone)?;
    (head.site.domain, head.site.name) = (site.domain, site.name);
    head.site.id()?;
    let settings = &head.site;
    let wrong = first_wrong([(is_moment(head.exported_at), "its time is none from 1970 to 2199")])
        .or_else(|| settings_problem(settings))
        .map(str::to_owned)
        .or_else(|| exclusions_problem(settings))
        .or_else(|| settings.brand.as_ref().and_then(brand_problem));
    match wrong {
        Some(wrong) => Err(Error::Setup(format!(
            "The first line of the file, which has the site's settings, can't be taken: {wrong}. Nothing was changed."
        ))),
        None => Ok(head),
    }
}

fn settings_problem(site: &SiteSettings) -> Option<&'static str> {
    let days = 100..=limits::ACTIONS_PER_DAY_MAX;
    let minutes = 10..=limits::HITS_PER_ADDRESS_MINUTE_MAX;
    let is_key =
        |key: &Option<String>, digits: usize| key.as_deref().is_none_or(|key| is_digits(key, digits));
    let kept = site.visits_kept_days.map(|days| retention_period::parse_days(&days.to_string()));
    first_wrong([
        (is_moment(site.created_at), "the site's time is none from 1970 to 2199"),
        (is_key(&site.site_key, 16) && is_key(&site.site_key_admin, 32), "the site's keys are none"),
        (
            site.heatmap_sample.is_none_or(|percent| (1..=100).contains(&percent))
                && site.heatmap_days.is_none_or(|days| (1..=limits::HEATMAP_DAYS_MAX).contains(&days))
                && page_patterns::parse(&site.heatmap_pages).is_ok(),
            "the settings of heatmaps are none that the form takes",
        ),
        (
            minutes.contains(&site.hits_per_minute_max),
            "the limit of hits in a minute is none that the form takes",
        ),
        (
            site.actions_per_day_max.is_none_or(|most| days.contains(&most)),
            "the limit of actions in a day is none that the form takes",
        ),
        (
            count_hosts(site, true) <= limits::SITE_HOSTS_MAX
                && count_hosts(site, false) <= limits::NOT_OWN_HOSTS_MAX
                && site.hosts.iter().all(|(host, _)| hosts::is_host(host)),
            "a host is none, or they are more than there is room for",
        ),
        (
            site.currency
                .as_deref()
                .is_none_or(|code| Currency::parse(code).is_some_and(|one| one.code() == code)),
            "there is no such currency",
        ),
        (
            site.custom_keys.len() <= limits::CUSTOM_KEYS_SHOWN_MAX
                && site.custom_keys.iter().all(|key| !key.is_empty() && is_text(key, limits::WORD_BYTES_MAX)),
            "a key of custom data is none, or they are more than there is room for",
        ),
        (
            site.campaign_parameters.len() <= limits::CAMPAIGN_PARAMETERS_PER_SITE_MAX
                && site.campaign_parameters.iter().all(|(name, part)| {
                    !name.is_empty()
                        && is_text(name, limits::WORD_BYTES_MAX)
                        && part.parse::<CampaignPart>().is_ok()
                }),
            "a campaign parameter is none, or they are more than there is room for",
        ),
        (site.rules_changed_at.is_none_or(is_moment), "the time of newer rules is none from 1970 to 2199"),
        (kept.is_none_or(|kept| kept.is_ok()), "visits can't be kept for that many days"),
        (
            [&site.view_only_reports, &site.view_only_data]
                .into_iter()
                .flatten()
                .all(|names| are_names(names)),
            "what View Only people see are no names",
        ),
    ])
}

fn count_hosts(site: &SiteSettings, is_own: bool) -> usize {
    site.hosts.iter().filter(|(_, own)| *own == is_own).count()
}

fn exclusions_problem(site: &SiteSettings) -> Option<String> {
    let is_right = |(kind, text): &(String, String)| {
        let kind = ExclusionKind::find(kind)?;
        let read = exclusions::parse(kind, text).ok()?;
        // Patterns of pages may be as somebody typed them, in files of an earlier version.
        let is_pattern = kind == ExclusionKind::Page && read.len() == 1;
        (is_pattern || read == [(kind, text.clone())]).then_some(())
    };
    let wrong = site
        .exclusions
        .iter()
        .find(|one| one.1.len() > limits::EXCLUSION_BYTES_MAX || is_right(one).is_none());
    if let Some((_, text)) = wrong {
        let text: String = text.chars().take(60).collect();
        return Some(format!("“{text}” can't be left out"));
    }
    let is_full = |kind: ExclusionKind| {
        let of_kind = site.exclusions.iter().filter(|(name, _)| ExclusionKind::find(name) == Some(kind));
        of_kind.count() > limits::EXCLUSIONS_PER_LIST_MAX
    };
    ExclusionKind::iter().any(is_full).then(|| "it leaves out more than there is room for".into())
}

fn brand_problem(brand: &BrandRecord) -> Option<String> {
    let typed = BrandForm {
        name: brand.name.clone(),
        accent: brand.accent.clone().unwrap_or_default(),
        footer: brand.footer.clone(),
    };
    if let Err(problems) = brand::check(&typed) {
        return problems
            .into_iter()
            .next()
            .map(|problem| format!("of the white label: {}", problem.sentence));
    }
    let is_picture = |digits: &String| id::unhex_all(digits).is_some_and(|file| logo::is_ours(&file));
    first_wrong([
        (brand.logo.as_ref().is_none_or(is_picture), "the white label's logo is no picture"),
        (is_moment(brand.updated_at), "the white label's time is none from 1970 to 2199"),
    ])
    .map(str::to_owned)
}
