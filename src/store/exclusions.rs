//! What a site's people leave out of its numbers, and the query parameters that do not tell one page from another: one
//! text each, already checked.

use crate::error::Result;
use crate::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

/// What a text is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A network or an address of visitors.
    Address,
    /// A pattern of pages.
    Page,
    /// Two letters.
    Country,
    /// The domain that a visit comes from.
    Referrer,
    /// A query parameter that is stripped.
    Parameter,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Address, Self::Page, Self::Country, Self::Referrer, Self::Parameter];

    /// By its name in the file.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Page => "page",
            Self::Country => "country",
            Self::Referrer => "referrer",
            Self::Parameter => "parameter",
        }
    }
}

/// One text.
pub type Exclusion = (Kind, String);

/// A site's texts, by kind and then as the alphabet has them.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Exclusion>> {
    let mut question = connection
        .prepare_cached("select kind, value from exclusions where site_id = :site order by kind, value")?;
    let rows = question.query_map([site.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut texts = Vec::new();
    for row in rows {
        let (name, value) = row?;
        texts.extend(Kind::find(&name).map(|kind| (kind, value)));
    }
    Ok(texts)
}

/// Puts these texts in the place of all earlier ones.
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
