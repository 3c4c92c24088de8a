//! Tests of the intervals: against published figures, and by counting wrong claims of many simulated tests.

use super::*;
use crate::limits::{SPLIT_CHANCE_MAX, SPLIT_CONVERSIONS_MIN, SPLIT_VISITS_MIN, SPLIT_VISITS_TUNED};

/// A deterministic sequence of numbers (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns true with a chance in millionths.
    fn is_hit(&mut self, millionths: u64) -> bool {
        self.next() % 1_000_000 < millionths
    }
}

/// Simulates a test of two versions with conversion rates in millionths that is looked at after every 50 visits; returns the
/// visits after which a difference is claimed for the first time, with true if the second version is said to be better.
fn first_claim(numbers: &mut Numbers, rates: [u64; 2], visits: i64) -> Option<(i64, bool)> {
    let mut shares = [Share { successes: 0, trials: 0 }; 2];
    for visit in 1..=visits {
        let version = usize::from(numbers.is_hit(500_000));
        shares[version].trials += 1;
        shares[version].successes += i64::from(numbers.is_hit(rates[version]));
        let is_enough = |share: &Share| {
            share.trials >= SPLIT_VISITS_MIN
                && share.successes.min(share.trials - share.successes) >= SPLIT_CONVERSIONS_MIN
        };
        if visit % 50 == 0 && shares.iter().all(is_enough) {
            let found = difference(shares[0], shares[1], SPLIT_CHANCE_MAX, SPLIT_VISITS_TUNED);
            if found.is_significant() {
                return Some((visit, found.estimate > 0.0));
            }
        }
    }
    None
}

fn is_near(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 0.000_01
}

#[test]
fn intervals_are_those_of_the_tests_of_growthbook() {
    // packages/stats/tests/frequentist/test_tests.py of growthbook/growthbook, TestSequentialTTest: the differences there are
    // relative, so that their standard errors are given instead of the shares.
    let (first, second) = (1_396.0 / 3_000.0, 2_422.0 / 3_461.0);
    let error: f64 = {
        let (var_first, var_second) =
            (first * (1.0 - first) / 2_999.0 * 3_000.0, second * (1.0 - second) / 3_460.0 * 3_461.0);
        let (var_first, var_second): (f64, f64) =
            (var_first * 2_999.0 / 3_000.0, var_second * 3_460.0 / 3_461.0);
        (var_second / (first.powi(2) * 3_461.0) + var_first * second.powi(2) / (first.powi(4) * 3_000.0))
            .sqrt()
    };
    assert!(is_near(error, 0.033_86), "test_sequential_test_runs_prop: uplift");
    let half = half_width(error, 6_461.0, 0.05, 5_000.0);
    let relative = second / first - 1.0;
    assert!(is_near(relative, 0.503_86), "expected");
    assert!(
        is_near(relative - half, 0.400_98) && is_near(relative + half, 0.606_75),
        "ci, half width {half}"
    );
    let half = half_width(0.333_41, 6_461.0, 0.05, 1_000.0);
    let expected = f64::midpoint(1.565_16, 0.558_44);
    assert!((half - expected).abs() < 0.000_05, "test_sequential_test_runs: {half} is not {expected}");
}

#[test]
fn an_interval_is_wider_than_that_of_a_single_look_and_gets_narrower_with_more_visits() {
    let share = |successes, trials| Share { successes, trials };
    let mut widths = Vec::new();
    for times in [1, 10, 100] {
        let found =
            difference(share(50 * times, 1_000 * times), share(60 * times, 1_000 * times), 0.05, 5_000.0);
        let single = 1.96
            * (share(50 * times, 1_000 * times).squared_error()
                + share(60 * times, 1_000 * times).squared_error())
            .sqrt();
        assert!(is_near(found.estimate, 0.01) && found.high - found.estimate > single);
        widths.push(found.high - found.low);
    }
    assert!(widths.is_sorted_by(|one, next| one > next), "{widths:?}");
    let nothing = difference(share(0, 0), share(0, 0), 0.05, 5_000.0);
    assert!(!nothing.is_significant());
}

#[test]
fn equal_versions_that_are_looked_at_after_every_50_visits_differ_in_at_most_5_percent_of_tests() {
    const TESTS: usize = 1_000;
    for (rate, visits) in [(30_000, 10_000), (100_000, 10_000), (500_000, 6_000)] {
        let mut numbers = Numbers(rate);
        let claims = (0..TESTS).filter(|_| first_claim(&mut numbers, [rate; 2], visits).is_some()).count();
        assert!(claims * 100 <= TESTS * 5, "{claims} of {TESTS} tests at {rate} millionths");
    }
}

#[test]
fn real_differences_are_found_and_never_the_wrong_way_round() {
    const TESTS: usize = 200;
    for (rates, visits) in
        [([30_000, 45_000], 20_000_i64), ([100_000, 130_000], 16_000), ([500_000, 450_000], 12_000)]
    {
        let mut numbers = Numbers(visits.cast_unsigned());
        let claims: Vec<_> = (0..TESTS).filter_map(|_| first_claim(&mut numbers, rates, visits)).collect();
        assert!(claims.len() * 100 >= TESTS * 90, "{} of {TESTS} tests with {rates:?}", claims.len());
        let wrong = claims.iter().filter(|(_, is_better)| *is_better != (rates[1] > rates[0])).count();
        assert!(wrong * 100 <= TESTS, "{wrong} of {TESTS} claims with {rates:?} are the wrong way round");
    }
}
