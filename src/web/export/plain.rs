//! Numbers as files have them.

use crate::model::metrics::NumberUnit;

/// Returns a number for programs: whole seconds, rates and averages as decimals.
pub fn plain(unit: NumberUnit, value: i64) -> String {
    match unit {
        NumberUnit::Count | NumberUnit::Seconds => value.to_string(),
        NumberUnit::Permille => decimal(value, 10, 1),
        NumberUnit::Hundredths => decimal(value, 100, 2),
        NumberUnit::Money(currency) => currency.plain(value),
    }
}

/// Returns a number of parts, of which a whole has so many, with a fixed number of decimals.
fn decimal(value: i64, parts: u64, decimals: usize) -> String {
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    format!("{sign}{}.{:0decimals$}", value / parts, value % parts)
}
