//! The last use of each site key: when, from which address and by which program. New keys begin without one.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, SiteKey};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use std::collections::HashMap;

/// The last use of a site key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// The time, to about [`limits::KEY_USE_RECORDED_EVERY`].
    pub at: Timestamp,
    /// The IP address of the program.
    pub address: String,
    /// The `User-Agent` header of the program; empty if it sent none.
    pub user_agent: String,
}

impl KeyUse {
    /// Makes the record of a use; the user agent is shortened to [`limits::KEY_USE_AGENT_BYTES_MAX`].
    pub fn new(at: Timestamp, address: String, user_agent: &str) -> Self {
        let end = user_agent.floor_char_boundary(limits::KEY_USE_AGENT_BYTES_MAX);
        Self { at, address, user_agent: user_agent[..end].to_owned() }
    }
}

fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<KeyUse> {
    Ok(KeyUse {
        at: Timestamp(row.get(first)?),
        address: row.get(first + 1)?,
        user_agent: row.get(first + 2)?,
    })
}

/// Finds the last use of a site's key.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, site: SiteId) -> Result<Option<KeyUse>> {
    let mut question = connection
        .prepare_cached("select used_at, address, user_agent from key_uses where site_id = :site")?;
    Ok(question.query_row([site.0], |row| read(row, 0)).optional()?)
}

/// Returns the last use of every site's key that was used.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn all(connection: &Connection) -> Result<HashMap<SiteId, KeyUse>> {
    let mut question =
        connection.prepare_cached("select site_id, used_at, address, user_agent from key_uses")?;
    let rows = question.query_map([], |row| Ok((SiteId(row.get(0)?), read(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Records a use of a site's key, unless the site has another key by now or a later use is recorded.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn record(transaction: &Transaction<'_>, site: SiteId, key: &SiteKey, used: &KeyUse) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "insert into key_uses (site_id, used_at, address, user_agent)
         select id, :at, :address, :agent from sites where id = :site and site_key = :key
         on conflict do update
         set used_at = excluded.used_at, address = excluded.address, user_agent = excluded.user_agent
         where excluded.used_at >= used_at or used_at > :end",
    )?;
    statement.execute(named_params! {
        ":site": site.0, ":key": key.expose(), ":at": used.at.0, ":address": used.address,
        // A time in the future, from a clock that was ahead, would stay for as long.
        ":agent": used.user_agent, ":end": used.at.after(limits::CLOCK_AHEAD_MAX).0,
    })?;
    Ok(())
}

/// Deletes the record of a site.
///
/// # Errors
/// Fails when the data file cannot be written.
pub(super) fn delete(transaction: &Transaction<'_>, site: SiteId) -> Result<()> {
    transaction.execute("delete from key_uses where site_id = :site", [site.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::Zone;
    use crate::store::sites::{self, Keys, NewSite};
    use crate::store::users::{self, NewUser};

    /// A site with its keys in an empty file.
    fn with_site() -> (Connection, SiteId, Keys) {
        let mut connection = crate::store::scratch().unwrap();
        let keys = Keys::generate().unwrap();
        let site = crate::store::change(&mut connection, |tx| {
            let user =
                NewUser { username: "ada", email: "a@a.example", password: "x", created_at: Timestamp(0) };
            let owner = users::create(tx, &user)?;
            let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
            sites::create(tx, owner, &new, &keys, Timestamp(0))
        });
        (connection, site.unwrap(), keys)
    }

    fn used(at: i64) -> KeyUse {
        KeyUse::new(Timestamp(at), "192.0.2.7".into(), &format!("program/{at}"))
    }

    fn record_all(connection: &mut Connection, site: SiteId, key: &SiteKey, uses: &[i64]) {
        let record_one = |tx: &Transaction<'_>, at: &i64| record(tx, site, key, &used(*at));
        crate::store::change(connection, |tx| uses.iter().try_for_each(|at| record_one(tx, at))).unwrap();
    }

    #[test]
    fn the_latest_use_is_found_in_whatever_order_uses_are_written() {
        let (mut connection, site, keys) = with_site();
        assert_eq!(find(&connection, site).unwrap(), None);
        record_all(&mut connection, site, &keys.site, &[2_000, 3_000, 1_000]);
        assert_eq!(find(&connection, site).unwrap(), Some(used(3_000)));
        assert_eq!(all(&connection).unwrap(), HashMap::from([(site, used(3_000))]));
    }

    #[test]
    fn a_use_from_a_clock_that_was_ahead_gives_way_to_the_next_one() {
        let (mut connection, site, keys) = with_site();
        let ahead = Timestamp(1_000).after(limits::CLOCK_AHEAD_MAX).0 + 1;
        record_all(&mut connection, site, &keys.site, &[ahead, 1_000]);
        assert_eq!(find(&connection, site).unwrap(), Some(used(1_000)));
    }

    #[test]
    fn new_keys_begin_unused_and_a_late_record_of_the_old_key_is_dropped() {
        let (mut connection, site, keys) = with_site();
        record_all(&mut connection, site, &keys.site, &[1_000]);
        let new = Keys::generate().unwrap();
        crate::store::change(&mut connection, |tx| sites::update_keys(tx, site, &new)).unwrap();
        assert_eq!(find(&connection, site).unwrap(), None);
        record_all(&mut connection, site, &keys.site, &[2_000]);
        assert_eq!(find(&connection, site).unwrap(), None);
        record_all(&mut connection, site, &new.site, &[2_000]);
        assert_eq!(find(&connection, site).unwrap(), Some(used(2_000)));
    }

    #[test]
    fn a_user_agent_is_shortened_at_a_whole_character() {
        let long = format!("{}é", "x".repeat(limits::KEY_USE_AGENT_BYTES_MAX - 1));
        let kept = KeyUse::new(Timestamp(0), String::new(), &long).user_agent;
        assert_eq!(kept, "x".repeat(limits::KEY_USE_AGENT_BYTES_MAX - 1));
    }
}
