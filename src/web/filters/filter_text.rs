//! The parts of the forms in which filters are typed.

use crate::reports::catalogue::{self, ReportGroup, SINGLE_VISITS};
use crate::reports::dimension::{Dimension, ValueKind};
use crate::reports::filter::{Operator, is_number};
use crate::reports::visibility::Visibility;
use maud::{Markup, html};
use strum::IntoEnumIterator;

/// Returns the dimensions that may be filtered by, grouped like the menu.
fn offered(visibility: &Visibility) -> Vec<(ReportGroup, Vec<&'static Dimension>)> {
    let of_group = |group: ReportGroup| -> Vec<&'static Dimension> {
        let reports = visibility.reports().filter(|report| report.subject == group);
        let dimensions = reports.filter_map(|report| report.kind.dimension());
        let single = SINGLE_VISITS.iter().filter(|dimension| match dimension.value_kind {
            ValueKind::FunnelStep => group == ReportGroup::Goals,
            _ => group == ReportGroup::Audience,
        });
        dimensions.chain(single.filter(|dimension| visibility.filters_by(dimension))).collect()
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
        Some((ValueKind::FunnelStep, _)) => {
            "A funnel and a step such as Checkout:2, or Checkout:2:lost for visits that went no further."
        }
        Some((ValueKind::BrokenLink, _)) => {
            "The page and the page with the link, such as /old ← /blog, or the page alone."
        }
        Some((ValueKind::Pair, _)) if dimension == Some(catalogue::splits()) => {
            "Test and version such as Order button: green, or the test alone."
        }
        Some((ValueKind::Pair, _)) => "Key and value such as plan: gold, or the key alone.",
        Some(_) => "As you read it in the report. Several values of “is one of” by comma.",
    }
}
