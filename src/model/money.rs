//! Prices in whole hundredths of a currency, never a float.

use crate::limits;
use std::fmt;

/// A price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The amount in hundredths of the currency.
    pub hundredths: i64,
    /// The currency code of three letters (ISO 4217), such as `EUR`.
    pub currency: String,
}

impl Price {
    /// Returns the amount without the currency, such as `19.00`.
    pub fn amount(&self) -> String {
        format!("{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.amount(), self.currency)
    }
}

/// Parses `19`, `19.5`, `19.50` or `19,50` into hundredths. `None` for other forms: the separator of `1.900` is
/// ambiguous.
pub fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(part) || part.len() > 2 {
        return None;
    }
    let part = part.parse::<i64>().ok()? * if part.len() == 1 { 10 } else { 1 };
    let sum = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)?;
    (sum <= limits::PRICE_HUNDREDTHS_MAX).then_some(sum)
}

/// Parses a currency code of three letters; returns it in capitals.
pub fn currency(text: &str) -> Option<String> {
    let is_right = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_right.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_people_write_them_and_written_with_two_digits() {
        for (text, sum, written) in [
            ("19", 1_900, "19.00"),
            ("19.5", 1_950, "19.50"),
            ("19.05", 1_905, "19.05"),
            ("19,90", 1_990, "19.90"),
            ("0", 0, "0.00"),
            ("0.01", 1, "0.01"),
            ("100000000", 10_000_000_000, "100000000.00"),
        ] {
            assert_eq!(hundredths(text), Some(sum), "{text}");
            let price = Price { hundredths: sum, currency: "EUR".into() };
            assert_eq!(price.to_string(), format!("{written} EUR"));
        }
    }

    #[test]
    fn what_is_no_price_and_no_currency_is_refused() {
        for wrong in
            ["", "-1", "+1", "1.900", "1,900.00", "19.", ".5", "1e3", "19 EUR", "100000000.01", "９", "1.2.3"]
        {
            assert_eq!(hundredths(wrong), None, "{wrong}");
        }
        assert_eq!(hundredths(&"9".repeat(40)), None);
        assert_eq!(currency("eur").as_deref(), Some("EUR"));
        for wrong in ["", "EU", "EURO", "E1R", "€", "€€€"] {
            assert_eq!(currency(wrong), None, "{wrong}");
        }
    }
}
