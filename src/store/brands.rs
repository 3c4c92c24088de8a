//! What the guest links of a site wear instead of this program's name: one brand a site.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A site's brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name.
    pub name: String,
    /// `#rrggbb`; none: the usual colour.
    pub accent: Option<String>,
    /// The line at the foot; may be empty.
    pub footer: String,
    /// Pixels that the logo is wide and high; none: there is no logo.
    pub logo: Option<(u32, u32)>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What somebody chooses of a brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name.
    pub name: String,
    /// `#rrggbb`; none: the usual colour.
    pub accent: Option<String>,
    /// The line at the foot; may be empty.
    pub footer: String,
}

/// What becomes of the logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoChange {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// This PNG takes its place.
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

/// Width and height, as a PNG tells them in its bytes 16 to 24 (PNG specification, 11.2.1).
fn size(head: &[u8]) -> Option<(u32, u32)> {
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    number(head.get(16..20)?).zip(number(head.get(20..24)?))
}

/// The brand of a site.
pub fn find(connection: &Connection, site: SiteId) -> Result<Option<Brand>> {
    let mut question = connection.prepare_cached(
        "select name, accent, footer, substr(logo, 1, 24), updated_at
         from brands
         where site_id = :site",
    )?;
    Ok(question.query_row([site.0], read).optional()?)
}

/// The logo of a site's brand, as PNG.
pub fn find_logo(connection: &Connection, site: SiteId) -> Result<Option<Vec<u8>>> {
    let mut question = connection.prepare_cached("select logo from brands where site_id = :site")?;
    Ok(question.query_row([site.0], |row| row.get(0)).optional()?.flatten())
}

/// Makes or changes the brand of a site.
pub fn update(
    transaction: &Transaction<'_>,
    site: SiteId,
    (choice, logo): (&Choice, &LogoChange),
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

/// Removes the brand of a site, logo and all.
pub fn delete(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from brands where site_id = :site", [site.0])?;
    Ok(())
}
