//! The memory of an alert between two looks: the event that goes on, and the facts judged or told already.

use serde::{Deserialize, Serialize};

/// The memory of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertState {
    /// The key of the event that goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
    /// The finished hours, or the looks, since which things are normal again.
    #[serde(skip_serializing_if = "is_zero")]
    pub calm: i64,
    /// The newest finished hour that was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<i64>,
    /// The hour, or the time in milliseconds, since which it watches without a break.
    #[serde(skip_serializing_if = "is_zero")]
    pub since: i64,
    /// The day of the count, in days since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<i32>,
    /// The count of that day so far.
    #[serde(skip_serializing_if = "is_zero")]
    pub count: i64,
    /// True if that day was told of.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_told: bool,
    /// The things of that day that were judged, such as referring sites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl AlertState {
    /// Reads a stored memory; an empty one if it is none.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Returns the stored form.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// A change of what an alert watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// An event, by its key, with what made it.
    Fire(String, T),
    /// The end of the event with this key, with how things are now.
    End(String, T),
}

impl<T> Change<T> {
    /// Returns the change with something else that made it.
    pub fn map<U>(self, of: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Fire(key, made_by) => Change::Fire(key, of(made_by)),
            Self::End(key, now) => Change::End(key, of(now)),
        }
    }
}
