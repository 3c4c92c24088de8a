//! The descriptions of parameters that several routes share.

use super::definitions::filter_names;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

fn text(name: &str, about: &str) -> Parameter {
    parameter(name, about, ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)))
}

fn parameter(name: &str, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

/// The parameters that choose visits: days, comparison, segment and filters.
pub struct VisitParams;

impl IntoParams for VisitParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let compare = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .enum_values(Some(["before", "weekdays", "year", "none"]));
        let own = [
            text(
                "date",
                "The days: `today`, `last-7-days` (the usual ones), `this-month`, `2026-11-30`, `2026-11`, or two days with a comma between them.",
            ),
            parameter("compare", "The comparison; none if it is left out.", compare),
            text("segment", "The id of a saved segment, whose filters hold too."),
        ];
        let filters = filter_names().map(|name| {
            let about = format!(
                "A filter: visits with this value. Others are `{name}.not`, `{name}.in`, `{name}.contains`, `{name}.lacks` and `{name}.starts`."
            );
            text(name, &about)
        });
        own.into_iter().chain(filters).collect()
    }
}

/// The parameters of pages.
pub struct PageParams;

impl IntoParams for PageParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .minimum(Some(1))
            .maximum(Some(crate::limits::API_PAGE_ROWS_MAX));
        vec![
            parameter("limit", "The number of rows on a page; 100 if it is left out.", limit),
            text("cursor", "The `next_cursor` of the reply before."),
        ]
    }
}
