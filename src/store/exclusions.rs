//! Exclusions: traffic that a site leaves out of its numbers, and query parameters that are stripped from page URLs.
//! Each is one text that was already validated.

use crate::error::Result;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// A kind of exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ExclusionKind {
    /// An IP address or network of visitors.
    Address,
    /// A pattern of page paths.
    Page,
    /// A country code of two letters.
    Country,
    /// A referrer domain.
    Referrer,
    /// A query parameter that is stripped.
    Parameter,
}

impl ExclusionKind {
    /// Finds a kind by its name in the file.
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    fn name(self) -> &'static str {
        self.into()
    }
}

/// An exclusion: its kind and its text.
pub type Exclusion = (ExclusionKind, String);

/// Lists a site's exclusions by kind, then alphabetically.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Exclusion>> {
    let mut question = connection
        .prepare_cached("select kind, value from exclusions where site_id = :site order by kind, value")?;
    let rows = question.query_map([site.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut texts = Vec::new();
    for row in rows {
        let (name, value) = row?;
        texts.extend(ExclusionKind::find(&name).map(|kind| (kind, value)));
    }
    Ok(texts)
}

/// Replaces all exclusions of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn replace(transaction: &Transaction<'_>, site: SiteId, texts: &[Exclusion]) -> Result<()> {
    transaction.execute("delete from exclusions where site_id = :site", [site.0])?;
    let mut statement = transaction.prepare_cached(
        "insert or ignore into exclusions (site_id, kind, value) values (:site, :kind, :value)",
    )?;
    for (kind, value) in texts {
        statement.execute(named_params! {":site": site.0, ":kind": kind.name(), ":value": value})?;
    }
    Ok(())
}
