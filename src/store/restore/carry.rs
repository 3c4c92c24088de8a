//! The state that a restore carries over from the replaced file: removed users stay removed, and changed secrets stay
//! changed. The backup is `main`, the replaced file is attached as `present`; both have today's schema. Ids are never
//! reused, so rows with the same id and creation time are the same thing in both.

use super::kinds::{KINDS, Kind, Needs, texts};
use super::outcome::{Relation, RestoreOutcome};
use super::request::Request;
use super::since;
use crate::error::Result;
use rusqlite::{Connection, Transaction, TransactionBehavior, named_params};

/// The statements that end all sign-ins, known devices, passes of guest links and password reset links: their tokens
/// may be in anyone's hands by now.
const ENDING: &str = "delete from main.sign_ins; delete from main.devices; delete from main.link_passes; delete from main.password_resets";

/// The statements that carry over the highest ids, so that none is reused, and the trusted clock, which then needs no
/// new proof: salts that the backup still has must be deleted soon.
const NUMBERS: &str = "update main.sqlite_sequence
     set seq = max(seq, ifnull((select max(seq) from present.sqlite_sequence as now
                                where now.name = sqlite_sequence.name), 0));
     insert into main.sqlite_sequence (name, seq)
     select name, seq from present.sqlite_sequence where name not in (select name from main.sqlite_sequence);
     insert into main.trusted_clock (id, trusted_at)
     select id, trusted_at from present.trusted_clock where true
     on conflict do update set trusted_at = max(trusted_at, excluded.trusted_at)";

/// Changes a backup so that it can replace the present data file, and fills `outcome` with the effects.
///
/// # Errors
/// Fails when either file cannot be read or written, and with the errors of `note`.
pub fn apply(
    connection: &mut Connection,
    request: &Request<'_>,
    outcome: &mut RestoreOutcome,
    takes_back: impl Fn(&str) -> bool,
    erasing: &str,
    note: impl Fn(&Transaction<'_>, &RestoreOutcome) -> Result<()>,
) -> Result<()> {
    let is_readable = outcome.relation == Relation::Later;
    if is_readable {
        let path = request.data.to_string_lossy();
        connection.execute("attach :path as present", [path])?;
        outcome.relation = since::relation(connection, request.now)?;
    }
    if outcome.relation == Relation::Later {
        outcome.since = since::find(connection, takes_back, erasing)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let count = "select count(*) from main.sign_ins";
    outcome.sign_ins = transaction.query_row(count, [], |row| row.get(0))?;
    transaction.execute_batch(ENDING)?;
    if matches!(outcome.relation, Relation::Later | Relation::Related) {
        carry(&transaction, request, outcome)?;
        outcome.back = back(&transaction, outcome.relation == Relation::Later)?;
        transaction.execute_batch(NUMBERS)?;
    }
    note(&transaction, outcome)?;
    transaction.commit()?;
    if is_readable {
        connection.execute_batch("detach present")?;
    }
    Ok(())
}

fn carry(transaction: &Transaction<'_>, request: &Request<'_>, outcome: &mut RestoreOutcome) -> Result<()> {
    let is_later = outcome.relation == Relation::Later;
    let kinds: Vec<&Kind> = KINDS.iter().filter(|kind| is_later || kind.needs == Needs::Related).collect();
    for kind in &kinds {
        outcome.differs.extend(texts(transaction, kind.said)?);
    }
    for kind in kinds.into_iter().filter(|_| !request.as_it_was) {
        kind.first.map_or(Ok(()), |first| first(transaction))?;
        run(transaction, kind.change, request)?;
    }
    Ok(())
}

fn run(transaction: &Transaction<'_>, changes: &str, request: &Request<'_>) -> Result<()> {
    for change in changes.split(';').filter(|change| !change.trim().is_empty()) {
        let mut change = transaction.prepare(change)?;
        match change.parameter_index(":now")? {
            Some(_) => change.execute(named_params! {":now": request.now.0})?,
            None => change.execute([])?,
        };
    }
    Ok(())
}

/// Lists the sites that were deleted since the backup and exist again.
fn back(transaction: &Transaction<'_>, is_later: bool) -> Result<Vec<String>> {
    if !is_later {
        return Ok(Vec::new());
    }
    texts(
        transaction,
        "select domain || ' (site ' || id || ')' from main.sites where id not in (select id from present.sites)",
    )
}
