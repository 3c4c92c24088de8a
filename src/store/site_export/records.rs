//! What an exported site has beside its visits: totals, what was left out, segments, guest links, salts, imports.

use super::label_maps::{LabelMap, LabelTextCache};
use super::lines::{self, ImportedLines};
use super::outcome::ImportOutcome;
use super::visits::VisitRecord;
use crate::error::Result;
use crate::limits;
use crate::model::clock::{Day, Timestamp};
use crate::model::id;
use crate::model::id::SiteId;
use crate::store::imports::{self, Import};
use crate::store::{other_hosts, salts};
use rusqlite::{Connection, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};

/// One line after the head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A visit with all that belongs to it.
    Visit(Box<VisitRecord>),
    /// What a day whose visits were dropped added up to.
    Total(Box<Total>),
    /// Hits that were left out.
    Filtered(Filtered),
    /// One of them.
    Sample(SampleRecord),
    /// Page views of a host that is not known as the site's.
    OtherHost(OtherHostRecord),
    /// Conditions that have a name, for everybody.
    Segment(SegmentRecord),
    /// A guest link; goes along with keys only, since whoever has the address may see.
    Link(Box<LinkRecord>),
    /// How far a file was imported.
    Imported(Imported),
    /// Lines of files that were imported; go along with keys only.
    Lines(ImportedLines),
    /// The secret of a day that is still needed, in hexadecimal digits; goes along with keys only.
    Salt(SaltRecord),
    /// The last line: how many there were between the head and this one.
    End {
        /// Lines.
        lines: u64,
    },
}

/// What a day added up to, of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    pub dimension: String,
    pub day: Day,
    pub item: Option<String>,
    pub within: Option<String>,
    pub code: i64,
    pub beside: Option<String>,
    pub hits: i64,
    pub visits: i64,
    pub uniques: i64,
    pub new: i64,
    pub actions: i64,
    pub seconds: i64,
    pub bounces: i64,
    pub kinds: Option<String>,
}

impl Total {
    /// Whose totals they are.
    pub(super) fn day(&self) -> Day {
        self.day
    }
}

/// How many hits a rule left out on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    pub day: Day,
    pub reason: String,
    pub count: i64,
}

/// A hit that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleRecord {
    pub day: Day,
    pub reason: String,
    pub number: i64,
    pub at: i64,
    pub page: Option<String>,
    pub agent: Option<String>,
    pub referrer: Option<String>,
}

/// How many page views a host sent on a day that is not known as the site's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherHostRecord {
    pub day: Day,
    pub host: String,
    pub page_views: i64,
    /// Of these; files of an earlier version don't tell.
    #[serde(default)]
    pub filtered: i64,
}

/// Conditions with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentRecord {
    pub name: String,
    pub conditions: String,
    pub created_at: i64,
}

/// A guest link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkRecord {
    pub token: String,
    pub name: String,
    pub password: Option<String>,
    pub expires_at: Option<i64>,
    pub reports: String,
    pub visitor_data: String,
    pub embed_origins: String,
    pub is_white_label: bool,
    pub created_at: i64,
    pub disabled_at: Option<i64>,
    pub views: i64,
    pub opened_at: Option<i64>,
    pub segment: Option<String>,
}

/// How far a file was imported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    pub hash: String,
    pub head_bytes: i64,
    pub format: String,
    pub name: String,
    pub bytes: i64,
    pub lines: i64,
    pub taken: i64,
    pub left_out: i64,
    pub refused: i64,
    pub begun_at: i64,
    pub ended_at: Option<i64>,
}

/// The secret of a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaltRecord {
    pub day: Day,
    pub salt: String,
}

pub(super) fn read(
    connection: &Connection,
    site: SiteId,
    salts_since: Option<Day>,
    texts: &mut LabelTextCache,
    give: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    totals(connection, site, texts, give)?;
    each(
        connection,
        site,
        "select day, reason, count from filtered where site_id = :site order by day, reason",
        |row| {
            give(&Record::Filtered(Filtered {
                day: Day(row.get(0)?),
                reason: row.get(1)?,
                count: row.get(2)?,
            }))
        },
    )?;
    let samples = "select day, reason, number, at, page, agent, referrer from filtered_samples
                   where site_id = :site order by day, reason, number";
    each(connection, site, samples, |row| {
        give(&Record::Sample(SampleRecord {
            day: Day(row.get(0)?),
            reason: row.get(1)?,
            number: row.get(2)?,
            at: row.get(3)?,
            page: row.get(4)?,
            agent: row.get(5)?,
            referrer: row.get(6)?,
        }))
    })?;
    let hosts =
        "select day, host, page_views, filtered from other_hosts where site_id = :site order by day, host";
    each(connection, site, hosts, |row| {
        give(&Record::OtherHost(OtherHostRecord {
            day: Day(row.get(0)?),
            host: row.get(1)?,
            page_views: row.get(2)?,
            filtered: row.get(3)?,
        }))
    })?;
    let segments = "select name, conditions, created_at from segments
                    where site_id = :site and user_id is null order by id";
    each(connection, site, segments, |row| {
        give(&Record::Segment(SegmentRecord {
            name: row.get(0)?,
            conditions: row.get(1)?,
            created_at: row.get(2)?,
        }))
    })?;
    for import in imports::list_of(connection, site)?.iter().filter(|import| !import.is_site()) {
        give(&Record::Imported(imported(import)))?;
    }
    let Some(since) = salts_since else { return Ok(()) };
    links(connection, site, give)?;
    lines::read(connection, site, |lines| give(&Record::Lines(lines)))?;
    for (day, salt) in salts::list(connection, site, since)? {
        give(&Record::Salt(SaltRecord { day, salt: id::hex(&salt) }))?;
    }
    Ok(())
}

fn each(
    connection: &Connection,
    site: SiteId,
    sql: &str,
    mut give: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut question = connection.prepare_cached(sql)?;
    let mut rows = question.query([site.0])?;
    while let Some(row) = rows.next()? {
        give(row)?;
    }
    Ok(())
}

fn totals(
    connection: &Connection,
    site: SiteId,
    texts: &mut LabelTextCache,
    give: &mut impl FnMut(&Record) -> Result<()>,
) -> Result<()> {
    let sql = "select dimension, day, item, parent, code, subtitle, hits, visits, uniques, new, actions, seconds, bounces,
                 kinds
               from rollups where site_id = :site order by dimension, day, item, parent, code";
    each(connection, site, sql, |row| {
        let mut text = |label: Option<i64>| texts.text(connection, label.filter(|label| *label > 0));
        give(&Record::Total(Box::new(Total {
            dimension: row.get(0)?,
            day: Day(row.get(1)?),
            item: text(row.get(2)?)?,
            within: text(row.get(3)?)?,
            code: row.get(4)?,
            beside: text(row.get(5)?)?,
            hits: row.get(6)?,
            visits: row.get(7)?,
            uniques: row.get(8)?,
            new: row.get(9)?,
            actions: row.get(10)?,
            seconds: row.get(11)?,
            bounces: row.get(12)?,
            kinds: row.get(13)?,
        })))
    })
}

fn links(connection: &Connection, site: SiteId, give: &mut impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let sql = "select token, name, password, expires_at, reports, visitor_data, embed_origins, is_white_label, created_at,
                 disabled_at, views, opened_at, segment
               from links where site_id = :site order by id";
    each(connection, site, sql, |row| {
        give(&Record::Link(Box::new(LinkRecord {
            token: row.get(0)?,
            name: row.get(1)?,
            password: row.get(2)?,
            expires_at: row.get(3)?,
            reports: row.get(4)?,
            visitor_data: row.get(5)?,
            embed_origins: row.get(6)?,
            is_white_label: row.get(7)?,
            created_at: row.get(8)?,
            disabled_at: row.get(9)?,
            views: row.get(10)?,
            opened_at: row.get(11)?,
            segment: row.get(12)?,
        })))
    })
}

fn imported(import: &Import) -> Imported {
    Imported {
        hash: id::hex(&import.hash),
        head_bytes: import.head_bytes,
        format: import.format.clone(),
        name: import.name.clone(),
        bytes: import.bytes,
        lines: import.lines,
        taken: import.taken,
        left_out: import.left_out,
        refused: import.refused,
        begun_at: import.begun_at.0,
        ended_at: import.ended_at.map(|at| at.0),
    }
}

/// Writes what is neither a visit nor a list of lines.
pub(super) fn write(
    tx: &Transaction<'_>,
    site: SiteId,
    record: &Record,
    labels: &mut LabelMap,
) -> Result<ImportOutcome> {
    match record {
        Record::Total(total) => write_total(tx, site, total, labels)?,
        Record::Filtered(filtered) => write_filtered(tx, site, filtered)?,
        Record::Sample(sample) => write_sample(tx, site, sample)?,
        Record::OtherHost(host) => return write_other_host(tx, site, host),
        Record::Segment(segment) => return write_segment(tx, site, segment),
        Record::Link(link) => return write_link(tx, site, link),
        Record::Imported(import) => write_import(tx, site, import)?,
        Record::Salt(SaltRecord { day, salt }) => match id::unhex::<32>(salt) {
            Some(salt) if salts::find(tx, site, *day)?.is_none() => salts::create(tx, site, *day, &salt)?,
            _ => {}
        },
        Record::Visit(_) | Record::Lines(_) | Record::End { .. } => {}
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

/// Whether as many rows are there as a site may have.
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

/// Whether the items of a dimension may be addresses of the site.
fn is_of_pages(dimension: &str) -> bool {
    matches!(dimension, "href" | "landing" | "exit" | "host" | "download" | "event" | "video")
}

fn write_total(tx: &Transaction<'_>, site: SiteId, total: &Total, labels: &mut LabelMap) -> Result<()> {
    let is_page = is_of_pages(&total.dimension);
    let mut label = |text: &Option<String>, is_page: bool| match text.as_deref() {
        text if is_page => labels.page(tx, text),
        text => labels.label(tx, text),
    };
    // Two rows of one page stay two: whoever reads them adds them up.
    let (item, parent) = (label(&total.item, is_page)?, label(&total.within, false)?);
    let subtitle = label(&total.beside, false)?;
    tx.prepare_cached(
        "insert into rollups (
           site_id, dimension, day, item, parent, code, subtitle, hits, visits, uniques, new, actions, seconds, bounces, kinds)
         values (
           :site, :dimension, :day, :item, :parent, :code, :subtitle, :hits, :visits, :uniques, :new, :actions, :seconds,
           :bounces, :kinds)
         on conflict do update set subtitle = excluded.subtitle, hits = excluded.hits, visits = excluded.visits,
           uniques = excluded.uniques, new = excluded.new, actions = excluded.actions, seconds = excluded.seconds,
           bounces = excluded.bounces, kinds = excluded.kinds
         where excluded.visits > visits",
    )?
    .execute(named_params! {
        ":site": site.0, ":dimension": total.dimension, ":day": total.day.0, ":item": item.unwrap_or(0),
        ":parent": parent.unwrap_or(0), ":code": total.code, ":subtitle": subtitle, ":hits": total.hits,
        ":visits": total.visits, ":uniques": total.uniques, ":new": total.new, ":actions": total.actions,
        ":seconds": total.seconds, ":bounces": total.bounces, ":kinds": total.kinds,
    })?;
    Ok(())
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
