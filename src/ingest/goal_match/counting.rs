//! The counting of a goal's conversions in a visit: each, or one of them. Refunds always count.

use crate::limits;
use crate::store::conversions::ConversionRow;
use crate::store::goals::Goal;

/// Sets what counts of the conversions of a goal in a visit, and returns the places of those that changed.
pub fn count(goal: &Goal, rows: &mut [ConversionRow]) -> Vec<usize> {
    let places: Vec<usize> = (0..rows.len()).filter(|place| rows[*place].goal == goal.id).collect();
    let counted = places.iter().copied().min_by_key(|place| rank(&rows[*place]));
    let refunded: i64 = places
        .iter()
        .filter(|place| Some(**place) != counted)
        .filter_map(|place| rows[*place].refund())
        .fold(0, i64::saturating_add);
    let mut changed = Vec::new();
    for place in places {
        let before = rows[place];
        let own = before.amount(goal);
        let (counts, revenue) = match goal.settings.is_every_time {
            true => (true, own),
            false if Some(place) == counted => (true, own.saturating_add(refunded)),
            false => (false, 0),
        };
        rows[place].counts = counts;
        rows[place].revenue = revenue.clamp(-limits::REVENUE_MAX, limits::REVENUE_MAX);
        if rows[place] != before {
            changed.push(place);
        }
    }
    changed
}

/// Returns the order in which conversions stand for all of their visit, if it counts one: refunds last; before others those
/// that were sent with revenue, since a rule may match a page before the page reports the order; then the earliest.
fn rank(row: &ConversionRow) -> (bool, bool, (i64, bool, i64)) {
    (row.refund().is_some(), row.sent.is_none(), row.order())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::Timestamp;
    use crate::model::id::{GoalId, VisitId};
    use crate::store::goals::GoalSettings;

    /// Returns the revenue of the conversions of a visit that count, in order: `None` for those that do not. Conversions are
    /// given by time, whether they matched, and what was sent.
    fn counted(
        is_every_time: bool,
        revenue: Option<i64>,
        conversions: &[(i64, bool, Option<i64>)],
    ) -> Vec<Option<i64>> {
        let settings = GoalSettings { name: "Order".to_owned(), rule: None, revenue, is_every_time };
        let goal = Goal {
            id: GoalId(1),
            code: "Order".to_owned(),
            settings,
            is_set_up: true,
            created_at: Timestamp(0),
            removed_at: None,
            matching: None,
        };
        let row = |(number, (at, is_matched, sent)): (i64, &(i64, bool, Option<i64>))| ConversionRow {
            visit: VisitId(1),
            number,
            at: *at,
            goal: goal.id,
            is_matched: *is_matched,
            sent: *sent,
            revenue: 0,
            counts: false,
        };
        let mut rows: Vec<ConversionRow> = (1..).zip(conversions).map(row).collect();
        count(&goal, &mut rows);
        rows.iter().map(|row| row.counts.then_some(row.revenue)).collect()
    }

    #[test]
    fn the_first_order_with_revenue_counts_once_a_visit() {
        let found =
            counted(false, None, &[(0, true, None), (300, false, Some(4_990)), (900, false, Some(7))]);
        assert_eq!(found, [None, Some(4_990), None]);
        assert_eq!(counted(false, None, &[(0, true, None), (5, false, None)]), [Some(0), None]);
        assert_eq!(counted(false, Some(5), &[(9, false, Some(7)), (3, true, None)]), [Some(5), None]);
    }

    #[test]
    fn a_refund_lessens_what_its_visit_brought_in() {
        let order_and_refunds = [(0, false, Some(-50)), (1, false, Some(4_990)), (2, false, Some(-990))];
        assert_eq!(counted(false, None, &order_and_refunds), [None, Some(3_950), None]);
        assert_eq!(counted(true, None, &order_and_refunds), [Some(-50), Some(4_990), Some(-990)]);
        assert_eq!(counted(false, Some(100), &[(0, true, None), (9, false, Some(-100))]), [Some(0), None]);
        assert_eq!(
            counted(false, Some(100), &[(0, false, Some(-30)), (9, false, Some(-30))]),
            [Some(-60), None]
        );
    }
}
