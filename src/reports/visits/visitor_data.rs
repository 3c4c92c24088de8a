//! The data of one visitor: selection of the visitor, their visits, and a JSON export of all data of a visit.

use super::actions;
use super::visit;
use super::visit::Visit;
use super::visit_fields::{VISIT_FIELDS, VisitField};
use crate::error::{Error, Result};
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::address;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::model::page_form::page_form;
use crate::model::vital::Vital;
use crate::store::annotations;
use crate::store::sites::Site;
use crate::store::visit_tables::{VISIT_TABLES, VisitTable, VisitorRows, VisitorValue};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, named_params};
use serde_json::{Value, json};
use std::net::IpAddr;

/// A selector of visitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitorSelector {
    /// The visitor's id.
    Visitor(VisitorId),
    /// An IP address in its stored form.
    Address(IpAddr),
    /// A key and value of custom data, in every way of splitting the text at a colon, since both may contain one. The
    /// first pair that occurs counts.
    Custom(Vec<(String, String)>),
    /// A name that pages gave the visitor, as username, name or email.
    Name(String),
}

impl VisitorSelector {
    /// Parses `key: value`.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] when there is no key or no value.
    pub fn custom(text: &str) -> Result<Self> {
        let ways = text.match_indices(':').filter_map(|(at, _)| {
            let (key, value) = (text[..at].trim(), text[at + 1..].trim());
            (!key.is_empty() && !value.is_empty()).then(|| (key.to_owned(), value.to_owned()))
        });
        let ways: Vec<_> = ways.collect();
        if ways.is_empty() {
            let sentence = "Write a key and a value, such as 'email: anna@example.org'.";
            return Err(Error::invalid("custom", sentence));
        }
        Ok(Self::Custom(ways))
    }

    /// Finds the selected visitors. A visitor who is found by the address or custom data of one visit is selected with
    /// all visits.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn find(&self, connection: &Connection, site: SiteId) -> Result<Vec<VisitorId>> {
        let visitors = |condition: &str, values: &[(&str, &dyn rusqlite::ToSql)]| -> Result<Vec<VisitorId>> {
            let sql = format!("select distinct visitor_id from visits where site_id = :site and {condition}");
            let mut statement = connection.prepare(&sql)?;
            let mut bound: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":site", &site.0)];
            bound.extend(values);
            let rows = statement.query_map(bound.as_slice(), |row| row.get(0).map(VisitorId))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        let with_custom = |keys: &str| {
            format!(
                "id in (select visit_id from custom
                        where site_id = :site and value = (select id from labels where text = :value)
                          and key in (select id from labels where text in ({keys})))"
            )
        };
        match self {
            Self::Visitor(visitor) => visitors("visitor_id = :visitor", &[(":visitor", &visitor.0)]),
            Self::Address(meant) => {
                visitors("address = :address", &[(":address", &address::stored(*meant, false))])
            }
            Self::Custom(ways) => {
                for (key, value) in ways {
                    let found = visitors(&with_custom(":key"), &[(":key", key), (":value", value)])?;
                    if !found.is_empty() {
                        return Ok(found);
                    }
                }
                Ok(Vec::new())
            }
            Self::Name(name) => visitors(&with_custom("'username', 'name', 'email'"), &[(":value", name)]),
        }
    }
}

/// Lists all visits of a visitor, oldest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn visits_of(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<Vec<VisitId>> {
    let mut statement = connection.prepare_cached(
        "select id from visits indexed by visits_by_visitor
         where site_id = :site and visitor_id = :visitor
         order by id",
    )?;
    let rows = statement
        .query_map(named_params! {":site": site.0, ":visitor": visitor.0}, |row| row.get(0).map(VisitId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the first visits of a visitor, as many as one transaction erases.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn slice_of(connection: &Connection, site: SiteId, visitor: VisitorId) -> Result<Vec<VisitId>> {
    let mut visits = visits_of(connection, site, visitor)?;
    visits.truncate(limits::ERASE_VISITS_PER_SLICE);
    Ok(visits)
}

/// Exports all data of a visit as JSON; `None` when the visit is gone.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn export(connection: &Connection, site: &Site, id: VisitId) -> Result<Option<Value>> {
    let Some(visit) = visit::find(connection, site.id, id)? else { return Ok(None) };
    let mut value = about(&site.zone, &visit);
    value["custom_data"] = visit::custom(connection, site.id, id)?
        .into_iter()
        .map(|(key, value)| (key, Value::String(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let done = actions::list(connection, site, id)?.into_iter().map(|action| {
        json!({
            "at": site.zone.local_second(action.at), "kind": kind(action.kind), "address": action.page,
            "title": action.title, "media": action.media,
        })
    });
    value["actions"] = done.collect();
    for VisitTable { name, visitor_rows, .. } in VISIT_TABLES {
        if let Some(found) = visitor_rows {
            value[found.key] = rows(connection, site, id, name, &found)?;
        }
    }
    Ok(Some(value))
}

fn rows(
    connection: &Connection,
    site: &Site,
    id: VisitId,
    table: &str,
    found: &VisitorRows,
) -> Result<Value> {
    let mut statement = connection.prepare_cached(&found.query(table))?;
    let rows = statement.query_map(named_params! {":site": site.id.0, ":visit": id.0}, |row| {
        let values = found.values.iter().enumerate().map(|(place, (key, _, kind))| {
            let value = match (kind, row.get_ref(place)?) {
                (VisitorValue::Time, _) => {
                    let at = Timestamp(id.began().0 + row.get::<_, i64>(place)?);
                    json!(site.zone.local_second(at))
                }
                (VisitorValue::Text | VisitorValue::Goal, _) => json!(row.get::<_, Option<String>>(place)?),
                (VisitorValue::Page, _) => json!(page_form(&row.get::<_, String>(place)?)),
                (VisitorValue::Money, _) => json!(site.currency.text(row.get(place)?)),
                (VisitorValue::Number, ValueRef::Integer(number)) => json!(number),
                (VisitorValue::Number, _) => json!(row.get::<_, Option<f64>>(place)?),
                (VisitorValue::Shift, _) => {
                    json!(row.get::<_, Option<u32>>(place)?.map(|parts| Vital::Cls.plain(parts)))
                }
            };
            Ok(((*key).to_owned(), value))
        });
        values.collect::<rusqlite::Result<Value>>()
    })?;
    Ok(Value::Array(rows.collect::<rusqlite::Result<_>>()?))
}

fn about(zone: &Zone, visit: &Visit) -> Value {
    let mut value = json!({
        "visit": visit.id.to_string(),
        "visitor": visit.visitor.to_string(),
        "began": zone.local_second(visit.id.began()),
        "seconds": visit.seconds,
        "is_first_visit": visit.is_new,
        "address": visit.address.map(|address| address.to_string()),
        "latitude_longitude": visit.attributes.place.map(|(north, east)| [north, east]),
        "runs_scripts": visit.has_javascript,
    });
    for VisitField { attribute, key, .. } in VISIT_FIELDS {
        if let Some(key) = *key {
            value[key] = json!(visit.attributes.told(*attribute));
        }
    }
    value
}

fn kind(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::PageView => "page view",
        ActionKind::Download => "download",
        ActionKind::Outbound => "outbound click",
        ActionKind::Event => "event",
        ActionKind::Media => "media",
    }
}

/// Returns the header of an export as JSON, with the annotations of the visitors.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn head(connection: &Connection, site: &Site, visitors: &[VisitorId], now: Timestamp) -> Result<Value> {
    let mut notes = Vec::new();
    for visitor in visitors {
        if let Some(note) = annotations::find_of_visitor(connection, site.id, *visitor)? {
            notes.push(json!({
                "visitor": visitor.to_string(), "name": note.name, "tags": note.tags, "note": note.note,
                "author": note.author, "changed": site.zone.local_second(note.changed_at),
            }));
        }
    }
    Ok(json!({
        "site": site.domain,
        "time_zone": site.zone.name(),
        "currency": site.currency.code(),
        "exported": site.zone.local_second(now),
        "visitors": visitors.iter().map(VisitorId::to_string).collect::<Vec<_>>(),
        "annotations": notes,
    }))
}
