//! Journeys over a year: around the most viewed page, around a page in the shop and around a goal.

use super::{Screen, measure_subject};
use std::path::Path;

const RANGE: &str = "date=last-365-days";

/// The screens, with what the project asks of their median, if anything.
fn screens() -> Vec<Screen> {
    let report =
        |name, more: &str, wanted| (name, format!("/sites/1/reports/journeys?{more}{RANGE}"), wanted);
    vec![
        report("most viewed page", "", Some(150)),
        report("a page of the shop", "around=/shop/basket&", Some(150)),
        report("a goal", "of=goal&around=Order&", Some(150)),
    ]
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    measure_subject(file, ("journeys", screens()), cookie, runs, only);
}
