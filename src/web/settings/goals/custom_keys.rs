//! The section for custom data: the keys with reports of their own, and the page code that sends them.

use crate::error::{Problem, Result};
use crate::limits;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::table_query::TableQuery;
use crate::store;
use crate::store::sites::Site;
use crate::web::settings::Tabs;
use crate::web::ui::field;
use maud::{Markup, html};

/// The values of custom data among which keys are looked for.
const VALUES: u32 = 1_000;

/// The state of the form.
pub enum CustomKeysState {
    /// The stored keys.
    Stored,
    /// The keys as typed, with what is wrong with them.
    Refused(String, Vec<Problem>),
}

/// The data of the section.
pub struct Section {
    keys: Vec<String>,
    /// The keys that visitors had, most frequent first, without the chosen ones.
    seen: Vec<String>,
}

impl CustomKeysState {
    /// Returns true if the form was refused.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(..))
    }
}

impl Section {
    /// Loads the section.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, query: &Query) -> Result<Self> {
        let keys = store::custom_keys::list(reader.connection, query.site.id)?;
        let Some(ReportKind::Items(dimension)) = catalogue::find("custom").map(|report| report.kind) else {
            return Ok(Self { keys, seen: Vec::new() });
        };
        let table = TableWant { dimension, table: TableQuery::top(dimension, VALUES), is_brief: true };
        let answer = reader.run(&query.with(Wants { tables: vec![table], ..Wants::default() }))?;
        let mut seen: Vec<String> = Vec::new();
        for row in answer.tables.into_iter().flat_map(|table| table.rows) {
            let key = row.name.filter.split(": ").next().unwrap_or_default().to_owned();
            if !key.is_empty() && !keys.contains(&key) && !seen.contains(&key) {
                seen.push(key);
            }
        }
        seen.truncate(limits::CUSTOM_KEYS_SHOWN_MAX);
        Ok(Self { keys, seen })
    }
}

/// Renders the section.
pub fn draw(site: &Site, section: &Section, state: &CustomKeysState) -> Markup {
    let (typed, problems) = match state {
        CustomKeysState::Stored => (section.keys.join("\n"), [].as_slice()),
        CustomKeysState::Refused(typed, problems) => (typed.clone(), problems.as_slice()),
    };
    let help = html! {
        "One per line, such as " code { "plan" } ". Each gets a report of its own."
        @if !section.seen.is_empty() {
            " Your pages sent: " @for (place, key) in section.seen.iter().enumerate() { @if place > 0 { ", " } code { (key) } } "."
        }
    };
    let key = section.keys.first().map_or("plan", String::as_str);
    let code = format!(
        "<script>\nvar clicky_custom = clicky_custom || {{}};\nclicky_custom.visitor = {{username: 'anna', {}: 'premium'}};\n</script>",
        script_key(key)
    );
    html! {
        section id="custom-keys" {
            h2 { "Custom data" }
            p { "What your pages tell about a visitor, such as their plan. " code { "username" } ", " code { "name" } " and " code { "email" } " name the visitor wherever visitors are listed." }
            form.settings method="post" action={ (Tabs::path(site.id, "goals")) "/custom-keys#custom-keys" } {
                (field::lines("keys", "Keys with a report", &typed, &help, problems))
                button type="submit" { "Save keys" }
            }
            (field::copyable("On your pages, above the page code", "custom-code", &code))
        }
    }
}

/// Returns a key as a script writes it.
fn script_key(key: &str) -> String {
    let is_name = key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !key.starts_with(|first: char| first.is_ascii_digit());
    if is_name { key.to_owned() } else { serde_json::Value::from(key).to_string().replace('<', "\\u003c") }
}
