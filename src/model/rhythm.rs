//! The rhythm of e-mail reports: how often one is sent, and the period that each is about.

use super::clock::{Day, Timestamp, Zone};
use crate::limits;
use jiff::civil;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The days of a week.
const WEEK: i32 = 7;

/// The rhythm of an e-mail report, by its stored name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Rhythm {
    /// Every morning, about the day before.
    Daily,
    /// Every Monday, about the week before, Monday to Sunday.
    Weekly,
    /// On the first of every month, about the month before.
    Monthly,
}

/// A period that an e-mail report is about, both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The last day.
    pub last: Day,
    /// The first day.
    pub first: Day,
}

impl Rhythm {
    /// Returns the stored name.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the title, such as `Weekly`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Daily => "Daily",
            Self::Weekly => "Weekly",
            Self::Monthly => "Monthly",
        }
    }

    /// Returns the time of the letters as a phrase, such as `every Monday`.
    pub fn when(self) -> &'static str {
        match self {
            Self::Daily => "every morning",
            Self::Weekly => "every Monday",
            Self::Monthly => "on the first of each month",
        }
    }

    /// Returns the period that ends the day before the one in which a day lies.
    fn before(self, day: Day) -> Period {
        let date = day.date();
        match self {
            Self::Daily => Period { first: day.plus(-1), last: day.plus(-1) },
            Self::Weekly => {
                let monday = day.plus(-i32::from(date.weekday().to_monday_zero_offset()));
                Period { first: monday.plus(-WEEK), last: monday.plus(-1) }
            }
            Self::Monthly => {
                let last = Day::from_date(date.first_of_month()).plus(-1);
                Period { first: Day::from_date(last.date().first_of_month()), last }
            }
        }
    }

    /// Returns the period after another one.
    pub fn after(self, period: Period) -> Period {
        let begin = period.last.plus(1);
        let end = match self {
            Self::Daily => begin,
            Self::Weekly => begin.plus(WEEK - 1),
            Self::Monthly => Day::from_date(begin.date().last_of_month()),
        };
        Period { first: begin, last: end }
    }

    /// Returns the newest period whose letter can be sent: it is over in every zone, and the morning after has begun
    /// there. `None` without a zone.
    pub fn newest(self, zones: &[Zone], now: Timestamp) -> Option<Period> {
        let of_zone = |zone: &Zone| {
            let today = zone.day(now);
            let newest = self.before(today);
            // On the day on which letters are sent, the period before counts until the hour has come.
            if due_at(zone, newest) <= now { newest } else { self.before(newest.first) }
        };
        zones.iter().map(of_zone).min()
    }
}

/// Returns the time at which the letter about a period can be sent in one zone: in the morning after.
fn due_at(zone: &Zone, period: Period) -> Timestamp {
    zone.at(period.last.plus(1), civil::time(limits::DIGEST_HOUR, 0, 0, 0))
}

impl Period {
    /// Returns the time at which its letter can be sent: in the morning after, in the zone where that comes last.
    /// `None` without a zone.
    pub fn due_at(self, zones: &[Zone]) -> Option<Timestamp> {
        zones.iter().map(|zone| due_at(zone, self)).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn newest(rhythm: Rhythm, zones: &[Zone], now: &str) -> String {
        let period = rhythm.newest(zones, Timestamp::parse(now).unwrap()).unwrap();
        format!("{} {}", period.first, period.last)
    }

    #[test]
    fn a_period_is_over_at_seven_in_the_morning_after_in_the_zone_of_its_site() {
        let berlin = [zone("Europe/Berlin")];
        for (rhythm, now, period) in [
            (Rhythm::Daily, "2026-11-24T05:59:59Z", "2026-11-22 2026-11-22"),
            (Rhythm::Daily, "2026-11-24T06:00:00Z", "2026-11-23 2026-11-23"),
            (Rhythm::Weekly, "2026-11-23T05:59:59Z", "2026-11-09 2026-11-15"),
            (Rhythm::Weekly, "2026-11-23T06:00:00Z", "2026-11-16 2026-11-22"),
            (Rhythm::Weekly, "2026-11-29T22:00:00Z", "2026-11-16 2026-11-22"),
            (Rhythm::Monthly, "2026-12-01T05:59:59Z", "2026-10-01 2026-10-31"),
            (Rhythm::Monthly, "2026-12-01T06:00:00Z", "2026-11-01 2026-11-30"),
            (Rhythm::Monthly, "2026-03-15T12:00:00Z", "2026-02-01 2026-02-28"),
            (Rhythm::Monthly, "2027-01-01T06:00:00Z", "2026-12-01 2026-12-31"),
        ] {
            assert_eq!(newest(rhythm, &berlin, now), period, "{} at {now}", rhythm.name());
        }
    }

    #[test]
    fn summer_time_moves_the_hour_and_nothing_else() {
        let berlin = [zone("Europe/Berlin")];
        // On 29 March and 25 October 2026, clocks in Berlin change during the night.
        assert_eq!(newest(Rhythm::Daily, &berlin, "2026-03-29T04:59:59Z"), "2026-03-27 2026-03-27");
        assert_eq!(newest(Rhythm::Daily, &berlin, "2026-03-29T05:00:00Z"), "2026-03-28 2026-03-28");
        assert_eq!(newest(Rhythm::Daily, &berlin, "2026-10-25T05:59:59Z"), "2026-10-23 2026-10-23");
        assert_eq!(newest(Rhythm::Daily, &berlin, "2026-10-25T06:00:00Z"), "2026-10-24 2026-10-24");
    }

    #[test]
    fn a_report_about_sites_in_several_zones_waits_for_the_last_of_them() {
        let zones = [zone("Pacific/Auckland"), zone("America/New_York")];
        assert_eq!(newest(Rhythm::Daily, &zones, "2026-11-24T11:59:59Z"), "2026-11-22 2026-11-22");
        assert_eq!(newest(Rhythm::Daily, &zones, "2026-11-24T12:00:00Z"), "2026-11-23 2026-11-23");
        assert_eq!(Rhythm::Daily.newest(&[], Timestamp(0)), None);
    }
}
