//! The messages that were sent to a webhook, or wait for it, newest first: status, answer, time, and a button that tries again.

use crate::error::Result;
use crate::limits;
use crate::model::clock::Zone;
use crate::model::webhook::Webhook;
use crate::reports::data_reader::DataReader;
use crate::store::sites::Site;
use crate::store::webhook_deliveries::{self, Delivery, LastTry, Outcome};
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// The messages of a webhook.
pub struct Deliveries {
    webhook: Webhook,
    zone: Zone,
    newest: Vec<Delivery>,
}

impl Deliveries {
    /// Loads the newest messages.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, site: &Site, webhook: Webhook) -> Result<Self> {
        let most = limits::WEBHOOK_DELIVERIES_SHOWN;
        let deliveries = webhook_deliveries::list(reader.connection, webhook.id, most)?;
        Ok(Self { webhook, zone: site.zone.clone(), newest: deliveries })
    }

    /// Renders the section; `own` is the path of the webhook.
    pub fn draw(&self, own: &str) -> Markup {
        html! {
            section id="deliveries" {
                h2 { "Deliveries" }
                @if self.newest.is_empty() {
                    p.quiet { "Nothing sent yet." }
                } @else {
                    ul.plain.rows { @for delivery in &self.newest { (self.row(delivery, own)) } }
                    p.help { "Kept for " (limits::WEBHOOK_DELIVERY_KEPT.as_secs() / 86_400) " days. A message that isn't taken is sent again up to " (limits::WEBHOOK_TRIES_MAX) " times within about a day." }
                }
            }
        }
    }

    fn row(&self, delivery: &Delivery, own: &str) -> Markup {
        let outcome = delivery.last_try.as_ref().and_then(|last| last.outcome.as_ref());
        html! {
            li {
                div {
                    b.cut-any { (delivery.title) } " " (state(delivery))
                    br;
                    span.quiet { (self.times(delivery)) }
                    @if let Some(problem) = outcome.and_then(|outcome| outcome.problem.as_ref()) { p.problem { (problem) } }
                    @if let Some(answer) = outcome.and_then(|outcome| outcome.answer.as_ref()).filter(|answer| !answer.is_empty()) {
                        details { summary { "Answer" } p.cut-any { code { (answer) } } }
                    }
                }
                @if !self.webhook.is_paused {
                    form method="post" action={ (own) "/deliveries/" (delivery.id) "/again" } {
                        button.small type="submit" { "Send again" span.hidden { ": " (delivery.title) } }
                    }
                }
            }
        }
    }

    /// Renders when a message was written and tried, how long the last try took, and when the next one comes.
    fn times(&self, delivery: &Delivery) -> Markup {
        let moment = |at| format::moment(&self.zone, at, Moment::Short);
        html! {
            (moment(delivery.created_at))
            @if let Some(LastTry { at, outcome }) = &delivery.last_try {
                @if delivery.tries > 1 { " · try " (delivery.tries) " at " (moment(*at)) }
                @if let Some(Outcome { milliseconds, status, .. }) = outcome {
                    @if let Some(status) = status { " · answer " (status) }
                    " · " (milliseconds) " ms"
                }
            }
            @if let Some(due) = delivery.due_at.filter(|_| delivery.last_try.is_some()) { " · next try " (moment(due)) }
        }
    }
}

/// Renders what became of a message.
fn state(delivery: &Delivery) -> Markup {
    let (text, is_quiet) = match delivery {
        Delivery { due_at: Some(_), last_try: None, .. } => ("waiting", true),
        Delivery { due_at: Some(_), .. } => ("trying again", false),
        Delivery { given_up_at: Some(_), .. } => ("failed", false),
        _ => ("delivered", true),
    };
    html! { span.tag.quiet-tag[is_quiet] { (text) } }
}
