//! Visits of an exported site, each with its actions, custom data, conversions, split tests and clicks.

use super::label_maps::{LabelMap, LabelTextCache};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::address;
use crate::model::id::{SiteId, VisitId};
use crate::store::attribute_cache::GeoPoint;
use crate::store::visit_attribute::{JOINS, VisitAttribute};
use crate::store::visit_tables::{self, ActionRow, Conversion, HeatmapClick};
use rusqlite::{Connection, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// An optional text.
type Text = Option<String>;

/// A visit. The keys are those of exported files and outlive the names of the schema; the codes are those of the schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitRecord {
    pub id: String,
    pub visitor: String,
    pub stay: i64,
    pub actions_count: i64,
    pub page_views: i64,
    pub traits: i64,
    pub medium: i64,
    pub hardware: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The texts, by the columns of [`text_attributes`].
    pub texts: std::collections::BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub custom: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversions: Vec<ConversionRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<(String, String, Text)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heatmap: Vec<ClickRow>,
}

/// An action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    pub number: i64,
    pub at: i64,
    pub kind: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<(Text, Option<i64>)>,
}

/// A conversion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversionRow {
    pub at: i64,
    pub goal: String,
    pub revenue: f64,
}

/// A click on a page, for heatmaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClickRow {
    pub page: String,
    pub x: i64,
    pub y: i64,
    pub width: i64,
}

/// Iterates over the attributes whose texts stand in a record, under the names of their columns.
pub fn text_attributes() -> impl Iterator<Item = VisitAttribute> {
    VisitAttribute::all().filter(|attribute| attribute.is_label())
}

impl VisitRecord {
    /// Returns the id of the visit.
    ///
    /// # Errors
    /// Fails with [`Error::Internal`] when it is not a number.
    pub fn id(&self) -> Result<VisitId> {
        VisitId::parse(&self.id).ok_or_else(|| Error::Internal(format!("{} is no visit's number", self.id)))
    }

    /// Returns the text of an attribute.
    pub fn text(&self, attribute: VisitAttribute) -> Option<&str> {
        self.texts.get(attribute.column()).map(String::as_str)
    }
}

/// Lists visits from an id on, at most [`limits::EXPORT_VISITS`].
pub(super) fn list(
    connection: &Connection,
    site: SiteId,
    from: VisitId,
    texts: &mut LabelTextCache,
) -> Result<Vec<VisitRecord>> {
    let sql = format!(
        "select visits.id, visitor_id, stay, actions, page_views, flags, ifnull(channel, 0), ifnull(device_type, 0),
           ifnull(latitude, 0), ifnull(longitude, 0), address, {}
         from visits {JOINS}
         where site_id = :site and visits.id >= :from
         order by visits.id
         limit :most",
        text_attributes().map(|one| format!("nullif({}, 0)", one.expression())).collect::<Vec<_>>().join(", ")
    );
    let mut question = connection.prepare_cached(&sql)?;
    let bound = named_params! {":site": site.0, ":from": from.0, ":most": limits::EXPORT_VISITS};
    let mut rows = question.query(bound)?;
    let mut visits = Vec::new();
    while let Some(row) = rows.next()? {
        visits.push(visit(connection, row, texts)?);
    }
    let mut details = DetailReader { connection, site, range: range(&visits)?, texts, visits: &mut visits };
    details.actions()?;
    details.media()?;
    details.custom()?;
    details.conversions()?;
    details.splits()?;
    details.heatmap()?;
    Ok(visits)
}

fn visit(connection: &Connection, row: &Row<'_>, texts: &mut LabelTextCache) -> Result<VisitRecord> {
    let address: Option<Vec<u8>> = row.get(10)?;
    let id: i64 = row.get(0)?;
    let spot = GeoPoint::stored(row.get(8)?, row.get(9)?).degrees();
    let mut visit = VisitRecord {
        id: id.to_string(),
        visitor: row.get::<_, i64>(1)?.to_string(),
        stay: row.get(2)?,
        actions_count: row.get(3)?,
        page_views: row.get(4)?,
        traits: row.get(5)?,
        medium: row.get(6)?,
        hardware: row.get(7)?,
        latitude: spot.map(|(north, _)| north),
        longitude: spot.map(|(_, east)| east),
        address: address.as_deref().and_then(address::read),
        ..VisitRecord::default()
    };
    for (place, attribute) in (11..).zip(text_attributes()) {
        if let Some(text) = texts.text(connection, row.get(place)?)? {
            visit.texts.insert(attribute.column().into(), text);
        }
    }
    Ok(visit)
}

fn range(visits: &[VisitRecord]) -> Result<(i64, i64)> {
    match (visits.first(), visits.last()) {
        (Some(first), Some(last)) => Ok((first.id()?.0, last.id()?.0)),
        _ => Ok((0, -1)),
    }
}

/// A reader of the rows that belong to successive visits.
struct DetailReader<'a> {
    connection: &'a Connection,
    site: SiteId,
    range: (i64, i64),
    texts: &'a mut LabelTextCache,
    visits: &'a mut [VisitRecord],
}

impl DetailReader<'_> {
    /// Calls `add` with each row of a table and its visit; both are in the same order.
    fn each(
        &mut self,
        table: &str,
        columns: &str,
        order: &str,
        mut add: impl FnMut(&Connection, &mut LabelTextCache, &Row<'_>, &mut VisitRecord) -> Result<()>,
    ) -> Result<()> {
        let sql = format!(
            "select visit_id, {columns} from {table}
             where site_id = :site and visit_id between :first and :last
             order by visit_id, {order}"
        );
        let mut question = self.connection.prepare_cached(&sql)?;
        let bound = named_params! {":site": self.site.0, ":first": self.range.0, ":last": self.range.1};
        let mut rows = question.query(bound)?;
        let mut visits = self.visits.iter_mut().peekable();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            while visits.next_if(|visit| VisitId::parse(&visit.id).is_none_or(|known| known.0 < id)).is_some()
            {
            }
            let Some(visit) = visits.peek_mut() else { break };
            if visit.id()?.0 == id {
                add(self.connection, self.texts, row, visit)?;
            }
        }
        Ok(())
    }

    fn actions(&mut self) -> Result<()> {
        self.each("actions", "number, at, kind, page, title", "number", |connection, texts, row, visit| {
            visit.actions.push(ActionRecord {
                number: row.get(1)?,
                at: row.get(2)?,
                kind: row.get(3)?,
                page: texts.text(connection, row.get(4)?)?,
                title: texts.text(connection, row.get(5)?)?,
                media: None,
            });
            Ok(())
        })
    }

    fn media(&mut self) -> Result<()> {
        self.each("media", "number, event, seconds", "number", |connection, texts, row, visit| {
            let number: i64 = row.get(1)?;
            let media = (texts.text(connection, row.get(2)?)?, row.get(3)?);
            let action = visit.actions.iter_mut().find(|action| action.number == number);
            if let Some(action) = action {
                action.media = Some(media);
            }
            Ok(())
        })
    }

    fn custom(&mut self) -> Result<()> {
        self.each("custom", "key, value", "key", |connection, texts, row, visit| {
            let pair = (texts.text(connection, row.get(1)?)?, texts.text(connection, row.get(2)?)?);
            if let (Some(key), Some(value)) = pair {
                visit.custom.push((key, value));
            }
            Ok(())
        })
    }

    fn conversions(&mut self) -> Result<()> {
        self.each("conversions", "at, goal, revenue", "number", |connection, texts, row, visit| {
            if let Some(goal) = texts.text(connection, row.get(2)?)? {
                visit.conversions.push(ConversionRow { at: row.get(1)?, goal, revenue: row.get(3)? });
            }
            Ok(())
        })
    }

    fn splits(&mut self) -> Result<()> {
        self.each("splits", "test, version, goal", "test", |connection, texts, row, visit| {
            let pair = (texts.text(connection, row.get(1)?)?, texts.text(connection, row.get(2)?)?);
            if let (Some(test), Some(version)) = pair {
                visit.splits.push((test, version, texts.text(connection, row.get(3)?)?));
            }
            Ok(())
        })
    }

    fn heatmap(&mut self) -> Result<()> {
        self.each("heatmap_clicks", "page, x, y, width", "number", |connection, texts, row, visit| {
            if let Some(page) = texts.text(connection, row.get(1)?)? {
                visit.heatmap.push(ClickRow { page, x: row.get(2)?, y: row.get(3)?, width: row.get(4)? });
            }
            Ok(())
        })
    }
}

/// Writes the rows that belong to a visit.
pub(super) fn write_details(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    visit: &VisitRecord,
    labels: &mut LabelMap,
) -> Result<()> {
    for ActionRecord { number, at, kind, page, title, media } in &visit.actions {
        let page = labels.address(tx, *kind, page.as_deref())?;
        let title = labels.label(tx, title.as_deref())?;
        visit_tables::create_action(
            tx,
            site,
            id,
            &ActionRow { number: *number, at: *at, kind: *kind, page, title },
        )?;
        if let Some((event, seconds)) = media {
            visit_tables::create_media(tx, site, id, *number, labels.label(tx, event.as_deref())?, *seconds)?;
        }
    }
    for (key, value) in &visit.custom {
        if let (Some(key), Some(value)) = (labels.label(tx, Some(key))?, labels.label(tx, Some(value))?) {
            visit_tables::set_custom(tx, site, id, key, value, limits::CUSTOM_KEYS_MAX)?;
        }
    }
    for ConversionRow { at, goal, revenue } in &visit.conversions {
        if let Some(goal) = labels.label(tx, Some(goal))? {
            let conversion = Conversion { at: *at, goal, revenue: *revenue };
            visit_tables::create_conversion(tx, site, id, &conversion, limits::CONVERSIONS_PER_VISIT_MAX)?;
        }
    }
    for (test, version, goal) in &visit.splits {
        let goal = labels.label(tx, goal.as_deref())?;
        if let (Some(test), Some(version)) = (labels.label(tx, Some(test))?, labels.label(tx, Some(version))?)
        {
            visit_tables::create_split(tx, site, id, test, version, goal, limits::SPLITS_PER_VISIT_MAX)?;
        }
    }
    for ClickRow { page, x, y, width } in &visit.heatmap {
        if let Some(page) = labels.page(tx, Some(page))? {
            let click = HeatmapClick { page, x: *x, y: *y, width: *width };
            visit_tables::create_heatmap_click(tx, site, id, &click, limits::HEATMAP_CLICKS_PER_VISIT_MAX)?;
        }
    }
    Ok(())
}
