//! The form of a webhook: its name, the receiver, and the address.

use crate::error::{Error, Problem, Result};
use crate::model::webhook::{Webhook, WebhookFormat, WebhookSettings};
use crate::web::ui::field::{self, Choice, Field};
use maud::{Markup, html};
use serde::Deserialize;
use strum::VariantArray;

/// The values of the form, as typed.
#[derive(Clone, Default, Deserialize)]
pub struct WebhookForm {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The name of the format.
    #[serde(default)]
    pub format: String,
    /// The address.
    #[serde(default)]
    pub url: String,
}

impl WebhookForm {
    /// Returns the values of a webhook.
    pub fn from_webhook(webhook: &Webhook) -> Self {
        let WebhookSettings { name, format, url } = &webhook.settings;
        Self { name: name.clone(), format: format.name().to_owned(), url: url.clone() }
    }

    /// Returns the settings, whose name and address may be invalid.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when no receiver is chosen.
    pub fn settings(&self) -> Result<WebhookSettings> {
        let format = self.format.parse().map_err(|_| Error::invalid("format", "Choose who receives it."))?;
        Ok(WebhookSettings { name: self.name.clone(), format, url: self.url.clone() })
    }

    /// Renders the fields.
    pub fn fields(&self, problems: &[Problem]) -> Markup {
        let name = Field {
            name: "name",
            label: "Name",
            kind: "text",
            value: &self.name,
            autocomplete: "off",
            help: Some("Such as Team chat."),
            is_required: true,
        };
        let url = Field {
            name: "url",
            label: "Address",
            kind: "url",
            value: &self.url,
            autocomplete: "off",
            help: Some("Keep it secret: anyone who has it can post there."),
            is_required: true,
        };
        let choices: Vec<_> = WebhookFormat::VARIANTS.iter().map(|format| choice(*format)).collect();
        html! {
            (field::input(&name, problems))
            (field::choices("format", "Receiver", &choices, &self.format))
            @if let Some(sentence) = field::problem(problems, "format") { p.problem role="alert" { (sentence) } }
            (field::input(&url, problems))
        }
    }
}

/// Returns the option of a format, with where its address is found.
fn choice(format: WebhookFormat) -> Choice<'static> {
    let help = match format {
        WebhookFormat::Slack => {
            "In Slack: Apps → Incoming Webhooks → Add to Slack. Mattermost and Rocket.Chat work too."
        }
        WebhookFormat::Discord => "In Discord: Server settings → Integrations → Webhooks → Copy webhook URL.",
        WebhookFormat::Teams => {
            "In Teams: open the channel's menu → Workflows → “Send webhook alerts to a channel”."
        }
        WebhookFormat::Ntfy => "The address of a topic, such as https://ntfy.sh/my-topic.",
        WebhookFormat::Json => "For your own program. Messages are signed: you get a secret to check them.",
    };
    let label = if format == WebhookFormat::Json { "My own program (JSON)" } else { format.title() };
    Choice { value: format.name(), label, help: Some(help) }
}
