//! Messages to webhooks: what happened, in the format that the receiver reads.

use super::signature;
use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::webhook::{Webhook, WebhookFormat};
use crate::store::webhook_deliveries::Delivery;
use crate::store::webhooks::SigningKeys;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of an event that is sent to try a webhook out.
pub const TEST: &str = "test";

/// A request to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The address.
    pub url: String,
    /// The headers, besides the type of the body, which is JSON.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// The event as it is stored with a delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventData {
    /// The id of the event in the history of alerts; 0 for a test.
    pub event_id: String,
    /// The site.
    pub site_id: String,
    /// The site's domain.
    pub domain: String,
    /// The kind of the alert.
    pub kind: String,
    /// The event in one sentence.
    pub title: String,
    /// Further sentences.
    pub lines: Vec<String>,
    /// The numbers.
    pub numbers: Value,
    /// The full address of the report; may be empty.
    pub link: String,
    /// The time in RFC 3339.
    pub at: String,
    /// True if the event is over.
    pub is_over: bool,
}

/// Returns the message of a delivery, as it is sent now.
///
/// # Errors
///
/// Fails with `Error::Internal` when the stored event is none.
pub fn write(webhook: &Webhook, keys: &SigningKeys, delivery: &Delivery, now: Timestamp) -> Result<Message> {
    let event: EventData = serde_json::from_str(&delivery.event)
        .map_err(|error| Error::Internal(format!("the event of a webhook's message: {error}")))?;
    let url = webhook.settings.url.clone();
    let plain = |body: Value| Message { url: url.clone(), headers: Vec::new(), body: body.to_string() };
    Ok(match webhook.settings.format {
        WebhookFormat::Json => {
            let body = json(&event).to_string();
            let id = delivery.message_id.clone();
            let headers = vec![
                ("webhook-signature", signature::sign(keys, &id, now, &body)),
                ("webhook-timestamp", now.seconds().to_string()),
                ("webhook-id", id),
            ];
            Message { url, headers, body }
        }
        WebhookFormat::Slack => plain(slack(&event)),
        WebhookFormat::Discord => plain(discord(&event)),
        WebhookFormat::Teams => plain(teams(&event)),
        WebhookFormat::Ntfy => {
            let (server, topic) = ntfy_topic(&url);
            Message { url: server, headers: Vec::new(), body: ntfy(&event, &topic).to_string() }
        }
    })
}

/// Returns the body of the format JSON; see the help page of webhooks.
fn json(event: &EventData) -> Value {
    let kind = match event.kind.as_str() {
        TEST => "webhook.test",
        _ if event.is_over => "alert.over",
        _ => "alert.fired",
    };
    json!({"type": kind, "timestamp": event.at, "data": event})
}

/// Returns a message of Slack: <https://docs.slack.dev/messaging/formatting-message-text>.
fn slack(event: &EventData) -> Value {
    let mut lines = vec![format!("*{}*", escape_slack(&event.title))];
    lines.extend(event.lines.iter().map(|line| escape_slack(line)));
    if !event.link.is_empty() {
        lines.push(format!("<{}|Open the report>", escape_slack(&event.link)));
    }
    json!({"text": lines.join("\n")})
}

/// Escapes a text for Slack. The word joiner keeps relatives of Slack from reading `@all`, which a visitor's page may be
/// called, as everybody.
fn escape_slack(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('@', "@\u{2060}")
}

/// Returns a message of Discord: <https://docs.discord.com/developers/resources/webhook#execute-webhook>.
fn discord(event: &EventData) -> Value {
    let lines = event.lines.iter().map(|line| escape_markdown(line));
    let mut embed = json!({
        "title": cut(&event.title, 250),
        "description": cut(&lines.collect::<Vec<_>>().join("\n"), 4_000),
        "timestamp": event.at,
        "color": if event.is_over { 0x2e_9e5b } else { 0xd6_4545 },
        "footer": {"text": event.domain},
    });
    if !event.link.is_empty() {
        embed["url"] = json!(event.link);
    }
    json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
}

/// Returns an adaptive card for a workflow of Teams: "Post to a channel when a webhook request is received".
fn teams(event: &EventData) -> Value {
    let line = |text: &str| json!({"type": "TextBlock", "text": escape_markdown(text), "wrap": true});
    let mut body = vec![json!({
        "type": "TextBlock", "text": escape_markdown(&event.title), "weight": "bolder", "size": "medium", "wrap": true,
        "color": if event.is_over { "good" } else { "attention" },
    })];
    body.extend(event.lines.iter().map(|text| line(text)));
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    });
    if !event.link.is_empty() {
        card["actions"] = json!([{"type": "Action.OpenUrl", "title": "Open the report", "url": event.link}]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card,
        }],
    })
}

fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\*_~`>|[]()#".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Returns a notification of ntfy: <https://docs.ntfy.sh/publish/#publish-as-json>.
fn ntfy(event: &EventData, topic: &str) -> Value {
    let lines = std::iter::once(&event.title).chain(&event.lines).map(String::as_str);
    let mut message = json!({
        "topic": topic,
        "title": event.domain,
        "message": lines.collect::<Vec<_>>().join("\n"),
        "tags": [if event.is_over { "white_check_mark" } else { "warning" }],
        "priority": if event.is_over || event.kind == TEST { 3 } else { 4 },
    });
    if !event.link.is_empty() {
        message["click"] = json!(event.link);
    }
    message
}

/// Returns the server's address and the topic in the address of a topic. A query, such as `?auth=…`, stays with the server.
pub fn ntfy_topic(address: &str) -> (String, String) {
    let Ok(mut url) = url::Url::parse(address) else { return (address.to_owned(), String::new()) };
    let path = url.path().trim_end_matches('/').to_owned();
    let (before, topic) = path.rsplit_once('/').unwrap_or(("", ""));
    url.set_path(&format!("{before}/"));
    let topic = percent_encoding::percent_decode_str(topic).decode_utf8_lossy().into_owned();
    (url.into(), topic)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::{DeliveryId, SiteId, WebhookId};
    use crate::model::webhook::WebhookSettings;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn message(format: WebhookFormat, url: &str, is_over: bool) -> (Message, Value) {
        let event = EventData {
            event_id: "7".into(),
            site_id: "1".into(),
            domain: "bakery.example".into(),
            kind: "traffic-spike".into(),
            title: "Traffic spike on <b>bakery.example".into(),
            lines: vec!["120 visits, [usually](https://evil.example) 40. @all".into()],
            numbers: json!({"visits": 120}),
            link: "https://stats.example/sites/1?date=2026-11-23&hour=9".into(),
            at: "2026-11-23T09:00:00Z".into(),
            is_over,
        };
        let webhook = Webhook {
            id: WebhookId(1),
            site: SiteId(1),
            settings: WebhookSettings { name: "Ops".into(), format, url: url.into() },
            is_paused: false,
            created_at: NOW,
        };
        let delivery = Delivery {
            id: DeliveryId(1),
            webhook: WebhookId(1),
            message_id: "msg_1".into(),
            title: event.title.clone(),
            event: serde_json::to_string(&event).unwrap(),
            created_at: NOW,
            due_at: Some(NOW),
            tries: 0,
            last_try: None,
            delivered_at: None,
            given_up_at: None,
        };
        let keys = SigningKeys { key: vec![1; 32], old: None };
        let message = write(&webhook, &keys, &delivery, NOW).unwrap();
        let body = serde_json::from_str(&message.body).unwrap();
        (message, body)
    }

    #[test]
    fn json_is_signed_and_says_whether_the_event_is_over() {
        let (message, body) = message(WebhookFormat::Json, "https://a.example/hook", false);
        assert_eq!((&body["type"], &body["data"]["numbers"]["visits"]), (&json!("alert.fired"), &json!(120)));
        let names: Vec<_> = message.headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["webhook-signature", "webhook-timestamp", "webhook-id"]);
        assert_eq!(message.headers[2].1, "msg_1");
        let (_, body) = self::message(WebhookFormat::Json, "https://a.example/hook", true);
        assert_eq!(body["type"], "alert.over");
    }

    #[test]
    fn what_visitors_typed_is_no_markup_in_chat_messages_and_calls_nobody() {
        let (_, slack) = message(WebhookFormat::Slack, "https://hooks.slack.com/services/a", false);
        let text = slack["text"].as_str().unwrap();
        assert!(text.starts_with("*Traffic spike on &lt;b&gt;bakery.example*\n") && !text.contains("@all"));
        assert!(text.contains("<https://stats.example/sites/1?date=2026-11-23&amp;hour=9|Open the report>"));
        let (_, discord) = message(WebhookFormat::Discord, "https://discord.com/api/webhooks/1/a", false);
        assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
        let embed = &discord["embeds"][0];
        assert!(embed["description"].as_str().unwrap().contains(r"\[usually\]\("), "{embed}");
        let (_, teams) = message(WebhookFormat::Teams, "https://a.example/workflows/a", true);
        let card = &teams["attachments"][0]["content"];
        assert!(card["body"][1]["text"].as_str().unwrap().contains(r"\[usually\]"), "{card}");
        assert_eq!((&card["type"], &card["body"][0]["color"]), (&json!("AdaptiveCard"), &json!("good")));
    }

    #[test]
    fn the_address_of_a_topic_is_split_into_server_and_topic() {
        let (sent, body) = message(WebhookFormat::Ntfy, "https://ntfy.sh/corner-bakery", false);
        assert_eq!((sent.url.as_str(), &body["topic"]), ("https://ntfy.sh/", &json!("corner-bakery")));
        for (address, server, topic) in [
            ("https://a.example/push/top/", "https://a.example/push/", "top"),
            ("https://a.example/top?auth=x", "https://a.example/?auth=x", "top"),
            ("https://a.example/", "https://a.example/", ""),
        ] {
            assert_eq!(ntfy_topic(address), (server.to_owned(), topic.to_owned()), "{address}");
        }
    }
}
