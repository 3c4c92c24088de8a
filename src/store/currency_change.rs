//! The change of a site's currency: its amounts, rescaled to the decimals of another one without floats.

use crate::error::{Error, Result};
use crate::model::currency::Currency;
use crate::model::id::SiteId;
use rusqlite::{Connection, Transaction, named_params};

/// The numbers of rows of a site that hold an amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AmountCounts {
    /// The conversions with revenue.
    pub conversions: i64,
    /// The goals with a revenue of their own.
    pub goals: i64,
    /// The costs of campaigns, by day.
    pub costs: i64,
    /// The days whose visits were deleted, with kept revenue.
    pub days: i64,
}

impl AmountCounts {
    /// Returns true if there are some.
    pub fn has_some(&self) -> bool {
        *self != Self::default()
    }
}

/// Counts the amounts of a site.
///
/// # Errors
/// Fails when the data file cannot be read.
pub fn count(connection: &Connection, site: SiteId) -> Result<AmountCounts> {
    let count = |sql: &str| connection.query_row(sql, [site.0], |row| row.get(0));
    Ok(AmountCounts {
        conversions: count(
            "select count(*) from conversions where site_id = :site and (ifnull(sent, 0) <> 0 or revenue <> 0)",
        )?,
        goals: count("select count(*) from goals where site_id = :site and ifnull(revenue, 0) <> 0")?,
        costs: count("select count(*) from campaign_costs where site_id = :site")?,
        days: count(
            "select count(distinct day) from rollups
             where site_id = :site and dimension = 'all' and (earned <> 0 or refunded <> 0)",
        )?,
    })
}

/// The columns with amounts, by table.
const AMOUNTS: [(&str, &[&str]); 4] = [
    ("conversions", &["sent", "revenue"]),
    ("goals", &["revenue"]),
    ("campaign_costs", &["cost"]),
    ("rollups", &["earned", "refunded"]),
];

/// Sets the currency of a site and rescales its amounts, halves to even; see [`Currency::rescaled`].
///
/// # Errors
/// Fails with [`Error::Missing`] when there is no such site.
pub fn run(transaction: &Transaction<'_>, site: SiteId, from: Currency, to: Currency) -> Result<()> {
    let sql = "update sites set currency = :currency where id = :site";
    let changed = transaction.execute(sql, named_params! {":currency": to.code(), ":site": site.0})?;
    if changed == 0 {
        return Err(Error::Missing("site"));
    }
    let (before, after) = (from.decimals(), to.decimals());
    if before == after {
        return Ok(());
    }
    let factor = 10_i64.pow(before.abs_diff(after));
    for (table, columns) in AMOUNTS {
        let rescaled = |column: &&str| {
            let value = if after > before { multiplied(column) } else { divided(column) };
            format!("{column} = {value}")
        };
        let set = columns.iter().map(rescaled).collect::<Vec<_>>().join(", ");
        let has_amount =
            columns.iter().map(|column| format!("{column} <> 0")).collect::<Vec<_>>().join(" or ");
        let sql = format!("update {table} set {set} where site_id = :site and ({has_amount})");
        transaction.execute(&sql, named_params! {":site": site.0, ":factor": factor})?;
    }
    Ok(())
}

/// Returns the expression of a column times the factor. What would not fit becomes the largest amount that does.
fn multiplied(column: &str) -> String {
    let most = "9223372036854775807 / :factor";
    format!("max(min({column}, {most}), -({most})) * :factor")
}

/// Returns the expression of a column divided by the factor, halves to even. SQLite divides towards zero, and the rest has
/// the sign of the number: both are of the floor here.
fn divided(column: &str) -> String {
    let rest = format!("(({column} % :factor + :factor) % :factor)");
    let floor = format!("(({column} - {rest}) / :factor)");
    format!("{floor} + ({rest} * 2 > :factor or {rest} * 2 = :factor and {floor} % 2 <> 0)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    /// Returns what the expressions make of an amount.
    fn rescaled_in_sql(connection: &Connection, amount: i64, from: Currency, to: Currency) -> i64 {
        let factor = 10_i64.pow(from.decimals().abs_diff(to.decimals()));
        let value = if to.decimals() >= from.decimals() { multiplied("amount") } else { divided("amount") };
        let sql = format!("select {value} from (select :amount as amount)");
        let bound = named_params! {":amount": amount, ":factor": factor};
        connection.prepare_cached(&sql).unwrap().query_row(bound, |row| row.get(0)).unwrap()
    }

    proptest! {
        #[test]
        fn amounts_are_rescaled_in_the_file_as_in_the_program(
            amount in prop_oneof![-2_000..2_000_i64, -1_000_000_000_000..1_000_000_000_000_i64],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
            for (from, to) in [("USD", "JPY"), ("JPY", "USD"), ("KWD", "EUR"), ("KWD", "JPY")] {
                let (from, to) = (currency(from), currency(to));
                let in_sql = rescaled_in_sql(&connection, amount, from, to);
                prop_assert_eq!(in_sql, from.rescaled(amount, to), "{} {} {}", amount, from, to);
            }
        }
    }
}
