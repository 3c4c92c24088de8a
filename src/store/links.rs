//! Guest links: URLs that show chosen reports of one site to anyone who has them, until they are disabled, expire or
//! are deleted. The token is stored in clear, because it is shown again; of the password only a hash is stored.

use super::view_only::StoredView;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::id::{LinkId, SiteId, Token, UserId};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// A guest link.
#[derive(Clone, Debug)]
pub struct Link {
    /// The link's id.
    pub id: LinkId,
    /// The site whose reports it shows.
    pub site: SiteId,
    /// The token in its URL.
    pub token: Token,
    /// The name given by the site's users.
    pub name: String,
    /// The hash of its password, if it has one.
    pub password: Option<String>,
    /// The time from which it no longer opens.
    pub expires_at: Option<Timestamp>,
    /// The reports and visitor data that it shows.
    pub view: StoredView,
    /// The origins whose pages may embed it in a frame.
    pub embed_origins: Vec<String>,
    /// True if it shows the site's brand instead of this program's name.
    pub is_white_label: bool,
    /// The filters of the visits that it is restricted to, as in a URL; `None` for all visits.
    pub segment: Option<String>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The name of the user who created it; `None` for the command line, or when that user is gone.
    pub created_by: Option<String>,
    /// The time at which it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// The number of times that its first page was opened.
    pub views: i64,
    /// The time at which it was last opened.
    pub opened_at: Option<Timestamp>,
}

impl Link {
    /// Returns true if the link is neither disabled nor expired.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.disabled_at.is_none() && !self.has_run_out(now)
    }

    /// Returns true if the link has expired.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// The settings of a link that a person edits.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// The name given by the site's users.
    pub name: String,
    /// The time from which it no longer opens.
    pub expires_at: Option<Timestamp>,
    /// The reports and visitor data that it shows.
    pub view: StoredView,
    /// The origins whose pages may embed it in a frame.
    pub embed_origins: Vec<String>,
    /// True if it shows the site's brand instead of this program's name.
    pub is_white_label: bool,
    /// The filters of the visits that it is restricted to, as in a URL; `None` for all visits.
    pub segment: Option<String>,
}

const COLUMNS: &str = "links.id, links.site_id, links.token, links.name, links.password, links.expires_at,
  links.reports, links.visitor_data, links.embed_origins, links.created_at, users.username, links.disabled_at,
  links.views, links.opened_at, links.is_white_label, links.segment";
const JOINS: &str = "left join users on users.id = links.created_by";

fn read(row: &Row<'_>) -> rusqlite::Result<Link> {
    let origins: String = row.get(8)?;
    let moment = |at: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp))
    };
    Ok(Link {
        id: LinkId(row.get(0)?),
        site: SiteId(row.get(1)?),
        token: Token::known(row.get::<_, String>(2)?),
        name: row.get(3)?,
        password: row.get(4)?,
        expires_at: moment(5)?,
        view: StoredView { reports: row.get(6)?, data: row.get(7)? },
        embed_origins: origins.split_whitespace().map(str::to_owned).collect(),
        created_at: Timestamp(row.get(9)?),
        created_by: row.get(10)?,
        disabled_at: moment(11)?,
        views: row.get(12)?,
        opened_at: moment(13)?,
        is_white_label: row.get(14)?,
        segment: row.get(15)?,
    })
}

/// Finds the link of a token, if it is open now.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find_open(connection: &Connection, token: &Token, now: Timestamp) -> Result<Option<Link>> {
    let sql = format!("select {COLUMNS} from links {JOINS} where links.token = :token");
    let found = connection.prepare_cached(&sql)?.query_row([token.expose()], read).optional()?;
    Ok(found.filter(|link| link.is_open(now)))
}

/// Lists the links of a site, by name.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, site: SiteId) -> Result<Vec<Link>> {
    let sql = format!(
        "select {COLUMNS} from links {JOINS} where links.site_id = :site order by links.name, links.id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([site.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Returns one link of a site.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is none.
pub fn get(connection: &Connection, site: SiteId, id: LinkId) -> Result<Link> {
    let sql = format!("select {COLUMNS} from links {JOINS} where links.site_id = :site and links.id = :id");
    let bound = named_params! {":site": site.0, ":id": id.0};
    let found = connection.prepare_cached(&sql)?.query_row(bound, read).optional()?;
    found.ok_or(Error::Missing("link"))
}

/// Creates a link.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the site has [`limits::LINKS_PER_SITE_MAX`] links, and when the data file cannot
/// be written.
pub fn create(
    transaction: &Transaction<'_>,
    site: SiteId,
    token: &Token,
    choice: &LinkSettings,
    password: Option<&str>,
    by: Option<UserId>,
    at: Timestamp,
) -> Result<LinkId> {
    let count: i64 =
        transaction
            .query_row("select count(*) from links where site_id = :site", [site.0], |row| row.get(0))?;
    if count >= limits::LINKS_PER_SITE_MAX {
        let sentence =
            format!("A site has {} guest links at most. Remove one first.", limits::LINKS_PER_SITE_MAX);
        return Err(Error::invalid("name", sentence));
    }
    transaction.execute(
        "insert into links (site_id, token, name, password, expires_at, reports, visitor_data, embed_origins,
           is_white_label, segment, created_at, created_by)
         values (:site, :token, :name, :password, :expires_at, :reports, :data, :origins, :is_white_label, :segment,
           :at, :by)",
        named_params! {
            ":site": site.0, ":token": token.expose(), ":name": choice.name, ":password": password,
            ":expires_at": choice.expires_at.map(|at| at.0), ":reports": choice.view.reports,
            ":data": choice.view.data, ":origins": choice.embed_origins.join(" "),
            ":is_white_label": choice.is_white_label, ":segment": choice.segment, ":at": at.0,
            ":by": by.map(|by| by.0),
        },
    )?;
    Ok(LinkId(transaction.last_insert_rowid()))
}

/// Runs an update of one link of a site. Fails with [`Error::Missing`] when there is none.
fn change(
    transaction: &Transaction<'_>,
    sql: &str,
    site: SiteId,
    id: LinkId,
    bound: &[(&str, &dyn rusqlite::ToSql)],
) -> Result<()> {
    let own: [(&str, &dyn rusqlite::ToSql); 2] = [(":site", &site.0), (":id", &id.0)];
    let all: Vec<_> = own.into_iter().chain(bound.iter().copied()).collect();
    let changed =
        transaction.execute(&format!("{sql} where site_id = :site and id = :id"), all.as_slice())?;
    if changed == 0 { Err(Error::Missing("link")) } else { Ok(()) }
}

/// Updates the settings of a link.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such link.
pub fn update(transaction: &Transaction<'_>, site: SiteId, id: LinkId, choice: &LinkSettings) -> Result<()> {
    change(
        transaction,
        "update links set name = :name, expires_at = :expires_at, reports = :reports, visitor_data = :data,
           embed_origins = :origins, is_white_label = :is_white_label,
           segment = :segment",
        site,
        id,
        named_params! {
            ":name": choice.name, ":expires_at": choice.expires_at.map(|at| at.0),
            ":reports": choice.view.reports, ":data": choice.view.data,
            ":origins": choice.embed_origins.join(" "), ":is_white_label": choice.is_white_label,
            ":segment": choice.segment,
        },
    )
}

/// Sets or removes the password of a link; everyone has to enter it again.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such link.
pub fn update_password(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: LinkId,
    password: Option<&str>,
) -> Result<()> {
    let sql = "update links set password = :password";
    change(transaction, sql, site, id, named_params! {":password": password})?;
    delete_passes(transaction, id)
}

/// Gives a link a new token; its old URL no longer works.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such link.
pub fn update_token(transaction: &Transaction<'_>, site: SiteId, id: LinkId, token: &Token) -> Result<()> {
    change(
        transaction,
        "update links set token = :token",
        site,
        id,
        named_params! {":token": token.expose()},
    )?;
    delete_passes(transaction, id)
}

/// Disables a link at a time; `None` enables it again.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such link.
pub fn update_disabled(
    transaction: &Transaction<'_>,
    site: SiteId,
    id: LinkId,
    at: Option<Timestamp>,
) -> Result<()> {
    let at = at.map(|at| at.0);
    change(transaction, "update links set disabled_at = :at", site, id, named_params! {":at": at})
}

/// Deletes a link.
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such link.
pub fn delete(transaction: &Transaction<'_>, site: SiteId, id: LinkId) -> Result<()> {
    change(transaction, "delete from links", site, id, &[])
}

/// Counts a view of a link.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn count_view(transaction: &Transaction<'_>, id: LinkId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update links set views = views + 1, opened_at = :at where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// Records that a browser entered the password of a link.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create_pass(transaction: &Transaction<'_>, id: LinkId, pass: &Token, at: Timestamp) -> Result<()> {
    delete_old_passes(transaction, at)?;
    transaction.execute(
        "insert into link_passes (token_hash, link_id, created_at) values (:hash, :link, :at)",
        named_params! {":hash": pass.hash(), ":link": id.0, ":at": at.0},
    )?;
    Ok(())
}

/// Returns true if a browser has entered the password of a link within [`limits::LINK_PASS_LASTS`].
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn has_pass(connection: &Connection, id: LinkId, pass: &Token, now: Timestamp) -> Result<bool> {
    let mut question = connection.prepare_cached(
        "select 1 from link_passes where token_hash = :hash and link_id = :link and created_at > :oldest",
    )?;
    let oldest = now.before(limits::LINK_PASS_LASTS).0;
    Ok(question.exists(named_params! {":hash": pass.hash(), ":link": id.0, ":oldest": oldest})?)
}

fn delete_passes(transaction: &Transaction<'_>, id: LinkId) -> Result<()> {
    transaction.execute("delete from link_passes where link_id = :id", [id.0])?;
    Ok(())
}

/// Deletes expired passes of all links.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn delete_old_passes(transaction: &Transaction<'_>, now: Timestamp) -> Result<()> {
    let oldest = now.before(limits::LINK_PASS_LASTS);
    transaction.execute("delete from link_passes where created_at <= :oldest", [oldest.0])?;
    Ok(())
}
