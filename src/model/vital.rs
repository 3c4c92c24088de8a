//! Web vitals: how fast and how steady pages are for visitors, with Google's thresholds
//! (<https://web.dev/articles/defining-core-web-vitals-thresholds>).

use crate::limits;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A web vital, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Vital {
    /// Largest Contentful Paint: the milliseconds until the main content is seen.
    Lcp,
    /// Interaction to Next Paint: the milliseconds that the page takes to respond.
    Inp,
    /// Cumulative Layout Shift: how much content moves while the page is open, in ten-thousandths.
    Cls,
}

/// The rating of a value by Google's thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum VitalRating {
    /// At most the lower threshold.
    Good,
    /// Between the two thresholds.
    NeedsImprovement,
    /// Above the upper threshold.
    Poor,
}

/// The number of web vitals.
pub const VITALS: usize = Vital::VARIANTS.len();

/// The ten-thousandths in a whole layout shift.
pub const SHIFT_PARTS: u32 = 10_000;

impl Vital {
    /// Returns the stored name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the abbreviation for display.
    pub fn short(self) -> &'static str {
        match self {
            Self::Lcp => "LCP",
            Self::Inp => "INP",
            Self::Cls => "CLS",
        }
    }

    /// Returns the name for display.
    pub fn title(self) -> &'static str {
        match self {
            Self::Lcp => "Largest Contentful Paint",
            Self::Inp => "Interaction to Next Paint",
            Self::Cls => "Cumulative Layout Shift",
        }
    }

    /// Returns the sentence that says what it measures.
    pub fn about(self) -> &'static str {
        match self {
            Self::Lcp => "How long it takes until the main content is visible.",
            Self::Inp => "How long the page takes to respond to clicks, taps and keys.",
            Self::Cls => "How much the content moves unexpectedly.",
        }
    }

    /// Returns the highest values that are rated good, and not poor: milliseconds or ten-thousandths, as it is stored.
    pub fn thresholds(self) -> (u32, u32) {
        match self {
            Self::Lcp => (2_500, 4_000),
            Self::Inp => (200, 500),
            Self::Cls => (1_000, 2_500),
        }
    }

    /// Returns the highest value that is stored.
    pub fn most(self) -> u32 {
        match self {
            Self::Lcp | Self::Inp => limits::VITAL_MILLISECONDS_MAX,
            Self::Cls => limits::VITAL_SHIFT_MAX * SHIFT_PARTS,
        }
    }

    /// Returns the rating of a value as it is stored.
    pub fn rate(self, value: u32) -> VitalRating {
        let (good, fair) = self.thresholds();
        match value {
            value if value <= good => VitalRating::Good,
            value if value <= fair => VitalRating::NeedsImprovement,
            _ => VitalRating::Poor,
        }
    }

    /// Reads a value as a browser sends it: milliseconds, or the shift as a decimal number. `None` for one that is no
    /// number, negative, or above [`Self::most`].
    pub fn parse(self, text: &str) -> Option<u32> {
        let value: f64 = text.trim().parse().ok()?;
        let value = if self == Self::Cls { value * f64::from(SHIFT_PARTS) } else { value };
        let is_possible = (0.0..=f64::from(self.most())).contains(&value);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by the line above"
        )]
        is_possible.then(|| value.round() as u32)
    }

    /// Returns a stored value in its unit for programs: milliseconds, or the shift as a decimal number.
    pub fn plain(self, value: u32) -> f64 {
        match self {
            Self::Lcp | Self::Inp => f64::from(value),
            Self::Cls => f64::from(value) / f64::from(SHIFT_PARTS),
        }
    }

    /// Returns a stored value for display: seconds, milliseconds, or a decimal number.
    pub fn display(self, value: u32) -> String {
        match self {
            Self::Lcp => format!("{:.2} s", f64::from(value) / 1_000.0),
            Self::Inp => format!("{value} ms"),
            Self::Cls => format!("{:.3}", self.plain(value)),
        }
    }
}

impl VitalRating {
    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the name for display.
    pub fn title(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::NeedsImprovement => "Needs improvement",
            Self::Poor => "Poor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rated_by_googles_thresholds_and_the_threshold_itself_is_the_better_rating() {
        use VitalRating::{Good, NeedsImprovement, Poor};
        for (vital, text, rating) in [
            (Vital::Lcp, "2500", Good),
            (Vital::Lcp, "2501", NeedsImprovement),
            (Vital::Lcp, "4000", NeedsImprovement),
            (Vital::Lcp, "4001", Poor),
            (Vital::Inp, "200", Good),
            (Vital::Inp, "500", NeedsImprovement),
            (Vital::Inp, "501", Poor),
            (Vital::Cls, "0.1", Good),
            (Vital::Cls, "0.1001", NeedsImprovement),
            (Vital::Cls, "0.25", NeedsImprovement),
            (Vital::Cls, "0.2501", Poor),
        ] {
            assert_eq!(vital.rate(vital.parse(text).unwrap()), rating, "{vital:?} {text}");
        }
    }

    #[test]
    fn what_no_browser_measures_is_no_value() {
        for vital in Vital::VARIANTS {
            for text in ["", "-1", "-0.001", "NaN", "inf", "-inf", "1e9", "60001", "fast", "1,5", "0x10"] {
                assert_eq!(vital.parse(text), None, "{vital:?} {text}");
            }
            assert_eq!(vital.parse("0"), Some(0));
        }
        assert_eq!(Vital::Lcp.parse("60000"), Some(60_000));
        assert_eq!(Vital::Lcp.parse(" 1234.5 "), Some(1_235));
        assert_eq!((Vital::Cls.parse("10"), Vital::Cls.parse("10.1")), (Some(100_000), None));
        assert_eq!(Vital::Cls.parse("0.12345"), Some(1_235));
    }

    #[test]
    fn values_are_shown_in_the_units_of_their_thresholds() {
        assert_eq!(Vital::Lcp.display(2_500), "2.50 s");
        assert_eq!(Vital::Inp.display(200), "200 ms");
        assert_eq!(Vital::Cls.display(1_000), "0.100");
    }
}
