//! The stored format of the sums of a block's days, with a checksum at the end.

use super::REPEATED_COLUMNS;
use super::block::DayMetrics;
use super::codec::{Decoder, Encoder};
use crate::model::clock::Day;
use crate::model::metrics::{Measure, Metrics};

/// Encodes the sums of days.
pub fn encode_days(first: Day, days: &[DayMetrics]) -> Vec<u8> {
    let mut pen = Encoder::default();
    pen.count(days.len());
    for sums in days {
        pen.number(u64::from(sums.day.0.abs_diff(first.0)));
        // The occurrences, which come first, are the visits.
        sums.metrics.stored()[1..].iter().for_each(|value| pen.number(value.unsigned_abs()));
        sums.rows.iter().for_each(|rows| pen.count(*rows));
    }
    pen.seal()
}

/// Decodes the sums of days; `None` when they are damaged.
pub fn decode_days(first: Day, bytes: &[u8]) -> Option<Vec<DayMetrics>> {
    let mut eye = Decoder::open(bytes)?;
    let count = eye.count()?;
    let mut days = Vec::new();
    for _ in 0..count {
        let day = Day(first.0.checked_add(i32::try_from(eye.number()?).ok()?)?);
        let mut numbers = [0; Measure::STORED_COUNT];
        for number in &mut numbers[1..] {
            *number = eye.number()?.cast_signed();
        }
        numbers[0] = numbers[Measure::Visits as usize];
        let mut metrics = Metrics::of_stored(numbers);
        let mut rows = [0; REPEATED_COLUMNS];
        for rows in &mut rows {
            *rows = eye.count()?;
        }
        for (kind, rows) in metrics.kinds_mut().iter_mut().zip(rows) {
            *kind = i64::try_from(rows).ok()?;
        }
        days.push(DayMetrics { day, metrics, rows });
    }
    eye.is_at_end().then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn days_are_decoded_again(values in prop::collection::vec((0_i32..400, 0_i64..1_000_000, 0_usize..9_999), 0..40)) {
            let days: Vec<DayMetrics> = values.iter().map(|(day, value, rows)| DayMetrics {
                day: Day(20_000 + day),
                metrics: {
                    let (hits, visits) = ((Measure::Hits, *value), (Measure::Visits, *value));
                    let (uniques, seconds) = ((Measure::Uniques, value / 2), (Measure::Seconds, value * 7));
                    let mut metrics = Metrics::new([hits, visits, uniques, seconds]);
                    metrics.kinds_mut().fill(i64::try_from(*rows).unwrap());
                    metrics
                },
                rows: [*rows; REPEATED_COLUMNS],
            }).collect();
            prop_assert_eq!(decode_days(Day(20_000), &encode_days(Day(20_000), &days)), Some(days));
        }

        #[test]
        fn bytes_of_chance_are_refused_and_harm_nobody(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut sealed = bytes.clone();
            sealed.extend(crc32fast::hash(&bytes).to_le_bytes());
            decode_days(Day(0), &sealed);
            prop_assert_eq!(decode_days(Day(0), &bytes), None);
        }
    }
}
