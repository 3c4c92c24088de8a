//! The change of a value against the comparison period.

use super::format::{self, NumberUnit};
use crate::model::metrics::{Metric, quotient};
use crate::reports::comparison::Comparison;
use maud::{Markup, html};

/// A value, and the same value in the comparison period.
#[derive(Clone, Copy, Debug)]
pub struct ValueChange {
    /// The value.
    pub now: i64,
    /// The value in the comparison period.
    pub before: i64,
    /// The unit of both.
    pub unit: NumberUnit,
    /// The comparison.
    pub comparison: Comparison,
}

/// The direction in which a change of a value is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoodChange {
    /// More is better.
    More,
    /// Less is better.
    Less,
    /// Neither is good or bad.
    Neither,
}

impl GoodChange {
    /// Returns the direction in which a change of a metric is good.
    pub fn of_metric(metric: Metric) -> Self {
        if metric.is_less_better() { Self::Less } else { Self::More }
    }

    fn is_good(self, is_more: bool) -> Option<bool> {
        match self {
            Self::More => Some(is_more),
            Self::Less => Some(!is_more),
            Self::Neither => None,
        }
    }
}

/// Returns the earlier value and the comparison period as text.
pub fn earlier_value(before: i64, unit: NumberUnit, comparison: Comparison) -> String {
    format!("{} in {}", format::exact(unit, before), comparison.label())
}

impl ValueChange {
    /// Returns the change of a count.
    pub fn of_count(now: i64, before: i64, comparison: Comparison) -> Self {
        Self { now, before, unit: NumberUnit::Count, comparison }
    }

    /// Renders the change as an arrow and a percentage, with the earlier value as text.
    pub fn draw(&self, good: GoodChange) -> Markup {
        let Self { now, before, unit, comparison } = *self;
        let earlier = earlier_value(before, unit, comparison);
        if before == 0 && now > 0 {
            return html! { span.change title=(earlier) { "new" } };
        }
        // No percentage leads from nothing to a loss, nor from a profit to a loss or back.
        if before == 0 || now.signum() * before.signum() < 0 {
            return html! { span.change title=(earlier) { "–" } };
        }
        let percent = quotient((now - before) * 100, before.abs());
        let is_good = if percent == 0 { None } else { good.is_good(percent > 0) };
        let (arrow, word) = match percent {
            1.. => ("▲", "up"),
            0 => ("=", "unchanged"),
            _ => ("▼", "down"),
        };
        html! {
            span.change.good[is_good == Some(true)].bad[is_good == Some(false)] title=(earlier) {
                span aria-hidden="true" { (arrow) " " } span.hidden { (word) " " }
                @if percent.abs() > 999 { "> 999 %" } @else { (percent.abs()) " %" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(now: i64, before: i64) -> String {
        let html =
            ValueChange::of_count(now, before, Comparison::Before).draw(GoodChange::More).into_string();
        let (mut text, mut is_tag) = (String::new(), false);
        for letter in html.chars() {
            is_tag = (is_tag || letter == '<') && letter != '>';
            if !is_tag && letter != '>' {
                text.push(letter);
            }
        }
        text
    }

    #[test]
    fn a_change_is_a_percentage_only_where_both_values_have_the_same_sign() {
        assert_eq!([text(3, 2), text(2, 2), text(1, 2)], ["▲ up 50 %", "= unchanged 0 %", "▼ down 50 %"]);
        assert_eq!([text(5, 0), text(0, 0), text(-5, 0)], ["new", "–", "–"]);
        assert_eq!([text(-1_201_608, 100), text(100, -50)], ["–", "–"]);
        assert_eq!([text(0, 100), text(0, -100)], ["▼ down 100 %", "▲ up 100 %"]);
        // A larger loss is less, a smaller one more.
        assert_eq!([text(-100, -50), text(-50, -100)], ["▼ down 100 %", "▲ up 50 %"]);
        assert_eq!([text(2_000, 100), text(-2_000, -100)], ["▲ up &gt; 999 %", "▼ down &gt; 999 %"]);
    }
}
