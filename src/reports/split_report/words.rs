//! Verdicts on split tests in words.

use super::{SplitReport, Verdict, share};
use crate::limits::{SPLIT_CONVERSIONS_MIN, SPLIT_VISITS_MIN};

/// The method in a sentence.
pub const METHOD: &str = "You can look as often as you like: if two versions were equal, only about 1 test in 20 would ever show a \
                          difference here (95% confidence sequences, corrected for the number of versions).";

/// Returns a difference of shares in percentage points, such as `+1.4 pts`.
pub fn points(difference: f64) -> String {
    let points = difference * 100.0;
    let decimals = if points.abs() < 1.0 { 2 } else { 1 };
    let text = format!("{:.decimals$}", points.abs());
    let sign = match points {
        _ if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) => "",
        points if points < 0.0 => "−",
        _ => "+",
    };
    format!("{sign}{text} pts")
}

/// Returns the verdict on a version as a sentence.
pub fn statement(report: &SplitReport, place: usize) -> String {
    let versions = &report.test.versions;
    let name = |place: usize| versions.get(place).map_or("", |version| version.row.name.title.as_str());
    let baseline = report.baseline.map_or("", |baseline| name(baseline.place));
    let Some(verdict) = report.verdicts.get(place) else { return String::new() };
    match verdict {
        Verdict::Baseline => "Baseline: the others are compared with it.".into(),
        Verdict::Alone => "The only version so far: there is nothing to compare it with.".into(),
        Verdict::TooFew(few) if *few == place => "Not compared: it has less than 1% of the visits.".into(),
        Verdict::TooFew(_) => format!(
            "Not compared: the baseline “{baseline}” has less than 1% of the visits. Choose another baseline."
        ),
        Verdict::OtherDays => "Not compared: not all versions ran on the same days.".into(),
        Verdict::NotEnough(place) => not_enough(report, *place),
        Verdict::Better(found) => format!(
            "Converts better than “{baseline}”: {}, between {} and {}.",
            points(found.estimate),
            points(found.low),
            points(found.high)
        ),
        Verdict::Worse(found) => format!(
            "Converts worse than “{baseline}”: {}, between {} and {}.",
            points(found.estimate),
            points(found.low),
            points(found.high)
        ),
        Verdict::Undecided(found) => format!(
            "No difference found so far: it may lie anywhere between {} and {}.",
            points(found.low),
            points(found.high)
        ),
    }
}

/// Says what a version lacks.
fn not_enough(report: &SplitReport, place: usize) -> String {
    let Some(version) = report.test.versions.get(place) else { return String::new() };
    let share = share(version);
    let without = share.trials - share.successes;
    let mut lacking = Vec::new();
    if share.trials < SPLIT_VISITS_MIN {
        lacking.push(format!("{} of the {SPLIT_VISITS_MIN} visits", share.trials));
    }
    if share.successes < SPLIT_CONVERSIONS_MIN {
        lacking.push(format!("{} of the {SPLIT_CONVERSIONS_MIN} visits with a conversion", share.successes));
    }
    if without < SPLIT_CONVERSIONS_MIN && share.trials >= SPLIT_VISITS_MIN {
        lacking.push(format!("{without} of the {SPLIT_CONVERSIONS_MIN} visits without one"));
    }
    format!("Not enough data yet: “{}” has {} needed.", version.row.name.title, lacking.join(" and "))
}
