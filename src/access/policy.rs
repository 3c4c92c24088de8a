//! `access.csv`, parsed into the table that every route consults. A capability without a cell is denied.

use super::capability::Capability;
use crate::model::level::Level;
use std::sync::LazyLock;

const CSV: &str = include_str!("access.csv");

/// The kinds of caller: every column of the table, also those that no surface serves yet.
#[allow(dead_code, reason = "the columns of the table")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The owner of the site, or the parent account acting for the owner.
    Owner,
    /// A share of level Administrator.
    Administrator,
    /// A share of level User.
    User,
    /// A share of level View Only.
    ViewOnly,
    /// The holder of a guest link.
    Guest,
    /// A signed-in user without access to the site.
    Stranger,
    /// A caller who is not signed in.
    Anonymous,
    /// A program with the site key.
    Key,
    /// A program with a personal token.
    Token,
}

impl From<Level> for Caller {
    fn from(level: Level) -> Self {
        match level {
            Level::Administrator => Self::Administrator,
            Level::User => Self::User,
            Level::ViewOnly => Self::ViewOnly,
        }
    }
}

/// The value of a cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Allowed.
    Allowed,
    /// Allowed as far as the View Only or guest-link settings choose it.
    Chosen,
    /// Allowed on the caller's own things.
    Own,
    /// Allowed if the owner switched it on for that share.
    Flagged,
    /// Denied, with an answer that says so.
    Forbidden,
    /// Denied, with the answer for a site that does not exist.
    Hidden,
}

/// The callers of a capability that belongs to no single site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every caller.
    Public,
    /// Every signed-in user.
    SignedIn,
    /// The operator of the server.
    Operator,
}

enum Row {
    Site([Decision; 9]),
    General(Audience),
}

static TABLE: LazyLock<Vec<Option<Row>>> = LazyLock::new(|| {
    Capability::ALL.iter().map(|capability| find(capability.row()).and_then(|cells| row(&cells))).collect()
});

/// Returns the cell of the table for a kind of caller and a capability on one site.
pub fn verdict(caller: Caller, capability: Capability) -> Decision {
    match TABLE.get(capability as usize) {
        Some(Some(Row::Site(cells))) => cells[caller as usize],
        _ => Decision::Hidden,
    }
}

/// Returns the callers of a capability outside a single site; `None` for a capability of a site.
pub fn audience(capability: Capability) -> Option<Audience> {
    match TABLE.get(capability as usize) {
        Some(Some(Row::General(audience))) => Some(*audience),
        _ => None,
    }
}

/// Returns the table's rows, split into cells, without comments and the header.
fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    let says_something = |line: &&str| !line.starts_with('#') && !line.starts_with("capability,");
    CSV.lines().filter(says_something).map(|line| line.split(',').map(str::trim).collect())
}

fn find(name: &str) -> Option<Vec<&'static str>> {
    lines().find(|cells| cells.first() == Some(&name))
}

fn row(cells: &[&str]) -> Option<Row> {
    if let Some(audience) = general(cells.get(1)?) {
        return Some(Row::General(audience));
    }
    let verdicts: Vec<Decision> =
        cells.iter().skip(1).map(|cell| cell_verdict(cell)).collect::<Option<_>>()?;
    verdicts.try_into().ok().map(Row::Site)
}

fn general(cell: &str) -> Option<Audience> {
    match cell {
        "public" => Some(Audience::Public),
        "signed_in" => Some(Audience::SignedIn),
        "operator" => Some(Audience::Operator),
        _ => None,
    }
}

fn cell_verdict(cell: &str) -> Option<Decision> {
    match cell {
        "yes" => Some(Decision::Allowed),
        "chosen" => Some(Decision::Chosen),
        "own" => Some(Decision::Own),
        "flag" => Some(Decision::Flagged),
        "no" => Some(Decision::Forbidden),
        "hidden" => Some(Decision::Hidden),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_capability_and_every_capability_a_row() {
        let rows: Vec<&str> = lines().map(|cells| cells[0]).collect();
        let names: Vec<&str> = Capability::ALL.iter().map(|capability| capability.row()).collect();
        assert_eq!(rows, names);
    }

    #[test]
    fn every_cell_is_understood() {
        for (capability, row) in Capability::ALL.iter().zip(TABLE.iter()) {
            assert!(row.is_some(), "{}", capability.row());
        }
    }

    #[test]
    fn the_table_says_what_the_file_says() {
        assert_eq!(verdict(Caller::Owner, Capability::DeleteSite), Decision::Allowed);
        assert_eq!(verdict(Caller::Administrator, Capability::DeleteSite), Decision::Forbidden);
        assert_eq!(verdict(Caller::Stranger, Capability::OpenReport), Decision::Hidden);
        assert_eq!(verdict(Caller::ViewOnly, Capability::OpenReport), Decision::Chosen);
        assert_eq!(audience(Capability::SendHits), Some(Audience::Public));
        assert_eq!(audience(Capability::OpenReport), None);
        assert_eq!(verdict(Caller::Owner, Capability::SendHits), Decision::Hidden);
    }
}
