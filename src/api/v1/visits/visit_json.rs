//! A visit and an action as JSON: lists, single visits, the live stream and exports all write them here.

use crate::api::v1::screens::Screens;
use crate::api::v1::vocabulary::metrics::number;
use crate::ingest::hit::ActionKind;
use crate::model::currency::Currency;
use crate::model::metrics::NumberUnit;
use crate::reports::visits::actions::Action;
use crate::reports::visits::listed::{ListedAction, ListedVisit};
use crate::reports::visits::visit::{ReachedGoal, Visit};
use crate::reports::visits::visit_attributes::VisitAttributes;
use crate::reports::visits::visit_fields::{VISIT_FIELDS, VisitField};
use crate::store::visit_attribute::VisitAttribute;
use serde::Serialize;
use serde_json::Number;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A visit. What is unknown is left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Visit)]
pub struct VisitJson {
    /// The id of the visit.
    pub visit_id: String,
    /// The id of the visitor.
    pub visitor_id: String,
    /// The beginning, in RFC 3339.
    #[schema(example = "2026-11-30T09:30:00Z")]
    pub began_at: String,
    /// The seconds from its beginning to its last sign of life.
    pub seconds: i64,
    /// The number of page views, downloads, outbound clicks and events.
    pub actions: i64,
    /// True if the visitor was never seen before.
    pub new: bool,
    /// True if the browser runs scripts.
    pub javascript: bool,
    /// The name that the site's pages gave the visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The IP address, shortened if the site says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The latitude in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// The longitude in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Source, place and device, in words.
    #[serde(flatten)]
    pub attributes: AttributesJson,
    /// The custom data that pages sent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
    /// The goals that it reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<GoalJson>,
    /// The number of the visitor's visits so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visitor_visits: Option<i64>,
    /// The visitor's first visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_visit_id: Option<String>,
    /// The actions in their order, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_log: Option<Vec<ActionJson>>,
    /// The screen of the visit.
    pub url: String,
}

/// A goal that a visit reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ReachedGoal)]
pub struct GoalJson {
    /// The name of the goal.
    pub goal: String,
    /// The revenue, in the site's currency; negative for a refund. Left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub revenue: Option<Number>,
    /// The currency of the revenue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "EUR")]
    pub currency: Option<&'static str>,
    /// The time, in RFC 3339.
    #[schema(example = "2026-11-30T09:30:00Z")]
    pub at: String,
}

impl GoalJson {
    fn new(goal: &ReachedGoal, currency: Currency) -> Self {
        Self {
            goal: goal.name.clone(),
            revenue: goal.revenue.map(|revenue| number(NumberUnit::Money(currency), revenue)),
            currency: goal.revenue.map(|_| currency.code()),
            at: goal.at.rfc3339(),
        }
    }
}

/// An action of a visit. What is unknown is left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Action)]
pub struct ActionJson {
    /// The number within the visit, from 1 in the order of arrival.
    pub number: i64,
    /// The time, in RFC 3339.
    #[schema(example = "2026-11-30T09:30:00Z")]
    pub at: String,
    /// The kind: `pageview`, `download`, `outbound`, `event` or `media`.
    #[schema(example = "pageview")]
    pub kind: &'static str,
    /// The address of the page, file or link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// The title of the page or event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The act of the player, such as `play at 1:05`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
}

/// An action with the ids of its visit and visitor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ListedAction)]
pub struct ListedActionJson {
    /// The id of the visit.
    pub visit_id: String,
    /// The id of the visitor.
    pub visitor_id: String,
    /// The action.
    #[serde(flatten)]
    pub action: ActionJson,
    /// True for the first page view of its visit, to which referrer and campaign belong.
    pub landing: bool,
}

/// The attributes of a visit in words, by the names that files have for them.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct AttributesJson(BTreeMap<&'static str, String>);

/// Returns the name of an attribute.
fn name(field: &VisitField) -> Option<&'static str> {
    let unnamed = match field.attribute {
        VisitAttribute::Exit => Some("exit"),
        VisitAttribute::LinkDomain => Some("domain"),
        VisitAttribute::Engine => Some("engine"),
        _ => None,
    };
    field.column.or(field.key).or(unnamed)
}

impl AttributesJson {
    /// Returns the known attributes of a visit. Countries and languages are codes, as filters have them.
    pub fn new(attributes: &VisitAttributes) -> Self {
        let known = VISIT_FIELDS.iter().filter_map(|field| {
            let words = attributes.told(field.attribute).filter(|words| !words.is_empty())?;
            Some((name(field)?, words.to_owned()))
        });
        Self(known.collect())
    }
}

impl PartialSchema for AttributesJson {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let names = VISIT_FIELDS.iter().filter_map(name);
        let object = names.fold(ObjectBuilder::new(), |object, name| object.property(name, text()));
        object.into()
    }
}

impl ToSchema for AttributesJson {
    fn name() -> Cow<'static, str> {
        "VisitAttributes".into()
    }
}

impl VisitJson {
    /// Describes a visit alone.
    pub fn new(visit: &Visit, screens: &Screens) -> Self {
        let (latitude, longitude) = visit.attributes.place.unzip();
        Self {
            visit_id: visit.id.to_string(),
            visitor_id: visit.visitor.to_string(),
            began_at: visit.id.began().rfc3339(),
            seconds: visit.seconds,
            actions: visit.actions,
            new: visit.is_new,
            javascript: visit.has_javascript,
            name: visit.name.clone(),
            address: visit.address.map(|address| address.to_string()),
            latitude,
            longitude,
            attributes: AttributesJson::new(&visit.attributes),
            custom: BTreeMap::new(),
            goals: visit.goals.iter().map(|goal| GoalJson::new(goal, screens.currency)).collect(),
            visitor_visits: None,
            first_visit_id: None,
            action_log: None,
            url: screens.visit(visit.id),
        }
    }

    /// Describes a visit of a list, with its custom data, goals and visitor; with its actions too if `has_actions`.
    pub fn of_listed(listed: &ListedVisit, has_actions: bool, screens: &Screens) -> Self {
        Self {
            custom: listed.custom.iter().cloned().collect(),
            visitor_visits: listed.history.map(|history| history.visits),
            first_visit_id: listed.history.map(|history| history.first.to_string()),
            action_log: has_actions.then(|| listed.actions.iter().map(ActionJson::new).collect()),
            ..Self::new(&listed.visit, screens)
        }
    }
}

impl ActionJson {
    /// Describes an action.
    pub fn new(action: &Action) -> Self {
        Self {
            number: action.number,
            at: action.at.rfc3339(),
            kind: kind_name(action.kind),
            href: action.page.clone(),
            title: action.title.clone(),
            media: action.media.clone(),
        }
    }
}

impl ListedActionJson {
    /// Describes an action of a list.
    pub fn new(listed: &ListedAction) -> Self {
        let visit = &listed.visit.visit;
        Self {
            visit_id: visit.id.to_string(),
            visitor_id: visit.visitor.to_string(),
            action: ActionJson::new(&listed.action),
            landing: listed.is_landing,
        }
    }
}

/// The kinds of actions with their names.
const KINDS: [(ActionKind, &str); 5] = [
    (ActionKind::PageView, "pageview"),
    (ActionKind::Download, "download"),
    (ActionKind::Outbound, "outbound"),
    (ActionKind::Event, "event"),
    (ActionKind::Media, "media"),
];

/// Returns the name of a kind of action.
pub fn kind_name(kind: ActionKind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("event", |(_, name)| name)
}

/// Finds a kind of action by its name.
pub fn find_kind(name: &str) -> Option<ActionKind> {
    KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_attribute_has_a_name_of_its_own() {
        let names: HashSet<&str> = VISIT_FIELDS.iter().filter_map(name).collect();
        assert_eq!(names.len(), VISIT_FIELDS.len());
    }
}
