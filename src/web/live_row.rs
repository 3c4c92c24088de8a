//! A row of the live stream: an action, its visitor and its source.

use super::format::{self, Moment};
use super::visitor_summary::{SourceSummary, VisitorSummary};
use super::{action_name, icon, map};
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::ingest::live::LiveAction;
use crate::ingest::page_url::shown as shown_address;
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::reports::visibility::{Visibility, VisitorData};
use crate::reports::visits::actions;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::reports::visits::visit;
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
    /// The point on the map.
    pub point: Option<(f64, f64)>,
}

impl LiveRow {
    /// Returns the row of an action, with the data that the caller may see; `None` if its visit is hidden or was erased.
    /// Links begin with the path of the site's screens.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn from_action(
        shown: &VisibleVisits<'_>,
        base: &str,
        visibility: &Visibility,
        live: LiveAction,
    ) -> Result<Option<Self>> {
        let (connection, site) = (shown.connection(), shown.site);
        if !shown.has(live.visit)? {
            return Ok(None);
        }
        let Some(action) = actions::find(connection, site, live)? else { return Ok(None) };
        let action = shown.seen_action(action);
        let Some(visit) = visit::find(connection, site.id, live.visit)? else { return Ok(None) };
        let visit = shown.redact(visit)?;
        let has_link = visibility.has(VisitorData::SingleVisits);
        Ok(Some(Self {
            key: format!("{}-{}", visit.id, action.number),
            link: has_link.then(|| format!("{base}/visits/{}", visit.id)),
            zone: site.zone.clone(),
            at: action.at,
            kind: action.kind,
            title: action_name::title(&action, &site.domain),
            address: action.page.as_deref().map(|page| shown_address(page, &site.domain)),
            visitor: VisitorSummary::from_visit(&visit, shown.details()),
            point: map::point(visit.country.as_deref(), visit.place),
            source: SourceSummary::from_source(&visit.source).filter(|_| action.number == 1),
        }))
    }
}

/// Returns the rows of the latest actions, newest first.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn latest(shown: &VisibleVisits<'_>, base: &str, visibility: &Visibility) -> Result<Vec<LiveRow>> {
    let now = shown.reader.now;
    let since: Timestamp = now.before(limits::SPY_BACK);
    let actions = actions::newest(shown.connection(), shown.site.id, since, now)?;
    let rows = actions.into_iter().rev().map(|live| LiveRow::from_action(shown, base, visibility, live));
    rows.filter_map(Result::transpose).collect()
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
            span.who { (row.visitor.draw()) }
            span.source { @if let Some(source) = &row.source { (source.draw()) } }
        }
    }
}
