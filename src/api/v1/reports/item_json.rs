//! An item in replies: its name and its metrics.

use crate::api::v1::vocabulary::metrics::{ApiMetric, METRICS, ValueScope};
use crate::model::metrics::Metrics;
use crate::reports::results::item_name::ItemName;
use crate::reports::visibility::Visibility;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// The name of an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
pub struct ItemJson {
    /// The title.
    #[schema(example = "Germany")]
    pub item: String,
    /// The value for a filter.
    #[schema(example = "DE")]
    pub value: String,
    /// The line below the title, such as the title of a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// The address of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl ItemJson {
    /// Describes an item.
    pub fn new(name: &ItemName) -> Self {
        Self {
            item: name.title.clone(),
            value: name.filter.clone(),
            beside: name.subtitle.clone().filter(|text| !text.is_empty()),
            url: name.address.clone(),
        }
    }
}

/// The metrics of an item, by their names.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct MetricsJson(Map<String, Value>);

impl MetricsJson {
    /// Describes the metrics of an item that may be seen.
    pub fn new(metrics: &Metrics, scope: &ValueScope, visibility: &Visibility) -> Self {
        let is_shown = |metric: &&ApiMetric| {
            metric.is_of_items && metric.is_visible(visibility) && metric.is_measured(metrics)
        };
        let of_items = METRICS.iter().filter(is_shown);
        Self(of_items.map(|metric| (metric.name.to_owned(), metric.value(metrics, scope).into())).collect())
    }
}

impl PartialSchema for MetricsJson {
    fn schema() -> RefOr<Schema> {
        let of_items = METRICS.iter().filter(|metric| metric.is_of_items);
        let object = of_items.fold(ObjectBuilder::new(), |object, metric| {
            let number = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Number));
            object.property(metric.name, number.description(Some(metric.about)))
        });
        object.into()
    }
}

impl ToSchema for MetricsJson {
    fn name() -> Cow<'static, str> {
        "Metrics".into()
    }
}
