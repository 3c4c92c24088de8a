//! Numbers as text for letters: with separators, units and the sign of a change. Pages have writers of their own, which
//! shorten large numbers.

use super::metrics::{NumberUnit, duration_text, quotient};

/// Returns a number with separators, such as `12,345`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { String::from("-") } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of a unit with all its digits, such as `12,345`, `3m 10s` or `37.9%`.
pub fn exact(unit: NumberUnit, value: i64) -> String {
    match unit {
        NumberUnit::Count => grouped(value),
        NumberUnit::Seconds => duration_text(value),
        NumberUnit::Permille => format!("{}%", tenths(value)),
        NumberUnit::Hundredths => format!("{}.{:02}", value / 100, value % 100),
        NumberUnit::Money(currency) => currency.text(value),
    }
}

/// Returns a number of tenths, such as `37.9` or `38`.
fn tenths(value: i64) -> String {
    let sign = if value < 0 { "\u{2212}" } else { "" };
    match (value.unsigned_abs() / 10, value.unsigned_abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, tenth) => format!("{sign}{whole}.{tenth}"),
    }
}

/// Returns a number with its sign, such as `+120` or `−40`.
pub fn signed(number: i64) -> String {
    let sign = match number {
        ..0 => "\u{2212}",
        0 => "±",
        _ => "+",
    };
    format!("{sign}{}", grouped(number.saturating_abs()))
}

/// Returns the change of a value as text: in per cent, such as `+12%`, or in points for a share, such as `+1.4 pts`.
/// `None` if there is nothing to compare with.
pub fn change(unit: NumberUnit, now: i64, before: i64) -> Option<String> {
    let plus = |text: String, is_up: bool| if is_up { format!("+{text}") } else { text };
    match unit {
        NumberUnit::Permille => {
            let points = now - before;
            Some(if points == 0 {
                "±0 pts".into()
            } else {
                format!("{} pts", plus(tenths(points), points > 0))
            })
        }
        _ if before <= 0 => None,
        _ => {
            let percent = quotient((now - before).saturating_mul(100), before);
            Some(match percent {
                0 => "±0%".into(),
                1.. => format!("+{}%", grouped(percent)),
                _ => format!("\u{2212}{}%", grouped(percent.saturating_abs())),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_written_with_its_sign_in_per_cent_and_of_a_share_in_points() {
        for (now, before, text) in [(112, 100, "+12%"), (50, 100, "−50%"), (100, 100, "±0%"), (0, 7, "−100%")]
        {
            assert_eq!(change(NumberUnit::Count, now, before).as_deref(), Some(text));
        }
        assert_eq!(change(NumberUnit::Count, 5, 0), None);
        for (now, before, text) in [(393, 379, "+1.4 pts"), (379, 393, "−1.4 pts"), (10, 10, "±0 pts")] {
            assert_eq!(change(NumberUnit::Permille, now, before).as_deref(), Some(text));
        }
        assert_eq!((signed(1_200), signed(-40), signed(0)), ("+1,200".into(), "−40".into(), "±0".into()));
    }

    #[test]
    fn a_number_is_written_in_its_unit() {
        assert_eq!(exact(NumberUnit::Permille, 379), "37.9%");
        assert_eq!(exact(NumberUnit::Seconds, 190), "3m 10s");
        assert_eq!(exact(NumberUnit::Count, 1_234_567), "1,234,567");
    }
}
