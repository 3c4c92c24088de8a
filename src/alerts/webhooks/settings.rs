//! The settings of a webhook, checked.

use super::message;
use crate::error::{Error, Problem, Result};
use crate::limits;
use crate::model::id::WebhookId;
use crate::model::webhook::{Webhook, WebhookFormat, WebhookSettings};
use url::Url;

/// Returns settings with a trimmed name and address, if they are valid. Whether another webhook has the name is not checked.
///
/// # Errors
///
/// Fails with `Error::Invalid`, which holds every problem: those of `name` and `url`.
pub fn checked(settings: WebhookSettings) -> Result<WebhookSettings> {
    let WebhookSettings { name, format, url } = settings;
    let (name, url) = (name.trim().to_owned(), url.trim().to_owned());
    let mut problems = Vec::new();
    let most = limits::WEBHOOK_NAME_CHARS_MAX;
    let is_plain = !name.chars().any(char::is_control);
    if name.is_empty() || name.chars().count() > most || !is_plain {
        let sentence = format!("Give the webhook a name of 1 to {most} characters, such as Team chat.");
        problems.push(Problem { field: "name".into(), sentence });
    }
    match parse_url(&url, format) {
        Ok(url) if problems.is_empty() => return Ok(WebhookSettings { name, format, url: url.into() }),
        Ok(_) => {}
        Err(sentence) => problems.push(Problem { field: "url".into(), sentence }),
    }
    Err(Error::Invalid(problems))
}

/// Parses an address that a format can be sent to, or returns the sentence that says what is wrong.
fn parse_url(text: &str, format: WebhookFormat) -> Result<Url, String> {
    if text.is_empty() {
        return Err("Enter the address that messages are sent to.".to_owned());
    }
    let most = limits::WEBHOOK_URL_CHARS_MAX;
    if text.chars().count() > most {
        return Err(format!("Enter an address of {most} characters at most."));
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(mut url) = url else {
        return Err("Enter a full address, beginning with https://.".to_owned());
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the user name and the password out of the address.".to_owned());
    }
    url.set_fragment(None);
    let host = url.host_str().unwrap_or_default();
    match format {
        WebhookFormat::Teams if host.ends_with(".webhook.office.com") || host == "outlook.office.com" => {
            Err("That's a connector, which Microsoft has turned off. Create a workflow in Teams, “Send webhook alerts to a \
                 channel”, and enter its address."
                .to_owned())
        }
        WebhookFormat::Discord if !url.path().contains("/api/webhooks/") => {
            Err("Copy the address from Discord: Server settings → Integrations → Webhooks → Copy webhook URL."
                .to_owned())
        }
        WebhookFormat::Ntfy if message::ntfy_topic(url.as_str()).1.is_empty() => {
            Err("Enter the address with the topic, such as https://ntfy.sh/my-topic.".to_owned())
        }
        _ => Ok(url),
    }
}

/// Checks that no other webhook has a name.
///
/// # Errors
///
/// Fails with `Error::Invalid` when one has it.
pub fn check_name_is_free(others: &[Webhook], name: &str, id: Option<WebhookId>) -> Result<()> {
    let is_taken = others
        .iter()
        .any(|other| Some(other.id) != id && other.settings.name.to_lowercase() == name.to_lowercase());
    if is_taken {
        return Err(Error::invalid("name", "There's a webhook of that name already. Choose another name."));
    }
    Ok(())
}

/// Returns the host of a webhook's address: the rest may be a secret.
pub fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(format: WebhookFormat, url: &str) -> Option<String> {
        let settings = WebhookSettings { name: "Ops".into(), format, url: url.into() };
        Some(checked(settings).err()?.problems().unwrap()[0].sentence.clone())
    }

    #[test]
    fn addresses_are_refused_with_what_to_do() {
        use WebhookFormat::{Discord, Json, Ntfy, Slack, Teams};
        for (format, url, words) in [
            (Json, "", "Enter the address"),
            (Json, "hooks.example/a", "https://"),
            (Json, "ftp://hooks.example/a", "https://"),
            (Json, "https://ada:secret@hooks.example/a", "password"),
            (Slack, "javascript:alert(1)", "https://"),
            (Discord, "https://discord.com/channels/1/2", "Integrations"),
            (Teams, "https://bakery.webhook.office.com/webhookb2/1", "workflow"),
            (Ntfy, "https://ntfy.sh", "topic"),
        ] {
            let said = sentence(format, url).unwrap_or_default();
            assert!(said.contains(words), "{url}: {said}");
        }
        for (format, url) in [
            (Json, " https://hooks.example/a?b=c "),
            (Json, "http://192.168.1.9:8080/"),
            (Slack, "https://mattermost.example/hooks/x"),
            (Discord, "https://discord.com/api/webhooks/1/abc"),
            (Teams, "https://prod-1.westeurope.logic.azure.com/workflows/a"),
            (Ntfy, "https://ntfy.sh/corner-bakery"),
        ] {
            assert_eq!(sentence(format, url), None, "{url}");
        }
    }

    #[test]
    fn names_are_short_and_visible() {
        for name in ["", "  ", "a\nb", &"x".repeat(61)] {
            let settings = WebhookSettings {
                name: name.into(),
                format: WebhookFormat::Json,
                url: "https://a.example".into(),
            };
            assert!(checked(settings).is_err(), "{name:?}");
        }
    }
}
