//! The actions of visitors: the action log of a visit, single actions, and the newest actions of a site for the live
//! stream.

use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::ingest::live::LiveAction;
use crate::ingest::page_url;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, VisitId};
use crate::reports::date_range::since;
use crate::store::sites::Site;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::json;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

/// An action of a visitor.
#[derive(Clone, Debug)]
pub struct Action {
    /// The number within the visit, from 1 in the order of arrival.
    pub number: i64,
    /// The time.
    pub at: Timestamp,
    /// The kind.
    pub kind: ActionKind,
    /// The address of the page that was viewed, the file that was downloaded, or the link that was followed.
    pub page: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The state of the player, such as `play at 1:05`.
    pub media: Option<String>,
}

impl Action {
    /// The bytes of the numbers of an action, as lists write them.
    const NUMBERS: usize = 100;

    /// Returns about the number of bytes that the action takes in a list.
    pub fn bytes(&self) -> usize {
        let texts = [&self.page, &self.title, &self.media].into_iter().flatten();
        Self::NUMBERS + texts.map(String::len).sum::<usize>()
    }
}

/// The place of an action in the order of time; of actions at the same time, that of the later visit is later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActionKey {
    /// The time.
    pub at: Timestamp,
    /// The visit.
    pub visit: VisitId,
    /// The number within the visit.
    pub number: i64,
}

const COLUMNS: &str = "actions.number, actions.visit_id, actions.at, actions.kind, pages.text, titles.text,
  events.text, media.seconds";
const JOINS: &str = "left join labels as pages on pages.id = actions.page
  left join labels as titles on titles.id = actions.title
  left join media on media.site_id = actions.site_id and media.visit_id = actions.visit_id
                 and media.number = actions.number
  left join labels as events on events.id = media.event";

fn read(row: &Row<'_>, domain: &str) -> rusqlite::Result<Action> {
    let kind = ActionKind::from_code(row.get(3)?).unwrap_or(ActionKind::Event);
    let page: Option<String> = row.get(4)?;
    let event: Option<String> = row.get(6)?;
    let seconds: Option<i64> = row.get(7)?;
    Ok(Action {
        number: row.get(0)?,
        at: Timestamp(VisitId(row.get(1)?).began().0 + row.get::<_, i64>(2)?),
        kind,
        page: page.map(|page| page_url::form(kind, &page, domain).into_owned()),
        title: row.get(5)?,
        media: event.map(|event| match seconds {
            Some(seconds) => format!("{event} at {}:{:02}", seconds / 60, seconds % 60),
            None => event,
        }),
    })
}

/// The action log of a visit, in order. Pages have the form that stands for them.
pub fn list(connection: &Connection, site: &Site, visit: VisitId) -> Result<Vec<Action>> {
    let sql = format!(
        "select {COLUMNS} from actions {JOINS}
         where actions.site_id = :site and actions.visit_id = :visit
         order by actions.number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let bound = named_params! {":site": site.id.0, ":visit": visit.0};
    let rows = statement.query_map(bound, |row| read(row, &site.domain))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One action.
pub fn find(connection: &Connection, site: &Site, action: LiveAction) -> Result<Option<Action>> {
    let sql = format!(
        "select {COLUMNS} from actions {JOINS}
         where actions.site_id = :site and actions.visit_id = :visit and actions.number = :number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let bound = named_params! {":site": action.site.0, ":visit": action.visit.0, ":number": action.number};
    Ok(statement.query_row(bound, |row| read(row, &site.domain)).optional()?)
}

/// Finds several actions in one query, each with true if it is the first page view of its visit.
///
/// # Errors
///
/// Fails when the query is cancelled or the data file cannot be read.
pub fn find_all(
    connection: &Connection,
    site: &Site,
    keys: &[ActionKey],
) -> Result<HashMap<ActionKey, (Action, bool)>> {
    let sql = format!(
        "select {COLUMNS}, actions.kind = :page_view and not exists (
             select 1 from actions as earlier
             where earlier.site_id = actions.site_id and earlier.visit_id = actions.visit_id
               and earlier.number < actions.number and earlier.kind = :page_view
           )
         from json_each(:keys) as listed
         cross join actions on actions.site_id = :site and actions.visit_id = listed.value ->> 0
                           and actions.number = listed.value ->> 1
         {JOINS}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let keys: Vec<[i64; 2]> = keys.iter().map(|key| [key.visit.0, key.number]).collect();
    let bound = named_params! {
        ":site": site.id.0, ":keys": json!(keys).to_string(), ":page_view": ActionKind::PageView.code(),
    };
    let mut rows = statement.query(bound)?;
    let mut found = HashMap::with_capacity(keys.len());
    while let Some(row) = rows.next()? {
        let action = read(row, &site.domain)?;
        let key = ActionKey { at: action.at, visit: VisitId(row.get(1)?), number: action.number };
        found.insert(key, (action, row.get(8)?));
    }
    Ok(found)
}

/// Returns the newest actions of a site from a time until now, oldest first, at most so many.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn newest(
    connection: &Connection,
    site: SiteId,
    times: Range<Timestamp>,
    most: usize,
) -> Result<Vec<LiveAction>> {
    let longest = Duration::from_hours(limits::VISIT_HOURS_MAX.unsigned_abs());
    let mut statement = connection.prepare_cached(
        "select actions.visit_id, actions.number
         from visits
         join actions on actions.site_id = visits.site_id and actions.visit_id = visits.id
         where visits.site_id = :site and visits.id >= :since and (visits.id >> 20) + visits.stay >= :after
           and (visits.id >> 20) + actions.at >= :after
         order by (visits.id >> 20) + actions.at desc, actions.visit_id desc, actions.number desc
         limit :most",
    )?;
    let bound = named_params! {
        ":site": site.0, ":since": since(times.end, longest).0, ":after": times.start.0,
        ":most": i64::try_from(most).unwrap_or(i64::MAX),
    };
    let rows = statement
        .query_map(bound, |row| Ok(LiveAction { site, visit: VisitId(row.get(0)?), number: row.get(1)? }))?;
    let mut newest: Vec<LiveAction> = rows.collect::<rusqlite::Result<_>>()?;
    newest.reverse();
    Ok(newest)
}
