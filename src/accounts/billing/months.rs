//! The billing months of a user with a plan: counted live until they are closed, unchangeable afterwards.

use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::model::month::Month;
use crate::reports::data_reader::DataReader;
use crate::reports::usage;
use crate::store::statements::{self, Statement, StatementLine};
use crate::store::{plans, sites};
use rusqlite::Transaction;

/// Returns the actions in a month of each site that a user owns now.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn lines(reader: &DataReader<'_>, user: UserId, month: Month) -> Result<Vec<StatementLine>> {
    let owned = sites::list_of(reader.connection, user)?;
    let line = |site: sites::Site| {
        let actions = usage::actions(reader, &site, month)?;
        Ok(StatementLine { site: site.id, domain: site.domain, actions })
    };
    owned.into_iter().map(line).collect()
}

/// Returns a month as counted now; `None` if the user had no plan then.
///
/// # Errors
///
/// Fails when the data file cannot be read.
fn counted(reader: &DataReader<'_>, user: UserId, month: Month) -> Result<Option<Statement>> {
    let Some(plan) = plans::find(reader.connection, user, month)? else { return Ok(None) };
    let lines = lines(reader, user, month)?;
    Ok(Some(Statement { user, month, terms: plan.terms, lines, closed_at: None }))
}

/// Returns every month since a user's plan began, newest first: the current one, past ones that are not closed,
/// and statements.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn list(reader: &DataReader<'_>, user: UserId) -> Result<Vec<Statement>> {
    let closed = statements::list(reader.connection, user)?;
    let is_open = |month: &Month| !closed.iter().any(|statement| statement.month == *month);
    let mut all = Vec::new();
    if let Some(begun) = plans::begun(reader.connection, user)? {
        for month in begun.to(Month::current(reader.now)).filter(is_open) {
            all.extend(counted(reader, user, month)?);
        }
    }
    all.extend(closed);
    all.sort_by_key(|statement| std::cmp::Reverse(statement.month));
    Ok(all)
}

/// Returns the months since each plan began that are over in every time zone and not closed yet.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn due(reader: &DataReader<'_>) -> Result<Vec<Statement>> {
    let mut due = Vec::new();
    for user in plans::list_users(reader.connection)? {
        let closed = statements::list_months(reader.connection, user)?;
        let Some(begun) = plans::begun(reader.connection, user)? else { continue };
        let months = begun.to(Month::current(reader.now));
        for month in months.filter(|month| month.closes_at() <= reader.now && !closed.contains(month)) {
            due.extend(counted(reader, user, month)?);
        }
    }
    Ok(due)
}

/// Closes months: nothing changes them any more, not even changes to their sites and plan.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn close(transaction: &Transaction<'_>, due: &[Statement], at: Timestamp) -> Result<()> {
    due.iter().try_for_each(|statement| statements::create(transaction, statement, at))
}
