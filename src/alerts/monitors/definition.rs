//! The settings of a monitor as people and programs give them: text, checked field by field.

use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::monitor::{MonitorSettings, Statuses};
use serde::{Deserialize, Serialize};

/// The settings of a monitor as text; an empty field has its usual value.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct MonitorForm {
    /// The name for people; empty if the address names it.
    #[serde(default)]
    pub name: String,
    /// The address to check.
    #[serde(default)]
    pub url: String,
    /// The minutes between two checks; usually 5.
    #[serde(default)]
    pub every: String,
    /// The expected statuses; usually 200-299.
    #[serde(default)]
    pub statuses: String,
    /// The text that must be in the answer.
    #[serde(default)]
    pub must_contain: String,
    /// The text that must not be in the answer.
    #[serde(default)]
    pub must_not_contain: String,
    /// The timeout in seconds; usually 10.
    #[serde(default)]
    pub timeout: String,
}

/// The usual minutes between two checks.
pub const USUAL_MINUTES: u32 = 5;
/// The usual timeout in seconds.
pub const USUAL_TIMEOUT: u32 = 10;

impl MonitorForm {
    /// Returns the form of settings.
    pub fn from_settings(settings: &MonitorSettings) -> Self {
        Self {
            name: settings.name.clone(),
            url: settings.url.clone(),
            every: settings.every_minutes.to_string(),
            statuses: settings.statuses.to_string(),
            must_contain: settings.must_contain.clone(),
            must_not_contain: settings.must_not_contain.clone(),
            timeout: settings.timeout_seconds.to_string(),
        }
    }

    /// Returns the settings, if they are valid.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, which holds every problem by the name of its field.
    pub fn checked(&self) -> Result<MonitorSettings> {
        let mut problems = Vec::new();
        let mut wrong = |field: &'static str, sentence: String| {
            problems.push(Problem { field: field.into(), sentence });
        };
        let name = self.name.trim().to_owned();
        let most = limits::MONITOR_NAME_CHARS_MAX;
        if !is_line(&name, most) {
            wrong("name", format!("Give the monitor a name of {most} characters at most, or none."));
        } else if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            wrong("name", "Give the monitor a name with a letter: numbers alone are IDs.".into());
        }
        let url = address(self.url.trim()).unwrap_or_else(|sentence| {
            wrong("url", sentence);
            String::new()
        });
        let (least, most) = (limits::MONITOR_MINUTES_MIN, limits::MONITOR_MINUTES_MAX);
        let every_minutes = number(&self.every, USUAL_MINUTES, least, most).unwrap_or_else(|| {
            wrong("every", format!("Give a whole number of minutes from {least} to {most}."));
            USUAL_MINUTES
        });
        let (least, most) = (limits::MONITOR_TIMEOUT_SECONDS_MIN, limits::MONITOR_TIMEOUT_SECONDS_MAX);
        let timeout_seconds = number(&self.timeout, USUAL_TIMEOUT, least, most).unwrap_or_else(|| {
            wrong("timeout", format!("Give a whole number of seconds from {least} to {most}."));
            USUAL_TIMEOUT
        });
        let usual = self.statuses.trim().is_empty().then(Statuses::default);
        let statuses = usual.or_else(|| Statuses::parse(&self.statuses)).unwrap_or_else(|| {
            wrong("statuses", "Give statuses such as 200, 200-299 or 200,301.".into());
            Statuses::default()
        });
        let most = limits::MONITOR_TEXT_CHARS_MAX;
        for (field, text) in
            [("must_contain", &self.must_contain), ("must_not_contain", &self.must_not_contain)]
        {
            if !is_line(text.trim(), most) {
                wrong(field, format!("Give a text of one line, {most} characters at most."));
            }
        }
        let (must_contain, must_not_contain) =
            (self.must_contain.trim().to_owned(), self.must_not_contain.trim().to_owned());
        if !must_contain.is_empty() && must_contain == must_not_contain {
            wrong("must_not_contain", "The same text can't be required and forbidden.".into());
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        Ok(MonitorSettings {
            name,
            url,
            every_minutes,
            statuses,
            must_contain,
            must_not_contain,
            timeout_seconds,
        })
    }
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn number(text: &str, usual: u32, least: u32, most: u32) -> Option<u32> {
    let text = text.trim();
    if text.is_empty() {
        return Some(usual);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && (least..=most).contains(number))
}

/// Returns an address in its usual form; without a scheme it is taken for one over HTTPS.
///
/// # Errors
///
/// Fails with the sentence on what is wrong.
pub fn address(text: &str) -> std::result::Result<String, String> {
    let example = "Give an address such as https://example.com/shop.";
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(example.to_owned());
    }
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = url::Url::parse(&text).map_err(|_| example.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("Only addresses that begin with https:// or http:// can be checked.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "Leave name and password out of the address: everybody who sees this monitor could read them."
                .to_owned(),
        );
    }
    let mut url = url;
    url.set_fragment(None);
    let most = limits::MONITOR_URL_BYTES_MAX;
    if url.as_str().len() > most {
        return Err(format!("Give an address of {most} characters at most."));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_fields_have_their_usual_values() {
        let form = MonitorForm { url: " bakery.example ".into(), ..MonitorForm::default() };
        let settings = form.checked().unwrap();
        assert_eq!((settings.url.as_str(), settings.label()), ("https://bakery.example/", "bakery.example"));
        assert_eq!((settings.every_minutes, settings.timeout_seconds), (5, 10));
        assert_eq!(settings.statuses.to_string(), "200-299");
        assert_eq!(MonitorForm::from_settings(&settings).checked().unwrap(), settings);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let form = MonitorForm {
            name: "x".repeat(61),
            url: "ftp://bakery.example".into(),
            every: "61".into(),
            statuses: "ok".into(),
            must_contain: "a\nb".into(),
            must_not_contain: "y".repeat(201),
            timeout: "0".into(),
        };
        let Error::Invalid(problems) = form.checked().unwrap_err() else { panic!("another error") };
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
        assert_eq!(
            fields,
            ["name", "url", "every", "timeout", "statuses", "must_contain", "must_not_contain"]
        );
        for wrong in ["", "a b", "https://", "https://ada:secret@bakery.example/", "javascript:alert(1)"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
        assert_eq!(address("http://Bakery.example/shop#top").unwrap(), "http://bakery.example/shop");
    }
}
