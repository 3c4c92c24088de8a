//! The checks of single values in an exported site: counts, times, days, texts and addresses.

use crate::ingest::page_url;
use crate::limits;
use crate::model::clock::Day;
use crate::reports::filter;

/// The problem of a record, if there is one.
pub type RecordProblem = Option<&'static str>;

/// Returns the problem of the first check that does not hold.
pub fn first_wrong<const COUNT: usize>(checks: [(bool, &'static str); COUNT]) -> RecordProblem {
    checks.into_iter().find(|(holds, _)| !holds).map(|(_, why)| why)
}

/// Returns true for a count from 0 to [`limits::FILE_COUNT_MAX`].
pub fn is_count(number: i64) -> bool {
    (0..=limits::FILE_COUNT_MAX).contains(&number)
}

/// Returns true for an amount that may be stored: up to [`limits::STORED_AMOUNT_MAX`].
pub fn is_amount(amount: i64) -> bool {
    amount.checked_abs().is_some_and(|amount| amount <= limits::STORED_AMOUNT_MAX)
}

/// Returns true for a time from 1970 to 2199, in milliseconds.
pub fn is_moment(milliseconds: i64) -> bool {
    (0..=limits::FILE_MOMENT_MAX).contains(&milliseconds)
}

/// Returns true for no time, or one from 1970 to 2199.
pub fn is_moment_or_none(milliseconds: Option<i64>) -> bool {
    milliseconds.is_none_or(is_moment)
}

/// Returns true for a day from 1970 to 2199.
pub fn is_day(day: Day) -> bool {
    (0..=limits::FILE_DAY_MAX).contains(&day.0)
}

/// Returns true for a text of at most `bytes_max` bytes without control characters.
pub fn is_text(text: &str, bytes_max: usize) -> bool {
    text.len() <= bytes_max && !text.contains(char::is_control)
}

/// Returns true for an address of a page, file or link, but not one that would run a script.
pub fn is_address(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme =
        |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_text(text, limits::URL_BYTES_MAX)
        && (!scheme.is_some_and(is_scheme) || page_url::link_address(text).is_some())
}

/// Returns true for a text of `count` hexadecimal digits in lower case.
pub fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns true for filters as in a URL, one at least.
pub fn are_conditions(text: &str) -> bool {
    filter::read(text).is_ok_and(|filter| !filter.is_empty())
}

/// Returns true for a list of names, separated by commas.
pub fn are_names(text: &str) -> bool {
    text.len() <= limits::FILE_NAMES_BYTES_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-,".contains(&byte))
}
