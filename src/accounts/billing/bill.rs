//! A month's bill in the form that a viewer may see: the account's user and its parent see all of it; an
//! Administrator with billing visibility sees plan, price, totals and one site. Hidden data never leaves this
//! file.

use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use crate::model::money::Price;
use crate::model::month::Month;
use crate::store::statements::Statement;

/// The row name for all other sites, in the bill of one site.
pub const OTHER_SITES: &str = "Other sites";

/// A row of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRow {
    /// The site's domain, or [`OTHER_SITES`].
    pub name: String,
    /// The number of actions in the month.
    pub actions: i64,
}

/// A month's bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The month.
    pub month: Month,
    /// The time at which the month was closed; `None` while it still changes.
    pub closed_at: Option<Timestamp>,
    /// The name of the plan.
    pub plan: String,
    /// The price a month.
    pub price: Price,
    /// The number of actions included in a month; `None` for any number.
    pub actions_max: Option<i64>,
    /// The billing contact; `None` if it is hidden or not set.
    pub contact: Option<String>,
    /// The actions by site.
    pub rows: Vec<BillRow>,
    /// The number of actions of all sites.
    pub actions: i64,
}

impl Bill {
    /// Returns the bill with all details of a statement.
    pub fn new(statement: &Statement) -> Self {
        let rows =
            statement.lines.iter().map(|line| BillRow { name: line.domain.clone(), actions: line.actions });
        let contact = Some(statement.terms.contact.clone()).filter(|contact| !contact.is_empty());
        Self::from_statement(statement, rows.collect(), contact)
    }

    /// Returns the bill for a viewer of one site: a row for that site, and one for all others, even if there
    /// are none.
    pub fn for_site(statement: &Statement, site: SiteId, domain: &str) -> Self {
        let sum = |is_counted: fn(SiteId, SiteId) -> bool| {
            statement.lines.iter().filter(|line| is_counted(line.site, site)).map(|line| line.actions).sum()
        };
        let own = BillRow { name: domain.to_owned(), actions: sum(|one, own| one == own) };
        let others = BillRow { name: OTHER_SITES.to_owned(), actions: sum(|one, own| one != own) };
        Self::from_statement(statement, vec![own, others], None)
    }

    fn from_statement(statement: &Statement, rows: Vec<BillRow>, contact: Option<String>) -> Self {
        let terms = &statement.terms;
        Self {
            month: statement.month,
            closed_at: statement.closed_at,
            plan: terms.name.clone(),
            price: terms.price.clone(),
            actions_max: terms.actions_max,
            contact,
            actions: rows.iter().map(|row| row.actions).sum(),
            rows,
        }
    }

    /// Returns the number of actions beyond those included in the plan.
    pub fn over(&self) -> i64 {
        self.actions_max.map_or(0, |most| (self.actions - most).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::UserId;
    use crate::store::plans::Terms;
    use crate::store::statements::StatementLine;

    fn statement() -> Statement {
        let line = |site: i64, domain: &str, actions| StatementLine {
            site: SiteId(site),
            domain: domain.into(),
            actions,
        };
        Statement {
            user: UserId(1),
            month: Month::parse("2026-10").unwrap(),
            terms: Terms {
                name: "Small".into(),
                price: Price { hundredths: 1_900, currency: "EUR".into() },
                actions_max: Some(100),
                contact: "books@bakery.example".into(),
            },
            lines: vec![line(1, "a.example", 70), line(2, "b.example", 40), line(3, "c.example", 5)],
            closed_at: None,
        }
    }

    #[test]
    fn a_bill_adds_up_and_says_what_is_over_the_plan() {
        let bill = Bill::new(&statement());
        assert_eq!((bill.actions, bill.over(), bill.rows.len()), (115, 15, 3));
        let any = Bill { actions_max: None, ..bill.clone() };
        assert_eq!(any.over(), 0);
        assert_eq!(Bill { actions_max: Some(115), ..bill }.over(), 0);
    }

    #[test]
    fn one_site_tells_nothing_of_the_others_but_their_sum() {
        let bill = Bill::for_site(&statement(), SiteId(2), "b.example");
        let rows: Vec<_> = bill.rows.iter().map(|row| (row.name.as_str(), row.actions)).collect();
        assert_eq!(rows, [("b.example", 40), (OTHER_SITES, 75)]);
        assert_eq!((bill.actions, bill.contact), (115, None));
        let alone = Statement { lines: statement().lines[..1].to_vec(), ..statement() };
        let bill = Bill::for_site(&alone, SiteId(1), "a.example");
        assert_eq!((bill.rows.len(), bill.rows[1].actions), (2, 0), "a line that is missing would tell");
    }
}
