//! Filters in plain words.

use super::dimension::{Dimension, ValueKind};
use super::filter::{Filter, UNKNOWN};
use super::filter_value::parse_range;
use super::funnel_step::FunnelStepValue;
use super::results::item_name::range_words;
use crate::ingest::locale_names::{country_name, language_family};
use crate::ingest::page_url::readable;
use crate::model::metrics::duration_text;

/// Returns the subject, the operator and the values of a filter as text.
pub fn describe(filter: &Filter) -> (&'static str, &'static str, String) {
    let values: Vec<String> = filter.values.iter().map(|value| value_words(filter, value)).collect();
    let values = match values.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => values.concat(),
    };
    (subject(filter.dimension), verb(filter), values)
}

/// Returns a filter as a sentence.
pub fn sentence(filter: &Filter) -> String {
    let (subject, verb, values) = describe(filter);
    format!("{subject} {verb} {values}")
}

/// Returns filters that must all hold as a sentence.
pub fn sentences(filters: &[Filter]) -> String {
    filters.iter().map(sentence).collect::<Vec<_>>().join(", and ")
}

fn subject(dimension: &Dimension) -> &'static str {
    match dimension.value_kind {
        ValueKind::TimeOnSite => "Time on the site",
        ValueKind::FunnelStep => "Visit",
        _ => dimension.noun,
    }
}

fn verb(filter: &Filter) -> &'static str {
    match filter.dimension.value_kind {
        ValueKind::FunnelStep if filter.operator.is_negated() => "didn't take",
        ValueKind::FunnelStep => "took",
        _ => filter.operator.label(),
    }
}

fn value_words(filter: &Filter, value: &str) -> String {
    let is_partial = filter.operator.is_partial();
    match filter.dimension.value_kind {
        _ if value == UNKNOWN => "unknown".into(),
        ValueKind::Page | ValueKind::Address | ValueKind::BrokenLink => readable(value).into_owned(),
        ValueKind::Country if !is_partial => country_name(value).to_owned(),
        ValueKind::Language if !is_partial && !value.contains('-') => language_family(value).to_owned(),
        ValueKind::ActionCount => match parse_range(value) {
            Ok((least, most)) if least == most => least.to_string(),
            Ok((least, u32::MAX)) => format!("{least} or more"),
            Ok((least, most)) => format!("{least} to {most}"),
            Err(_) => value.to_owned(),
        },
        ValueKind::FunnelStep => {
            FunnelStepValue::parse(value).map_or_else(|_| value.to_owned(), |step| step.words())
        }
        ValueKind::TimeOnSite => range_words(value).map_or_else(|| time_words(value), str::to_owned),
        _ => value.to_owned(),
    }
}

fn time_words(value: &str) -> String {
    let duration = |seconds: u32| {
        let exact = duration_text(i64::from(seconds));
        exact.strip_suffix(" 0s").or(exact.strip_suffix(" 0m")).unwrap_or(&exact).to_owned()
    };
    match parse_range(value) {
        Ok((least, most)) if least == most => duration(least),
        Ok((least, u32::MAX)) => format!("{} or longer", duration(least)),
        Ok((least, most)) => format!("{} to {}", duration(least), duration(most)),
        Err(_) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::filter;

    #[test]
    fn conditions_are_said_in_plain_words() {
        for (address, text) in [
            ("country=DE", "Country is Germany"),
            ("country.in=DE,AT,FR", "Country is one of Germany, Austria or France"),
            ("country.not=(unknown)", "Country is not unknown"),
            ("href.contains=/cakes", "Page contains /cakes"),
            ("time=60-179", "Time on the site is 1 to 3 minutes"),
            ("time.not=90-", "Time on the site is not 1m 30s or longer"),
            ("time=0-59", "Time on the site is 0 to 59s"),
            ("time=600-", "Time on the site is 10m or longer"),
            ("actions=4-6", "Number of actions is 4 to 6"),
            ("actions.in=1,21-", "Number of actions is one of 1 or 21 or more"),
            ("language=de", "Language is German"),
            ("language=de-at", "Language is de-at"),
            ("custom.lacks=gold", "Custom data does not contain gold"),
            ("funnel-step=Checkout:2", "Visit took step 2 of Checkout"),
            ("funnel-step=3:2:lost", "Visit took step 2 of funnel 3, but not step 3"),
            ("funnel-step.not=Checkout:2", "Visit didn't take step 2 of Checkout"),
            ("funnel-step.in=Checkout:2,Trial:1", "Visit took step 2 of Checkout or step 1 of Trial"),
            ("country=DE&href.starts=/shop", "Country is Germany, and Page starts with /shop"),
        ] {
            assert_eq!(sentences(&filter::read(address).unwrap()), text);
        }
    }
}
