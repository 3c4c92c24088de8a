//! The history of an alert: what it told, with the numbers that made it.

use crate::model::clock::Zone;
use crate::store::alert_events::AlertEvent;
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// Renders the events of an alert, the newest first.
pub fn draw(events: &[AlertEvent], zone: &Zone) -> Markup {
    html! {
        section id="history" {
            h2 { "History" }
            @if events.is_empty() { p.quiet { "It hasn't fired yet." } }
            ul.plain.rows { @for event in events { (row(event, zone)) } }
        }
    }
}

fn row(event: &AlertEvent, zone: &Zone) -> Markup {
    html! {
        li {
            div {
                (format::moment(zone, event.fired_at, Moment::Full)) br;
                (told(event, zone))
            }
            a.button.small href=(event.link) { "See the details" span.hidden { " of " (event.title) } }
        }
    }
}

/// Renders what was told of an event, with the visits of the weeks that it was compared with, and its end.
pub fn told(event: &AlertEvent, zone: &Zone) -> Markup {
    let numbers: serde_json::Value = serde_json::from_str(&event.numbers).unwrap_or_default();
    let weeks = numbers["weeks"].as_array().cloned().unwrap_or_default();
    let weeks: Vec<String> =
        weeks.iter().filter_map(serde_json::Value::as_i64).map(format::grouped).collect();
    html! {
        b { (event.title) }
        @if !weeks.is_empty() { br; span.quiet { "Same time in the last weeks: " (weeks.join(", ")) " visits" } }
        @if let Some(ended) = event.ended_at { br; span.quiet { "Back to normal " (format::moment(zone, ended, Moment::Full)) } }
    }
}
