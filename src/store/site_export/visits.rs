//! Visits of an exported site, each with its actions, custom data, conversions, split tests, clicks and what browsers told of
//! single pages.

use super::goal_records::{ConversionRecord, Currencies};
use super::label_maps::{LabelMap, LabelTextCache};
use super::page_records::{self, MissingPageRecord, VitalsRecord};
use super::page_use::{self, ClickRow, PageReadRecord};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::address;
use crate::model::id::{SiteId, VisitId};
use crate::store::attribute_cache::GeoPoint;
use crate::store::conversions::{self, ConversionRow};
use crate::store::goals;
use crate::store::interned_table::InternedTable;
use crate::store::visit_attribute::{JOINS, VisitAttribute};
use crate::store::visit_tables::{self, ActionRow};
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
    /// The source of the first touch, where it is not the visit's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_source: Option<SourceRecord>,
    /// The source of the last touch, where it is not the visit's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_source: Option<SourceRecord>,
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
    pub conversions: Vec<ConversionRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<(String, String, Text)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heatmap: Vec<ClickRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub page_reads: Vec<PageReadRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_pages: Vec<MissingPageRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vitals: Vec<VitalsRecord>,
}

/// The source of an earlier visit that is credited with a visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceRecord {
    pub medium: i64,
    /// The texts, by the columns of [`source_attributes`].
    pub texts: std::collections::BTreeMap<String, String>,
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

/// Iterates over the attributes whose texts stand in a record, under the names of their columns.
pub fn text_attributes() -> impl Iterator<Item = VisitAttribute> {
    VisitAttribute::all().filter(|attribute| attribute.is_label() && attribute.touch().is_none())
}

/// Iterates over the attributes of a source whose texts stand in its record, under the names of their columns.
pub fn source_attributes() -> impl Iterator<Item = VisitAttribute> {
    VisitAttribute::of_table(Some(InternedTable::Sources)).filter(|attribute| attribute.is_label())
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
        "select visits.id, visitor_id, stay, actions, page_views, flags, ifnull(sources.channel, 0), ifnull(device_type, 0),
           ifnull(latitude, 0), ifnull(longitude, 0), address, first_source, last_source, {}
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
    details.clicks()?;
    details.page_reads()?;
    details.missing_pages()?;
    details.vitals()?;
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
    visit.first_source = source(connection, row.get(11)?, texts)?;
    visit.last_source = source(connection, row.get(12)?, texts)?;
    for (place, attribute) in (13..).zip(text_attributes()) {
        if let Some(text) = texts.text(connection, row.get(place)?)? {
            visit.texts.insert(attribute.column().into(), text);
        }
    }
    Ok(visit)
}

/// Returns the record of a source by its row; `None` where there is none.
fn source(
    connection: &Connection,
    id: Option<i64>,
    texts: &mut LabelTextCache,
) -> Result<Option<SourceRecord>> {
    let Some(id) = id else { return Ok(None) };
    let columns: Vec<String> =
        source_attributes().map(|one| format!("nullif({}, 0)", one.column())).collect();
    let sql = format!("select channel, {} from sources where id = :id", columns.join(", "));
    let mut question = connection.prepare_cached(&sql)?;
    let mut rows = question.query(named_params! {":id": id})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut source = SourceRecord { medium: row.get(0)?, ..SourceRecord::default() };
    for (place, attribute) in (1..).zip(source_attributes()) {
        if let Some(text) = texts.text(connection, row.get(place)?)? {
            source.texts.insert(attribute.column().into(), text);
        }
    }
    Ok(Some(source))
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
        let columns = "at, (select code from goals where goals.id = goal), origin, sent, revenue, counts";
        self.each("conversions", columns, "number", |_, _, row, visit| {
            visit.conversions.push(ConversionRecord {
                at: row.get(1)?,
                goal: row.get(2)?,
                is_matched: row.get(3)?,
                sent: row.get(4)?,
                amount: row.get(5)?,
                counts: row.get(6)?,
                revenue: None,
            });
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

    fn clicks(&mut self) -> Result<()> {
        let columns = "page, x, y, width, element, text, element_x, element_y, is_rage, is_dead";
        self.each("heatmap_clicks", columns, "number", |connection, texts, row, visit| {
            let Some(page) = texts.text(connection, row.get(1)?)? else { return Ok(()) };
            let (x, y, width, is_rage, is_dead) =
                (row.get(2)?, row.get(3)?, row.get(4)?, row.get(9)?, row.get(10)?);
            let (element, text) =
                (texts.text(connection, row.get(5)?)?, texts.text(connection, row.get(6)?)?);
            let element_place = row.get::<_, Option<i64>>(7)?.zip(row.get(8)?);
            visit.heatmap.push(ClickRow {
                page,
                x,
                y,
                width,
                element,
                text,
                element_place,
                is_rage,
                is_dead,
            });
            Ok(())
        })
    }

    fn page_reads(&mut self) -> Result<()> {
        self.each("page_reads", "page, seconds, depth", "page", |connection, texts, row, visit| {
            if let Some(page) = texts.text(connection, row.get(1)?)? {
                visit.page_reads.push(PageReadRecord { page, seconds: row.get(2)?, depth: row.get(3)? });
            }
            Ok(())
        })
    }

    fn missing_pages(&mut self) -> Result<()> {
        self.each("missing_pages", "page, referrer", "number", |connection, texts, row, visit| {
            if let Some(page) = texts.text(connection, row.get(1)?)? {
                let referrer = texts.text(connection, row.get(2)?)?;
                visit.missing_pages.push(MissingPageRecord { page, referrer });
            }
            Ok(())
        })
    }

    fn vitals(&mut self) -> Result<()> {
        self.each("vitals", "page, lcp, inp, cls", "number", |connection, texts, row, visit| {
            if let Some(page) = texts.text(connection, row.get(1)?)? {
                let (lcp, inp, cls) = (row.get(2)?, row.get(3)?, row.get(4)?);
                visit.vitals.push(VitalsRecord { page, lcp, inp, cls });
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
    (labels, currencies): (&mut LabelMap, Currencies),
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
    write_conversions(tx, site, id, &visit.conversions, currencies)?;
    for (test, version, goal) in &visit.splits {
        let goal = labels.label(tx, goal.as_deref())?;
        if let (Some(test), Some(version)) = (labels.label(tx, Some(test))?, labels.label(tx, Some(version))?)
        {
            visit_tables::create_split(tx, site, id, test, version, goal, limits::SPLITS_PER_VISIT_MAX)?;
        }
    }
    page_use::write(tx, site, id, (&visit.heatmap, &visit.page_reads), labels)?;
    page_records::write(tx, site, id, (&visit.missing_pages, &visit.vitals), labels)
}

fn write_conversions(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    records: &[ConversionRecord],
    currencies: Currencies,
) -> Result<()> {
    for (place, conversion) in records.iter().enumerate() {
        let is_first = records[..place].iter().all(|before| before.goal != conversion.goal);
        let record = conversion.clone().current(currencies.file, is_first);
        let goal = match goals::find_of_code(tx, site, &record.goal)? {
            Some(goal) => goal.id,
            None => goals::create_found(tx, site, &record.goal, id.began())?,
        };
        let row = ConversionRow {
            visit: id,
            number: 0,
            at: record.at,
            goal,
            is_matched: record.is_matched,
            sent: record.sent.map(|sent| currencies.amount(sent)),
            revenue: currencies.amount(record.amount),
            counts: record.counts,
        };
        conversions::append(tx, site, &row, limits::CONVERSIONS_PER_VISIT_MAX)?;
    }
    Ok(())
}
