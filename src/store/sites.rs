//! The table of tracked sites.

use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id;
use crate::model::id::{SiteId, SiteKey, SiteKeyAdmin, UserId};
use crate::model::level::Level;
use crate::store::site_hosts::{HostStanding, SiteHosts};
use crate::store::{blocks, site_hosts};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// One tracked property.
#[derive(Clone, Debug)]
pub struct Site {
    /// The public number.
    pub id: SiteId,
    /// Who owns it.
    pub owner: UserId,
    /// Its host, without `www.`.
    pub domain: String,
    /// What its people call it.
    pub name: String,
    /// Where its days begin.
    pub zone: Zone,
    /// When it was added.
    pub created_at: Timestamp,
    /// What visitors agreed to, or need to.
    pub privacy: Privacy,
    /// How much is taken.
    pub bounds: Bounds,
    /// What its people said of hosts.
    pub hosts: SiteHosts,
}

impl Site {
    /// Whether a host is the site's own: its domain, one that its people called so, or one below these.
    pub fn owns_host(&self, host: &str) -> bool {
        self.host_standing(host) == HostStanding::Own
    }

    /// What a host is to the site.
    pub fn host_standing(&self, host: &str) -> HostStanding {
        self.hosts.standing(bare_host(&self.domain), bare_host(host))
    }
}

/// A host without `www.` and the dot that may end it, however often they stand there: a bare host stays as it is.
pub fn bare_host(host: &str) -> &str {
    host.trim_end_matches('.').trim_start_matches("www.")
}

/// How much a site takes, to keep floods out of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Hits of one address in a minute.
    pub hits_per_minute_max: u32,
    /// Actions of the whole site in one of its days; none for no limit.
    pub actions_per_day_max: Option<i64>,
}

/// The owner's choices on what is kept of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Privacy {
    /// A first-party cookie may make a visitor known for longer than a day.
    pub cookies_allowed: bool,
    /// Nothing lasting before the page says that the visitor consented.
    pub consent_needed: bool,
    /// GPC and DNT are honoured.
    pub signals_honoured: bool,
    /// Addresses are shortened before they are stored.
    pub addresses_shortened: bool,
}

/// A site's two secrets.
#[derive(Clone, Debug)]
pub struct Keys {
    /// For programs that read and write through the API.
    pub site: SiteKey,
    /// For server-side logging alone.
    pub admin: SiteKeyAdmin,
}

impl Keys {
    /// New ones.
    pub fn generate() -> Result<Self> {
        Ok(Self { site: SiteKey::generate()?, admin: SiteKeyAdmin::generate()? })
    }
}

/// A new site, checked.
#[derive(Clone, Debug)]
pub struct NewSite {
    /// Its host.
    pub domain: String,
    /// What its people call it.
    pub name: String,
    /// Where its days begin.
    pub zone: Zone,
}

const COLUMNS: &str = "id, owner_id, domain, name, time_zone, created_at, \
                       cookies_allowed, consent_needed, signals_honoured, addresses_shortened, \
                       hits_per_minute_max, actions_per_day_max, own_hosts_only, \
                       (select group_concat(is_own || host, ' ') from site_hosts where site_id = sites.id)";

fn read(row: &Row<'_>) -> rusqlite::Result<Site> {
    let zone: String = row.get(4)?;
    Ok(Site {
        id: SiteId(row.get(0)?),
        owner: UserId(row.get(1)?),
        domain: row.get(2)?,
        name: row.get(3)?,
        // A zone was checked when it was stored; one that the zone database has dropped since then counts as UTC.
        zone: Zone::parse(&zone).unwrap_or_else(|_| Zone::utc()),
        created_at: Timestamp(row.get(5)?),
        privacy: Privacy {
            cookies_allowed: row.get(6)?,
            consent_needed: row.get(7)?,
            signals_honoured: row.get(8)?,
            addresses_shortened: row.get(9)?,
        },
        bounds: Bounds { hits_per_minute_max: row.get(10)?, actions_per_day_max: row.get(11)? },
        hosts: SiteHosts::parse(row.get(12)?, row.get::<_, Option<String>>(13)?.as_deref()),
    })
}

/// A site by its number.
pub fn find(connection: &Connection, id: SiteId) -> Result<Option<Site>> {
    let sql = format!("select {COLUMNS} from sites where id = :id");
    Ok(connection.prepare_cached(&sql)?.query_row([id.0], read).optional()?)
}

/// A site by its number.
pub fn get(connection: &Connection, id: SiteId) -> Result<Site> {
    find(connection, id)?.ok_or(Error::Missing("site"))
}

/// Every site, by number.
pub fn list(connection: &Connection) -> Result<Vec<Site>> {
    let mut question = connection.prepare_cached(&format!("select {COLUMNS} from sites order by id"))?;
    let rows = question.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A person's own sites, by domain.
pub fn list_of(connection: &Connection, owner: UserId) -> Result<Vec<Site>> {
    let sql = format!("select {COLUMNS} from sites where owner_id = :owner order by domain, id");
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([owner.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many sites a person owns.
pub fn count_of(connection: &Connection, owner: UserId) -> Result<i64> {
    let sql = "select count(*) from sites where owner_id = :owner";
    Ok(connection.query_row(sql, [owner.0], |row| row.get(0))?)
}

/// The sites that are shared with somebody, by domain, with their level.
pub fn list_shared(connection: &Connection, user: UserId) -> Result<Vec<(Site, Level)>> {
    let sql = format!(
        "select {COLUMNS}, (select level from shares where site_id = sites.id and user_id = :user)
         from sites
         where id in (select site_id from shares where user_id = :user)
         order by domain, id"
    );
    let mut question = connection.prepare_cached(&sql)?;
    let rows = question.query_map([user.0], |row| Ok((read(row)?, row.get::<_, String>(14)?)))?;
    let known = |(site, level): (Site, String)| Level::parse(&level).map(|level| (site, level));
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter_map(known).collect())
}

/// Every site that somebody may see: their own first, then those that are shared with them, with their level.
pub fn list_open_to(connection: &Connection, user: UserId) -> Result<Vec<(Site, Option<Level>)>> {
    let own = list_of(connection, user)?.into_iter().map(|site| (site, None));
    let shared = list_shared(connection, user)?.into_iter().map(|(site, level)| (site, Some(level)));
    Ok(own.chain(shared).collect())
}

/// How much room a person's plan has. A sub-account shares the plan of its parent.
struct Room {
    /// Sites that the person may own, and owns.
    own: (Option<i64>, i64),
    /// The same of the parent account with all its sub-accounts; of a top-level account, of itself and of those.
    family: (Option<i64>, i64),
    is_managed: bool,
}

/// Refuses a further site to somebody whose plan, or whose parent's, has no room for it.
pub fn check_plan(connection: &Connection, owner: UserId) -> Result<()> {
    check_room(connection, owner, 1)
}

/// Refuses what somebody owns by now when that is more than the plan has room for: after a site was taken over.
pub fn check_plan_kept(connection: &Connection, owner: UserId) -> Result<()> {
    check_room(connection, owner, 0)
}

fn check_room(connection: &Connection, owner: UserId, further: i64) -> Result<()> {
    let room = room(connection, owner)?;
    let helper = if room.is_managed { "whoever manages your account" } else { "whoever runs this server" };
    let is_full = |(most, count): (Option<i64>, i64)| most.is_some_and(|most| count + further > most);
    let sentence = match (room.own.0, room.family.0) {
        (Some(0), _) => format!("Your account is for sites of others. Ask {helper} for sites of your own."),
        (Some(most), _) if is_full(room.own) => {
            format!("Your plan has room for {most} sites. Ask {helper} for more.")
        }
        // A sub-account is not told how many sites its siblings have.
        (_, Some(_)) if is_full(room.family) && room.is_managed => {
            format!("There is no room for a further site. Ask {helper}.")
        }
        (_, Some(most)) if is_full(room.family) => {
            format!(
                "Your plan has room for {most} sites, those of your sub-accounts included. Ask {helper} for more."
            )
        }
        _ => return Ok(()),
    };
    Err(Error::invalid("domain", sentence))
}

fn room(connection: &Connection, owner: UserId) -> Result<Room> {
    let mut question = connection.prepare_cached(
        "select owner.sites_max, (select count(*) from sites where owner_id = owner.id),
           family.sites_max,
           (select count(*) from sites
            where owner_id = family.id or owner_id in (select id from users where parent_id = family.id)),
           owner.parent_id is not null
         from users as owner
         join users as family on family.id = coalesce(owner.parent_id, owner.id)
         where owner.id = :owner",
    )?;
    let room = question.query_row([owner.0], |row| {
        Ok(Room {
            own: (row.get(0)?, row.get(1)?),
            family: (row.get(2)?, row.get(3)?),
            is_managed: row.get(4)?,
        })
    });
    Ok(room?)
}

/// A site's secrets.
pub fn keys(connection: &Connection, id: SiteId) -> Result<Keys> {
    let mut question =
        connection.prepare_cached("select site_key, site_key_admin from sites where id = :id")?;
    let found = question.query_row([id.0], |row| {
        Ok(Keys {
            site: SiteKey::known(row.get::<_, String>(0)?),
            admin: SiteKeyAdmin::known(row.get::<_, String>(1)?),
        })
    });
    found.optional()?.ok_or(Error::Missing("site"))
}

/// When a hit last came with the admin key, about.
pub fn admin_key_used_at(connection: &Connection, id: SiteId) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select admin_key_used_at from sites where id = :id")?;
    let found = question.query_row([id.0], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(found.flatten().map(Timestamp))
}

/// When newer rules of counting began to hold for a site; none for one that began with them.
pub fn rules_changed_at(connection: &Connection, id: SiteId) -> Result<Option<Timestamp>> {
    let mut question = connection.prepare_cached("select rules_changed_at from sites where id = :id")?;
    let found = question.query_row([id.0], |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(found.flatten().map(Timestamp))
}

/// Writes down that a hit came with the admin key.
pub fn touch_admin_key(transaction: &Transaction<'_>, id: SiteId, at: Timestamp) -> Result<()> {
    transaction.execute(
        "update sites set admin_key_used_at = :at where id = :id",
        named_params! {":at": at.0, ":id": id.0},
    )?;
    Ok(())
}

/// How many visits a site has.
pub fn count_visits(connection: &Connection, id: SiteId) -> Result<i64> {
    let sql = "select count(*) from visits where site_id = :id";
    Ok(connection.query_row(sql, [id.0], |row| row.get(0))?)
}

/// Adds a site.
pub fn create(
    transaction: &Transaction<'_>,
    owner: UserId,
    site: &NewSite,
    keys: &Keys,
    at: Timestamp,
) -> Result<SiteId> {
    transaction.execute(
        "insert into sites (owner_id, domain, name, time_zone, site_key, site_key_admin, created_at, line_key)
         values (:owner, :domain, :name, :zone, :site_key, :site_key_admin, :at, :line_key)",
        named_params! {
            ":owner": owner.0, ":domain": site.domain, ":name": site.name, ":zone": site.zone.name(),
            ":site_key": keys.site.expose(), ":site_key_admin": keys.admin.expose(), ":at": at.0,
            ":line_key": id::random::<16>()?,
        },
    )?;
    Ok(SiteId(transaction.last_insert_rowid()))
}

/// Changes what a site is called, where it is, and where its days begin. On another domain it has other pages of its
/// own, and the former one stays one of its hosts: true when it does.
pub fn update(transaction: &Transaction<'_>, id: SiteId, site: &NewSite) -> Result<bool> {
    let before = get(transaction, id)?;
    transaction.execute(
        "update sites set domain = :domain, name = :name, time_zone = :zone where id = :id",
        named_params! {":domain": site.domain, ":name": site.name, ":zone": site.zone.name(), ":id": id.0},
    )?;
    if before.domain != site.domain {
        // Who still opens the former domain is counted until somebody says otherwise.
        let former = bare_host(&before.domain);
        site_hosts::delete(transaction, id, &site.domain)?;
        if !get(transaction, id)?.owns_host(former)
            && before.hosts.answer(former).is_none()
            && before.hosts.count_others(true, &site.domain) < limits::SITE_HOSTS_MAX
        {
            site_hosts::set(transaction, id, former, true)?;
        }
        update_page_origin(transaction, id, None)?;
        blocks::unseal_all(transaction, id)?;
        return Ok(get(transaction, id)?.owns_host(former));
    }
    Ok(false)
}

/// Changes what is kept of a site's visitors, and how much is taken. The next hit is judged by it.
pub fn update_tracking(
    transaction: &Transaction<'_>,
    id: SiteId,
    privacy: Privacy,
    bounds: &Bounds,
) -> Result<()> {
    let changed = transaction.execute(
        "update sites
         set cookies_allowed = :cookies, consent_needed = :consent, signals_honoured = :signals,
           addresses_shortened = :shortened, hits_per_minute_max = :minute, actions_per_day_max = :day
         where id = :id",
        named_params! {
            ":cookies": privacy.cookies_allowed, ":consent": privacy.consent_needed,
            ":signals": privacy.signals_honoured, ":shortened": privacy.addresses_shortened,
            ":minute": bounds.hits_per_minute_max, ":day": bounds.actions_per_day_max, ":id": id.0,
        },
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// Replaces both secrets; the old ones are refused from the next hit on.
pub fn update_keys(transaction: &Transaction<'_>, id: SiteId, keys: &Keys) -> Result<()> {
    let changed = transaction.execute(
        "update sites set site_key = :site_key, site_key_admin = :site_key_admin, admin_key_used_at = null where id = :id",
        named_params! {":site_key": keys.site.expose(), ":site_key_admin": keys.admin.expose(), ":id": id.0},
    )?;
    if changed == 0 { Err(Error::Missing("site")) } else { Ok(()) }
}

/// Gives a site to another owner, who needs no share of it any more. What the former one had offered is over, and
/// nobody is shown the new owner's billing because the former one showed theirs.
pub fn update_owner(transaction: &Transaction<'_>, id: SiteId, owner: UserId) -> Result<()> {
    let changed = transaction.execute(
        "update sites set owner_id = :owner where id = :id",
        named_params! {":owner": owner.0, ":id": id.0},
    )?;
    if changed == 0 {
        return Err(Error::Missing("site"));
    }
    transaction.execute("delete from transfers where site_id = :id", [id.0])?;
    transaction.execute("update shares set sees_billing = 0 where site_id = :id", [id.0])?;
    transaction.execute(
        "delete from shares where site_id = :id and user_id = :owner",
        named_params! {":owner": owner.0, ":id": id.0},
    )?;
    Ok(())
}

/// Ends a site at once: it is not shown and takes no hits any more. Its rows go with [`delete_rows`]; a site without a
/// visit leaves none.
pub fn delete(transaction: &Transaction<'_>, id: SiteId) -> Result<()> {
    let changed = transaction.execute("delete from sites where id = :id", [id.0])?;
    if changed == 0 {
        return Err(Error::Missing("site"));
    }
    for table in ["salts", "filtered", "filtered_samples", "imports", "imported_lines"] {
        transaction.execute(&format!("delete from {table} where site_id = :id"), [id.0])?;
    }
    Ok(())
}

/// Tables whose rows belong to a site, each with the key that its slices follow. Visits go last: they tell that a
/// removal was cut short.
const TABLES: [(&str, &str); 15] = [
    ("actions", "site_id, visit_id, number"),
    ("media", "site_id, visit_id, number"),
    ("custom", "site_id, visit_id, key"),
    ("conversions", "site_id, visit_id, number"),
    ("splits", "site_id, visit_id, test"),
    ("heatmap_clicks", "site_id, visit_id, number"),
    ("block_ranges", "site_id, first_day"),
    ("blocks", "site_id, part, first_day, seal"),
    ("rollups", "site_id, dimension, day, item, parent, code"),
    ("imports", "site_id, hash"),
    ("imported_lines", "site_id, period, number"),
    ("salts", "site_id, day"),
    ("filtered", "site_id, day, reason"),
    ("filtered_samples", "site_id, day, reason, number"),
    ("visits", "site_id, id"),
];

/// Overwrites what is deleted meanwhile, also in pages that become free, where it costs more than usually.
pub fn deleting_for_good<T>(transaction: &Transaction<'_>, delete: impl FnOnce() -> Result<T>) -> Result<T> {
    transaction.pragma_update(None, "secure_delete", true)?;
    let outcome = delete();
    transaction.pragma_update(None, "secure_delete", "fast")?;
    outcome
}

/// Deletes one slice of what a removed site left behind; says how many rows went. When none did, one visit is left at
/// most, which tells that the site's labels are to be looked for; see [`delete_last`].
pub fn delete_rows(transaction: &Transaction<'_>, id: SiteId) -> Result<usize> {
    deleting_for_good(transaction, || delete_slice(transaction, id))
}

/// Deletes a removed site's last visit, once its labels are gone.
pub fn delete_last(transaction: &Transaction<'_>, id: SiteId) -> Result<()> {
    transaction.execute(
        "delete from visits where site_id = :id and site_id not in (select id from sites)",
        [id.0],
    )?;
    Ok(())
}

fn delete_slice(transaction: &Transaction<'_>, id: SiteId) -> Result<usize> {
    for (table, key) in TABLES {
        let rest = match table {
            "visits" => "and id < (select max(id) from visits where site_id = :id)",
            _ => "",
        };
        let deleted = transaction.execute(
            &format!(
                "delete from {table}
                 where ({key}) in (select {key} from {table} where site_id = :id {rest} limit {})",
                limits::DELETE_ROWS_PER_SLICE
            ),
            [id.0],
        )?;
        if deleted > 0 {
            return Ok(deleted);
        }
    }
    Ok(0)
}

/// Scheme, host and port of the newest page view on a site's domain, if there was one.
pub fn page_origin(connection: &Connection, id: SiteId) -> Result<Option<String>> {
    let mut question = connection.prepare_cached("select page_origin from sites where id = :id")?;
    Ok(question.query_row([id.0], |row| row.get(0)).optional()?.flatten())
}

/// Notes where a site's pages are.
pub fn update_page_origin(transaction: &Transaction<'_>, id: SiteId, origin: Option<&str>) -> Result<()> {
    let mut statement =
        transaction.prepare_cached("update sites set page_origin = :origin where id = :id")?;
    statement.execute(named_params! {":origin": origin, ":id": id.0})?;
    Ok(())
}

/// Sites that are gone but have rows left, as after a removal that was cut short.
pub fn list_removed(connection: &Connection) -> Result<Vec<SiteId>> {
    let mut question = connection.prepare(
        "with recursive owners (site_id) as (
           select min(site_id) from visits
           union all
           select (select min(site_id) from visits where visits.site_id > owners.site_id) from owners
           where owners.site_id is not null
         )
         select site_id from owners
         where site_id is not null and site_id not in (select id from sites)",
    )?;
    let rows = question.query_map([], |row| Ok(SiteId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
