//! The number of visits that a rule would have matched, while somebody sets a goal up.

use super::rule_set::RuleSet;
use super::visit_matches;
use crate::error::Result;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::goal::GoalRule;
use crate::model::id::{GoalId, VisitId};
use crate::store::goal_facts;
use crate::store::goals::{Goal, GoalSettings};
use crate::store::sites::Site;
use rusqlite::Connection;
use std::ops::Range;

/// Returns the number of visits of a site, in a range of ids, that a rule would have matched. Of a range with more than
/// [`limits::GOAL_PREVIEW_ACTIONS_MAX`] actions only the newest visits with that many are read.
///
/// # Errors
/// Fails with [`crate::error::Error::Invalid`] for a rule that cannot be compiled, when the data file cannot be read, and when
/// the read is cancelled.
pub fn count_matches(
    connection: &Connection,
    site: &Site,
    rule: &GoalRule,
    visits: Range<VisitId>,
) -> Result<i64> {
    rule.compile()?;
    let goal = Goal {
        id: GoalId(0),
        code: String::new(),
        settings: GoalSettings {
            name: String::new(),
            rule: Some(rule.clone()),
            revenue: None,
            is_every_time: false,
        },
        is_set_up: true,
        created_at: Timestamp(0),
        removed_at: None,
        matching: None,
    };
    let mut rules = RuleSet::new(&site.domain, &[goal]);
    let (mut count, mut actions, mut end) = (0, 0, visits.end);
    while actions < limits::GOAL_PREVIEW_ACTIONS_MAX {
        let range = visits.start..end;
        let most = (limits::GOAL_VISITS_PER_SLICE, limits::GOAL_ACTIONS_PER_SLICE);
        let slice = goal_facts::newest_visits(connection, site.id, &range, most.0, most.1)?;
        let Some(oldest) = slice.last() else { break };
        actions += slice.iter().map(|visit| visit.actions).sum::<i64>();
        let matches = visit_matches::find(connection, &mut rules, site.id, &(oldest.id..end), &slice)?;
        count += i64::try_from(matches.len()).unwrap_or(i64::MAX);
        end = oldest.id;
    }
    Ok(count)
}
