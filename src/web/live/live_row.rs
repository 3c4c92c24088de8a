//! A row of the live stream: an action, its visitor and its source.

use crate::ingest::hit::ActionKind;
use crate::ingest::page_url::shown as shown_address;
use crate::model::clock::{Timestamp, Zone};
use crate::reports::answer::VisitAction;
use crate::reports::query::Query;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::details::Details;
use crate::store::visit_attribute::VisitAttribute;
use crate::web::ui::format::{self, Moment};
use crate::web::ui::{action_name, icon, map};
use crate::web::visitors::goal_tags::GoalTags;
use crate::web::visitors::visitor_summary::{SourceSummary, VisitorSummary};
use maud::{Markup, html};

/// A row of the live stream.
pub struct LiveRow {
    /// The key of the action within the site: the visit and the number of the action.
    pub key: String,
    /// The address of the visit's own screen, if the caller may open it.
    link: Option<String>,
    zone: Zone,
    /// The time of the action.
    pub at: Timestamp,
    kind: ActionKind,
    title: String,
    address: Option<String>,
    visitor: VisitorSummary,
    source: Option<SourceSummary>,
    goals: GoalTags,
    /// The point on the map.
    pub point: Option<(f64, f64)>,
}

impl LiveRow {
    /// Returns the row of an action. Links begin with the path of the site's screens.
    pub fn new(VisitAction { visit, action }: &VisitAction, query: &Query, base: &str) -> Self {
        let (site, visibility) = (&query.site, &query.visibility);
        let attributes = &visit.attributes;
        let has_link = visibility.has(VisitorData::SingleVisits);
        Self {
            key: format!("{}-{}", visit.id, action.number),
            link: has_link.then(|| format!("{base}/visits/{}", visit.id)),
            zone: site.zone.clone(),
            at: action.at,
            kind: action.kind,
            title: action_name::title(action, &site.domain),
            address: action.page.as_deref().map(|page| shown_address(page, &site.domain)),
            visitor: VisitorSummary::from_visit(visit, &Details::for_visibility(visibility)),
            point: map::point(attributes.text(VisitAttribute::Country), attributes.place),
            goals: GoalTags::new(&visit.goals),
            source: SourceSummary::from_attributes(attributes).filter(|_| action.number == 1),
        }
    }
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// Renders a row.
pub fn draw(row: &LiveRow) -> Markup {
    html! {
        li data-key=(row.key) data-x=[row.point.map(|(x, _)| whole(x))] data-y=[row.point.map(|(_, y)| whole(y))] {
            span.clock { (format::moment(&row.zone, row.at, Moment::Seconds)) }
            span.kind title=(action_name::of_kind(row.kind)) { (icon::action(row.kind)) span.hidden { (action_name::of_kind(row.kind)) ": " } }
            span.what {
                @match &row.link {
                    Some(visit) => a href=(visit) { b { (row.title) } },
                    None => b { (row.title) },
                }
                @if let Some(address) = &row.address { span.quiet.address { (address) } }
            }
            span.who { (row.visitor.draw()) (row.goals.draw()) }
            span.source { @if let Some(source) = &row.source { (source.draw()) } }
        }
    }
}
