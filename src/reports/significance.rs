//! Significance of differences between shares that are looked at as often as one likes: asymptotic confidence sequences
//! (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, “Time-uniform central limit theory and asymptotic confidence sequences”,
//! 2021, arXiv:2103.06476). An interval of such a sequence holds at all times at once, not only at one that was chosen before.

/// A share: the trials with a success among all trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The trials with a success.
    pub successes: i64,
    /// All trials.
    pub trials: i64,
}

/// A difference with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The estimated difference.
    pub estimate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Difference {
    /// Returns true if the interval does not contain zero.
    pub fn is_significant(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

impl Share {
    /// Returns the share; 0 without trials.
    #[expect(clippy::cast_precision_loss, reason = "counts of visits are far below 2^52")]
    pub fn value(self) -> f64 {
        if self.trials > 0 { self.successes as f64 / self.trials as f64 } else { 0.0 }
    }

    /// Returns the squared standard error of the share.
    #[expect(clippy::cast_precision_loss, reason = "counts of visits are far below 2^52")]
    fn squared_error(self) -> f64 {
        let value = self.value();
        if self.trials > 0 { value * (1.0 - value) / self.trials as f64 } else { 0.0 }
    }
}

/// Returns the half width of an interval that holds at all times at once with a probability of 1 - `chance`. `error` is the
/// standard error of the estimate, `trials` the number of trials of both sides, and `tuned` the number of trials at which the
/// interval is narrowest compared with those for other numbers.
pub fn half_width(error: f64, trials: f64, chance: f64, tuned: f64) -> f64 {
    let log = -2.0 * chance.ln();
    let squared_rho = (log + (log + 1.0).ln()) / tuned;
    let scaled = trials * squared_rho + 1.0;
    let factor = 2.0 * scaled / (trials * trials * squared_rho) * (scaled.sqrt() / chance).ln();
    error * trials.sqrt() * factor.sqrt()
}

/// Returns the difference of a share from that of a baseline, with an interval that holds at all times at once with a probability
/// of 1 - `chance`.
#[expect(clippy::cast_precision_loss, reason = "counts of visits are far below 2^52")]
pub fn difference(baseline: Share, share: Share, chance: f64, tuned: f64) -> Difference {
    let estimate = share.value() - baseline.value();
    let error = (share.squared_error() + baseline.squared_error()).sqrt();
    let half = half_width(error, (share.trials + baseline.trials).max(1) as f64, chance, tuned);
    // A difference of shares lies between these bounds whatever is measured.
    Difference { estimate, low: (estimate - half).max(-1.0), high: (estimate + half).min(1.0) }
}

#[cfg(test)]
mod tests;
