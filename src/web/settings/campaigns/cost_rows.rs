//! The costs of campaigns as rows of a table: days that follow each other stand in one row.

use crate::model::clock::Day;
use crate::reports::date_range::DateRange;
use crate::store::campaigns::CampaignCost;

/// The cost of a campaign on days that follow each other.
#[derive(Debug, PartialEq, Eq)]
pub struct CostRow {
    /// The campaign.
    pub campaign: String,
    /// The days.
    pub days: DateRange,
    /// The cost of all days together.
    pub total: i64,
    /// The cost of a day, if it is the same on all.
    pub per_day: Option<i64>,
}

/// Returns the rows of costs, latest days first.
pub fn rows(mut costs: Vec<CampaignCost>) -> Vec<CostRow> {
    costs.sort_by(|one, other| (&one.campaign, one.day).cmp(&(&other.campaign, other.day)));
    let mut rows: Vec<CostRow> = Vec::new();
    for CampaignCost { campaign, day, cost } in costs {
        let next = |row: &CostRow| row.campaign == campaign && row.days.last.plus(1) == day;
        match rows.last_mut().filter(|row| next(row)) {
            Some(row) => {
                row.days.last = day;
                row.total = row.total.saturating_add(cost);
                row.per_day = row.per_day.filter(|each| *each == cost);
            }
            None => rows.push(CostRow { campaign, days: one(day), total: cost, per_day: Some(cost) }),
        }
    }
    rows.sort_by(|one, other| {
        other.days.last.cmp(&one.days.last).then_with(|| one.campaign.cmp(&other.campaign))
    });
    rows
}

fn one(day: Day) -> DateRange {
    DateRange { first: day, last: day }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_follow_each_other_are_one_row() {
        let cost =
            |campaign: &str, day, cost| CampaignCost { campaign: campaign.into(), day: Day(day), cost };
        let rows =
            rows(vec![cost("b", 1, 5), cost("a", 1, 10), cost("a", 3, 7), cost("b", 2, 5), cost("b", 3, 6)]);
        let texts: Vec<_> = rows
            .iter()
            .map(|row| (row.campaign.as_str(), row.days.first.0, row.days.last.0, row.total, row.per_day))
            .collect();
        assert_eq!(texts, [("a", 3, 3, 7, Some(7)), ("b", 1, 3, 16, None), ("a", 1, 1, 10, Some(10))]);
    }
}
