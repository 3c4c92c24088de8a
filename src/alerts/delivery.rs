//! Events of alerts and those who are told of them: history, lists of people, letters and webhooks, all in one transaction, so that
//! none exists without the others and none is told twice.

use super::facts::Facts;
use super::fired::Fired;
use super::look::Seen;
use super::state::Change;
use super::{description, mail, rights, webhooks};
use crate::access;
use crate::access::capability::Capability;
use crate::error::Result;
use crate::limits;
use crate::mail::body::{Block, Body, FooterLine};
use crate::mail::templates::Letters;
use crate::model::alert::{Alert, AlertSettings};
use crate::model::clock::Timestamp;
use crate::model::id::UserId;
use crate::store::alert_events::{self, NewEvent};
use crate::store::sites::Site;
use crate::store::unsubscribes::{self, LetterKind};
use crate::store::users::{self, User};
use crate::store::{alerts, outbox, shares};
use rusqlite::{Connection, Transaction};
use serde_json::Value;
use std::time::Duration;

/// The beginning of the key of an event that tells that its alert stopped.
pub const STOPPED: &str = "stopped:";

/// A delivery: an alert with what a look at it has found.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The alert, as it was looked at.
    pub alert: Alert,
    /// The site.
    pub site: Site,
    /// The result of the look.
    pub seen: Seen,
    /// The time of the look.
    pub at: Timestamp,
}

impl Delivery {
    /// Returns true if there is nothing to tell and nothing to remember.
    pub fn is_empty(&self) -> bool {
        match &self.seen {
            Seen::Changes(state, changes) => changes.is_empty() && state.write() == self.alert.state,
            Seen::Stop(_) => false,
        }
    }

    /// Returns true if somebody is told of something.
    pub fn tells(&self) -> bool {
        !matches!(&self.seen, Seen::Changes(_, changes) if changes.is_empty())
    }

    /// Writes the delivery. Of an alert that was changed since the look nothing is told: the next look judges it anew.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be written.
    pub fn write(&self, tx: &Transaction<'_>, letters: Option<&Letters>) -> Result<()> {
        let now = alerts::find(tx, self.alert.id)?;
        let is_as_it_was = |now: &Alert| {
            now.stopped.is_none() && now.settings == self.alert.settings && now.state == self.alert.state
        };
        if !now.as_ref().is_some_and(is_as_it_was) {
            return Ok(());
        }
        match &self.seen {
            Seen::Stop(because) => self.stop(tx, letters, because),
            Seen::Changes(state, changes) => {
                let receivers = receivers(tx, &self.alert, &self.site)?;
                let fires = changes.iter().any(|change| matches!(change, Change::Fire(..)));
                if fires && self.alert.owner.is_some() && receivers.is_empty() {
                    return self.stop(tx, letters, "What it tells is no longer shared with you.");
                }
                let (mut begun, mut ended) = (Vec::new(), Vec::new());
                for change in changes {
                    match change {
                        Change::Fire(key, facts) => begun.extend(self.fire(tx, &receivers, key, facts)?),
                        Change::End(key, facts) => ended.extend(self.end(tx, key, facts)?),
                    }
                }
                self.send(tx, letters, &receivers, &begun, false)?;
                self.send(tx, letters, &receivers, &ended, true)?;
                alerts::update_state(tx, self.alert.id, &state.write())
            }
        }
    }

    /// Writes an event into the history and the lists of people; `None` if it was told before.
    fn fire(
        &self,
        tx: &Transaction<'_>,
        receivers: &[User],
        key: &str,
        facts: &Facts,
    ) -> Result<Option<Message>> {
        let told = facts.told(&self.site, &self.alert);
        let numbers = told.numbers.to_string();
        let event = NewEvent { key, title: &told.title, numbers: &numbers, link: &told.link };
        let Some(id) = alert_events::create(tx, self.alert.id, &event, self.at)? else { return Ok(None) };
        for user in receivers {
            alert_events::deliver(tx, id, user.id)?;
        }
        let told_as = (told.title, told.lines);
        Ok(Some(Message { event: id, told: told_as, numbers: told.numbers, link: told.link }))
    }

    /// Ends an event; returns what is told of its end, if the alert tells ends.
    fn end(&self, tx: &Transaction<'_>, key: &str, facts: &Facts) -> Result<Option<Message>> {
        let ended = alert_events::end(tx, self.alert.id, key, self.at)?;
        let Some(event) = ended.filter(|_| self.alert.settings.tells_end) else { return Ok(None) };
        let told = (facts.over(&self.alert), vec![format!("It was: {}.", event.title)]);
        let numbers = serde_json::from_str(&event.numbers).unwrap_or(Value::Null);
        Ok(Some(Message { event: event.id, told, numbers, link: event.link }))
    }

    fn send(
        &self,
        tx: &Transaction<'_>,
        letters: Option<&Letters>,
        receivers: &[User],
        messages: &[Message],
        is_over: bool,
    ) -> Result<()> {
        let settings = &self.alert.settings;
        if let Some(letters) = letters.filter(|_| settings.by_mail && !messages.is_empty()) {
            for user in receivers {
                self.mail(tx, letters, user, messages)?;
            }
        }
        for message in messages.iter().filter(|_| !settings.webhooks.is_empty()) {
            let (title, lines) = message.told.clone();
            let fired = Fired {
                event: message.event,
                site: self.site.id,
                domain: self.site.domain.clone(),
                kind: settings.kind.name(),
                title,
                lines,
                numbers: message.numbers.clone(),
                link: letters.map(|letters| letters.address(&message.link)).unwrap_or_default(),
                at: self.at,
                is_over,
            };
            webhooks::queue(tx, &fired, &settings.webhooks, self.at)?;
        }
        Ok(())
    }

    /// Writes one letter about all messages to a person who confirmed their address and did not end these letters. Events beyond
    /// the number that an hour may have are held back; the next letter says how many there were.
    fn mail(&self, tx: &Transaction<'_>, letters: &Letters, user: &User, messages: &[Message]) -> Result<()> {
        let alert = &self.alert;
        let is_ended = unsubscribes::is_ended(tx, LetterKind::Alert, alert.id.0, Some(user.id))?;
        if is_ended || !user.has_proved_email() {
            return Ok(());
        }
        let hour_ago = self.at.before(Duration::from_hours(1));
        let mailed = alert_events::count_mailed_since(tx, user.id, hour_ago)?;
        let has_room = mailed < limits::ALERT_EVENTS_MAILED_PER_HOUR_MAX;
        for message in messages {
            alert_events::mark_mailed(tx, message.event, user.id, has_room.then_some(self.at))?;
        }
        if !has_room {
            return Ok(());
        }
        let held_back = alert_events::take_held_back(tx, user.id)?;
        let token = mail::token(tx, &self.site, alert, user.id, self.at)?;
        let mut body = self.body(letters, messages);
        if held_back > 0 {
            let more =
                if held_back == 1 { "1 more alert".to_owned() } else { format!("{held_back} more alerts") };
            body = body
                .text(format!("And {more} before this one: there were too many to mail each."))
                .button("See all of them", letters.address("/alerts"));
        }
        let who = if alert.owner.is_some() { "You set this alert" } else { "This alert is set for everyone" };
        let words = description::describe(tx, &self.site, &alert.settings)?;
        body.footer.push(FooterLine {
            text: format!("{who} on {}: {words}.", self.site.domain),
            link: Some(("All your alerts".into(), letters.address("/account/alerts"))),
        });
        body.unsubscribe = Some(letters.unsubscribe_address(&token));
        outbox::create(tx, &letters.compose(&user.email, Some(user.id), &body), self.at)
    }

    fn body(&self, letters: &Letters, messages: &[Message]) -> Body {
        let domain = &self.site.domain;
        let title = messages.first().map_or("", |message| message.told.0.as_str());
        let more = messages.len().saturating_sub(1);
        let subject = if more == 0 {
            format!("{domain}: {title}")
        } else {
            format!("{domain}: {title}, and {more} more")
        };
        let mut body = Body::new(subject);
        for message in messages {
            if more > 0 {
                body = body.with(Block::Heading(message.told.0.clone()));
            }
            for line in &message.told.1 {
                body = body.text(line);
            }
            body = body.with(Block::Button {
                label: "See the details".into(),
                address: letters.address(&message.link),
                shows_address: false,
            });
        }
        body
    }

    /// Stops the alert and tells its owner; of an alert of the whole site, the people who set such alerts.
    fn stop(&self, tx: &Transaction<'_>, letters: Option<&Letters>, because: &str) -> Result<()> {
        let alert = &self.alert;
        if !alerts::stop(tx, alert.id, self.at, because)? {
            return Ok(());
        }
        // The names of goals and of the site may be hidden from its owner by now.
        let title = format!("An alert stopped: {}", alert.settings.kind.title());
        let (key, link) = (format!("{STOPPED}{}", self.at.0), "/account/alerts");
        let event = NewEvent { key: &key, title: &title, numbers: "{}", link };
        let Some(id) = alert_events::create(tx, alert.id, &event, self.at)? else { return Ok(()) };
        for user in keepers(tx, alert, &self.site)? {
            alert_events::deliver(tx, id, user.id)?;
            let Some(letters) = letters.filter(|_| user.has_proved_email()) else { continue };
            let body = Body::new(title.as_str())
                .text(because)
                .text("It won't tell you anything more unless you turn it on again.")
                .button("See your alerts", letters.address(link));
            outbox::create(tx, &letters.compose(&user.email, Some(user.id), &body), self.at)?;
        }
        Ok(())
    }
}

/// A message about an event.
struct Message {
    event: i64,
    /// The sentence, and further ones.
    told: (String, Vec<String>),
    numbers: Value,
    link: String,
}

/// Lists the people who may be told what an alert tells: the owner of an own alert; of an alert of the whole site everybody with
/// access. Nobody who is disabled.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn receivers(connection: &Connection, alert: &Alert, site: &Site) -> Result<Vec<User>> {
    let may_have = |user: UserId| may_have(connection, user, site, &alert.settings);
    people(connection, alert, site)?
        .into_iter()
        .filter_map(|user| match may_have(user.id) {
            Ok(may) => may.then_some(Ok(user)),
            Err(error) => Some(Err(error)),
        })
        .collect()
}

/// Returns true if a person may be told what an alert with these settings tells.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn may_have(
    connection: &Connection,
    user: UserId,
    site: &Site,
    settings: &AlertSettings,
) -> Result<bool> {
    Ok(rights::may_have(&access::grant(connection, user, site)?, settings))
}

/// Lists the people who keep an alert: its owner, or those who may set alerts of the whole site.
fn keepers(connection: &Connection, alert: &Alert, site: &Site) -> Result<Vec<User>> {
    let mut keepers = Vec::new();
    for user in people(connection, alert, site)? {
        let is_keeper =
            alert.owner.is_some() || access::grant(connection, user.id, site)?.may(Capability::SetSiteAlerts);
        if is_keeper {
            keepers.push(user);
        }
    }
    Ok(keepers)
}

fn people(connection: &Connection, alert: &Alert, site: &Site) -> Result<Vec<User>> {
    let ids: Vec<UserId> = if let Some(owner) = alert.owner {
        vec![owner]
    } else {
        let shared = shares::list(connection, site.id)?.into_iter().map(|share| share.user);
        std::iter::once(site.owner).chain(shared).collect()
    };
    let users: Vec<User> = ids.into_iter().map(|id| users::get(connection, id)).collect::<Result<_>>()?;
    Ok(users.into_iter().filter(|user| user.disabled_at.is_none()).collect())
}
