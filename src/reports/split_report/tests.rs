//! Tests of the report of a split test: its baseline, its days and its verdicts.

use super::days::DaysOfVersion;
use super::words::{points, statement};
use super::*;
use crate::model::clock::Day;
use crate::model::metrics::Metrics;
use crate::reports::comparison::Compared;
use crate::reports::date_range::DateRange;
use crate::reports::results::item_name::{Icon, ItemName};
use crate::reports::results::table::TableRow;

/// A version with visits on each of some days, of which some converted.
fn version(name: &str, days: std::ops::Range<i32>, of_day: i64, converted: i64) -> SplitVersion {
    let visits = i64::try_from(days.len()).unwrap() * of_day;
    let name = ItemName {
        title: name.into(),
        subtitle: None,
        address: None,
        is_elsewhere: false,
        icon: Icon::None,
        filter: format!("test: {name}"),
    };
    let metrics = Metrics::new([(Measure::Visits, visits), (Measure::Converted, converted)]);
    SplitVersion {
        row: TableRow { name, metrics, before: None },
        days: days.map(|day| (Day(day), of_day)).collect(),
    }
}

fn test(versions: Vec<SplitVersion>) -> SplitTest {
    let visits = versions.iter().map(|version| version.row.metrics[Measure::Visits]).sum();
    let visits = Compared { now: visits, before: None };
    SplitTest { name: Some("test".into()), count: versions.len(), versions, visits, ..SplitTest::default() }
}

fn judged(test: SplitTest) -> SplitReport {
    judged_against(test, None)
}

fn compared(test: &SplitTest) -> Vec<bool> {
    test.versions.iter().map(|version| has_share(version, test.visits.now)).collect()
}

fn judged_against(test: SplitTest, chosen: Option<&str>) -> SplitReport {
    let compared = compared(&test);
    let (days, baseline) = (days::of_versions(&test, &compared), baseline(&test, chosen, &compared).unwrap());
    let verdicts = (0..test.versions.len())
        .map(|place| verdict(&test, baseline.place, place, &compared, &days))
        .collect();
    SplitReport { test, baseline: Some(baseline), verdicts, days, ..SplitReport::default() }
}

fn names(report: &SplitReport) -> Vec<&'static str> {
    report.verdicts.iter().map(|verdict| verdict.name()).collect()
}

#[test]
fn the_baseline_is_the_chosen_version_or_the_one_with_a_telling_name_or_the_first() {
    let place = |names: &[&str], chosen| {
        let test = test(names.iter().map(|name| version(name, 1..3, 10, 1)).collect());
        let found = baseline(&test, chosen, &compared(&test)).unwrap();
        (found.place, found.reason)
    };
    assert_eq!(place(&["blue", "Original"], None), (1, BaselineReason::Name));
    assert_eq!(place(&["b", "A"], None), (1, BaselineReason::Name));
    assert_eq!(place(&["control", "blue"], Some("blue")), (1, BaselineReason::Chosen));
    assert_eq!(place(&["control", "blue"], Some("gone")), (0, BaselineReason::Name));
    let versions = vec![version("red", 2..9, 9, 1), version("gray", 1..3, 9, 1)];
    assert_eq!(
        judged(test(versions.clone())).baseline,
        Some(Baseline { place: 1, reason: BaselineReason::SeenFirst })
    );
    // Of those that began on the same day, always the same one.
    for versions in [
        vec![versions[0].clone(), versions[1].clone(), version("blue", 1..3, 9, 1)],
        vec![version("gray", 4..9, 9, 1), version("red", 4..9, 9, 1), version("blue", 4..9, 9, 1)],
    ] {
        assert_eq!(
            judged(test(versions)).baseline,
            Some(Baseline { place: 2, reason: BaselineReason::Alphabet })
        );
    }
    assert_eq!(baseline(&SplitTest::default(), None, &[]), None);
}

#[test]
fn a_version_gets_a_verdict_once_both_have_enough_visits_and_conversions() {
    let report = judged(test(vec![version("original", 0..10, 10, 40), version("blue", 0..10, 10, 60)]));
    assert_eq!(names(&report), ["baseline", "not-enough"]);
    let sentence = "Not enough data yet: “blue” has 100 of the 200 visits needed.";
    assert_eq!(statement(&report, 1), sentence);
    let report = judged(test(vec![version("original", 0..10, 100, 24), version("blue", 0..10, 100, 60)]));
    let sentence = "Not enough data yet: “original” has 24 of the 25 visits with a conversion needed.";
    assert_eq!((names(&report)[1], statement(&report, 1)), ("not-enough", sentence.to_owned()));
    let report = judged(test(vec![version("original", 0..10, 100, 990), version("blue", 0..10, 100, 500)]));
    assert!(statement(&report, 1).contains("10 of the 25 visits without one"), "{}", statement(&report, 1));
    let report = judged(test(vec![version("original", 0..10, 100, 100), version("blue", 0..10, 100, 200)]));
    assert_eq!(names(&report), ["baseline", "better"]);
    assert!(statement(&report, 1).starts_with("Converts better than “original”: +10.0 pts, between +"));
    let report = judged(test(vec![version("original", 0..10, 100, 200), version("blue", 0..10, 100, 100)]));
    assert!(statement(&report, 1).starts_with("Converts worse than “original”: −10.0 pts, between −"));
    let report = judged(test(vec![version("original", 0..10, 100, 100), version("blue", 0..10, 100, 105)]));
    assert!(statement(&report, 1).starts_with("No difference found so far"), "{}", statement(&report, 1));
    assert_eq!(names(&judged(test(vec![version("blue", 0..10, 100, 105)]))), ["alone"]);
}

#[test]
fn more_versions_need_a_greater_difference() {
    let one = |others: usize| {
        let mut versions = vec![version("original", 0..10, 100, 100), version("blue", 0..10, 100, 105)];
        versions.extend((0..others).map(|at| version(&format!("v{at}"), 0..10, 100, 100)));
        let found = judged(test(versions)).verdicts[1].difference().unwrap();
        found.high - found.low
    };
    assert!(one(3) > one(1) && one(1) > one(0));
}

#[test]
fn there_is_no_verdict_over_days_on_which_not_all_versions_ran() {
    let report = judged(test(vec![version("original", 0..20, 100, 200), version("blue", 10..20, 100, 200)]));
    assert_eq!(names(&report), ["baseline", "other-days"]);
    let late = DaysOfVersion {
        place: 1,
        days: DateRange { first: Day(10), last: Day(19) },
        is_late: true,
        is_over: false,
    };
    assert_eq!(report.days.shifted, [late]);
    assert_eq!(report.days.common, Some(DateRange { first: Day(10), last: Day(19) }));
    let report = judged(test(vec![version("original", 0..10, 100, 200), version("blue", 10..20, 100, 200)]));
    assert_eq!((names(&report)[1], report.days.common), ("other-days", None));
}

#[test]
fn a_version_that_is_rare_runs_although_it_has_no_visits_on_some_days() {
    let report = judged(test(vec![version("original", 0..20, 4, 4), version("blue", 1..20, 4, 2)]));
    assert_eq!((names(&report)[1], report.days.are_common()), ("not-enough", true));
}

#[test]
fn a_name_that_hardly_any_visit_has_changes_no_verdict_on_the_others() {
    let mut versions = vec![version("original", 0..20, 100, 200), version("blue", 0..20, 100, 400)];
    versions.push(version("<script>", 19..20, 3, 0));
    let report = judged(test(versions));
    assert_eq!(names(&report), ["baseline", "better", "too-few"]);
    assert!(report.days.are_common());
    // Not even a name that is usually the baseline's, or one that was there first.
    for (rare, day) in [("control", 19), ("tset", -1)] {
        let versions = vec![
            version("green", 0..20, 100, 200),
            version("grey", 0..20, 100, 400),
            version(rare, day..day + 1, 1, 0),
        ];
        let report = judged(test(versions.clone()));
        assert_eq!(names(&report), ["baseline", "better", "too-few"], "{rare}");
        let chosen = judged_against(test(versions), Some(rare));
        assert_eq!(names(&chosen), ["too-few", "too-few", "baseline"]);
        let sentence = format!(
            "Not compared: the baseline “{rare}” has less than 1% of the visits. Choose another baseline."
        );
        assert_eq!(statement(&chosen, 0), sentence);
    }
}

#[test]
fn points_have_a_sign_unless_they_are_zero() {
    for (difference, text) in
        [(0.014, "+1.4 pts"), (-0.004_2, "−0.42 pts"), (0.0, "0.00 pts"), (0.000_01, "0.00 pts")]
    {
        assert_eq!(points(difference), text);
    }
}
