//! A filter in plain words, and the parts of the forms in which it is typed.

use crate::ingest::locale_names::{country_name, language_family};
use crate::ingest::page_url::readable;
use crate::reports::catalogue::{ReportGroup, ReportKind, SINGLE_VISITS};
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::filter::{Filter, Operator, UNKNOWN, is_number};
use crate::reports::filter_value::parse_range;
use crate::reports::results::item_name::range_words;
use crate::reports::visibility::Visibility;
use crate::web::ui::format;
use maud::{Markup, html};
use strum::IntoEnumIterator;

/// Returns the subject, the operator and the values of a filter as text.
pub fn describe(filter: &Filter) -> (&'static str, &'static str, String) {
    let values: Vec<String> = filter.values.iter().map(|value| value_words(filter, value)).collect();
    let values = match values.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => values.concat(),
    };
    (subject(filter.dimension), filter.operator.label(), values)
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
    if dimension.value_kind == ValueKind::TimeOnSite { "Time on the site" } else { dimension.noun }
}

fn value_words(filter: &Filter, value: &str) -> String {
    let is_partial = filter.operator.is_partial();
    match filter.dimension.value_kind {
        _ if value == UNKNOWN => "unknown".into(),
        ValueKind::Page | ValueKind::Address => readable(value).into_owned(),
        ValueKind::Country if !is_partial => country_name(value).to_owned(),
        ValueKind::Language if !is_partial && !value.contains('-') => language_family(value).to_owned(),
        ValueKind::ActionCount => match parse_range(value) {
            Ok((least, most)) if least == most => least.to_string(),
            Ok((least, u32::MAX)) => format!("{least} or more"),
            Ok((least, most)) => format!("{least} to {most}"),
            Err(_) => value.to_owned(),
        },
        ValueKind::TimeOnSite => range_words(value).map_or_else(|| time_words(value), str::to_owned),
        _ => value.to_owned(),
    }
}

fn time_words(value: &str) -> String {
    let duration = |seconds: u32| {
        let exact = format::duration(i64::from(seconds));
        exact.strip_suffix(" 0s").or(exact.strip_suffix(" 0m")).unwrap_or(&exact).to_owned()
    };
    match parse_range(value) {
        Ok((least, most)) if least == most => duration(least),
        Ok((least, u32::MAX)) => format!("{} or longer", duration(least)),
        Ok((least, most)) => format!("{} to {}", duration(least), duration(most)),
        Err(_) => value.to_owned(),
    }
}

/// Returns the dimensions that may be filtered by, grouped like the menu.
fn offered(visibility: &Visibility) -> Vec<(ReportGroup, Vec<&'static Dimension>)> {
    let of_group = |group: ReportGroup| -> Vec<&'static Dimension> {
        let reports = visibility.reports().filter(|report| report.subject == group);
        let dimensions = reports.filter_map(|report| match report.kind {
            ReportKind::Items(dimension) => Some(dimension),
            _ => None,
        });
        let single: &[Dimension] = if group == ReportGroup::Audience { &SINGLE_VISITS } else { &[] };
        dimensions.chain(single.iter().filter(|dimension| visibility.filters_by(dimension))).collect()
    };
    let groups = ReportGroup::iter().map(|group| (group, of_group(group)));
    groups.filter(|(_, dimensions)| !dimensions.is_empty()).collect()
}

/// Returns true if there is a dimension to filter by.
pub fn is_offered(visibility: &Visibility) -> bool {
    !offered(visibility).is_empty()
}

/// Returns the first dimension of the choice.
pub fn first(visibility: &Visibility) -> Option<&'static Dimension> {
    offered(visibility).into_iter().flat_map(|(_, dimensions)| dimensions).next()
}

/// Renders the choice of dimension.
pub fn dimensions(name: &str, visibility: &Visibility, chosen: &str) -> Markup {
    html! {
        select name=(name) aria-label="Filter by" {
            @for (group, dimensions) in offered(visibility) {
                optgroup label=(group.title()) {
                    @for dimension in dimensions {
                        option value=(dimension.filter) selected[dimension.filter == chosen] { (dimension.noun) }
                    }
                }
            }
        }
    }
}

/// Renders the choice of operator; only those that suit the dimension, if it is known.
pub fn operators(name: &str, dimension: Option<&Dimension>, chosen: &str) -> Markup {
    let suits = |operator: &Operator| dimension.is_none_or(|dimension| operator.suits(dimension));
    html! {
        select name=(name) aria-label="How to compare" {
            @for operator in Operator::iter().filter(suits) {
                option value=(operator.name()) selected[operator.name() == chosen] { (operator.label()) }
            }
        }
    }
}

/// Returns the help text of the value's field.
pub fn help(dimension: Option<&Dimension>) -> &'static str {
    match dimension.map(|dimension| (dimension.value_kind, is_number(dimension))) {
        None => {
            "Names as you read them in the reports. Numbers: 4, 4-6 or 21-. Several values of “is one of” by comma."
        }
        Some((ValueKind::TimeOnSite, _)) => "Seconds: 30, 60-179 or 600-.",
        Some((_, true)) => "A number or a range: 4, 4-6 or 21-.",
        Some((ValueKind::Page, _)) => "The whole address, or its path such as /blog/.",
        Some((ValueKind::Place, _)) => {
            "The name, or name and country such as Berlin, DE. For “is one of”, write a comma inside a name as \\,"
        }
        Some((ValueKind::IpAddress, _)) => {
            "An internet address such as 198.51.100.7. Several of “is one of” by comma."
        }
        Some((ValueKind::VisitId, _)) => {
            "The number of a visit: the digits at the end of its page's address."
        }
        Some((ValueKind::Pair, _)) => "Key and value such as plan: gold, or the key alone.",
        Some(_) => "As you read it in the report. Several values of “is one of” by comma.",
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
            ("country=DE&href.starts=/shop", "Country is Germany, and Page starts with /shop"),
        ] {
            assert_eq!(sentences(&filter::read(address).unwrap()), text);
        }
    }
}
