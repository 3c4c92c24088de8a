//! Import of the visits of an exported site.

use super::day_state::Calendar;
use super::label_maps::LabelMap;
use super::outcome::{ImportOutcome, ROLLUPS_HERE};
use super::visits::{ActionRecord, ClickRow, ConversionRow, VisitRecord};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::address;
use crate::model::id::{SiteId, VisitId, VisitorId};
use crate::store::visit_attributes::{Device, GeoPoint, Place, SourceIds};
use crate::store::visits::{self, ActionRow, Conversion, HeatmapClick, VisitStart};
use rusqlite::{Transaction, named_params};

/// Writes a visit. A visit that exists already stays if it is as long: it continued here, or was imported before.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    visit: &VisitRecord,
    labels: &mut LabelMap,
    calendar: &mut Calendar<'_>,
) -> Result<ImportOutcome> {
    let id = visit.id()?;
    let last_number = visit.actions.last().map_or(0, |action| action.number);
    if let Some(known) = visits::find_visit(tx, site, id)? {
        if (known.last_number, known.stay) >= (last_number, visit.stay) {
            return Ok(ImportOutcome::Visit(id));
        }
        delete(tx, site, id)?;
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
        exit: labels.page(tx, visit.text("exit"))?,
    };
    visits::create_visit(tx, site, &row, &start)?;
    write_details(tx, site, id, visit, labels)?;
    Ok(ImportOutcome::Visit(id))
}

fn visit_start(tx: &Transaction<'_>, visit: &VisitRecord, labels: &mut LabelMap) -> Result<VisitStart> {
    let mut label = |name: &str| Ok::<_, Error>(labels.label(tx, visit.text(name))?.unwrap_or(0));
    let source = SourceIds {
        channel: visit.medium,
        referrer: label("referrer")?,
        referrer_domain: label("referrer_domain")?,
        referrer_name: label("referrer_name")?,
        search_terms: label("search_terms")?,
        campaign: [
            label("campaign")?,
            label("campaign_source")?,
            label("campaign_medium")?,
            label("campaign_term")?,
            label("campaign_content")?,
        ],
    };
    let device = Device {
        browser: label("browser")?,
        system: label("system")?,
        hardware: visit.hardware,
        screen: label("screen")?,
        language: label("language")?,
    };
    let place = Place {
        country: label("country")?,
        region: label("region")?,
        city: label("city")?,
        organization: label("organization")?,
        spot: GeoPoint::from_degrees(visit.latitude, visit.longitude),
    };
    Ok(VisitStart {
        traits: visit.traits,
        landing: labels.page(tx, visit.text("landing"))?,
        source: labels.attributes.source(tx, source)?,
        machine: labels.attributes.machine(tx, device)?,
        place: labels.attributes.place(tx, place)?,
        address: visit.address.map(|address| address::stored(address, false)),
        // The key under which an open visit is found by its address is of no use here; older files may hold one.
        address_key: None,
        hostname: labels.label(tx, visit.text("hostname"))?,
    })
}

fn write_details(
    tx: &Transaction<'_>,
    site: SiteId,
    id: VisitId,
    visit: &VisitRecord,
    labels: &mut LabelMap,
) -> Result<()> {
    for ActionRecord { number, at, kind, page, title, media } in &visit.actions {
        let page = labels.address(tx, *kind, page.as_deref())?;
        let title = labels.label(tx, title.as_deref())?;
        visits::create_action(
            tx,
            site,
            id,
            &ActionRow { number: *number, at: *at, kind: *kind, page, title },
        )?;
        if let Some((event, seconds)) = media {
            visits::create_media(tx, site, id, *number, labels.label(tx, event.as_deref())?, *seconds)?;
        }
    }
    for (key, value) in &visit.custom {
        if let (Some(key), Some(value)) = (labels.label(tx, Some(key))?, labels.label(tx, Some(value))?) {
            visits::set_custom(tx, site, id, key, value, limits::CUSTOM_KEYS_MAX)?;
        }
    }
    for ConversionRow { at, goal, revenue } in &visit.conversions {
        if let Some(goal) = labels.label(tx, Some(goal))? {
            let conversion = Conversion { at: *at, goal, revenue: *revenue };
            visits::create_conversion(tx, site, id, &conversion, limits::CONVERSIONS_PER_VISIT_MAX)?;
        }
    }
    for (test, version, goal) in &visit.splits {
        let goal = labels.label(tx, goal.as_deref())?;
        if let (Some(test), Some(version)) = (labels.label(tx, Some(test))?, labels.label(tx, Some(version))?)
        {
            visits::create_split(tx, site, id, test, version, goal, limits::SPLITS_PER_VISIT_MAX)?;
        }
    }
    for ClickRow { page, x, y, width } in &visit.heatmap {
        if let Some(page) = labels.page(tx, Some(page))? {
            let click = HeatmapClick { page, x: *x, y: *y, width: *width };
            visits::create_heatmap_click(tx, site, id, &click, limits::HEATMAP_CLICKS_PER_VISIT_MAX)?;
        }
    }
    Ok(())
}

/// Deletes a visit that a longer version of it replaces.
fn delete(tx: &Transaction<'_>, site: SiteId, id: VisitId) -> Result<()> {
    for (table, column) in [
        ("actions", "visit_id"),
        ("media", "visit_id"),
        ("custom", "visit_id"),
        ("conversions", "visit_id"),
        ("splits", "visit_id"),
        ("heatmap_clicks", "visit_id"),
        ("visits", "id"),
    ] {
        tx.execute(
            &format!("delete from {table} where site_id = :site and {column} = :id"),
            named_params! {":site": site.0, ":id": id.0},
        )?;
    }
    Ok(())
}
