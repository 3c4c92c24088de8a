//! The vocabulary of reports and queries: metrics, filters with their dimensions, operators, and the terms of their
//! meanings. Reports, queries, the description of the API, the catalogue and assistants all read these tables.

pub mod dimensions;
pub mod metrics;
pub mod operators;

use crate::reports::catalogue;
use crate::reports::dimension::Dimension;
use crate::reports::filter::{Operator, is_number};
use crate::reports::visibility::Visibility;
use metrics::{ApiMetric, METRICS};
use operators::{OPERATORS, OperatorDefinition};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

/// The vocabulary of queries.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vocabulary {
    /// The metrics.
    metrics: Vec<MetricDefinition>,
    /// The filters.
    filters: Vec<FilterDefinition>,
    /// The ways in which filters compare.
    operators: &'static [OperatorDefinition],
    /// The terms in which all of these are explained.
    terms: &'static [TermDefinition],
}

/// A metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricDefinition {
    /// The name.
    #[schema(example = "bounce_rate")]
    name: &'static str,
    /// The meaning, with the unit.
    about: &'static str,
    /// True if each item has it; false if it is counted without dimensions and by time alone.
    of_items: bool,
    /// True if items can be ordered by it.
    sortable: bool,
}

/// A filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterDefinition {
    /// The name.
    #[schema(example = "country")]
    name: &'static str,
    /// The word for one value.
    noun: &'static str,
    /// The operators that suit it, by their names in a query.
    operators: Vec<&'static str>,
    /// The form of its values.
    values: &'static str,
    /// The name of its dimension in a query; left out if visits aren't counted by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "country")]
    dimension: Option<&'static str>,
}

/// A term.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermDefinition {
    /// The term.
    name: &'static str,
    /// The meaning.
    about: &'static str,
}

static TERMS: [TermDefinition; 6] = [
    TermDefinition {
        name: "site",
        about: "One tracked website, with its own time zone. Days begin at midnight there.",
    },
    TermDefinition {
        name: "visit",
        about: "A visitor's stay on the site: it ends after 30 minutes of inactivity.",
    },
    TermDefinition {
        name: "visitor",
        about: "A browser, as well as the site's privacy settings allow to recognize it.",
    },
    TermDefinition {
        name: "action",
        about: "A page view, download, outbound click or event. The use of media doesn't count as one.",
    },
    TermDefinition {
        name: "segment",
        about: "A saved set of filters. Visits match it when they match each of its filters.",
    },
    TermDefinition {
        name: "filter",
        about: "A dimension, an operator and a value, such as country=DE or href.contains=cakes.",
    },
];

impl Vocabulary {
    /// Returns the vocabulary for somebody's visibility of a site.
    pub fn new(visibility: &Visibility) -> Self {
        let filters = dimensions::filters().filter(|dimension| visibility.filters_by(dimension));
        Self {
            metrics: METRICS.iter().map(MetricDefinition::new).collect(),
            filters: filters.map(FilterDefinition::new).collect(),
            operators: &OPERATORS,
            terms: &TERMS,
        }
    }
}

impl MetricDefinition {
    fn new(metric: &ApiMetric) -> Self {
        Self {
            name: metric.name,
            about: metric.about,
            of_items: metric.is_of_items,
            sortable: metric.sort.is_some(),
        }
    }
}

impl FilterDefinition {
    fn new(dimension: &'static Dimension) -> Self {
        let suiting = Operator::iter().filter(|operator| operator.suits(dimension));
        let is_counted = catalogue::dimensions().contains(dimension);
        Self {
            name: dimension.filter,
            noun: dimension.noun,
            operators: suiting.map(OperatorDefinition::name).collect(),
            values: if is_number(dimension) {
                "A number or a range: 4, 4-6 or 21-."
            } else {
                "As in results."
            },
            dimension: is_counted.then(|| dimensions::query_name(dimension)),
        }
    }
}
