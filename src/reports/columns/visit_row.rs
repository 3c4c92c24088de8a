//! A visit's row, converted to the keys by which the visit is grouped.

use super::{DictKey, ROW_NUMBERS, flags, pack_pair};
use crate::model::channel::Channel;
use crate::store::page_forms::PageForms;
use crate::store::visit_attribute::{DAY_COLUMNS, JOINS, VisitAttribute};
use crate::store::visits::visit_flags;
use rusqlite::{Connection, Row};
use std::sync::LazyLock;

/// The columns before those of [`ROW_NUMBERS`], which are followed by those of the attributes.
const PLAIN_COLUMNS: usize = 4;

/// The beginning of a query for visits, up to `from`.
static COLUMNS: LazyLock<String> = LazyLock::new(|| {
    let numbers = ROW_NUMBERS.map(str::to_owned).into_iter();
    let columns = numbers.chain(VisitAttribute::day_columns().map(VisitAttribute::expression));
    format!("select visits.id, stay, page_views, flags, {} from", columns.collect::<Vec<_>>().join(", "))
});

/// The query for a site's visits in a range of ids, in order.
pub static VISITS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} visits {JOINS}
         where site_id = :site and visits.id >= :first and visits.id < :end
         order by visits.id",
        *COLUMNS
    )
});

/// The query for a site's visits with listed ids.
pub static VISITS_LISTED: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{} json_each(:ids) as listed
         cross join visits on visits.site_id = :site and visits.id = listed.value {JOINS}",
        *COLUMNS
    )
});

/// The milliseconds below which a visit with one page view bounced.
const BOUNCE_MILLIS: i64 = 30_000;

/// A visit read from its row.
#[derive(Debug)]
pub struct VisitRow {
    /// The visit's id.
    pub id: i64,
    /// The milliseconds from the beginning to the last action or ping, limited to 32 bits.
    pub stay: u64,
    /// The numbers of [`ROW_NUMBERS`].
    pub numbers: [u64; ROW_NUMBERS.len()],
    /// The flags of [`flags`] that its row alone determines.
    pub flags: u8,
    /// The keys, by the number of the attribute.
    pub keys: [DictKey; DAY_COLUMNS],
}

impl VisitRow {
    /// Of a row of [`VISITS`], with pages under the labels that stand for them.
    pub fn read(row: &Row<'_>, connection: &Connection, forms: &PageForms) -> rusqlite::Result<Self> {
        let (stay, page_views, traits): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let mut numbers = [0; ROW_NUMBERS.len()];
        for (at, to) in (PLAIN_COLUMNS..).zip(&mut numbers) {
            *to = bounded(row.get(at)?);
        }
        let mut keys = [0; DAY_COLUMNS];
        for (at, to) in (PLAIN_COLUMNS + ROW_NUMBERS.len()..).zip(&mut keys) {
            *to = key(row, at)?;
        }
        let read = keys;
        let value = |attribute: VisitAttribute| read[attribute as usize];
        let mut set = |attribute: VisitAttribute, key: DictKey| keys[attribute as usize] = key;
        let is = |one: Channel| value(VisitAttribute::Channel) == one.code().cast_unsigned();
        let is_search = is(Channel::Search);
        if is_search || is(Channel::Internal) {
            set(VisitAttribute::Link, 0);
            set(VisitAttribute::LinkDomain, 0);
        }
        for (channel, domain) in [
            (VisitAttribute::FirstChannel, VisitAttribute::FirstDomain),
            (VisitAttribute::LastChannel, VisitAttribute::LastDomain),
        ] {
            if [Channel::Search, Channel::Internal]
                .iter()
                .any(|one| value(channel) == one.code().cast_unsigned())
            {
                set(domain, 0);
            }
        }
        set(
            VisitAttribute::Engine,
            match value(VisitAttribute::Engine) {
                _ if !is_search => 0,
                0 => value(VisitAttribute::LinkDomain),
                name => name,
            },
        );
        for page in [VisitAttribute::Landing, VisitAttribute::Exit] {
            set(page, forms.page(connection, value(page).cast_signed())?.cast_unsigned());
        }
        for place in [VisitAttribute::Region, VisitAttribute::City] {
            if value(place) != 0 {
                set(place, pack_pair(value(VisitAttribute::Country), value(place)));
            }
        }
        let is_new = traits & visit_flags::NEW != 0;
        let has_bounced = page_views == 1 && stay < BOUNCE_MILLIS;
        Ok(Self {
            id: row.get(0)?,
            stay: bounded(stay),
            numbers,
            flags: if is_new { flags::NEW } else { 0 } | if has_bounced { flags::BOUNCE } else { 0 },
            keys,
        })
    }
}

/// Limits a number to 32 bits.
pub fn bounded(number: i64) -> u64 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX).into()
}

/// Reads a number from a column; 0 for null.
///
/// # Errors
/// Fails when the column does not hold an integer.
pub fn key(row: &Row<'_>, at: usize) -> rusqlite::Result<DictKey> {
    Ok(row.get::<_, Option<i64>>(at)?.unwrap_or(0).cast_unsigned())
}
