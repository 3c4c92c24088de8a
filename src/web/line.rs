//! One line of a live screen: an action, whose it is and how they came.

use super::format::{self, Moment};
use super::visit::{kind_name, title};
use super::visitors::{self, SourceWords, Who};
use super::{icon, map};
use crate::clock::{Timestamp, Zone};
use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::reports::actions::{self, Action};
use crate::reports::visits::{self, Visit};
use crate::store::sites::Site;
use maud::{Markup, html};
use rusqlite::Connection;

/// One action of the stream.
pub struct Line {
    /// Tells this action from every other of the site: visit and number.
    pub key: String,
    site: i64,
    visit: String,
    zone: Zone,
    at: Timestamp,
    kind: ActionKind,
    title: String,
    address: Option<String>,
    who: Who,
    source: Option<SourceWords>,
    /// Where it stands on the map.
    pub point: Option<(f64, f64)>,
}

impl Line {
    /// Of an action and its visit.
    pub fn of(site: &Site, visit: &Visit, action: &Action) -> Self {
        Self {
            key: format!("{}-{}", visit.id, action.number),
            site: site.id.0,
            visit: visit.id.to_string(),
            zone: site.zone.clone(),
            at: action.at,
            kind: action.kind,
            title: title(action),
            address: action.page.clone(),
            who: Who::of(visit),
            point: map::point(visit.country.as_deref(), visit.place),
            source: (action.number == 1).then(|| SourceWords::of(&visit.source)),
        }
    }
}

/// The newest lines of a site, for the first look.
pub fn newest(connection: &Connection, site: &Site, now: Timestamp) -> Result<Vec<Line>> {
    let told = actions::newest(connection, site.id, now.before(limits::SPY_BACK), now)?;
    let mut lines = Vec::with_capacity(told.len());
    for action in told.into_iter().rev() {
        let found = (actions::find(connection, action)?, visits::find(connection, site.id, action.visit)?);
        if let (Some(action), Some(visit)) = found {
            lines.push(Line::of(site, &visit, &action));
        }
    }
    Ok(lines)
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// One line of the stream.
pub fn line(line: &Line) -> Markup {
    html! {
        li data-key=(line.key) data-x=[line.point.map(|(x, _)| whole(x))] data-y=[line.point.map(|(_, y)| whole(y))] {
            span.clock { (format::moment(&line.zone, line.at, Moment::Seconds)) }
            span.kind title=(kind_name(line.kind)) { (icon::action(line.kind)) span.hidden { (kind_name(line.kind)) ": " } }
            span.what {
                a href={ "/sites/" (line.site) "/visits/" (line.visit) } { b { (line.title) } }
                @if let Some(address) = &line.address { span.quiet.address { (format::path(address)) } }
            }
            span.who { (visitors::who(&line.who)) }
            span.source { @if let Some(source) = &line.source { (visitors::source(source)) } }
        }
    }
}
