//! One line of a live screen: an action, whose it is and how they came.

use super::format::{self, Moment};
use super::visit::{kind_name, title};
use super::visitors::{self, SourceWords, VisitorSummary};
use super::{icon, map};
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

/// One action of the stream.
pub struct LiveRow {
    /// Tells this action from every other of the site: visit and number.
    pub key: String,
    /// The visit's own screen, where it may be opened.
    link: Option<String>,
    zone: Zone,
    /// When it happened.
    pub at: Timestamp,
    kind: ActionKind,
    title: String,
    address: Option<String>,
    who: VisitorSummary,
    source: Option<SourceWords>,
    /// Where it stands on the map.
    pub point: Option<(f64, f64)>,
}

impl LiveRow {
    /// An action as it may be seen. None when its visit is not shown, or was erased meanwhile.
    pub fn from_action(
        shown: &VisibleVisits<'_>,
        (base, view): (&str, &Visibility),
        told: LiveAction,
    ) -> Result<Option<Self>> {
        let (connection, site) = (shown.connection(), shown.site);
        if !shown.has(told.visit)? {
            return Ok(None);
        }
        let Some(action) = actions::find(connection, site, told)? else { return Ok(None) };
        let action = shown.seen_action(action);
        let Some(visit) = visit::find(connection, site.id, told.visit)? else { return Ok(None) };
        let visit = shown.redact(visit)?;
        let has_link = view.has(VisitorData::SingleVisits);
        Ok(Some(Self {
            key: format!("{}-{}", visit.id, action.number),
            link: has_link.then(|| format!("{base}/visits/{}", visit.id)),
            zone: site.zone.clone(),
            at: action.at,
            kind: action.kind,
            title: title(&action, &site.domain),
            address: action.page.as_deref().map(|page| shown_address(page, &site.domain)),
            who: VisitorSummary::from_visit(&visit, shown.details()),
            point: map::point(visit.country.as_deref(), visit.place),
            source: SourceWords::from_source(&visit.source).filter(|_| action.number == 1),
        }))
    }
}

/// The newest lines of a site, for the first look.
pub fn newest(shown: &VisibleVisits<'_>, (base, view): (&str, &Visibility)) -> Result<Vec<LiveRow>> {
    let now = shown.reader.now;
    let since: Timestamp = now.before(limits::SPY_BACK);
    let told = actions::newest(shown.connection(), shown.site.id, since, now)?;
    let lines = told.into_iter().rev().map(|told| LiveRow::from_action(shown, (base, view), told));
    lines.filter_map(Result::transpose).collect()
}

fn whole(value: f64) -> String {
    format!("{value:.0}")
}

/// One line of the stream.
pub fn line(line: &LiveRow) -> Markup {
    html! {
        li data-key=(line.key) data-x=[line.point.map(|(x, _)| whole(x))] data-y=[line.point.map(|(_, y)| whole(y))] {
            span.clock { (format::moment(&line.zone, line.at, Moment::Seconds)) }
            span.kind title=(kind_name(line.kind)) { (icon::action(line.kind)) span.hidden { (kind_name(line.kind)) ": " } }
            span.what {
                @match &line.link {
                    Some(visit) => a href=(visit) { b { (line.title) } },
                    None => b { (line.title) },
                }
                @if let Some(address) = &line.address { span.quiet.address { (address) } }
            }
            span.who { (visitors::who(&line.who)) }
            span.source { @if let Some(source) = &line.source { (visitors::source(source)) } }
        }
    }
}
