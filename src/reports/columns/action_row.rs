//! An action's row, converted to the keys by which the action is counted.

use super::DictKey;
use super::visit_row::{bounded, key};
use crate::ingest::hit::ActionKind;
use crate::store::page_forms::PageForms;
use rusqlite::{Connection, Row};

/// The query for the actions of a site's visits in a range of ids, in order.
pub const ACTIONS: &str = "select visit_id, number, kind, page, title, at
  from actions
  where site_id = :site and visit_id >= :first and visit_id < :end
  order by visit_id, number";
/// The query for the new actions of listed visits; each entry of the list is a visit and its last known action number.
pub const ACTIONS_LISTED: &str = "select visit_id, number, kind, page, title, at
  from json_each(:visits) as listed
  cross join actions on site_id = :site and visit_id = listed.value ->> 0 and number > listed.value ->> 1";

/// An action as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct ActionRow {
    /// The number within its visit.
    pub number: i64,
    /// The kind; `None` for an unknown code.
    pub kind: Option<ActionKind>,
    /// The key by which it is counted.
    pub item: DictKey,
    /// The key of its subtitle.
    pub beside: DictKey,
    /// The milliseconds since the visit began, limited to 32 bits.
    pub at: u64,
}

impl ActionRow {
    /// Reads a row of [`ACTIONS`], with pages under the labels that stand for them.
    pub fn read(row: &Row<'_>, connection: &Connection, forms: &PageForms) -> rusqlite::Result<Self> {
        let kind = ActionKind::from_code(row.get(2)?);
        let label = |at| Ok::<_, rusqlite::Error>(key(row, at)?.cast_signed());
        let (page, title) = (label(3)?, label(4)?);
        let (page, title) = match kind {
            Some(ActionKind::PageView) => (forms.page(connection, page)?, title),
            Some(ActionKind::Download) => (forms.own(connection, page)?, title),
            // Either may be what they are counted by.
            Some(ActionKind::Event | ActionKind::Media) => {
                (forms.own(connection, page)?, forms.own(connection, title)?)
            }
            Some(ActionKind::Outbound) | None => (page, title),
        };
        let (page, title) = (page.cast_unsigned(), title.cast_unsigned());
        let (item, beside) = match kind {
            Some(ActionKind::Event | ActionKind::Media) if title != 0 => (title, page),
            _ => (page, title),
        };
        Ok(Self { number: row.get(1)?, kind, item, beside, at: bounded(row.get(5)?) })
    }
}
