//! The report of a split test: which goal it counts, which version is the baseline, and what can be said of the others.

mod days;
pub mod words;

use super::answer::Coverage;
use super::data_reader::DataReader;
use super::query::{Query, SplitTestWant, Wants};
use super::results::split_test::{SplitTest, SplitVersion};
use super::significance::{Difference, Share, difference};
use crate::error::{Error, Result};
use crate::limits::{
    SPLIT_CHANCE_MAX, SPLIT_CONVERSIONS_MIN, SPLIT_SHARE_MIN, SPLIT_VISITS_MIN, SPLIT_VISITS_TUNED,
};
use crate::model::metrics::Measure;
use crate::store::goals::{self, Goal};
pub use days::SplitDays;

/// The choices of a report of a split test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SplitChoice {
    /// The name of the test; `None` for the one with most visits.
    pub test: Option<String>,
    /// The name of the baseline version; `None` for the usual one.
    pub baseline: Option<String>,
    /// True if all goals count, also where the page code names a goal.
    pub is_of_all_goals: bool,
}

/// The report of a split test.
#[derive(Debug, Default)]
pub struct SplitReport {
    /// The test with its versions.
    pub test: SplitTest,
    /// The goal whose conversions are counted; `None` for all goals.
    pub goal: Option<Goal>,
    /// True if the page code named that goal.
    pub is_goal_of_page: bool,
    /// The baseline; `None` without versions.
    pub baseline: Option<Baseline>,
    /// The verdict on each version.
    pub verdicts: Vec<Verdict>,
    /// The days on which versions ran.
    pub days: SplitDays,
    /// The coverage of the range.
    pub coverage: Coverage,
}

impl SplitReport {
    /// Checks that the baseline that was asked for is a version of the test.
    ///
    /// # Errors
    /// Fails with `Error::Invalid`, which names the versions, if it is none.
    pub fn require_baseline(&self, asked: Option<&str>) -> Result<()> {
        let found = self.baseline.filter(|baseline| baseline.reason != BaselineReason::Chosen);
        let Some((asked, _)) = asked.zip(found) else { return Ok(()) };
        let names = self.test.versions.iter().map(|version| version.row.name.title.as_str());
        let names: Vec<&str> = names.collect();
        let sentence = format!("There's no version “{asked}”. Name one of these: {}.", names.join(", "));
        Err(Error::invalid("baseline", sentence))
    }

    /// Returns the visits of the versions that are not listed.
    pub fn other_visits(&self) -> i64 {
        let listed = self.test.versions.iter().map(|version| version.row.metrics[Measure::Visits]);
        (self.test.visits.now - listed.sum::<i64>()).max(0)
    }
}

/// The version with which the others are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// Its place among the versions.
    pub place: usize,
    /// The reason why it is the baseline.
    pub reason: BaselineReason,
}

/// The reason why a version is the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineReason {
    /// It was chosen.
    Chosen,
    /// Its name is that of a baseline.
    Name,
    /// It was seen on an earlier day than all others.
    SeenFirst,
    /// Its name is the first in alphabetical order.
    Alphabet,
}

/// A verdict on a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The version is the baseline.
    Baseline,
    /// The version is the only one.
    Alone,
    /// The version at a place, this one or the baseline, has too small a share of the visits to be compared.
    TooFew(usize),
    /// Not all versions that are compared ran on all days.
    OtherDays,
    /// The version at a place, this one or the baseline, has not enough visits or conversions yet.
    NotEnough(usize),
    /// The version converts better than the baseline.
    Better(Difference),
    /// The version converts worse than the baseline.
    Worse(Difference),
    /// No difference was found so far.
    Undecided(Difference),
}

impl Verdict {
    /// Returns the name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Alone => "alone",
            Self::TooFew(_) => "too-few",
            Self::OtherDays => "other-days",
            Self::NotEnough(_) => "not-enough",
            Self::Better(_) => "better",
            Self::Worse(_) => "worse",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Returns the difference from the baseline, with its interval; `None` where none is claimed.
    pub fn difference(self) -> Option<Difference> {
        match self {
            Self::Better(found) | Self::Worse(found) | Self::Undecided(found) => Some(found),
            _ => None,
        }
    }
}

/// The names of versions that are the baseline, in lower case, the most telling first.
const BASELINE_NAMES: [&str; 9] =
    ["original", "control", "baseline", "default", "current", "old", "a", "0", "1"];

/// Returns the share of a version's visits that converted.
pub fn share(version: &SplitVersion) -> Share {
    let metrics = &version.row.metrics;
    Share { successes: metrics[Measure::Converted], trials: metrics[Measure::Visits] }
}

/// Returns true if a version has the visits and conversions that it needs to be compared.
fn is_enough(share: Share) -> bool {
    share.trials >= SPLIT_VISITS_MIN
        && share.successes.min(share.trials - share.successes) >= SPLIT_CONVERSIONS_MIN
}

/// Answers a query with the report of a split test. Without a goal in view, the one that the page code named for the test counts.
///
/// # Errors
/// Fails with `Error::Forbidden` when split tests may not be seen, and when the data file cannot be read.
pub fn run(reader: &DataReader<'_>, query: &Query, choice: &SplitChoice) -> Result<SplitReport> {
    let ask = |query: &Query, test: Option<String>| {
        let want = SplitTestWant { test };
        let answer = reader.run(&query.with(Wants { split_test: Some(want), ..Wants::default() }))?;
        Ok::<_, crate::error::Error>((answer.split_test.unwrap_or_default(), answer.coverage))
    };
    let (mut test, mut coverage) = ask(query, choice.test.clone())?;
    let mut goal = query.goal.map(|goal| goals::get(reader.connection, query.site.id, goal)).transpose()?;
    let mut is_goal_of_page = false;
    if goal.is_none()
        && !choice.is_of_all_goals
        && let Some(named) = &test.goal
        && let Some(found) = goals::find_present(reader.connection, query.site.id, named)?
    {
        let of_goal = Query { goal: Some(found.id), ..query.clone() };
        (test, coverage) = ask(&of_goal, test.name.clone())?;
        (goal, is_goal_of_page) = (Some(found), true);
    }
    let compared: Vec<bool> =
        test.versions.iter().map(|version| has_share(version, test.visits.now)).collect();
    let baseline = baseline(&test, choice.baseline.as_deref(), &compared);
    let days = days::of_versions(&test, &compared);
    let verdicts = baseline.map_or_else(Vec::new, |baseline| {
        (0..test.versions.len())
            .map(|place| verdict(&test, baseline.place, place, &compared, &days))
            .collect()
    });
    Ok(SplitReport { test, goal, is_goal_of_page, baseline, verdicts, days, coverage })
}

/// Returns true if a version has so many of the visits that it is compared.
#[expect(clippy::cast_precision_loss, reason = "counts of visits are far below 2^52")]
fn has_share(version: &SplitVersion, visits: i64) -> bool {
    version.row.metrics[Measure::Visits] as f64 >= visits as f64 * SPLIT_SHARE_MIN
}

/// Returns the baseline: the chosen version, else of those that are compared the one with a telling name, else the one that began
/// on the earliest day. A version with hardly any visits, whose name may be misspelled, is none unless it is chosen.
fn baseline(test: &SplitTest, chosen: Option<&str>, compared: &[bool]) -> Option<Baseline> {
    let versions = &test.versions;
    let is_named = |place: &usize, name: &str| versions[*place].row.name.title.eq_ignore_ascii_case(name);
    let found = |place, reason| Some(Baseline { place, reason });
    let named = |name: &str| (0..versions.len()).find(|place| is_named(place, name));
    if let Some(place) = chosen.and_then(named) {
        return found(place, BaselineReason::Chosen);
    }
    let are_compared = compared.contains(&true);
    let mut offered: Vec<usize> =
        (0..versions.len()).filter(|place| compared[*place] || !are_compared).collect();
    let telling = |name: &str| offered.iter().copied().find(|place| is_named(place, name));
    if let Some(place) = BASELINE_NAMES.into_iter().find_map(telling) {
        return found(place, BaselineReason::Name);
    }
    let first_day = |place: usize| versions[place].first_and_last().map(|(first, _)| first);
    offered.sort_by_key(|place| (first_day(*place), versions[*place].row.name.title.clone()));
    let (first, next) = (offered.first().copied()?, offered.get(1).copied());
    let is_earlier = next.is_none_or(|next| first_day(first) < first_day(next));
    found(first, if is_earlier { BaselineReason::SeenFirst } else { BaselineReason::Alphabet })
}

fn verdict(test: &SplitTest, baseline: usize, place: usize, compared: &[bool], days: &SplitDays) -> Verdict {
    if test.count == 1 {
        return Verdict::Alone;
    }
    if place == baseline {
        return Verdict::Baseline;
    }
    if let Some(place) = [place, baseline].into_iter().find(|place| !compared[*place]) {
        return Verdict::TooFew(place);
    }
    if !days.are_common() {
        return Verdict::OtherDays;
    }
    let (first, second) = (share(&test.versions[baseline]), share(&test.versions[place]));
    for (place, share) in [(place, second), (baseline, first)] {
        if !is_enough(share) {
            return Verdict::NotEnough(place);
        }
    }
    // All versions together may claim a difference that is none in so many tests.
    let others =
        compared.iter().enumerate().filter(|(place, is_compared)| **is_compared && *place != baseline);
    let others = u32::try_from(others.count().max(1)).unwrap_or(u32::MAX);
    let found = difference(first, second, SPLIT_CHANCE_MAX / f64::from(others), SPLIT_VISITS_TUNED);
    match found {
        found if !found.is_significant() => Verdict::Undecided(found),
        found if found.estimate > 0.0 => Verdict::Better(found),
        found => Verdict::Worse(found),
    }
}

#[cfg(test)]
mod tests;
