//! The lines that benchmarks print of how long answers took.

use std::time::Duration;

/// A duration in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
pub fn millis(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1_000.0
}

/// Prints the first answer, and the median and the 99th percentile of the warm ones, with what the project asks of the
/// median, if anything.
pub fn print(name: &str, cold: Duration, mut warm: Vec<Duration>, wanted: Option<u64>) {
    warm.sort_unstable();
    let at = |percent: usize| warm[(warm.len() * percent / 100).min(warm.len() - 1)];
    let wanted = wanted.map_or_else(String::new, |wanted| format!(" (wanted: {wanted} ms)"));
    println!(
        "{name:<36} cold {:>7.1} ms, median {:>6.1} ms, p99 {:>6.1} ms{wanted}",
        millis(cold),
        millis(at(50)),
        millis(at(99))
    );
}
