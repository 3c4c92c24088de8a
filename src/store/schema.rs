//! The shape of the file and how an older one is brought to it. `schema.sql` is today's shape; `user_version` says
//! which one a file has; every step runs in one transaction, after a copy of the file was put beside it.

use crate::error::{Error, Result};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;

/// Today's shape.
pub const VERSION: i64 = 6;

/// How many steps lead there from the first version.
const STEPS_TO_TODAY: usize = 5;

const SCHEMA: &str = include_str!("../../schema.sql");

/// A step from one version to the next: `STEPS[0]` brings a file of version 1 to version 2.
type Step = fn(&Transaction<'_>) -> Result<()>;
const STEPS: [Step; STEPS_TO_TODAY] = [to_version_2, to_version_3, to_version_4, to_version_5, to_version_6];

/// Recent links and searches are found by an index, hits that were left out are kept as samples, and addresses may
/// have names.
fn to_version_2(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create index visits_by_referrer on visits (site_id, referrer, id, medium) where referrer is not null;
         create index visits_by_search on visits (site_id, search_terms, id) where search_terms is not null;
         create table filtered_samples (
           site_id integer not null,
           day integer not null,
           reason text not null,
           number integer not null,
           at integer not null,
           page text,
           agent text,
           referrer text,
           primary key (site_id, day, reason, number)
         ) strict, without rowid;
         alter table visits add column hostname integer;",
    )?)
}

/// Sites have rules and limits, people a second factor and preferences; letters and tasks are kept.
fn to_version_3(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "alter table users add column second_factor blob;
         alter table users add column second_factor_step integer;
         alter table users add column theme text not null default 'system';
         alter table users add column start_page text not null default '/';
         alter table users add column panels text;
         alter table sites add column hits_per_minute_max integer not null default 3000;
         alter table sites add column actions_per_day_max integer;
         create table recovery_codes (
           user_id integer not null references users (id) on delete cascade,
           code_hash blob not null,
           primary key (user_id, code_hash)
         ) strict, without rowid;
         create table resets (
           token_hash blob primary key,
           user_id integer not null references users (id) on delete cascade,
           created_at integer not null
         ) strict, without rowid;
         create index resets_by_user on resets (user_id);
         create table exclusions (
           site_id integer not null references sites (id) on delete cascade,
           kind text not null,
           value text not null,
           primary key (site_id, kind, value)
         ) strict, without rowid;
         create table shares (
           site_id integer not null references sites (id) on delete cascade,
           user_id integer not null references users (id) on delete cascade,
           level text not null,
           created_at integer not null,
           primary key (site_id, user_id)
         ) strict, without rowid;
         create index shares_by_user on shares (user_id);
         create table transfers (
           site_id integer primary key references sites (id) on delete cascade,
           offered_to text not null,
           user_id integer references users (id) on delete cascade,
           created_at integer not null
         ) strict;
         create index transfers_by_user on transfers (user_id);
         create table outbox (
           id integer primary key autoincrement,
           recipient text not null,
           subject text not null,
           text text not null,
           html text not null,
           created_at integer not null,
           due_at integer not null,
           tries integer not null default 0,
           problem text,
           given_up_at integer
         ) strict;
         create index outbox_by_due on outbox (due_at) where given_up_at is null;
         create table jobs (
           name text primary key,
           ran_at integer not null,
           milliseconds integer not null,
           problem text
         ) strict, without rowid;",
    )?)
}

/// Sites are shared at View Only and by invitation, and people may own a number of sites.
fn to_version_4(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "alter table users add column sites_max integer;
         alter table sign_ins add column preview_site integer references sites (id) on delete set null;
         alter table sites add column view_only_reports text;
         alter table sites add column view_only_data text;
         alter table shares add column given_by integer references users (id) on delete set null;
         alter table shares add column given_as text;
         alter table shares add column is_invited integer not null default 0;
         alter table shares add column seen_at integer;
         alter table shares add column view_only_reports text;
         alter table shares add column view_only_data text;
         create table invitations (
           token_hash blob primary key,
           site_id integer not null references sites (id) on delete cascade,
           email text not null,
           level text not null,
           given_by integer references users (id) on delete set null,
           created_at integer not null,
           unique (site_id, email)
         ) strict, without rowid;",
    )?)
}

/// Guest links with the brand they wear, sub-accounts, plans with their statements, and the audit log.
fn to_version_5(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "alter table users add column parent_id integer references users (id) on delete set null;
         create index users_by_parent on users (parent_id) where parent_id is not null;
         alter table users add column email_proved integer not null default 1;
         alter table outbox add column expires_at integer;
         create table proofs (
           token_hash blob primary key,
           user_id integer references users (id) on delete cascade,
           email text not null,
           created_at integer not null
         ) strict, without rowid;
         create index proofs_by_user on proofs (user_id);
         create table offer_letters (
           site_id integer not null references sites (id) on delete cascade,
           user_id integer not null references users (id) on delete cascade,
           at integer not null,
           primary key (site_id, user_id)
         ) strict, without rowid;
         alter table sign_ins add column acting_for integer references users (id) on delete set null;
         alter table sites add column admin_key_used_at integer;
         alter table shares add column sees_billing integer not null default 0;
         create table links (
           id integer primary key autoincrement,
           site_id integer not null references sites (id) on delete cascade,
           token text not null unique,
           name text not null,
           password text,
           expires_at integer,
           reports text not null,
           visitor_data text not null,
           embed_origins text not null default '',
           is_white_label integer not null default 0,
           created_at integer not null,
           created_by integer references users (id) on delete set null,
           disabled_at integer,
           views integer not null default 0,
           opened_at integer
         ) strict;
         create index links_by_site on links (site_id);
         create table link_passes (
           token_hash blob primary key,
           link_id integer not null references links (id) on delete cascade,
           created_at integer not null
         ) strict, without rowid;
         create index link_passes_by_link on link_passes (link_id);
         create table brands (
           site_id integer primary key references sites (id) on delete cascade,
           name text not null,
           accent text,
           footer text not null default '',
           logo blob,
           updated_at integer not null
         ) strict;
         create table plans (
           user_id integer not null references users (id) on delete cascade,
           month integer not null,
           name text not null,
           price integer not null,
           currency text not null,
           actions_max integer,
           contact text not null,
           notes text not null,
           primary key (user_id, month)
         ) strict, without rowid;
         create table statements (
           user_id integer not null references users (id) on delete cascade,
           month integer not null,
           plan text not null,
           price integer not null,
           currency text not null,
           actions_max integer,
           contact text not null,
           closed_at integer not null,
           primary key (user_id, month)
         ) strict, without rowid;
         create table statement_lines (
           user_id integer not null references users (id) on delete cascade,
           month integer not null,
           site_id integer not null,
           domain text not null,
           actions integer not null,
           primary key (user_id, month, site_id)
         ) strict, without rowid;
         create table audit (
           id integer primary key autoincrement,
           site_id integer not null,
           at integer not null,
           actor text,
           acting_for text,
           act text not null,
           about text not null,
           address text
         ) strict;
         create index audit_by_site on audit (site_id, id);
         create index audit_by_time on audit (at);",
    )?)
}

/// Finished days are sealed, segments have names, files are imported, and old visits leave their totals. What repeats
/// together in visits stands once.
fn to_version_6(transaction: &Transaction<'_>) -> Result<()> {
    share_circumstances(transaction)?;
    Ok(transaction.execute_batch(
        "alter table sites add column visits_kept_days integer;
         alter table sites add column dropping_begins integer;
         alter table sites add column dropping_ends integer;
         alter table sites add column edition integer not null default 0;
         alter table sites add column swept integer not null default 0;
         alter table links add column segment text;
         create table segments (
           id integer primary key autoincrement,
           site_id integer not null references sites (id) on delete cascade,
           user_id integer references users (id) on delete cascade,
           name text not null,
           conditions text not null,
           created_at integer not null
         ) strict;
         create index segments_by_site on segments (site_id);
         create index segments_by_user on segments (user_id) where user_id is not null;
         create table stretches (
           site_id integer not null,
           first_day integer not null,
           last_day integer not null,
           begins integer not null,
           ends integer not null,
           seal integer not null,
           format integer not null,
           zone text not null,
           days blob not null,
           primary key (site_id, first_day)
         ) strict, without rowid;
         create table blocks (
           site_id integer not null,
           part integer not null,
           first_day integer not null,
           seal integer not null,
           data blob not null,
           primary key (site_id, part, first_day, seal)
         ) strict, without rowid;
         create table totals (
           site_id integer not null,
           dimension text not null,
           day integer not null,
           item integer not null,
           within integer not null,
           code integer not null,
           beside integer,
           hits integer not null,
           visits integer not null,
           uniques integer not null,
           new integer not null,
           actions integer not null,
           seconds integer not null,
           bounces integer not null,
           kinds text,
           primary key (site_id, dimension, day, item, within, code)
         ) strict, without rowid;
         create table imports (
           site_id integer not null,
           hash blob not null,
           format text not null,
           name text not null,
           head_bytes integer not null,
           bytes integer not null,
           lines integer not null,
           taken integer not null,
           left_out integer not null,
           refused integer not null,
           begun_at integer not null,
           ended_at integer,
           primary key (site_id, hash)
         ) strict, without rowid;",
    )?)
}

/// Moves how visits came, what with and from where into tables of their own.
fn share_circumstances(transaction: &Transaction<'_>) -> Result<()> {
    Ok(transaction.execute_batch(
        "create table sources (
           id integer primary key,
           medium integer not null,
           referrer integer not null default 0,
           referrer_domain integer not null default 0,
           referrer_name integer not null default 0,
           search_terms integer not null default 0,
           campaign integer not null default 0,
           campaign_source integer not null default 0,
           campaign_medium integer not null default 0,
           campaign_term integer not null default 0,
           campaign_content integer not null default 0,
           unique (
             referrer, search_terms, campaign, medium, referrer_domain, referrer_name,
             campaign_source, campaign_medium, campaign_term, campaign_content
           )
         ) strict;
         create table machines (
           id integer primary key,
           browser integer not null default 0,
           system integer not null default 0,
           hardware integer not null,
           screen integer not null default 0,
           language integer not null default 0,
           unique (browser, system, screen, language, hardware)
         ) strict;
         create table places (
           id integer primary key,
           country integer not null default 0,
           region integer not null default 0,
           city integer not null default 0,
           organization integer not null default 0,
           latitude integer not null default 0,
           longitude integer not null default 0,
           unique (city, organization, country, region, latitude, longitude)
         ) strict;
         create temp view before as
         select site_id, id, visitor_id, stay, actions, page_views, traits, landing, exit, address, address_key,
           hostname, medium, ifnull(referrer, 0) as referrer, ifnull(referrer_domain, 0) as referrer_domain,
           ifnull(referrer_name, 0) as referrer_name, ifnull(search_terms, 0) as search_terms,
           ifnull(campaign, 0) as campaign, ifnull(campaign_source, 0) as campaign_source,
           ifnull(campaign_medium, 0) as campaign_medium, ifnull(campaign_term, 0) as campaign_term,
           ifnull(campaign_content, 0) as campaign_content, ifnull(browser, 0) as browser,
           ifnull(system, 0) as system, hardware, ifnull(screen, 0) as screen, ifnull(language, 0) as language,
           ifnull(country, 0) as country, ifnull(region, 0) as region, ifnull(city, 0) as city,
           ifnull(organization, 0) as organization,
           iif(longitude is null, 0, ifnull(cast(round(latitude * 100000) as integer), 0)) as latitude,
           iif(latitude is null, 0, ifnull(cast(round(longitude * 100000) as integer), 0)) as longitude
         from main.visits;
         insert into sources (
           medium, referrer, referrer_domain, referrer_name, search_terms,
           campaign, campaign_source, campaign_medium, campaign_term, campaign_content)
         select distinct medium, referrer, referrer_domain, referrer_name, search_terms,
           campaign, campaign_source, campaign_medium, campaign_term, campaign_content
         from before;
         insert into machines (browser, system, hardware, screen, language)
         select distinct browser, system, hardware, screen, language from before;
         insert into places (country, region, city, organization, latitude, longitude)
         select distinct country, region, city, organization, latitude, longitude from before;
         create table visits_shared (
           site_id integer not null,
           id integer not null,
           visitor_id integer not null,
           stay integer not null,
           actions integer not null,
           page_views integer not null,
           traits integer not null,
           source integer not null,
           machine integer not null,
           place integer not null,
           landing integer,
           exit integer,
           address blob,
           address_key integer,
           hostname integer,
           primary key (site_id, id)
         ) strict, without rowid;
         insert into visits_shared (
           site_id, id, visitor_id, stay, actions, page_views, traits, source, machine, place,
           landing, exit, address, address_key, hostname)
         select site_id, before.id, visitor_id, stay, actions, page_views, traits,
           sources.id, machines.id, places.id, landing, exit, address, address_key, hostname
         from before
         cross join sources using (
           medium, referrer, referrer_domain, referrer_name, search_terms,
           campaign, campaign_source, campaign_medium, campaign_term, campaign_content)
         cross join machines using (browser, system, hardware, screen, language)
         cross join places using (country, region, city, organization, latitude, longitude)
         order by site_id, before.id;
         drop view before;
         drop table visits;
         alter table visits_shared rename to visits;
         create index visits_by_visitor on visits (site_id, visitor_id, id);",
    )?)
}

/// Marks a file as ours: "Clik".
const APPLICATION_ID: i64 = 0x436c_696b;

/// Makes the tables of a new file, or brings an older one to today's shape.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let version = read(connection, "user_version")?;
    if version > 0 && read(connection, "application_id")? != APPLICATION_ID {
        return Err(is_not_ours(path));
    }
    if version == VERSION {
        return Ok(());
    }
    if version > VERSION {
        return Err(Error::Setup(format!(
            "The data file {} was written by a newer Clickstead (file version {version}, this program knows \
             {VERSION}). Install that version or a later one; nothing was changed.",
            path.display()
        )));
    }
    if version == 0 {
        return create(connection, path);
    }
    back_up(connection, path, version)?;
    upgrade(connection)
}

fn is_not_ours(path: &Path) -> Error {
    Error::Setup(format!("{} is not a Clickstead data file; nothing was changed.", path.display()))
}

fn read(connection: &Connection, pragma: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

fn create(connection: &mut Connection, path: &Path) -> Result<()> {
    connection.pragma_update(None, "page_size", 4_096)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if read(&transaction, "user_version")? == VERSION {
        return Ok(());
    }
    let tables: i64 = transaction.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 {
        return Err(is_not_ours(path));
    }
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}

fn back_up(connection: &Connection, path: &Path, version: i64) -> Result<()> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".before-upgrade-from-{version}"));
    if !Path::new(&copy).exists() {
        connection.execute("vacuum into :copy", [copy.to_string_lossy()])?;
    }
    Ok(())
}

fn upgrade(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = usize::try_from(read(&transaction, "user_version")?).unwrap_or(STEPS.len() + 1);
    for step in &STEPS[from - 1..] {
        step(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}
