//! View Only settings: the reports and visitor data that View Only users see, for a site or for one user.

use crate::error::{Error, Result};
use crate::model::id::{SiteId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// View Only settings as stored: names separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredView {
    /// The names of reports.
    pub reports: String,
    /// The names of kinds of visitor data.
    pub data: String,
}

/// Reads settings from two consecutive columns; `None` when the owner has chosen nothing.
pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<StoredView>> {
    let reports: Option<String> = row.get(first)?;
    let data: Option<String> = row.get(first + 1)?;
    Ok(reports.map(|reports| StoredView { reports, data: data.unwrap_or_default() }))
}

/// Returns the settings of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn of_site(connection: &Connection, site: SiteId) -> Result<Option<StoredView>> {
    let mut question =
        connection.prepare_cached("select view_only_reports, view_only_data from sites where id = :site")?;
    Ok(question.query_row([site.0], |row| read(row, 0)).optional()?.flatten())
}

/// Sets the settings of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update_site(transaction: &Transaction<'_>, site: SiteId, view: &StoredView) -> Result<()> {
    transaction.execute(
        "update sites set view_only_reports = :reports, view_only_data = :data where id = :site",
        named_params! {":reports": view.reports, ":data": view.data, ":site": site.0},
    )?;
    Ok(())
}

/// Returns one user's own settings.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn of_share(connection: &Connection, site: SiteId, user: UserId) -> Result<Option<StoredView>> {
    let mut question = connection.prepare_cached(
        "select view_only_reports, view_only_data from shares where site_id = :site and user_id = :user",
    )?;
    let bound = named_params! {":site": site.0, ":user": user.0};
    Ok(question.query_row(bound, |row| read(row, 0)).optional()?.flatten())
}

/// Sets one user's own settings; `None` to follow the site's.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such share.
pub fn update_share(
    transaction: &Transaction<'_>,
    site: SiteId,
    user: UserId,
    view: Option<&StoredView>,
) -> Result<()> {
    let changed = transaction.execute(
        "update shares set view_only_reports = :reports, view_only_data = :data
         where site_id = :site and user_id = :user",
        named_params! {
            ":reports": view.map(|view| &view.reports), ":data": view.map(|view| &view.data),
            ":site": site.0, ":user": user.0,
        },
    )?;
    if changed == 0 { Err(Error::Missing("share")) } else { Ok(()) }
}
