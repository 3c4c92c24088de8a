//! An alert that fired, as screens, letters and webhooks tell it.

use crate::model::clock::Timestamp;
use crate::model::id::SiteId;
use serde_json::{Value, json};

/// An alert that fired, or is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// The id of the event in the history of alerts; 0 for a test.
    pub event: i64,
    /// The site.
    pub site: SiteId,
    /// The site's domain.
    pub domain: String,
    /// The stored name of the alert's kind, such as `traffic-spike`.
    pub kind: &'static str,
    /// One sentence that says what happened.
    pub title: String,
    /// Further sentences: the numbers that made it.
    pub lines: Vec<String>,
    /// The numbers for programs, as in the history: an object.
    pub numbers: Value,
    /// The full address of the chart at that hour; empty on a server without a public address.
    pub link: String,
    /// The time of the event.
    pub at: Timestamp,
    /// True if the event is over: back to normal.
    pub is_over: bool,
}

impl Fired {
    /// Returns the event as the data of a message to a webhook.
    pub fn to_json(&self) -> Value {
        json!({
            "event_id": self.event.to_string(),
            "site_id": self.site.to_string(),
            "domain": self.domain,
            "kind": self.kind,
            "title": self.title,
            "lines": self.lines,
            "numbers": self.numbers,
            "link": self.link,
            "at": self.at.rfc3339(),
            "is_over": self.is_over,
        })
    }
}
