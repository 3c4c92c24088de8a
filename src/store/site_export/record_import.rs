//! Import of the records of an exported site other than visits.

use super::funnels;
use super::goal_records::Currencies;
use super::goals as goal_import;
use super::label_maps::LabelMap;
use super::outcome::ImportOutcome;
use super::records::{
    Filtered, Imported, LinkRecord, OtherHostRecord, Record, SaltRecord, SampleRecord, SegmentRecord, Total,
};
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id;
use crate::model::id::SiteId;
use crate::store::imports::{self, Import};
use crate::store::{goals, other_hosts, rollups, salts};
use rusqlite::{Transaction, named_params};

/// Writes a record that is neither a visit nor a list of lines.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    labels: &mut LabelMap,
    currencies: Currencies,
) -> Result<ImportOutcome> {
    match record {
        Record::Total(total) => return write_total(tx, site, total, labels, currencies),
        Record::Filtered(filtered) => write_filtered(tx, site, filtered)?,
        Record::Sample(sample) => write_sample(tx, site, sample)?,
        Record::OtherHost(host) => return write_other_host(tx, site, host),
        Record::Segment(segment) => return write_segment(tx, site, segment),
        Record::Funnel(funnel) => return funnels::write(tx, site, funnel),
        Record::CampaignLink(link) => return goal_import::write_link(tx, site, link),
        Record::Annotation(annotation) => return goal_import::write_annotation(tx, site, annotation),
        Record::VisitorNote(note) => return goal_import::write_visitor_note(tx, site, note),
        Record::Link(link) => return write_link(tx, site, link),
        Record::Imported(import) => write_import(tx, site, import)?,
        Record::Salt(SaltRecord { day, salt }) => match id::unhex::<32>(salt) {
            Some(salt) if salts::find(tx, site, *day)?.is_none() => salts::create(tx, site, *day, &salt)?,
            _ => {}
        },
        Record::Visit(_)
        | Record::Goal(_)
        | Record::CampaignRule(_)
        | Record::CampaignCost(_)
        | Record::Alert(_)
        | Record::Monitor(_)
        | Record::MonitorHours(_)
        | Record::Outage(_)
        | Record::Lines(_)
        | Record::End { .. } => {}
    }
    Ok(ImportOutcome::Made)
}

fn write_filtered(tx: &Transaction<'_>, site: SiteId, filtered: &Filtered) -> Result<()> {
    let Filtered { day, reason, count } = filtered;
    tx.prepare_cached(
        "insert into filtered (site_id, day, reason, count) values (:site, :day, :reason, :count)
         on conflict do update set count = max(count, excluded.count)",
    )?
    .execute(named_params! {":site": site.0, ":day": day.0, ":reason": reason, ":count": count})?;
    Ok(())
}

fn write_other_host(tx: &Transaction<'_>, site: SiteId, other: &OtherHostRecord) -> Result<ImportOutcome> {
    let OtherHostRecord { day, host, page_views, filtered } = other;
    if !other_hosts::has_room(tx, site, *day, host)? {
        return Ok(ImportOutcome::Full("the day has as many other hosts as it may have"));
    }
    tx.prepare_cached(
        "insert into other_hosts (site_id, day, host, page_views, filtered)
         values (:site, :day, :host, :views, :filtered)
         on conflict do update set
           page_views = max(page_views, excluded.page_views),
           filtered = max(filtered, excluded.filtered)",
    )?
    .execute(named_params! {
        ":site": site.0, ":day": day.0, ":host": host, ":views": page_views, ":filtered": filtered,
    })?;
    Ok(ImportOutcome::Made)
}

/// Returns true if a site has as many rows as it may have.
fn is_full(tx: &Transaction<'_>, count: &str, site: SiteId, most: i64) -> Result<bool> {
    let rows: i64 = tx.prepare_cached(count)?.query_row([site.0], |row| row.get(0))?;
    Ok(rows >= most)
}

fn write_segment(tx: &Transaction<'_>, site: SiteId, segment: &SegmentRecord) -> Result<ImportOutcome> {
    let SegmentRecord { name, conditions, created_at } = segment;
    let everybodys = "from segments where site_id = :site and user_id is null";
    let mut known = tx.prepare_cached(&format!("select 1 {everybodys} and name = :name"))?;
    if known.exists(named_params! {":site": site.0, ":name": name})? {
        return Ok(ImportOutcome::Known);
    }
    if is_full(tx, &format!("select count(*) {everybodys}"), site, limits::SEGMENTS_PER_SITE_MAX)? {
        return Ok(ImportOutcome::Full("the site has as many segments as it may have"));
    }
    tx.prepare_cached(
        "insert into segments (site_id, name, conditions, created_at) values (:site, :name, :conditions, :at)",
    )?
    .execute(named_params! {":site": site.0, ":name": name, ":conditions": conditions, ":at": created_at})?;
    Ok(ImportOutcome::Made)
}

/// Returns true if the items of a dimension may be addresses of the site.
fn is_of_pages(dimension: &str) -> bool {
    matches!(dimension, "href" | "landing" | "exit" | "host" | "download" | "event" | "video")
}

fn write_total(
    tx: &Transaction<'_>,
    site: SiteId,
    total: &Total,
    labels: &mut LabelMap,
    currencies: Currencies,
) -> Result<ImportOutcome> {
    let code = match &total.goal {
        Some(goal) => match goals::find_of_code(tx, site, goal)? {
            Some(goal) => goal.id.0,
            None => return Ok(ImportOutcome::Full("the site has as many goals as it may have")),
        },
        None => total.code,
    };
    let is_page = is_of_pages(&total.dimension);
    let mut label = |text: &Option<String>, is_page: bool| match text.as_deref() {
        text if is_page => labels.page(tx, text),
        text => labels.label(tx, text),
    };
    // Two rows of one page stay two: whoever reads them adds them up.
    let (item, parent) = (label(&total.item, is_page)?, label(&total.within, false)?);
    let subtitle = label(&total.beside, false)?;
    let sql = format!(
        "insert into rollups (site_id, dimension, day, item, parent, code, subtitle, {}, kinds)
         values (:site, :dimension, :day, :item, :parent, :code, :subtitle, {}, :kinds)
         on conflict do update set subtitle = excluded.subtitle, {}, kinds = excluded.kinds
         where excluded.visits > visits",
        *rollups::COLUMNS,
        rollups::parameters(),
        rollups::assignments(|column| format!("{column} = excluded.{column}"))
    );
    let (item, parent) = (item.unwrap_or(0), parent.unwrap_or(0));
    let mut bound = named_params! {
        ":site": site.0, ":dimension": total.dimension, ":day": total.day.0, ":item": item, ":parent": parent,
        ":code": code, ":subtitle": subtitle, ":kinds": total.kinds,
    }
    .to_vec();
    let sums = total.sums.with_amounts(|amount| currencies.amount(amount));
    bound.extend(sums.bound());
    tx.prepare_cached(&sql)?.execute(bound.as_slice())?;
    Ok(ImportOutcome::Made)
}

fn write_sample(tx: &Transaction<'_>, site: SiteId, sample: &SampleRecord) -> Result<()> {
    tx.prepare_cached(
        "insert or ignore into filtered_samples (site_id, day, reason, number, at, page, agent, referrer)
         values (:site, :day, :reason, :number, :at, :page, :agent, :referrer)",
    )?
    .execute(named_params! {
        ":site": site.0, ":day": sample.day.0, ":reason": sample.reason, ":number": sample.number,
        ":at": sample.at, ":page": sample.page, ":agent": sample.agent, ":referrer": sample.referrer,
    })?;
    Ok(())
}

/// A link's address is known to people: when another link has it by now, that one keeps it.
fn write_link(tx: &Transaction<'_>, site: SiteId, link: &LinkRecord) -> Result<ImportOutcome> {
    let mut known = tx.prepare_cached("select 1 from links where token = :token")?;
    if known.exists([&link.token])? {
        return Ok(ImportOutcome::Known);
    }
    let count = "select count(*) from links where site_id = :site";
    if is_full(tx, count, site, limits::LINKS_PER_SITE_MAX)? {
        return Ok(ImportOutcome::Full("the site has as many guest links as it may have"));
    }
    tx.prepare_cached(
        "insert into links (
           site_id, token, name, password, expires_at, reports, visitor_data, embed_origins, is_white_label, created_at,
           disabled_at, views, opened_at, segment)
         values (
           :site, :token, :name, :password, :expires, :reports, :data, :origins, :white_label, :at, :disabled, :views,
           :opened, :segment)",
    )?
    .execute(named_params! {
        ":site": site.0, ":token": link.token, ":name": link.name, ":password": link.password,
        ":expires": link.expires_at, ":reports": link.reports, ":data": link.visitor_data,
        ":origins": link.embed_origins, ":white_label": link.is_white_label, ":at": link.created_at,
        ":disabled": link.disabled_at, ":views": link.views, ":opened": link.opened_at, ":segment": link.segment,
    })?;
    Ok(ImportOutcome::Made)
}

fn write_import(tx: &Transaction<'_>, site: SiteId, import: &Imported) -> Result<()> {
    let Some(hash) = id::unhex_all(&import.hash) else { return Ok(()) };
    let known = imports::list_of(tx, site)?.into_iter().find(|known| known.hash == hash);
    if known.is_some_and(|known| known.bytes >= import.bytes) {
        return Ok(());
    }
    let import = Import {
        site,
        hash,
        head_bytes: import.head_bytes,
        format: import.format.clone(),
        name: import.name.clone(),
        bytes: import.bytes,
        lines: import.lines,
        taken: import.taken,
        left_out: import.left_out,
        refused: import.refused,
        begun_at: Timestamp(import.begun_at),
        ended_at: import.ended_at.map(Timestamp),
    };
    imports::set(tx, &import)
}
