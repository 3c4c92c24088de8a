//! Goals of sites: those set up, and those that pages named and nobody has set up yet. A removed goal keeps its row and its
//! conversions, which count no more; naming it again brings it back.

use super::visits;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::goal::{GoalRule, MatchKind, RuleKind};
use crate::model::id::{GoalId, SiteId, VisitId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The code and name under which further goals are counted once a site has [`limits::GOALS_PER_SITE_MAX`].
pub const OTHER: &str = "(other)";

/// The word for all goals where one could be chosen.
pub const ALL: &str = "all";

/// The settings of a goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoalSettings {
    /// The name for people.
    pub name: String,
    /// The rule; `None` for a goal that pages and programs name.
    pub rule: Option<GoalRule>,
    /// The revenue of each conversion, in the minor unit of the site's currency; `None` as it is sent.
    pub revenue: Option<i64>,
    /// True if each conversion counts; false if one a visit does.
    pub is_every_time: bool,
}

/// A goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The id.
    pub id: GoalId,
    /// The id or name by which pages and programs name it.
    pub code: String,
    /// The settings.
    pub settings: GoalSettings,
    /// True if it was set up; false if a page named it and nobody has yet.
    pub is_set_up: bool,
    /// The time at which it was set up or found.
    pub created_at: Timestamp,
    /// The time of its removal.
    pub removed_at: Option<Timestamp>,
    /// The progress of matching it with earlier visits; `None` when that is done.
    pub matching: Option<Matching>,
}

/// The progress of matching a goal with earlier visits, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matching {
    /// Visits with lower ids are still to be matched.
    pub below: VisitId,
    /// The value of `below` at the beginning.
    pub began: VisitId,
}

impl Matching {
    /// Returns the part of the visits from the oldest one on that is matched, in per cent of their time, up to 99.
    pub fn percent(self, oldest: VisitId) -> i64 {
        let all = (self.began.0 - oldest.0).max(1) >> 20;
        let done = (self.began.0 - self.below.0).max(0) >> 20;
        (done.saturating_mul(100) / all.max(1)).clamp(0, 99)
    }
}

const COLUMNS: &str = "id, code, name, kind, match, pattern, revenue, every_time, is_set_up, created_at, removed_at, \
                       match_below, matching_began";

fn read(row: &Row<'_>) -> rusqlite::Result<Goal> {
    let kind: Option<String> = row.get(3)?;
    let matching: String = row.get(4)?;
    let (below, began): (Option<i64>, Option<i64>) = (row.get(11)?, row.get(12)?);
    let pattern = row.get(5)?;
    let kind = kind.and_then(|kind| kind.parse::<RuleKind>().ok());
    let matching = matching.parse::<MatchKind>().unwrap_or_default();
    Ok(Goal {
        id: GoalId(row.get(0)?),
        code: row.get(1)?,
        settings: GoalSettings {
            name: row.get(2)?,
            rule: kind.map(|kind| GoalRule { kind, matching, pattern }),
            revenue: row.get(6)?,
            is_every_time: row.get(7)?,
        },
        is_set_up: row.get(8)?,
        created_at: Timestamp(row.get(9)?),
        removed_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        matching: below
            .zip(began)
            .map(|(below, began)| Matching { below: VisitId(below), began: VisitId(began) }),
    })
}

/// Lists the goals of a site, set up ones first, then by name; removed ones are left out.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Goal>> {
    let sql = format!(
        "select {COLUMNS} from goals
         where site_id = :site and removed_at is null
         order by is_set_up desc, name collate nocase, id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists all goals of a site, by id, removed ones too.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_with_removed(connection: &Connection, site: SiteId) -> Result<Vec<Goal>> {
    let mut question = connection
        .prepare_cached(&format!("select {COLUMNS} from goals where site_id = :site order by id"))?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns a goal of a site, also a removed one.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: GoalId) -> Result<Goal> {
    let sql = format!("select {COLUMNS} from goals where site_id = :site and id = :id");
    let bound = named_params! {":site": site.0, ":id": id.0};
    connection.prepare_cached(&sql)?.query_row(bound, read).optional()?.ok_or(Error::Missing("goal"))
}

/// Returns the code and the name of a goal, also of a removed one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn code_and_name(connection: &Connection, id: GoalId) -> Result<Option<(String, String)>> {
    let mut question = connection.prepare_cached("select code, name from goals where id = ?1")?;
    Ok(question.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// Returns the ids of the goals of a site, without removed ones.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn ids(connection: &Connection, site: SiteId) -> Result<Vec<GoalId>> {
    let mut question =
        connection.prepare_cached("select id from goals where site_id = :site and removed_at is null")?;
    let rows = question.query_map([site.0], |row| row.get(0).map(GoalId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Finds a goal by the text with which pages, programs and filters name it: its code, then its name, then the digits of its
/// id; removed ones last.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_named(connection: &Connection, site: SiteId, text: &str) -> Result<Option<Goal>> {
    let sql = format!(
        "select {COLUMNS} from goals
         where site_id = :site and (code = :text or name = :text or id = :id)
         order by removed_at is not null, code = :text desc, name = :text desc, id
         limit 1"
    );
    let bound = named_params! {":site": site.0, ":text": text, ":id": GoalId::parse(text).map(|id| id.0)};
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// Finds the goal that a code, a name or an id names, unless it is removed.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_present(connection: &Connection, site: SiteId, text: &str) -> Result<Option<Goal>> {
    Ok(find_named(connection, site, text)?.filter(|goal| goal.removed_at.is_none()))
}

/// Finds the goal of a code, also a removed one.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_of_code(connection: &Connection, site: SiteId, code: &str) -> Result<Option<Goal>> {
    let sql = format!("select {COLUMNS} from goals where site_id = :site and code = :code");
    let bound = named_params! {":site": site.0, ":code": code};
    Ok(connection.prepare_cached(&sql)?.query_row(bound, read).optional()?)
}

/// Returns the number of goals of a site, without removed ones.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count(connection: &Connection, site: SiteId) -> Result<usize> {
    let mut question = connection
        .prepare_cached("select count(*) from goals where site_id = :site and removed_at is null")?;
    Ok(usize::try_from(question.query_row([site.0], |row| row.get::<_, i64>(0))?).unwrap_or(usize::MAX))
}

/// Returns the number of goals of a site that are set up, without removed ones.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count_set_up(connection: &Connection, site: SiteId) -> Result<usize> {
    let mut question = connection.prepare_cached(
        "select count(*) from goals where site_id = :site and removed_at is null and is_set_up",
    )?;
    Ok(usize::try_from(question.query_row([site.0], |row| row.get::<_, i64>(0))?).unwrap_or(usize::MAX))
}

/// Creates a goal that a page named, not set up; [`OTHER`] beyond the limit.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_found(
    transaction: &Transaction<'_>,
    site: SiteId,
    code: &str,
    at: Timestamp,
) -> Result<GoalId> {
    let is_full = count(transaction, site)? >= limits::GOALS_PER_SITE_MAX;
    let code = if is_full { OTHER } else { code };
    if let Some(other) = find_named(transaction, site, code)? {
        return Ok(other.id);
    }
    let settings = GoalSettings { name: code.to_owned(), rule: None, revenue: None, is_every_time: false };
    create(transaction, site, code, &settings, false, at)
}

/// Creates a goal.
///
/// # Errors
/// Fails when the data file cannot be written, also when the site has a goal of that code.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    code: &str,
    settings: &GoalSettings,
    is_set_up: bool,
    at: Timestamp,
) -> Result<GoalId> {
    let rule = settings.rule.as_ref();
    transaction.execute(
        "insert into goals (site_id, code, name, kind, match, pattern, revenue, every_time, is_set_up, created_at)
         values (:site, :code, :name, :kind, :match, :pattern, :revenue, :every_time, :is_set_up, :at)",
        named_params! {
            ":site": site.0, ":code": code, ":name": settings.name, ":kind": rule.map(|rule| rule.kind.name()),
            ":match": rule.map_or(MatchKind::Exact, |rule| rule.matching).name(),
            ":pattern": rule.map_or("", |rule| rule.pattern.as_str()), ":revenue": settings.revenue,
            ":every_time": settings.is_every_time, ":is_set_up": is_set_up, ":at": at.0,
        },
    )?;
    Ok(GoalId(transaction.last_insert_rowid()))
}

/// Updates the settings of a goal, which is set up from then on, and there again if it was removed.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: GoalId,
    settings: &GoalSettings,
) -> Result<()> {
    let rule = settings.rule.as_ref();
    let changed = transaction.execute(
        "update goals
         set name = :name, kind = :kind, match = :match, pattern = :pattern, revenue = :revenue,
           every_time = :every_time, is_set_up = 1, removed_at = null
         where site_id = :site and id = :id",
        named_params! {
            ":site": site.0, ":id": id.0, ":name": settings.name, ":kind": rule.map(|rule| rule.kind.name()),
            ":match": rule.map_or(MatchKind::Exact, |rule| rule.matching).name(),
            ":pattern": rule.map_or("", |rule| rule.pattern.as_str()), ":revenue": settings.revenue,
            ":every_time": settings.is_every_time,
        },
    )?;
    if changed == 0 { Err(Error::Missing("goal")) } else { Ok(()) }
}

/// Removes a goal, or brings it back with `None`.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn set_removed(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: GoalId,
    at: Option<Timestamp>,
) -> Result<()> {
    let changed = transaction.execute(
        "update goals set removed_at = :at, match_below = null, matching_began = null
         where site_id = :site and id = :id",
        named_params! {":site": site.0, ":id": id.0, ":at": at.map(|at| at.0)},
    )?;
    if changed == 0 { Err(Error::Missing("goal")) } else { Ok(()) }
}

/// Sets the visits that are still to be matched with a goal; `None` when all are.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_matching(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: GoalId,
    matching: Option<Matching>,
) -> Result<()> {
    transaction.execute(
        "update goals set match_below = :below, matching_began = :began where site_id = :site and id = :id",
        named_params! {
            ":site": site.0, ":id": id.0, ":below": matching.map(|matching| matching.below.0),
            ":began": matching.map(|matching| matching.began.0),
        },
    )?;
    Ok(())
}

/// Begins to match a goal with all visits that there are.
///
/// # Errors
/// Fails when the data file cannot be read or written.
pub fn begin_matching(transaction: &Transaction<'_>, site: SiteId, id: GoalId) -> Result<()> {
    let end = visits::last_id(transaction, site)?.map_or(VisitId(0), |last| VisitId(last.0 + 1));
    set_matching(transaction, site, id, Some(Matching { below: end, began: end }))
}

/// Lists the goals of a site that are still to be matched with earlier visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_unmatched_of(connection: &Connection, site: SiteId) -> Result<Vec<Goal>> {
    let sql = format!(
        "select {COLUMNS} from goals
         where site_id = :site and match_below is not null and removed_at is null
         order by id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the sites with goals that are still to be matched with earlier visits.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_unmatched_sites(connection: &Connection) -> Result<Vec<SiteId>> {
    let mut question = connection.prepare_cached(
        "select distinct site_id from goals where match_below is not null and removed_at is null order by site_id",
    )?;
    let rows = question.query_map([], |row| Ok(SiteId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
