//! Billing plans, each from a month on. The newest row not later than a month holds for that month, so that a change
//! leaves earlier months as they were.

use crate::error::Result;
use crate::model::id::UserId;
use crate::model::money::Price;
use crate::model::month::Month;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

/// The terms of a plan, as they also appear on a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The plan's name.
    pub name: String,
    /// The price of a month.
    pub price: Price,
    /// The actions included in a month; `None` for any number.
    pub actions_max: Option<i64>,
    /// The recipient of the bill; may be empty.
    pub contact: String,
}

/// A plan, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The plan's terms.
    pub terms: Terms,
    /// The operator's own notes, never shown to the customer.
    pub notes: String,
}

/// Reads terms from five consecutive columns: name, price, currency, actions, contact.
pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Terms> {
    Ok(Terms {
        name: row.get(first)?,
        price: Price { hundredths: row.get(first + 1)?, currency: row.get(first + 2)? },
        actions_max: row.get(first + 3)?,
        contact: row.get(first + 4)?,
    })
}

/// Returns a user's plan in a month.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn find(connection: &Connection, user: UserId, month: Month) -> Result<Option<Plan>> {
    let mut question = connection.prepare_cached(
        "select name, price, currency, actions_max, contact, notes
         from plans
         where user_id = :user and month <= :month
         order by month desc
         limit 1",
    )?;
    let bound = named_params! {":user": user.0, ":month": month.0};
    let found = question.query_row(bound, |row| Ok(Plan { terms: read(row, 0)?, notes: row.get(5)? }));
    Ok(found.optional()?)
}

/// Returns the first month of a user's plans; `None` without a plan.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn begun(connection: &Connection, user: UserId) -> Result<Option<Month>> {
    let mut question = connection.prepare_cached("select min(month) from plans where user_id = :user")?;
    let month: Option<i32> = question.query_row([user.0], |row| row.get(0))?;
    Ok(month.map(Month))
}

/// Lists the users with a plan.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_users(connection: &Connection) -> Result<Vec<UserId>> {
    let mut question = connection.prepare_cached("select distinct user_id from plans order by user_id")?;
    let rows = question.query_map([], |row| Ok(UserId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sets a user's plan from a month on.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn set(transaction: &Transaction<'_>, user: UserId, month: Month, plan: &Plan) -> Result<()> {
    let Plan { terms: Terms { name, price, actions_max, contact }, notes } = plan;
    transaction.execute(
        "insert into plans (user_id, month, name, price, currency, actions_max, contact, notes)
         values (:user, :month, :name, :price, :currency, :actions, :contact, :notes)
         on conflict do update set name = excluded.name, price = excluded.price, currency = excluded.currency,
           actions_max = excluded.actions_max, contact = excluded.contact, notes = excluded.notes",
        named_params! {
            ":user": user.0, ":month": month.0, ":name": name, ":price": price.hundredths,
            ":currency": price.currency, ":actions": actions_max, ":contact": contact, ":notes": notes,
        },
    )?;
    Ok(())
}
