//! Import of the visits of an exported site.

use super::day_state::Calendar;
use super::goal_records::Currencies;
use super::label_maps::LabelMap;
use super::outcome::{ImportOutcome, ROLLUPS_HERE};
use super::visits::{SourceRecord, VisitRecord, source_attributes, write_details};
use crate::error::Result;
use crate::model::address;
use crate::model::id::{SiteId, VisitorId};
use crate::store::attribute_cache::{AttributeIds, GeoPoint};
use crate::store::interned_table::InternedTable;
use crate::store::touches::Touches;
use crate::store::visit_attribute::VisitAttribute;
use crate::store::visit_tables;
use crate::store::visits::{self, VisitStart};
use rusqlite::Transaction;

/// Writes a visit. A visit that exists already stays if it is as long: it continued here, or was imported before.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    visit: &VisitRecord,
    (labels, currencies): (&mut LabelMap, Currencies),
    calendar: &mut Calendar<'_>,
) -> Result<ImportOutcome> {
    let id = visit.id()?;
    let last_number = visit.actions.last().map_or(0, |action| action.number);
    if let Some(known) = visits::find_visit(tx, site, id)? {
        if (known.last_number, known.stay) >= (last_number, visit.stay) {
            return Ok(ImportOutcome::Visit(id));
        }
        // A longer version of it replaces it.
        visit_tables::delete_visits(tx, site, &[id])?;
    } else if calendar.is_counted(tx, site, id)? {
        return Ok(ImportOutcome::LeftOut(ROLLUPS_HERE.0));
    }
    let start = visit_start(tx, visit, labels)?;
    let row = visits::OpenVisit {
        id,
        visitor: VisitorId::parse(&visit.visitor).unwrap_or(VisitorId::hashed(id.0)),
        stay: visit.stay,
        actions: visit.actions_count,
        page_views: visit.page_views,
        last_number,
        exit: labels.page(tx, visit.text(VisitAttribute::Exit))?,
    };
    visits::create_visit(tx, site, &row, &start)?;
    write_details(tx, site, id, visit, (labels, currencies))?;
    Ok(ImportOutcome::Visit(id))
}

fn visit_start(tx: &Transaction<'_>, visit: &VisitRecord, labels: &mut LabelMap) -> Result<VisitStart> {
    let mut ids = AttributeIds::default();
    for attribute in VisitAttribute::all().filter(|one| one.table().is_some() && one.is_label()) {
        ids[attribute] = labels.label(tx, visit.text(attribute))?.unwrap_or(0);
    }
    (ids[VisitAttribute::Channel], ids[VisitAttribute::DeviceType]) = (visit.medium, visit.hardware);
    ids.set_point(GeoPoint::from_degrees(visit.latitude, visit.longitude));
    Ok(VisitStart {
        traits: visit.traits,
        landing: labels.page(tx, visit.text(VisitAttribute::Landing))?,
        source: labels.attributes.row(tx, InternedTable::Sources, &ids)?,
        machine: labels.attributes.row(tx, InternedTable::Machines, &ids)?,
        place: labels.attributes.row(tx, InternedTable::Places, &ids)?,
        address: visit.address.map(|address| address::stored(address, false)),
        // The key under which an open visit is found by its address is of no use here; older files may hold one.
        address_key: None,
        hostname: labels.label(tx, visit.text(VisitAttribute::Hostname))?,
        touches: Touches {
            first: visit.first_source.as_ref().map(|source| source_row(tx, source, labels)).transpose()?,
            last: visit.last_source.as_ref().map(|source| source_row(tx, source, labels)).transpose()?,
        },
    })
}

/// Returns the row of a source.
fn source_row(tx: &Transaction<'_>, source: &SourceRecord, labels: &mut LabelMap) -> Result<i64> {
    let mut ids = AttributeIds::default();
    for attribute in source_attributes() {
        let text = source.texts.get(attribute.column()).map(String::as_str);
        ids[attribute] = labels.label(tx, text)?.unwrap_or(0);
    }
    ids[VisitAttribute::Channel] = source.medium;
    labels.attributes.row(tx, InternedTable::Sources, &ids)
}
