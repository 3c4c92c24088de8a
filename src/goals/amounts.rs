//! Amounts as people and programs write them, with a sentence for what is none, and as programs read them.

use crate::error::{Error, Result};
use crate::model::currency::AmountProblem;
use crate::store::sites::Site;
use serde_json::{Number, Value};

/// Parses an amount in the currency of a site, such as `49.90`.
///
/// # Errors
///
/// Fails with `Error::Invalid` for the field when it is no amount, or too large a one.
pub fn parse(site: &Site, field: &'static str, text: &str) -> Result<i64> {
    site.currency.parse_amount(text).map_err(|problem| {
        let example = site.currency.plain(4_990);
        let sentence = match problem {
            AmountProblem::NoNumber => format!("Give an amount in {}, such as {example}.", site.currency),
            AmountProblem::TooLarge => format!("That's too large an amount in {}.", site.currency),
        };
        Error::invalid(field, sentence)
    })
}

/// Returns an amount as a JSON number with the decimals of the site's currency.
pub fn to_json(site: &Site, amount: i64) -> Value {
    let plain = site.currency.plain(amount);
    plain.parse::<Number>().map_or(Value::String(plain), Value::Number)
}
