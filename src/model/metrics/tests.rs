//! Tests of measures and metrics.

use super::*;

#[test]
fn quotients_are_rounded_and_not_cut() {
    for (value, by, rounded) in [
        (13_571, 100, 136),
        (149, 100, 1),
        (150, 100, 2),
        (-150, 100, -2),
        (-149, 100, -1),
        (7, 0, 0),
        (i64::MAX, 1, i64::MAX),
    ] {
        assert_eq!(quotient(value, by), rounded, "{value} / {by}");
    }
}

#[test]
fn columns_are_listed_within_a_sentence() {
    let nouns = Metric::nouns(&[Metric::Visits, Metric::TimeAverage, Metric::Uniques]);
    assert_eq!(nouns, "visits, visitors and time");
}

#[test]
fn averages_and_rates_of_visits_are_rounded() {
    let values = [(Measure::Visits, 3), (Measure::Seconds, 5), (Measure::Bounces, 2), (Measure::Actions, 5)];
    let metrics = Metrics::new(values);
    let rounded = (Metric::TimeAverage.value(&metrics), Metric::BounceRate.value(&metrics));
    assert_eq!(rounded, (2, 667));
}

#[test]
fn revenue_is_what_was_earned_without_refunds() {
    let metrics = Metrics::new([
        (Measure::Visits, 4),
        (Measure::Uniques, 2),
        (Measure::Converted, 1),
        (Measure::Conversions, 3),
        (Measure::Earned, 1_000),
        (Measure::Refunded, 1_600),
        (Measure::Cost, 400),
    ]);
    for (metric, value) in [
        (Metric::Conversions, 3),
        (Metric::ConversionRate, 250),
        (Metric::Revenue, -600),
        (Metric::RevenuePerVisit, -150),
        (Metric::RevenuePerVisitor, -300),
        (Metric::Cost, 400),
        (Metric::CostPerConversion, 133),
        (Metric::Return, -1_500),
    ] {
        assert_eq!(metric.value(&metrics), value, "{metric:?}");
    }
    assert_eq!(Metric::Return.value(&Metrics::default()), 0);
}
