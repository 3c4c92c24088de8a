//! The retention of a site's visits: for how long they are kept, and which visits a change removes.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Problem, Result};
use crate::model::clock::{Day, Timestamp};
use crate::model::id::SiteId;
use crate::reports::retention_period;
use crate::store::retention;
use crate::store::sites::Site;
use rusqlite::{Connection, Transaction};
use serde::Deserialize;

/// The form, as typed.
#[derive(Clone, Deserialize, Default)]
pub struct RetentionForm {
    /// `for-good` or `days`.
    #[serde(default)]
    pub keep: String,
    /// The number of days; empty for good.
    #[serde(default)]
    pub days: String,
    /// Not empty if the user agreed to lose the visits that the new setting removes.
    #[serde(default)]
    pub agreed: String,
}

impl RetentionForm {
    /// Returns the values of a stored retention.
    pub fn from_days(kept_days: Option<i64>) -> Self {
        Self {
            keep: if kept_days.is_some() { "days" } else { "for-good" }.into(),
            days: kept_days.map(|days| days.to_string()).unwrap_or_default(),
            agreed: String::new(),
        }
    }

    /// Returns the number of days to keep, `None` for ever; `stored` is the retention that prefilled the form.
    ///
    /// # Errors
    ///
    /// Fails with the problem of the form.
    pub fn check(&self, stored: Option<i64>) -> std::result::Result<Option<i64>, Problem> {
        let problem =
            |field: &'static str, sentence: &str| Problem { field: field.into(), sentence: sentence.into() };
        match self.keep.as_str() {
            // Days that the form prefilled do not count as typed.
            "for-good" if !self.days.trim().is_empty() && self.days != Self::from_days(stored).days => {
                Err(problem(
                    "days",
                    "You entered a number of days, and chose “For good”. Choose “For some days”, or empty this field.",
                ))
            }
            "for-good" => Ok(None),
            "days" if self.days.trim().is_empty() => {
                Err(problem("days", "Enter for how many days, such as 365 for a year."))
            }
            "days" => {
                retention_period::parse_days(&self.days).map_err(|error| problem("days", &error.to_string()))
            }
            _ => Err(problem("keep", "Choose how long visits are kept.")),
        }
    }
}

/// The visits that a setting removes: the first and the last day, and their number.
pub struct PrunedVisits {
    /// The first day with such visits.
    pub first: Day,
    /// The last day that is removed.
    pub last: Day,
    /// The number of visits.
    pub visits: i64,
}

impl PrunedVisits {
    /// Finds the visits that a retention of `days` would remove; `None` for none.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn find(
        connection: &Connection,
        site: &Site,
        days: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let Some(days) = days else { return Ok(None) };
        let first_kept = retention_period::first_kept(site, days, now);
        let prunable = retention_period::preview(connection, site, first_kept)?;
        Ok(prunable.map(|(first, visits)| Self { first, last: first_kept.plus(-1), visits }))
    }
}

/// Sets for how many days a site keeps its visits; `None`: for good.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn update(tx: &Transaction<'_>, actor: &Actor, site: SiteId, days: Option<i64>) -> Result<()> {
    retention::set_kept_days(tx, site, days)?;
    actor.record(tx, site, AuditAction::ChangeRetention, &retention_period::describe(days))
}

/// Records that old visits of a site were pruned by somebody.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn record_pruned(tx: &Transaction<'_>, actor: &Actor, site: SiteId, pruned: &PrunedVisits) -> Result<()> {
    let about = format!("{} visits, {} to {}", pruned.visits, pruned.first, pruned.last);
    actor.record(tx, site, AuditAction::DropVisits, &about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_from_its_own_form_and_nothing_is_guessed() {
        for kept in [None, Some(1), Some(365)] {
            assert_eq!(RetentionForm::from_days(kept).check(kept).ok(), Some(kept));
        }
        for (keep, days) in [("", ""), ("days", ""), ("days", "0"), ("days", "many"), ("days", "99999")] {
            let form = RetentionForm { keep: keep.into(), days: days.into(), agreed: String::new() };
            assert!(form.check(None).is_err(), "{keep} {days}");
        }
    }
}
