//! The number of sites that a user's plan allows.

use crate::error::{Error, Result};
use crate::model::id::UserId;
use rusqlite::Connection;

/// The numbers of sites that a user's plan allows. A sub-account shares the plan of its parent.
struct Room {
    /// The number of sites that the user may own (`None` for no limit), and that of those they own.
    own: (Option<i64>, i64),
    /// The limit of the top-level account together with all its sub-accounts.
    family: (Option<i64>, i64),
    /// True for a sub-account.
    is_managed: bool,
}

/// Checks that a user may own one more site, by their plan and that of their parent.
///
/// # Errors
/// Fails with [`Error::Invalid`] when the plan is full, and when the data file cannot be read.
pub fn check_plan(connection: &Connection, owner: UserId) -> Result<()> {
    check_room(connection, owner, 1)
}

/// Checks that a user owns no more sites than the plan allows, after a site was transferred to them.
///
/// # Errors
/// Fails with [`Error::Invalid`] when there are more, and when the data file cannot be read.
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
