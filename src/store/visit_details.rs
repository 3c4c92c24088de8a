//! Rows of the tables that hang on a visit, as the writer stores them: actions, custom data, goals, split tests, clicks.

use crate::error::Result;
use crate::model::id::{SiteId, VisitId};
use rusqlite::{Transaction, named_params};

/// An action of a visitor. Texts are label ids.
pub struct ActionRow {
    /// The position in the order of arrival, from 1.
    pub number: i64,
    /// The milliseconds since the beginning of the visit.
    pub at: i64,
    /// The code of the action's kind.
    pub kind: i64,
    /// The label of the page's URL.
    pub page: Option<i64>,
    /// The label of the page's title.
    pub title: Option<i64>,
}

/// Inserts an action.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_action(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    action: &ActionRow,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into actions (site_id, visit_id, number, at, kind, page, title)
         values (:site, :visit, :number, :at, :kind, :page, :title)",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":number": action.number, ":at": action.at,
        ":kind": action.kind, ":page": action.page, ":title": action.title,
    })?;
    Ok(())
}

/// Inserts the details of a media action.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_media(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    number: i64,
    event: Option<i64>,
    seconds: Option<i64>,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into media (site_id, visit_id, number, event, seconds)
         values (:site, :visit, :number, :event, :seconds)",
    )?;
    statement.execute(named_params! {":site": site.0, ":visit": visit.0, ":number": number, ":event": event, ":seconds": seconds})?;
    Ok(())
}

/// Sets a key of a visit's custom data, replacing an earlier value. Does nothing for a new key beyond `keys_max`.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set_custom(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    key: i64,
    value: i64,
    keys_max: usize,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into custom (site_id, visit_id, key, value)
         select :site, :visit, :key, :value
         where exists (select 1 from custom where site_id = :site and visit_id = :visit and key = :key)
            or (select count(*) from custom where site_id = :site and visit_id = :visit) < :keys_max
         on conflict do update set value = excluded.value",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":key": key, ":value": value,
        ":keys_max": i64::try_from(keys_max).unwrap_or(i64::MAX),
    })?;
    Ok(())
}

/// A goal that a visit reached.
pub struct Conversion {
    /// The milliseconds since the beginning of the visit.
    pub at: i64,
    /// The label of the goal's id or name.
    pub goal: i64,
    /// The revenue in the site's currency.
    pub revenue: f64,
}

/// Inserts a conversion, unless the visit has `most` of them; returns true if it was inserted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_conversion(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    conversion: &Conversion,
    most: i64,
) -> Result<bool> {
    let mut statement = transaction.prepare_cached(
        "insert into conversions (site_id, visit_id, number, at, goal, revenue)
         select :site, :visit, coalesce(max(number), 0) + 1, :at, :goal, :revenue
         from conversions
         where site_id = :site and visit_id = :visit
         having count(*) < :most",
    )?;
    let kept = statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":at": conversion.at, ":goal": conversion.goal,
        ":revenue": conversion.revenue, ":most": most,
    })?;
    Ok(kept > 0)
}

/// Inserts the version of a split test that a visit was shown, unless the visit has `most` of them. The first version
/// of a test stays.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_split(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    test: i64,
    version: i64,
    goal: Option<i64>,
    most: i64,
) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into splits (site_id, visit_id, test, version, goal)
         select :site, :visit, :test, :version, :goal
         where (select count(*) from splits where site_id = :site and visit_id = :visit) < :most
         on conflict do nothing",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":test": test, ":version": version, ":goal": goal, ":most": most,
    })?;
    Ok(())
}

/// A click on a page.
pub struct HeatmapClick {
    /// The label of the page's URL.
    pub page: i64,
    /// The distance from the left in pixels, as the page reports it.
    pub x: i64,
    /// The distance from the top in pixels.
    pub y: i64,
    /// The width of the window in pixels.
    pub width: i64,
}

/// Inserts a click, unless the visit has `most` of them; returns true if it was inserted.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_heatmap_click(
    transaction: &Transaction<'_>,
    site: SiteId,
    visit: VisitId,
    click: &HeatmapClick,
    most: i64,
) -> Result<bool> {
    let mut statement = transaction.prepare_cached(
        "insert into heatmap_clicks (site_id, visit_id, number, page, x, y, width)
         select :site, :visit, coalesce(max(number), 0) + 1, :page, :x, :y, :width
         from heatmap_clicks
         where site_id = :site and visit_id = :visit
         having count(*) < :most",
    )?;
    let kept = statement.execute(named_params! {
        ":site": site.0, ":visit": visit.0, ":page": click.page, ":x": click.x, ":y": click.y,
        ":width": click.width, ":most": most,
    })?;
    Ok(kept > 0)
}
