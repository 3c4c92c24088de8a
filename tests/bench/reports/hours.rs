//! Hours and weekdays over a year, of several metrics, and a split test.

use super::{Screen, measure_subject};
use std::path::Path;

const RANGE: &str = "date=last-365-days&compare=none";

/// The screens, with what the project asks of their median, if anything.
fn screens() -> Vec<Screen> {
    let hours = |name, more: &str, wanted| (name, format!("/sites/1/reports/hours?{more}{RANGE}"), wanted);
    vec![
        hours("visits", "", Some(30)),
        hours("bounce rate", "metric=bounce_rate&", Some(30)),
        hours("page views", "metric=pageviews&", Some(30)),
        hours("revenue", "metric=revenue&", Some(30)),
        hours("visits from Germany", "country=DE&", None),
        ("split test", format!("/sites/1/reports/split-tests?{RANGE}"), None),
    ]
}

/// Measures the screens whose names contain a text.
pub fn measure(file: &Path, cookie: &str, runs: u64, only: Option<&str>) {
    measure_subject(file, ("hours", screens()), cookie, runs, only);
}
