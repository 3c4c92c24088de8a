//! The records of an exported site other than visits: rollups, filtered hits, segments, guest links, salts and imports.

use super::alert_records::{AlertRecord, MonitorHoursRecord, MonitorRecord, OutageRecord};
use super::goal_records::{
    AnnotationRecord, CampaignCostRecord, CampaignLinkRecord, CampaignRuleRecord, FunnelRecord, GoalRecord,
    VisitorNoteRecord,
};
use super::label_maps::LabelTextCache;
use super::lines::{self, ImportedLines};
use super::visits::VisitRecord;
use crate::error::Result;
use crate::model::clock::Day;
use crate::model::id;
use crate::model::id::{GoalId, SiteId};
use crate::store::goals;
use crate::store::imports::{self, Import};
use crate::store::rollups::{self, Sums};
use crate::store::salts;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

/// A line after the header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A goal; goals come before visits, whose conversions name them by code.
    Goal(Box<GoalRecord>),
    /// A visit with its actions and details.
    Visit(Box<VisitRecord>),
    /// A rollup of a day whose visits were pruned.
    Total(Box<Total>),
    /// The number of filtered hits of a reason.
    Filtered(Filtered),
    /// A sample of a filtered hit.
    Sample(SampleRecord),
    /// The page views of a host that is not the site's.
    OtherHost(OtherHostRecord),
    /// A segment that all users of the site share.
    Segment(SegmentRecord),
    /// A funnel, whose steps name goals by code.
    Funnel(Box<FunnelRecord>),
    /// An alert of the whole site, whose goal is named by code.
    Alert(Box<AlertRecord>),
    /// A monitor; monitors come before their hours and outages, which name them by label.
    Monitor(Box<MonitorRecord>),
    /// The sums of a monitor of some hours.
    MonitorHours(MonitorHoursRecord),
    /// An outage of a monitor.
    Outage(OutageRecord),
    /// A rule for a campaign.
    CampaignRule(CampaignRuleRecord),
    /// The cost of a campaign on a day.
    CampaignCost(CampaignCostRecord),
    /// A campaign link that was made.
    CampaignLink(CampaignLinkRecord),
    /// An annotation of a date.
    Annotation(AnnotationRecord),
    /// The annotation of a visitor.
    VisitorNote(Box<VisitorNoteRecord>),
    /// A guest link; exported only with the keys, since its URL gives access.
    Link(Box<LinkRecord>),
    /// The progress of the import of a file.
    Imported(Imported),
    /// Hashes of imported lines; exported only with the keys.
    Lines(ImportedLines),
    /// The salt of a day that is still needed; exported only with the keys.
    Salt(SaltRecord),
    /// The last line.
    End {
        /// The number of lines between the header and this one.
        lines: u64,
    },
}

/// The sums of an item of a dimension on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    pub dimension: String,
    pub day: Day,
    pub item: Option<String>,
    pub within: Option<String>,
    pub code: i64,
    pub beside: Option<String>,
    /// The code of the goal, in totals by goal; its id is another one elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    #[serde(flatten)]
    pub sums: Sums,
    pub kinds: Option<String>,
}

impl Total {
    /// Returns the day of the rollup.
    pub(super) fn day(&self) -> Day {
        self.day
    }
}

/// The number of hits that were filtered for a reason on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    pub day: Day,
    pub reason: String,
    pub count: i64,
}

/// A sample of a filtered hit.
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

/// The number of page views of a host that is not the site's on a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherHostRecord {
    pub day: Day,
    pub host: String,
    pub page_views: i64,
    /// The number of filtered ones among them; missing in files of an earlier version.
    #[serde(default)]
    pub filtered: i64,
}

/// A segment.
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

/// The progress of the import of a file.
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

/// The salt of a day, in hexadecimal digits.
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
        site.0,
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
    each(connection, site.0, samples, |row| {
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
    each(connection, site.0, hosts, |row| {
        give(&Record::OtherHost(OtherHostRecord {
            day: Day(row.get(0)?),
            host: row.get(1)?,
            page_views: row.get(2)?,
            filtered: row.get(3)?,
        }))
    })?;
    let segments = "select name, conditions, created_at from segments
                    where site_id = :site and user_id is null order by id";
    each(connection, site.0, segments, |row| {
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

/// Passes the rows of a statement on to `give`, which are those of a site or another owner.
pub(super) fn each(
    connection: &Connection,
    owner: i64,
    sql: &str,
    mut give: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut question = connection.prepare_cached(sql)?;
    let mut rows = question.query([owner])?;
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
    let sql = format!(
        "select dimension, day, item, parent, code, subtitle, kinds, {}
         from rollups where site_id = :site order by dimension, day, item, parent, code",
        *rollups::COLUMNS
    );
    each(connection, site.0, &sql, |row| {
        let mut text = |label: Option<i64>| texts.text(connection, label.filter(|label| *label > 0));
        let (dimension, code): (String, i64) = (row.get(0)?, row.get(4)?);
        let is_by_goal = dimension == rollups::GOAL;
        let goal = if is_by_goal { goals::code_and_name(connection, GoalId(code))? } else { None };
        give(&Record::Total(Box::new(Total {
            dimension,
            day: Day(row.get(1)?),
            item: text(row.get(2)?)?,
            within: text(row.get(3)?)?,
            code: if is_by_goal { 0 } else { code },
            beside: text(row.get(5)?)?,
            goal: goal.map(|(code, _)| code),
            sums: Sums::read(row, 7)?,
            kinds: row.get(6)?,
        })))
    })
}

fn links(connection: &Connection, site: SiteId, give: &mut impl FnMut(&Record) -> Result<()>) -> Result<()> {
    let sql = "select token, name, password, expires_at, reports, visitor_data, embed_origins, is_white_label, created_at,
                 disabled_at, views, opened_at, segment
               from links where site_id = :site order by id";
    each(connection, site.0, sql, |row| {
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
