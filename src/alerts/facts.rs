//! The facts of an alert as people and programs get them: a sentence, further lines, numbers, and the screen that shows it.

use super::counts::DayCount;
use super::traffic::Unusual;
use crate::model::alert::{Alert, AlertKind, GoalMode};
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::currency::Currency;
use crate::model::day_text;
use crate::model::metrics::duration_text;
use crate::model::number_text::grouped;
use crate::store::sites::Site;
use serde_json::{Value, json};

/// The facts that made an alert fire, or that hold at its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Facts {
    /// Unusual traffic.
    Traffic(Unusual),
    /// Visitors online.
    Online(i64),
    /// Conversions of a goal, with its name.
    Goal(String, DayCount),
    /// Revenue, with the name of the goal that brought it; `None` for that of all goals.
    Revenue(Option<String>, DayCount),
    /// A new referring site with its visits.
    Referrer(String, DayCount),
    /// Views of pages that were not found, with the page that has most of them.
    NotFound(Option<(String, i64)>, DayCount),
    /// An outage of a monitor.
    Outage(OutageFacts),
    /// A certificate that expires.
    Certificate(CertificateFacts),
    /// The last hit before a silence, or the first one after it.
    Silence(Timestamp),
}

/// An outage of a monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageFacts {
    /// The name of the monitor.
    pub name: String,
    /// The cause.
    pub cause: String,
    /// The time of the first failed check.
    pub began_at: Timestamp,
    /// The time of the first check that succeeded again.
    pub ended_at: Option<Timestamp>,
    /// True if it may be this server's own network.
    pub is_doubtful: bool,
}

/// A certificate that expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The name of the monitor.
    pub name: String,
    /// The time at which it expires.
    pub expires_at: Timestamp,
    /// The whole days until then; negative once it has expired.
    pub days: i64,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// One sentence without a full stop.
    pub title: String,
    /// Further sentences.
    pub lines: Vec<String>,
    /// The numbers for programs.
    pub numbers: Value,
    /// The path of the screen that shows it.
    pub link: String,
}

/// Returns a number with its noun.
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Returns a time such as `Mon 30 Nov, 14:05`, in a time zone.
pub fn moment(zone: &Zone, at: Timestamp) -> String {
    format!("{}, {}", weekday(zone.day(at)), zone.local(at).strftime("%H:%M"))
}

/// Returns a day such as `Mon 30 Nov`.
pub fn weekday(day: Day) -> String {
    format!("{} {}", day_text::weekday(day), day_text::short(day))
}

fn listed(numbers: &[i64]) -> String {
    let texts: Vec<String> = numbers.iter().copied().map(grouped).collect();
    match texts.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => texts.concat(),
    }
}

impl Facts {
    /// Returns how the event is told.
    pub fn told(&self, site: &Site, alert: &Alert) -> Told {
        let day_path = |report: &str, day: Day| report_path(site, alert, report, day);
        let today = |at: Timestamp| site.zone.day(at);
        match self {
            Self::Traffic(unusual) => {
                let mut told = traffic(unusual, alert.settings.kind);
                told.link = day_path("visitors", unusual.slot.day());
                told
            }
            Self::Online(count) => Told {
                title: format!(
                    "{} online, more than {}",
                    counted(*count, "visitor", "visitors"),
                    grouped(alert.settings.threshold)
                ),
                lines: Vec::new(),
                numbers: json!({"online": count, "threshold": alert.settings.threshold}),
                link: format!("/sites/{}/reports/visitors-online", site.id),
            },
            Self::Goal(name, count) => goal(name, *count, alert, day_path("goals", count.day)),
            Self::Revenue(goal, count) => {
                revenue(goal.as_deref(), *count, alert, site.currency, day_path("revenue", count.day))
            }
            Self::Referrer(host, count) => Told {
                title: format!("New referring site: {host} sent {}", counted(count.count, "visit", "visits")),
                lines: vec![format!("It sent no visits in the four weeks before {}.", weekday(count.day))],
                numbers: json!({"referrer": host, "visits": count.count, "day": count.day.to_string()}),
                link: day_path("links-domains", count.day),
            },
            Self::NotFound(top, count) => Told {
                title: format!(
                    "{} of pages that weren't found, more than {}",
                    counted(count.count, "view", "views"),
                    grouped(alert.settings.threshold)
                ),
                lines: top
                    .iter()
                    .map(|(page, views)| format!("Most of them: {page} ({}).", grouped(*views)))
                    .collect(),
                numbers: json!({"views": count.count, "day": count.day.to_string(), "threshold": alert.settings.threshold}),
                link: day_path("pages-not-found", count.day),
            },
            Self::Outage(outage) => outage_told(outage, site, day_path("uptime", today(outage.began_at))),
            Self::Certificate(certificate) => certificate_told(certificate, site),
            Self::Silence(last) => Told {
                title: format!("No hits for {}", counted(alert.settings.threshold, "hour", "hours")),
                lines: vec![
                    format!("The last hit came on {}.", moment(&site.zone, *last)),
                    "Check that the page code is still on your pages.".to_owned(),
                ],
                numbers: json!({"last_hit_at": last.rfc3339(), "hours": alert.settings.threshold}),
                link: day_path("visitors", today(*last)),
            },
        }
    }

    /// Returns the sentence that things are back to normal.
    pub fn over(&self, alert: &Alert) -> String {
        match self {
            Self::Online(count) => format!(
                "{} online, back below {}",
                counted(*count, "visitor", "visitors"),
                grouped(alert.settings.threshold)
            ),
            Self::Outage(outage) => {
                let ended = outage.ended_at.unwrap_or(outage.began_at);
                let seconds = ended.seconds() - outage.began_at.seconds();
                format!("{} is up again after {}", outage.name, duration_text(seconds.max(1)))
            }
            Self::Silence(_) => "Hits are coming in again".to_owned(),
            _ => "Traffic is back to normal".to_owned(),
        }
    }
}

/// Returns the path of a report on a day, with the filters of the alert.
fn report_path(site: &Site, alert: &Alert, report: &str, day: Day) -> String {
    let filters = &alert.settings.segment;
    let join = if filters.is_empty() { "" } else { "&" };
    format!("/sites/{}/reports/{report}?date={day}{join}{filters}", site.id)
}

fn traffic(unusual: &Unusual, kind: AlertKind) -> Told {
    let begins = unusual.slot.plus(1 - unusual.hours).clock();
    let ends = unusual.slot.plus(1).clock();
    let when =
        if unusual.goes_on { format!("since {begins}") } else { format!("between {begins} and {ends}") };
    let (name, only) = if kind == AlertKind::Drop { ("drop", "only ") } else { ("spike", "") };
    let weeks = unusual.weeks.len();
    let hours = if unusual.hours == 1 { "hour" } else { "hours" };
    Told {
        title: format!("Traffic {name}: {only}{} {when}", counted(unusual.visits, "visit", "visits")),
        lines: vec![format!(
            "The same {hours} in the last {weeks} weeks had {} visits, the last week first.",
            listed(&unusual.weeks)
        )],
        numbers: json!({
            "visits": unusual.visits, "weeks": unusual.weeks, "hour": unusual.slot.key(), "hours": unusual.hours,
        }),
        link: String::new(),
    }
}

fn goal(name: &str, count: DayCount, alert: &Alert, link: String) -> Told {
    let times =
        |number: i64| if number == 1 { "once".to_owned() } else { format!("{} times", grouped(number)) };
    let title = match alert.settings.mode {
        GoalMode::Each => format!("“{name}” was reached {}", times(count.new)),
        GoalMode::First => format!("“{name}” was reached for the first time on {}", weekday(count.day)),
        GoalMode::Over => format!(
            "“{name}” was reached {}, more than {}",
            times(count.count),
            grouped(alert.settings.threshold)
        ),
    };
    let lines = match alert.settings.mode {
        GoalMode::Each => vec![format!("{}: {} so far.", weekday(count.day), times(count.count))],
        _ => Vec::new(),
    };
    let numbers = json!({
        "goal": name, "new": count.new, "conversions": count.count, "day": count.day.to_string(),
    });
    Told { title, lines, numbers, link }
}

fn revenue(goal: Option<&str>, count: DayCount, alert: &Alert, currency: Currency, link: String) -> Told {
    let of = goal.map(|name| format!(" of “{name}”")).unwrap_or_default();
    Told {
        title: format!(
            "Revenue{of} is {}, more than {}",
            currency.text(count.count),
            currency.text(alert.settings.threshold)
        ),
        lines: vec![format!("That's for {}.", weekday(count.day))],
        numbers: json!({
            "revenue": currency.plain(count.count), "currency": currency.code(), "day": count.day.to_string(),
            "threshold": currency.plain(alert.settings.threshold), "goal": goal,
        }),
        link,
    }
}

fn outage_told(outage: &OutageFacts, site: &Site, link: String) -> Told {
    let mut lines = vec![format!("Since {}.", moment(&site.zone, outage.began_at))];
    if outage.is_doubtful {
        lines.push("It may be this server's own network: there was no other host to ask.".to_owned());
    }
    Told {
        title: format!("{} is down: {}", outage.name, outage.cause),
        lines,
        numbers: json!({
            "monitor": outage.name, "cause": outage.cause, "began_at": outage.began_at.rfc3339(),
            "ended_at": outage.ended_at.map(Timestamp::rfc3339), "may_be_own_network": outage.is_doubtful,
        }),
        link,
    }
}

fn certificate_told(certificate: &CertificateFacts, site: &Site) -> Told {
    let CertificateFacts { name, expires_at, days } = certificate;
    let title = match days {
        ..0 => format!("The certificate of {name} has expired"),
        0 => format!("The certificate of {name} expires today"),
        days => format!("The certificate of {name} expires in {}", counted(*days, "day", "days")),
    };
    Told {
        title,
        lines: vec![format!("It's valid until {}.", moment(&site.zone, *expires_at))],
        numbers: json!({"monitor": name, "expires_at": expires_at.rfc3339(), "days": days}),
        link: format!("/sites/{}/reports/uptime", site.id),
    }
}
