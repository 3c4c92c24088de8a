//! Conditions on single visits: by their numbers, and by the internet addresses that they came from. Addresses stand in no
//! column: the rows tell.

use crate::error::Result;
use crate::model::address;
use crate::model::id::{SiteId, VisitId, hex};
use crate::reports::columns::block::Ids;
use crate::reports::dimension::ValueKind;
use crate::reports::filter::{Filter, UNKNOWN};
use crate::reports::filter_value::{parse_address, parse_visit};
use rusqlite::{Connection, named_params};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The visits that a condition names.
#[derive(Clone, Debug)]
pub enum VisitMatcher {
    /// Visits by number.
    Ids(BTreeSet<VisitId>),
    /// Visits by address.
    Addresses(AddressMatcher),
}

/// The addresses of a site's visitors that a condition names.
#[derive(Clone, Debug)]
pub struct AddressMatcher {
    site: SiteId,
    /// A JSON array of the stored forms in hexadecimal digits.
    stored: String,
    /// Visits without an address match too.
    has_unknown: bool,
}

impl VisitMatcher {
    /// Compiles a condition on single visits. Fails with a sentence on a value that is neither a number of a visit nor
    /// an address, as its dimension has it.
    pub fn new(site: SiteId, filter: &Filter) -> Result<Self> {
        let known = filter.values.iter().filter(|value| *value != UNKNOWN);
        if filter.dimension.value_kind == ValueKind::VisitId {
            return Ok(Self::Ids(known.map(|value| parse_visit(value)).collect::<Result<_>>()?));
        }
        let addresses: Vec<IpAddr> = known.map(|value| parse_address(value)).collect::<Result<_>>()?;
        let stored: BTreeSet<String> = addresses
            .into_iter()
            .flat_map(stored_forms)
            .map(|bytes| format!("\"{}\"", hex(&bytes)))
            .collect();
        Ok(Self::Addresses(AddressMatcher {
            site,
            stored: format!("[{}]", stored.into_iter().collect::<Vec<_>>().join(",")),
            has_unknown: filter.values.iter().any(|value| value == UNKNOWN),
        }))
    }

    /// Tells which of a day block's visits match, in their order. Fails when the rows can't be read.
    pub fn matches(&self, connection: &Connection, ids: &Ids) -> Result<Vec<bool>> {
        let mut matches = vec![false; ids.len()];
        let mut note = |id: VisitId| {
            let place = ids.place(id);
            if place < matches.len() && ids.get(place) == id {
                matches[place] = true;
            }
        };
        match self {
            Self::Ids(ids) => ids.iter().copied().for_each(note),
            Self::Addresses(_) if ids.len() == 0 => {}
            Self::Addresses(addresses) => {
                addresses.each(connection, ids.get(0), ids.get(ids.len() - 1), &mut note)?;
            }
        }
        Ok(matches)
    }
}

impl AddressMatcher {
    /// Calls with each visit from the first to the last one that came from one of the addresses.
    fn each(
        &self,
        connection: &Connection,
        first: VisitId,
        last: VisitId,
        note: &mut impl FnMut(VisitId),
    ) -> Result<()> {
        let mut statement = connection.prepare_cached(
            "select id from visits
             where site_id = :site and id >= :first and id <= :last
               and (address in (select unhex(value) from json_each(:stored))
                    or :has_unknown and address is null)",
        )?;
        let mut rows = statement.query(named_params! {
            ":site": self.site.0, ":first": first.0, ":last": last.0,
            ":stored": self.stored, ":has_unknown": self.has_unknown,
        })?;
        while let Some(row) = rows.next()? {
            note(VisitId(row.get(0)?));
        }
        Ok(())
    }
}

/// Returns the forms in which a visitor's address may be stored: whole, and shortened, as the site says at the time.
pub fn stored_forms(address: IpAddr) -> [Vec<u8>; 2] {
    [address::stored(address, false), address::stored(address, true)]
}
