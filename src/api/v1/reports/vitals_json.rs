//! Web vitals as JSON.

use super::item_json::ItemJson;
use crate::model::vital::{Vital, VitalRating};
use crate::reports::comparison::Compared;
use crate::reports::results::vitals::{VitalsResult, VitalsSummary};
use serde::Serialize;
use utoipa::ToSchema;

/// The web vitals of a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct VitalsRow {
    /// The page.
    #[serde(flatten)]
    pub item: ItemJson,
    /// Its web vitals.
    #[serde(flatten)]
    pub vitals: ComparedVitals,
}

/// Web vitals, compared.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparedVitals {
    #[serde(flatten)]
    now: VitalsJson,
    /// The comparison period.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<VitalsJson>,
}

/// The web vitals of all pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverallVitals {
    #[serde(flatten)]
    all: ComparedVitals,
    /// Each device that has measurements.
    devices: Vec<DeviceVitals>,
}

/// The web vitals of all pages on a device.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceVitals {
    /// The device.
    #[schema(example = "phone")]
    device: String,
    #[serde(flatten)]
    vitals: ComparedVitals,
}

/// The web vitals of page views.
#[derive(Debug, Serialize, ToSchema)]
pub struct VitalsJson {
    /// The number of page views that were measured.
    measurements: i64,
    /// Largest Contentful Paint, in milliseconds.
    lcp: VitalJson,
    /// Interaction to Next Paint, in milliseconds.
    inp: VitalJson,
    /// Cumulative Layout Shift.
    cls: VitalJson,
}

/// A web vital of page views.
#[derive(Debug, Serialize, ToSchema)]
pub struct VitalJson {
    /// The 75th percentile by nearest rank; left out without a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    p75: Option<f64>,
    /// The rating of the 75th percentile by Google's thresholds: `good`, `needs-improvement` or `poor`; left out for fewer
    /// than 20 values.
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<&'static str>,
    /// The number of values that are good.
    good: i64,
    /// The number of values that need improvement.
    needs_improvement: i64,
    /// The number of values that are poor.
    poor: i64,
}

impl VitalsJson {
    fn new(summary: &VitalsSummary) -> Self {
        let vital = |vital: Vital| {
            let values = summary.get(vital);
            VitalJson {
                p75: values.p75.map(|value| vital.plain(value)),
                rating: values.rating(vital).map(VitalRating::name),
                good: values.rated(VitalRating::Good),
                needs_improvement: values.rated(VitalRating::NeedsImprovement),
                poor: values.rated(VitalRating::Poor),
            }
        };
        Self {
            measurements: summary.measurements,
            lcp: vital(Vital::Lcp),
            inp: vital(Vital::Inp),
            cls: vital(Vital::Cls),
        }
    }
}

impl ComparedVitals {
    /// Describes a summary.
    pub fn new(summary: &Compared<VitalsSummary>) -> Self {
        Self { now: VitalsJson::new(&summary.now), before: summary.before.as_ref().map(VitalsJson::new) }
    }
}

impl OverallVitals {
    /// Describes the web vitals of all pages.
    pub fn new(result: &VitalsResult) -> Self {
        let devices = result.devices.iter().map(|(device, summary)| DeviceVitals {
            device: device.name().to_lowercase(),
            vitals: ComparedVitals::new(summary),
        });
        Self { all: ComparedVitals::new(&result.overall), devices: devices.collect() }
    }
}
