//! Statements: finished months as they are billed. A row is written once and never changed.

use super::plans::{self, Terms};
use crate::error::Result;
use crate::model::clock::Timestamp;
use crate::model::id::{SiteId, UserId};
use crate::model::month::Month;
use rusqlite::{Connection, Transaction, named_params};

/// The usage of one site in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The site, which may have been deleted since.
    pub site: SiteId,
    /// The site's domain at that time.
    pub domain: String,
    /// The number of its actions.
    pub actions: i64,
}

/// The statement of one month for a user with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The user who pays.
    pub user: UserId,
    /// The month.
    pub month: Month,
    /// The plan's name, price and limits.
    pub terms: Terms,
    /// The usage of each of the user's sites.
    pub lines: Vec<StatementLine>,
    /// The time at which the month was closed; `None` for an open month, whose figures are as of now.
    pub closed_at: Option<Timestamp>,
}

/// Lists the closed months of a user, the newest first.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list(connection: &Connection, user: UserId) -> Result<Vec<Statement>> {
    let mut question = connection.prepare_cached(
        "select month, plan, price, currency, actions_max, contact, closed_at
         from statements
         where user_id = :user
         order by month desc",
    )?;
    let rows = question.query_map([user.0], |row| {
        let (month, terms) = (Month(row.get(0)?), plans::read(row, 1)?);
        let closed_at = Some(Timestamp(row.get(6)?));
        Ok(Statement { user, month, terms, lines: Vec::new(), closed_at })
    })?;
    let mut statements = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for statement in &mut statements {
        statement.lines = lines(connection, user, statement.month)?;
    }
    Ok(statements)
}

fn lines(connection: &Connection, user: UserId, month: Month) -> Result<Vec<StatementLine>> {
    let mut question = connection.prepare_cached(
        "select site_id, domain, actions
         from statement_lines
         where user_id = :user and month = :month
         order by domain, site_id",
    )?;
    let rows = question.query_map(named_params! {":user": user.0, ":month": month.0}, |row| {
        Ok(StatementLine { site: SiteId(row.get(0)?), domain: row.get(1)?, actions: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lists the closed months of a user.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn list_months(connection: &Connection, user: UserId) -> Result<Vec<Month>> {
    let mut question = connection.prepare_cached("select month from statements where user_id = :user")?;
    let rows = question.query_map([user.0], |row| Ok(Month(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Closes a month by writing its statement, unless it is closed already or the user is gone.
///
/// # Errors
/// Fails when the data file cannot be written.
pub fn create(transaction: &Transaction<'_>, statement: &Statement, closed_at: Timestamp) -> Result<()> {
    let Statement { user, month, terms, lines, .. } = statement;
    let created = transaction.execute(
        "insert into statements (user_id, month, plan, price, currency, actions_max, contact, closed_at)
         select id, :month, :plan, :price, :currency, :actions, :contact, :at
         from users
         where id = :user
         on conflict do nothing",
        named_params! {
            ":user": user.0, ":month": month.0, ":plan": terms.name, ":price": terms.price.hundredths,
            ":currency": terms.price.currency, ":actions": terms.actions_max, ":contact": terms.contact,
            ":at": closed_at.0,
        },
    )?;
    for line in lines.iter().filter(|_| created > 0) {
        transaction.execute(
            "insert into statement_lines (user_id, month, site_id, domain, actions)
             values (:user, :month, :site, :domain, :actions)",
            named_params! {
                ":user": user.0, ":month": month.0, ":site": line.site.0, ":domain": line.domain,
                ":actions": line.actions,
            },
        )?;
    }
    Ok(())
}
