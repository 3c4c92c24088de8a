//! Alerts in plain words: what each one watches.

use super::facts::counted;
use super::rights;
use crate::error::Result;
use crate::model::alert::{AlertKind, AlertSettings, GoalMode};
use crate::model::number_text::grouped;
use crate::reports::filter_sentence;
use crate::store::goals;
use crate::store::sites::Site;
use rusqlite::Connection;

/// Describes an alert, such as `More than 100 visitors online`, with its segment.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn describe(connection: &Connection, site: &Site, settings: &AlertSettings) -> Result<String> {
    let goal = match settings.goal {
        Some(id) => goals::code_and_name(connection, id)?.map(|(_, name)| name),
        None => None,
    };
    let what = words(site, settings, goal.as_deref());
    let filters = rights::filters(settings).unwrap_or_default();
    Ok(if filters.is_empty() {
        what
    } else {
        format!("{what}, where {}", filter_sentence::sentences(&filters))
    })
}

fn words(site: &Site, settings: &AlertSettings, goal: Option<&str>) -> String {
    let threshold = settings.threshold;
    let goal_name = goal.map_or_else(|| "a removed goal".to_owned(), |name| format!("“{name}”"));
    match settings.kind {
        AlertKind::Spike => format!(
            "{}% more visits than usual, from {} an hour",
            settings.percent,
            counted(threshold, "visit", "visits")
        ),
        AlertKind::Drop => format!(
            "{}% fewer visits than usual, where {} in three hours are usual",
            settings.percent,
            counted(threshold, "visit", "visits")
        ),
        AlertKind::Online => format!("More than {} online", counted(threshold, "visitor", "visitors")),
        AlertKind::Goal => match settings.mode {
            GoalMode::Each => format!("{goal_name} is reached"),
            GoalMode::First => format!("{goal_name} is reached for the first time in a day"),
            GoalMode::Over => format!("{goal_name} is reached more than {} times a day", grouped(threshold)),
        },
        AlertKind::Revenue => {
            let of = settings.goal.map(|_| format!(" of {goal_name}")).unwrap_or_default();
            format!("More than {} revenue{of} a day", site.currency.text(threshold))
        }
        AlertKind::Referrer => {
            format!("A new referring site sends more than {} a day", counted(threshold, "visit", "visits"))
        }
        AlertKind::NotFound => {
            format!("More than {} of pages not found a day", counted(threshold, "view", "views"))
        }
        AlertKind::Outage => "The site is down".to_owned(),
        AlertKind::Certificate => {
            format!("A certificate expires within {}", counted(threshold, "day", "days"))
        }
        AlertKind::Silence => format!("No hits for {}", counted(threshold, "hour", "hours")),
    }
}
