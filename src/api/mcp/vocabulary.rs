//! The words of questions: reports, dimensions with their filters, operators, metrics, and what they mean.

use crate::api::v1::definitions::{METRICS, OPERATORS, OperatorDefinition};
use crate::reports::catalogue::{self, REPORTS, ReportKind};
use crate::reports::dimension::Dimension;
use crate::reports::filter::{Operator, is_number};
use serde::Serialize;
use strum::IntoEnumIterator;
use utoipa::ToSchema;

/// The words of questions.
#[derive(Serialize, ToSchema)]
pub struct Vocabulary {
    /// What visits can be filtered and grouped by.
    dimensions: Vec<DimensionWord>,
    /// How values are compared.
    operators: &'static [OperatorDefinition],
    /// What is counted.
    metrics: Vec<MetricWord>,
}

/// The words of questions, with the reports.
#[derive(Serialize, ToSchema)]
pub struct Catalogue {
    /// All reports.
    reports: Vec<ReportWord>,
    #[serde(flatten)]
    vocabulary: Vocabulary,
    /// What terms mean.
    definitions: Vec<Word>,
}

/// A name with its meaning.
#[derive(Serialize, ToSchema)]
pub struct Word {
    /// The name.
    name: &'static str,
    /// What it means.
    about: &'static str,
}

/// A dimension.
#[derive(Serialize, ToSchema)]
pub struct DimensionWord {
    /// The name, also of its filter: `country` in `country=DE`.
    name: &'static str,
    /// The word for one value.
    noun: &'static str,
    /// The operators that suit it, by their names in a query.
    operators: Vec<&'static str>,
    /// Whether `query` can group by it; visits can be filtered by all dimensions.
    is_grouping: bool,
    /// How its values are written.
    values: &'static str,
}

/// A metric.
#[derive(Serialize, ToSchema)]
pub struct MetricWord {
    /// The name.
    name: &'static str,
    /// What it counts, with its unit.
    about: &'static str,
    /// Whether it is counted for each item of a dimension too, and not for whole days and hours alone.
    is_of_items: bool,
}

/// A report.
#[derive(Serialize, ToSchema)]
pub struct ReportWord {
    /// The name.
    name: &'static str,
    /// The title on screens.
    title: &'static str,
    /// What it counts.
    about: &'static str,
    /// The group of reports to which it belongs.
    group: &'static str,
    /// `metric` for one number, `items` for rows, `recent` for a list of the newest, `filtered` for hits that don't count.
    kind: &'static str,
    /// The dimension of its rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension: Option<&'static str>,
}

const DEFINITIONS: [Word; 6] = [
    Word {
        name: "site",
        about: "One tracked website, with its own time zone. Days begin at midnight there.",
    },
    Word { name: "visit", about: "A visitor's stay on the site: ends after 30 minutes without an action." },
    Word {
        name: "visitor",
        about: "A browser, as well as the site's privacy settings allow to recognize it.",
    },
    Word { name: "action", about: "A page view, download, outbound click, event, or use of media." },
    Word {
        name: "segment",
        about: "A saved set of filters. Visits match it when they match each of its filters.",
    },
    Word {
        name: "filter",
        about: "A dimension, an operator and a value, such as country=DE or href.contains=cakes.",
    },
];

impl Vocabulary {
    /// Returns all words.
    pub fn new() -> Self {
        let single = catalogue::SINGLE_VISITS.iter().chain([&catalogue::GOALS]);
        let grouping = catalogue::dimensions().iter().map(|one| dimension(one, true));
        let metrics = METRICS.iter().map(|metric| MetricWord {
            name: metric.name,
            about: metric.about,
            is_of_items: metric.is_of_items,
        });
        Self {
            dimensions: grouping.chain(single.map(|one| dimension(one, false))).collect(),
            operators: &OPERATORS,
            metrics: metrics.collect(),
        }
    }
}

impl Catalogue {
    /// Returns all words and reports.
    pub fn new() -> Self {
        let reports = REPORTS.iter().map(|report| ReportWord {
            name: report.name,
            title: report.title,
            about: report.about,
            group: report.subject.title(),
            kind: match report.kind {
                ReportKind::Metric(_) => "metric",
                ReportKind::Items(_) => "items",
                ReportKind::Recent(_) => "recent",
                ReportKind::FilteredHits => "filtered",
            },
            dimension: match report.kind {
                ReportKind::Items(dimension) => Some(dimension.filter),
                _ => None,
            },
        });
        Self { reports: reports.collect(), vocabulary: Vocabulary::new(), definitions: DEFINITIONS.into() }
    }
}

fn dimension(dimension: &Dimension, is_grouping: bool) -> DimensionWord {
    let suiting = Operator::iter().filter(|operator| operator.suits(dimension));
    DimensionWord {
        name: dimension.filter,
        noun: dimension.noun,
        operators: suiting.map(OperatorDefinition::name).collect(),
        is_grouping,
        values: if is_number(dimension) { "A number or a range: 4, 4-6 or 21-." } else { "As in results." },
    }
}
