//! Currencies and amounts. An amount is a whole number of the minor unit of its currency, never a float.

use crate::limits;
use std::fmt;

/// A currency of ISO 4217 with a minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency(iso_currency::Currency);

/// The reason why a text is no amount of revenue that can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountProblem {
    /// It is no number, or one whose separator is ambiguous, such as `1,200`.
    NoNumber,
    /// It is beyond [`limits::REVENUE_MAX`].
    TooLarge,
}

impl Currency {
    /// The currency of a site whose owner has no plan.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// Parses a code of three letters, in capitals or not; `None` for an unknown one and for one without a minor unit, such
    /// as gold.
    pub fn parse(code: &str) -> Option<Self> {
        let found = iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase()).map(Self)?;
        found.0.exponent().map(|_| found)
    }

    /// Returns all currencies with a minor unit, by their code.
    pub fn all() -> impl Iterator<Item = Self> {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(move |first| letters().map(move |second| [first, second])).flat_map(
            move |[first, second]| letters().map(move |third| String::from_iter([first, second, third])),
        );
        codes.filter_map(|code| Self::parse(&code))
    }

    /// Returns the code of three letters, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Returns the name in English.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Returns the number of decimals: the minor unit is that power of a tenth.
    pub fn decimals(self) -> u32 {
        self.0.exponent().unwrap_or(2).into()
    }

    /// Parses an amount as pages, people and programs write it, such as `49.9`, `49,90`, `1.234,50`, `-12` or `1e3`;
    /// rounded to the minor unit, halves to even.
    ///
    /// # Errors
    /// Fails with the problem of a text that is no amount or too large a one.
    pub fn parse_amount(self, text: &str) -> Result<i64, AmountProblem> {
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, exponent) = match digits.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i32>().map_err(|_| AmountProblem::NoNumber)?),
            None => (digits, 0),
        };
        let (whole, part) = parts(digits).ok_or(AmountProblem::NoNumber)?;
        let places = i64::from(exponent) + i64::from(self.decimals());
        let amount = scaled(&whole, &part, places).filter(|amount| *amount <= limits::REVENUE_MAX);
        amount.map(|amount| sign * amount).ok_or(AmountProblem::TooLarge)
    }

    /// Returns an amount without its currency, such as `1200.00`, for files and programs.
    pub fn plain(self, amount: i64) -> String {
        let decimals = self.decimals() as usize;
        let sign = if amount < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", amount.unsigned_abs(), width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }

    /// Returns an amount for people, such as `1,200.00 EUR`.
    pub fn text(self, amount: i64) -> String {
        let plain = self.plain(amount);
        let (whole, part) =
            plain.split_once('.').map_or((plain.as_str(), None), |(whole, part)| (whole, Some(part)));
        let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("\u{2212}", whole));
        let mut grouped = String::from(sign);
        for (place, digit) in whole.char_indices() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let part = part.map(|part| format!(".{part}")).unwrap_or_default();
        format!("{grouped}{part} {}", self.code())
    }

    /// Returns an amount of this currency as the amount of another one that reads the same: 1,200.00 USD becomes 1,200 JPY.
    /// Halves are rounded to even; nothing is converted at a rate.
    pub fn rescaled(self, amount: i64, to: Self) -> i64 {
        if to.decimals() >= self.decimals() {
            return amount.saturating_mul(10_i64.pow(to.decimals() - self.decimals()));
        }
        half_to_even(amount, 10_i64.pow(self.decimals() - to.decimals()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// Splits a number into the digits before and after its decimal separator, without separators of thousands.
fn parts(text: &str) -> Option<(String, String)> {
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let last = text.rfind(['.', ',']);
    let decimal = last.filter(|place| {
        let separator = &text[*place..=*place];
        let is_only = text.matches(separator).count() == 1;
        // A comma with three digits after it may separate thousands; a point is what programs write.
        is_only && (separator == "." || text.len() - place - 1 != 3 || text[..*place].contains('.'))
    });
    let (whole, part) = decimal.map_or((text, ""), |place| (&text[..place], &text[place + 1..]));
    let used = decimal.map(|place| text.as_bytes()[place]);
    let mut groups = whole.split([',', '.', '\'', '\u{a0}', '\u{202f}', ' ']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_grouped = !rest.is_empty();
    // Without a decimal separator, one group of three digits is ambiguous.
    let is_ambiguous = rest.len() == 1 && used.is_none() && whole.contains([',', '.']);
    let are_groups = rest.iter().all(|group| group.len() == 3 && are_digits(group));
    let repeats = used.is_some_and(|used| whole.bytes().any(|byte| byte == used));
    if is_ambiguous || repeats || is_grouped && (!are_groups || first.is_empty() || first.len() > 3) {
        return None;
    }
    let is_some = !first.is_empty() || !part.is_empty();
    (is_some && are_digits(first) && are_digits(part))
        .then(|| (first.to_owned() + &rest.concat(), part.to_owned()))
}

/// Returns the number of these digits, times ten to the power of `places`, rounded half to even; `None` when it is beyond
/// 64 bits.
fn scaled(whole: &str, part: &str, places: i64) -> Option<i64> {
    let digits = format!("{whole}{part}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    // The number of digits of the result; the rest is rounded.
    let count = i64::try_from(digits.len()).ok()? - i64::try_from(part.len()).ok()? + places;
    if count < 0 {
        return Some(0);
    }
    if count > 18 {
        return None;
    }
    let count = usize::try_from(count).ok()?;
    let (kept, rest) = digits.split_at(count.min(digits.len()));
    let zeros = "0".repeat(count - kept.len());
    let amount: i64 = if kept.is_empty() { 0 } else { format!("{kept}{zeros}").parse().ok()? };
    let is_half = rest.starts_with('5') && rest[1..].bytes().all(|byte| byte == b'0');
    let is_up = rest.bytes().next().is_some_and(|byte| byte >= b'5') && (!is_half || amount % 2 == 1);
    Some(amount + i64::from(is_up))
}

/// Divides, rounding to the nearest integer and halves to even.
fn half_to_even(amount: i64, by: i64) -> i64 {
    let (whole, rest) = (amount.div_euclid(by), amount.rem_euclid(by));
    match (rest * 2).cmp(&by) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole.rem_euclid(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn amounts_are_read_as_pages_and_people_write_them() {
        for (text, cents) in [
            ("49.9", 4_990),
            (" 49,90 ", 4_990),
            ("1.234,50", 123_450),
            ("1,234.50", 123_450),
            ("1'234.50", 123_450),
            ("1 234,50", 123_450),
            ("1,234,567", 123_456_700),
            ("1.234", 123),
            ("-12", -1_200),
            ("\u{2212}12,5", -1_250),
            ("+7", 700),
            (".5", 50),
            ("5.", 500),
            ("1e3", 100_000),
            ("1.5e-1", 15),
            ("1e-7", 0),
            ("0.285", 28),
            ("0.295", 30),
            ("0.2850001", 29),
            ("0", 0),
            ("000012.30", 1_230),
            ("10000000000", 1_000_000_000_000),
        ] {
            assert_eq!(currency("EUR").parse_amount(text), Ok(cents), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_or_too_large_a_one_is_refused() {
        for text in [
            "", "-", "x", "NaN", "Infinity", "1,200", "1.2.3", "12 EUR", "1,20.5", "1e", "e3", "९", "--1",
            "1,2,3", ".",
        ] {
            assert_eq!(currency("EUR").parse_amount(text), Err(AmountProblem::NoNumber), "{text}");
        }
        for text in ["1e999", "10000000000.01", "99999999999999999999999", "-1e30"] {
            assert_eq!(currency("EUR").parse_amount(text), Err(AmountProblem::TooLarge), "{text}");
        }
    }

    #[test]
    fn amounts_are_written_with_the_decimals_of_their_currency() {
        for (code, amount, plain, text) in [
            ("EUR", 123_456_789, "1234567.89", "1,234,567.89 EUR"),
            ("EUR", -5, "-0.05", "\u{2212}0.05 EUR"),
            ("JPY", 1_200, "1200", "1,200 JPY"),
            ("KWD", 1_200, "1.200", "1.200 KWD"),
            ("EUR", 0, "0.00", "0.00 EUR"),
        ] {
            assert_eq!(
                (currency(code).plain(amount).as_str(), currency(code).text(amount).as_str()),
                (plain, text)
            );
            assert_eq!(currency(code).parse_amount(plain), Ok(amount));
        }
    }

    #[test]
    fn an_amount_reads_the_same_in_another_currency() {
        for (from, amount, to, becomes) in [
            ("USD", 120_000, "JPY", 1_200),
            ("JPY", 1_200, "USD", 120_000),
            ("USD", 150, "JPY", 2),
            ("USD", 250, "JPY", 2),
            ("USD", -150, "JPY", -2),
            ("USD", -250, "JPY", -2),
            ("USD", 251, "JPY", 3),
            ("USD", 5, "KWD", 50),
            ("USD", 5, "EUR", 5),
        ] {
            assert_eq!(currency(from).rescaled(amount, currency(to)), becomes, "{amount} {from} {to}");
        }
    }

    #[test]
    fn only_currencies_with_a_minor_unit_are_known() {
        assert_eq!(Currency::parse("eur").map(Currency::code), Some("EUR"));
        for wrong in ["", "EU", "XXX", "XAU", "ABC", "€"] {
            assert_eq!(Currency::parse(wrong), None, "{wrong}");
        }
    }
}
