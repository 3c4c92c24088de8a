//! Brands: name, colour, footer and logo that the guest links of a site show instead of this program's own; one brand a
//! site.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A site's brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name shown.
    pub name: String,
    /// The accent colour as `#rrggbb`; `None` for the default colour.
    pub accent: Option<String>,
    /// The line at the foot of a page; may be empty.
    pub footer: String,
    /// The logo's width and height in pixels; `None` without a logo.
    pub logo: Option<(u32, u32)>,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// The brand settings that a person edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandSettings {
    /// The name shown.
    pub name: String,
    /// The accent colour as `#rrggbb`; `None` for the default colour.
    pub accent: Option<String>,
    /// The line at the foot of a page; may be empty.
    pub footer: String,
}

/// A change of the logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoChange {
    /// Leaves the logo as it is.
    Keep,
    /// Removes the logo.
    Remove,
    /// Replaces the logo with this PNG.
    Replace(Vec<u8>),
}

fn read(row: &Row<'_>) -> rusqlite::Result<Brand> {
    let head: Option<Vec<u8>> = row.get(3)?;
    Ok(Brand {
        name: row.get(0)?,
        accent: row.get(1)?,
        footer: row.get(2)?,
        logo: head.as_deref().and_then(size),
        updated_at: Timestamp(row.get(4)?),
    })
}

/// Returns width and height in pixels from bytes 16 to 24 of a PNG (PNG specification, 11.2.1).
fn size(head: &[u8]) -> Option<(u32, u32)> {
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    number(head.get(16..20)?).zip(number(head.get(20..24)?))
}

/// Returns the brand of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId) -> Result<Option<Brand>> {
    let mut question = connection.prepare_cached(
        "select name, accent, footer, substr(logo, 1, 24), updated_at
         from brands
         where site_id = :site",
    )?;
    Ok(question.query_row([site.0], read).optional()?)
}

/// Returns the logo of a site's brand as PNG bytes.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_logo(connection: &Connection, site: SiteId) -> Result<Option<Vec<u8>>> {
    let mut question = connection.prepare_cached("select logo from brands where site_id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0)).optional()?.flatten())
}

/// Creates or updates the brand of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    choice: &BrandSettings,
    logo: &LogoChange,
    at: Timestamp,
) -> Result<()> {
    transaction.execute(
        "insert into brands (site_id, name, accent, footer, updated_at)
         values (:site, :name, :accent, :footer, :at)
         on conflict (site_id) do update
         set name = excluded.name, accent = excluded.accent, footer = excluded.footer, updated_at = excluded.updated_at",
        named_params! {
            ":site": site.0, ":name": choice.name, ":accent": choice.accent, ":footer": choice.footer, ":at": at.0,
        },
    )?;
    let kept = match logo {
        LogoChange::Keep => return Ok(()),
        LogoChange::Remove => None,
        LogoChange::Replace(png) => Some(png),
    };
    transaction.execute(
        "update brands set logo = :logo where site_id = :site",
        named_params! {":logo": kept, ":site": site.0},
    )?;
    Ok(())
}

/// Deletes the brand of a site with its logo.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from brands where site_id = :site", [site.0])?;
    Ok(())
}
