//! Hosts that are not known as a site's, as screens speak of them: one line where one of them sent many page views, and the
//! buttons that answer whether a host is the site's.

use super::format;
use super::frame::Note;
use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::reports::other_hosts::{self, SeenHost};
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// The path of the screen on which they are answered.
pub fn path(site: &Site) -> String {
    format!("/sites/{}/preferences/hosts", site.id)
}

/// Lists those that sent page views in the last days.
pub async fn list(app: &Data<App>, site: &Site) -> Result<Vec<SeenHost>> {
    let (site, now) = (site.clone(), app.clock.now());
    app.read(move |connection| other_hosts::list(connection, &site, now)).await
}

/// The line that tells of those that sent many page views, as long as nobody said anything of them.
pub async fn note(app: &Data<App>, site: &Site) -> Result<Option<Note>> {
    let (asked, now) = (site.clone(), app.clock.now());
    let hosts = app.read(move |connection| other_hosts::list_undecided(connection, &asked, now)).await?;
    Ok(sentence(site, &hosts).map(|text| Note { text, way: (path(site), "Decide") }))
}

fn sentence(site: &Site, hosts: &[SeenHost]) -> Option<Markup> {
    let first = hosts.first()?;
    let others = hosts.len() - 1;
    let page_views = hosts.iter().map(|host| host.page_views).sum();
    Some(html! {
        "In the last " (limits::OTHER_HOSTS_DAYS) " days, " (views(page_views)) " came from " b { (first.name) }
        @match others {
            0 => ", which isn't one of this site's hosts.",
            1 => " and another host, which aren't this site's.",
            _ => { " and " (others) " other hosts, which aren't this site's." }
        }
        @if site.hosts.own_only { " They weren't counted." } @else { " They are counted." }
    })
}

/// A button of a form, with what it sends.
pub struct Button {
    /// The answer.
    pub answer: &'static str,
    /// What stands on it.
    pub label: &'static str,
}

/// What can be said of a host of which nothing was said.
pub const BOTH: [Button; 2] =
    [Button { answer: "mine", label: "This is mine" }, Button { answer: "not-mine", label: "Not mine" }];

/// The buttons that answer for a host.
pub fn buttons(site: &Site, host: &str, buttons: &[Button]) -> Markup {
    html! {
        form.buttons method="post" action={ (path(site)) "/answer" } {
            input type="hidden" name="host" value=(host);
            @for button in buttons {
                button.small type="submit" name="answer" value=(button.answer) aria-label={ (button.label) ": " (host) } { (button.label) }
            }
        }
    }
}

/// How many page views a host sent.
pub fn views(count: i64) -> Markup {
    html! { (format::count(count)) @if count == 1 { " page view" } @else { " page views" } }
}

/// Rows of the hosts of which nothing was said, with buttons.
pub fn unanswered(site: &Site, hosts: &[SeenHost]) -> Markup {
    html! {
        @for host in hosts.iter().filter(|host| host.is_unanswered()) {
            li {
                div { b.cut-any { (host.name) } br; span.quiet { (views(host.page_views)) @if site.hosts.own_only { ", not counted" } @else { ", counted" } } }
                (buttons(site, &host.name, &BOTH))
            }
        }
    }
}
