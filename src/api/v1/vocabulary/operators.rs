//! The operators of filters.

use crate::reports::filter::Operator;
use serde::Serialize;
use utoipa::ToSchema;

/// An operator of filters.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorDefinition {
    /// The name in the filters of a query.
    #[schema(example = "is_not")]
    pub query: &'static str,
    /// The end of the name of a filter in an address; empty for the usual operator.
    #[schema(example = ".not")]
    pub suffix: &'static str,
    /// The meaning.
    pub about: &'static str,
    #[serde(skip)]
    operator: Operator,
}

/// All operators.
pub static OPERATORS: [OperatorDefinition; 6] = [
    OperatorDefinition {
        query: "is",
        suffix: "",
        about: "The value is this one; in a query, one of these.",
        operator: Operator::Is,
    },
    OperatorDefinition {
        query: "is_not",
        suffix: ".not",
        about: "The value is not this one; in a query, none of these.",
        operator: Operator::IsNot,
    },
    OperatorDefinition {
        query: "in",
        suffix: ".in",
        about: "The value is one of these: separated by commas in an address.",
        operator: Operator::OneOf,
    },
    OperatorDefinition {
        query: "contains",
        suffix: ".contains",
        about: "The value contains this text, in any case.",
        operator: Operator::Contains,
    },
    OperatorDefinition {
        query: "contains_not",
        suffix: ".lacks",
        about: "The value does not contain this text, in any case.",
        operator: Operator::Lacks,
    },
    OperatorDefinition {
        query: "starts",
        suffix: ".starts",
        about: "The value begins with this text, in any case.",
        operator: Operator::Starts,
    },
];

impl OperatorDefinition {
    /// Finds an operator by its name in a query.
    pub fn find(name: &str) -> Option<Operator> {
        OPERATORS.iter().find(|one| one.query == name).map(|one| one.operator)
    }

    /// Returns the name of an operator in a query.
    pub fn name(operator: Operator) -> &'static str {
        OPERATORS.iter().find(|one| one.operator == operator).map_or("is", |one| one.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn every_operator_has_a_name() {
        for operator in Operator::iter() {
            assert_eq!(OperatorDefinition::find(OperatorDefinition::name(operator)), Some(operator));
        }
    }

    #[test]
    fn the_guide_names_every_operator() {
        let guide = include_str!("../../../../assets/help/api.md");
        for operator in &OPERATORS {
            assert!(guide.contains(&format!("`{}`", operator.query)), "{}", operator.query);
        }
    }
}
