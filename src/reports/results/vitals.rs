//! The web vitals of a site: of all pages, by device and by page, each with its 75th percentile and its ratings.

use super::item_name::ItemName;
use crate::limits;
use crate::model::device_type::DeviceType;
use crate::model::vital::{VITALS, Vital, VitalRating};
use crate::reports::comparison::Compared;
use strum::VariantArray;

/// The number of ratings.
const RATINGS: usize = VitalRating::VARIANTS.len();

/// The web vitals of a site.
#[derive(Debug, Default)]
pub struct VitalsResult {
    /// Those of all pages, on the devices that were asked for.
    pub overall: Compared<VitalsSummary>,
    /// Those of all pages by device, only devices with measurements; empty where devices are hidden.
    pub devices: Vec<(DeviceType, Compared<VitalsSummary>)>,
    /// The pages that were asked for.
    pub pages: Vec<VitalsPage>,
    /// The number of pages on all pages of the table.
    pub count: usize,
}

/// The web vitals of a page.
#[derive(Clone, Debug)]
pub struct VitalsPage {
    /// The page.
    pub name: ItemName,
    /// Its web vitals.
    pub summary: Compared<VitalsSummary>,
}

/// The web vitals of some page views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VitalsSummary {
    /// The page views that were measured. Not each has all vitals: without a click there is no response to it.
    pub measurements: i64,
    vitals: [VitalSummary; VITALS],
}

/// A web vital of some page views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VitalSummary {
    /// The 75th percentile: the smallest value that at least three quarters of all values do not exceed (nearest rank), as
    /// it is stored. `None` without a value.
    pub p75: Option<u32>,
    ratings: [i64; RATINGS],
}

impl VitalsSummary {
    /// Summarizes values, each with its number, in ascending order.
    pub fn new(measurements: i64, values: [&[(u32, i64)]; VITALS]) -> Self {
        let mut vitals = [VitalSummary::default(); VITALS];
        for (vital, values) in Vital::VARIANTS.iter().zip(values) {
            vitals[*vital as usize] = VitalSummary::new(*vital, values);
        }
        Self { measurements, vitals }
    }

    /// Returns one vital.
    pub fn get(&self, vital: Vital) -> &VitalSummary {
        &self.vitals[vital as usize]
    }
}

impl VitalSummary {
    fn new(vital: Vital, values: &[(u32, i64)]) -> Self {
        let count: i64 = values.iter().map(|(_, count)| count).sum();
        // The rank of the percentile is three quarters of the count, rounded up.
        let rank = (3 * count + 3) / 4;
        let (mut summary, mut passed) = (Self::default(), 0);
        for (value, count) in values {
            passed += count;
            if passed >= rank && summary.p75.is_none() {
                summary.p75 = Some(*value);
            }
            summary.ratings[vital.rate(*value) as usize] += count;
        }
        summary
    }

    /// Returns the number of values.
    pub fn count(&self) -> i64 {
        self.ratings.iter().sum()
    }

    /// Returns the number of values with a rating.
    pub fn rated(&self, rating: VitalRating) -> i64 {
        self.ratings[rating as usize]
    }

    /// Returns the rating of the 75th percentile; `None` for too few values.
    pub fn rating(&self, vital: Vital) -> Option<VitalRating> {
        let is_enough = self.count() >= limits::VITAL_VALUES_RATED_MIN;
        self.p75.filter(|_| is_enough).map(|value| vital.rate(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_75th_percentile_is_a_value_that_was_measured() {
        for (values, p75) in [
            (&[][..], None),
            (&[(7, 1)], Some(7)),
            (&[(1, 1), (2, 1)], Some(2)),
            (&[(1, 1), (2, 1), (3, 1)], Some(3)),
            (&[(1, 1), (2, 1), (3, 1), (4, 1)], Some(3)),
            (&[(1, 3), (9, 1)], Some(1)),
            (&[(1, 74), (9, 26)], Some(9)),
            (&[(1, 75), (9, 25)], Some(1)),
        ] {
            assert_eq!(VitalSummary::new(Vital::Lcp, values).p75, p75, "{values:?}");
        }
    }

    #[test]
    fn too_few_values_are_not_rated() {
        let of = |count| VitalSummary::new(Vital::Cls, &[(1_000, count)]);
        assert_eq!(of(limits::VITAL_VALUES_RATED_MIN - 1).rating(Vital::Cls), None);
        assert_eq!(of(limits::VITAL_VALUES_RATED_MIN).rating(Vital::Cls), Some(VitalRating::Good));
        let mixed = VitalSummary::new(Vital::Inp, &[(100, 10), (300, 4), (900, 6)]);
        assert_eq!(mixed.rating(Vital::Inp), Some(VitalRating::Poor));
        assert_eq!(VitalRating::VARIANTS.iter().map(|one| mixed.rated(*one)).collect::<Vec<_>>(), [10, 4, 6]);
    }
}
