//! The table of personal tokens: keys with which a person's programs read what the person may read. Only the hash of a
//! token's text is stored.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, TokenId, TokenSecret, UserId};
use crate::store::key_uses::KeyUse;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A personal token, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalToken {
    /// The token's id.
    pub id: TokenId,
    /// The person whose token it is.
    pub user: UserId,
    /// The name given by the person.
    pub name: String,
    /// True if it also writes where its person is owner or Administrator.
    pub may_write: bool,
    /// The sites that it opens, as far as its person may.
    pub scope: TokenScope,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time from which it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// The last use.
    pub used: Option<KeyUse>,
}

impl PersonalToken {
    /// Returns true if the token has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The sites that a token opens, as far as its person may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenScope {
    /// All sites of the person, also later ones.
    AllSites,
    /// These sites, by id; none if they are all deleted.
    Sites(Vec<SiteId>),
}

impl TokenScope {
    /// Returns true if a site is among them.
    pub fn has(&self, site: SiteId) -> bool {
        match self {
            Self::AllSites => true,
            Self::Sites(sites) => sites.contains(&site),
        }
    }
}

/// The checked settings of a new token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The name.
    pub name: String,
    /// True if it also writes.
    pub may_write: bool,
    /// The sites.
    pub scope: TokenScope,
    /// The time from which it opens nothing.
    pub expires_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, user_id, name, may_write, has_all_sites, created_at, expires_at, used_at, used_from, used_by,
  (select group_concat(site_id, ' ') from (select site_id from token_sites where token_id = tokens.id order by site_id))";

fn read(row: &Row<'_>) -> rusqlite::Result<PersonalToken> {
    let sites: Option<String> = row.get(10)?;
    let sites = || sites.iter().flat_map(|sites| sites.split(' ')).filter_map(SiteId::parse).collect();
    let used = match row.get::<_, Option<i64>>(7)? {
        Some(at) => Some(KeyUse {
            at: Timestamp(at),
            address: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
            user_agent: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(PersonalToken {
        id: TokenId(row.get(0)?),
        user: UserId(row.get(1)?),
        name: row.get(2)?,
        may_write: row.get(3)?,
        scope: if row.get(4)? { TokenScope::AllSites } else { TokenScope::Sites(sites()) },
        created_at: Timestamp(row.get(5)?),
        expires_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        used,
    })
}

/// Finds the token of a text, if it has not expired and its person is not disabled.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_open(
    connection: &Connection,
    secret: &TokenSecret,
    now: Timestamp,
) -> Result<Option<PersonalToken>> {
    let sql = format!(
        "select {COLUMNS} from tokens
         where token_hash = :hash and exists (select 1 from users where id = user_id and disabled_at is null)"
    );
    let hash = secret.hash();
    let bound = named_params! {":hash": hash.as_slice()};
    let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
    Ok(found.filter(|token| !token.has_expired(now)))
}

/// Lists the tokens of a person, by id; also those that have expired.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, user: UserId) -> Result<Vec<PersonalToken>> {
    let sql = format!("select {COLUMNS} from tokens where user_id = :user order by id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([user.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the tokens of everybody, by person and id; also those that have expired.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_all(connection: &Connection) -> Result<Vec<PersonalToken>> {
    let sql = format!("select {COLUMNS} from tokens order by user_id, id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the tokens that name a site or all sites and whose person, not disabled, has some access to it, by id; also those
/// that have expired.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_for_site(connection: &Connection, site: SiteId) -> Result<Vec<PersonalToken>> {
    let sql = format!(
        "select {COLUMNS} from tokens
         where user_id in (select owner_id from sites where id = :site
                           union all
                           select user_id from shares where site_id = :site)
           and (has_all_sites or id in (select token_id from token_sites where site_id = :site))
           and exists (select 1 from users where id = user_id and disabled_at is null)
         order by id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map(named_params! {":site": site.0}, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns a token.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none, or it is another person's.
pub fn get(connection: &Connection, user: UserId, id: TokenId) -> Result<PersonalToken> {
    let sql = format!("select {COLUMNS} from tokens where id = :id and user_id = :user");
    let bound = named_params! {":id": id.0, ":user": user.0};
    let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
    found.ok_or(Error::Missing("token"))
}

/// Creates a token.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the person has [`limits::TOKENS_PER_USER_MAX`] tokens, and when the data file cannot
/// be written.
pub fn create(
    transaction: &Transaction<'_>,
    user: UserId,
    secret: &TokenSecret,
    new: &NewToken,
    at: Timestamp,
) -> Result<TokenId> {
    let count = "select count(*) from tokens where user_id = :user";
    let count: usize =
        transaction.query_row(count, [user.0], |row| row.get::<_, i64>(0))?.try_into().unwrap_or(0);
    if count >= limits::TOKENS_PER_USER_MAX {
        let sentence = format!("You have {count} tokens, which is the most. Remove one first.");
        return Err(Error::invalid("name", sentence));
    }
    transaction.execute(
        "insert into tokens (token_hash, user_id, name, may_write, has_all_sites, created_at, expires_at)
         values (:hash, :user, :name, :may_write, :has_all_sites, :at, :expires_at)",
        named_params! {
            ":hash": secret.hash().as_slice(), ":user": user.0, ":name": new.name, ":may_write": new.may_write,
            ":has_all_sites": new.scope == TokenScope::AllSites, ":at": at.0,
            ":expires_at": new.expires_at.map(|at| at.0),
        },
    )?;
    let id = TokenId(transaction.last_insert_rowid());
    if let TokenScope::Sites(sites) = &new.scope {
        let mut statement = transaction.prepare_cached(
            "insert into token_sites (token_id, site_id) values (:token, :site) on conflict do nothing",
        )?;
        for site in sites {
            statement.execute(named_params! {":token": id.0, ":site": site.0})?;
        }
    }
    Ok(id)
}

/// Deletes a token, which opens nothing from the next request on.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none, or it is another person's.
pub fn delete(transaction: &Transaction<'_>, user: UserId, id: TokenId) -> Result<()> {
    let bound = named_params! {":id": id.0, ":user": user.0};
    let deleted = transaction.execute("delete from tokens where id = :id and user_id = :user", bound)?;
    if deleted == 0 { Err(Error::Missing("token")) } else { Ok(()) }
}

/// Records a use of a token, unless a later use is recorded.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn touch(transaction: &Transaction<'_>, id: TokenId, used: &KeyUse) -> Result<()> {
    let mut statement = transaction.prepare_cached(
        "update tokens set used_at = :at, used_from = :address, used_by = :agent
         where id = :id and (used_at is null or used_at <= :at or used_at > :end)",
    )?;
    statement.execute(named_params! {
        ":id": id.0, ":at": used.at.0, ":address": used.address, ":agent": used.user_agent,
        // A time in the future, from a clock that was ahead, would stay for as long.
        ":end": used.at.after(limits::CLOCK_AHEAD_MAX).0,
    })?;
    Ok(())
}
