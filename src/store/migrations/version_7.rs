//! The step to version 7: accounts and visits lose data that is not needed any more. The keys by which names and addresses of accounts are compared; an address is unique among proved ones
//! only. Since a column can't lose its `unique`, the table is made anew
//! (<https://www.sqlite.org/lang_altertable.html#otheralter>): foreign keys are off meanwhile, or every row
//! that belongs to an account would go with the old table.

use crate::error::Result;
use crate::model::{email, username};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use std::collections::HashSet;

/// The names of an existing account.
struct Account {
    id: i64,
    username: String,
    email: String,
    is_proved: bool,
}

/// Brings a file from the previous version to this one.
pub(super) fn run(transaction: &Transaction<'_>) -> Result<()> {
    // First: it makes the table of accounts anew, with the columns of the version before.
    remake_accounts(transaction)?;
    Ok(transaction.execute_batch(include_str!("0007.sql"))?)
}

/// Makes the table of accounts anew, with the same rows. Names stay as they are, even if they look like other
/// ones; addresses that were never proved go on as names to sign in with.
fn remake_accounts(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute_batch(
        "create table users_7 (
           id integer primary key autoincrement,
           username text not null unique collate nocase,
           username_folded text not null,
           username_look text not null,
           email text not null collate nocase,
           email_key text not null,
           password text not null,
           created_at integer not null,
           signed_in_at integer,
           disabled_at integer,
           second_factor blob,
           second_factor_step integer,
           theme text not null default 'system',
           start_page text not null default '/',
           panels text,
           sites_max integer,
           parent_id integer references users (id) on delete set null,
           email_proved integer not null default 0,
           email_grandfathered integer not null default 0
         ) strict;",
    )?;
    let accounts = accounts(transaction)?;
    let key = |account: &Account| email::key(&account.email);
    let proved: HashSet<_> = accounts.iter().filter(|account| account.is_proved).map(key).collect();
    for account in &accounts {
        copy(transaction, account, !account.is_proved && !proved.contains(&key(account)))?;
    }
    // An id is never given twice, also not one of an account that is gone.
    let sql = "select seq from sqlite_sequence where name = 'users'";
    let last: Option<i64> = transaction.query_row(sql, [], |row| row.get(0)).optional()?;
    transaction.execute_batch(
        "drop table users;
         alter table users_7 rename to users;
         delete from sqlite_sequence where name in ('users', 'users_7');
         create index users_by_parent on users (parent_id) where parent_id is not null;
         create unique index users_by_proved_email on users (email) where email_proved = 1;
         create index users_by_email_key on users (email_key);
         create index users_by_username_folded on users (username_folded);
         create index users_by_username_look on users (username_look);",
    )?;
    if let Some(last) = last {
        transaction.execute("insert into sqlite_sequence (name, seq) values ('users', :last)", [last])?;
    }
    Ok(())
}

fn accounts(connection: &Connection) -> Result<Vec<Account>> {
    let mut question =
        connection.prepare("select id, username, email, email_proved from users order by id")?;
    let rows = question.query_map([], |row| {
        Ok(Account { id: row.get(0)?, username: row.get(1)?, email: row.get(2)?, is_proved: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn copy(transaction: &Transaction<'_>, account: &Account, is_grandfathered: bool) -> Result<()> {
    transaction.execute(
        "insert into users_7 (
           id, username, username_folded, username_look, email, email_key, password, created_at, signed_in_at,
           disabled_at, second_factor, second_factor_step, theme, start_page, panels, sites_max, parent_id,
           email_proved, email_grandfathered)
         select id, username, :folded, :look, email, :key, password, created_at, signed_in_at,
           disabled_at, second_factor, second_factor_step, theme, start_page, panels, sites_max, parent_id,
           email_proved, :grandfathered
         from users
         where id = :id",
        named_params! {
            ":folded": username::folded_key(&account.username), ":look": username::look_key(&account.username),
            ":key": email::key(&account.email), ":grandfathered": is_grandfathered, ":id": account.id,
        },
    )?;
    Ok(())
}
