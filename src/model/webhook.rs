//! Webhooks: addresses at which programs and chat services are told of alerts, and the formats they read.

use super::clock::Timestamp;
use super::id::{SiteId, WebhookId};

/// A webhook of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// The site.
    pub site: SiteId,
    /// The settings.
    pub settings: WebhookSettings,
    /// True if nothing is sent at present.
    pub is_paused: bool,
    /// The time at which it was added.
    pub created_at: Timestamp,
}

/// The settings of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookSettings {
    /// The name for people.
    pub name: String,
    /// The format of messages.
    pub format: WebhookFormat,
    /// The address that messages are posted to. A chat service's address is a secret of its own.
    pub url: String,
}

/// The format of a webhook's messages.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "lowercase")]
pub enum WebhookFormat {
    /// Signed JSON, see <https://www.standardwebhooks.com>.
    #[default]
    Json,
    /// A message of an incoming webhook of Slack, which Mattermost and Rocket.Chat read too.
    Slack,
    /// A message of a webhook of Discord.
    Discord,
    /// An adaptive card for a workflow of Microsoft Teams.
    Teams,
    /// A notification of ntfy; the address names the topic.
    Ntfy,
}

impl WebhookFormat {
    /// Returns the stored name, which is also the one on the command line and in the API.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the title on screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Json => "Signed JSON",
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Teams => "Microsoft Teams",
            Self::Ntfy => "ntfy",
        }
    }

    /// Returns true if messages are signed with the webhook's secret.
    pub fn is_signed(self) -> bool {
        self == Self::Json
    }
}
