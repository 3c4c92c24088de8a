//! The descriptions of parameters that several routes share.

use super::vocabulary::dimensions::{filter_names, find_filter};
use super::vocabulary::operators::OPERATORS;
use crate::reports::comparison::Comparison;
use crate::reports::filter::Operator;
use serde_json::{Value, json};
use std::iter;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

fn parameter(name: &str, about: &str, schema: ObjectBuilder, example: Option<Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .example(example)
        .build()
}

/// The parameter of days.
pub struct DateParams;

impl IntoParams for DateParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "The days, in the time zone of the site: `today`, `yesterday`, `last-7-days` (any number), `this-week`, \
                     `last-week`, `this-month`, `last-month`, `this-year`, `last-year`, a day `2026-11-30`, a month `2026-11`, a \
                     year `2026`, or two days `2026-11-01,2026-11-30`. `last-7-days` if left out.";
        vec![parameter("date", about, text(), Some(json!("last-30-days")))]
    }
}

/// The parameter of a comparison.
pub struct CompareParams;

impl IntoParams for CompareParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "What to compare with: the period `before`, the same `weekdays` earlier, the `year` before, or `none`, which \
                     is meant if left out. The other values are then in `before`.";
        let names = Comparison::ALL.map(Comparison::name).into_iter().chain(["none"]);
        let names = text().enum_values(Some(names));
        vec![parameter("compare", about, names, Some(json!("before")))]
    }
}

/// The parameters that choose visits: segment and filters.
pub struct FilterParams;

impl IntoParams for FilterParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let about = "The id of a saved segment, as in `GET …/segments`. Its filters hold besides the others.";
        let segment = parameter("segment", about, text(), None);
        let filters = filter_names().map(|name| parameter(name, &about_filter(name), text(), None));
        iter::once(segment).chain(filters).collect()
    }
}

/// Says what a filter does, and in which other ways it compares.
fn about_filter(name: &str) -> String {
    let Some(dimension) = find_filter(name) else { return String::new() };
    let suits = |suffix: &str| Operator::find(&suffix[1..]).is_some_and(|operator| operator.suits(dimension));
    let others = OPERATORS.iter().map(|operator| operator.suffix).filter(|suffix| !suffix.is_empty());
    let others: Vec<String> =
        others.filter(|suffix| suits(suffix)).map(|suffix| format!("`{name}{suffix}`")).collect();
    let noun = dimension.noun;
    if others.is_empty() {
        return format!("Filter: only visits with this value. {noun}.");
    }
    format!("Filter: only visits with this value. {noun}. Other ways to compare: {}.", others.join(", "))
}

/// The parameters of pages.
pub struct PageParams;

impl IntoParams for PageParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(crate::limits::API_PAGE_ROWS_MAX));
        let rows = crate::limits::API_PAGE_ROWS;
        let about = format!("The number of rows on a page. {rows} if left out.");
        let cursor =
            "The `next_cursor` of the reply before, with the same parameters. Left out for the first page.";
        vec![parameter("limit", &about, limit, Some(json!(rows))), parameter("cursor", cursor, text(), None)]
    }
}
