//! The hosts that sent page views and are not among a site's hosts: the note about them, and the buttons that decide
//! whether a host is the site's.

use crate::app::App;
use crate::error::Result;
use crate::limits;
use crate::reports::data_reader::DataReader;
use crate::reports::other_hosts::{self, SeenHost};
use crate::store::sites::Site;
use crate::web::layout::Note;
use crate::web::ui::format;
use actix_web::web::Data;
use maud::{Markup, html};
use strum::{EnumString, IntoStaticStr};

/// Returns the path of the screen on which hosts are decided.
pub fn path(site: &Site) -> String {
    format!("/sites/{}/preferences/hosts", site.id)
}

/// Returns the hosts that sent page views in the last days.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub async fn list(app: &Data<App>, site: &Site) -> Result<Vec<SeenHost>> {
    let (site, now) = (site.clone(), app.clock.now());
    app.read(move |connection| other_hosts::list(connection, &site, now)).await
}

/// Returns the note about undecided hosts that sent many page views.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn note(reader: &DataReader<'_>, site: &Site) -> Result<Option<Note>> {
    let hosts = other_hosts::list_undecided(reader.connection, site, reader.now)?;
    Ok(sentence(&hosts).map(|text| Note { text, link: (path(site), "Decide") }))
}

fn sentence(hosts: &[SeenHost]) -> Option<Markup> {
    let first = hosts.first()?;
    let others = hosts.len() - 1;
    let page_views = hosts.iter().map(|host| host.page_views).sum();
    let filtered = hosts.iter().map(|host| host.filtered).sum();
    Some(html! {
        "In the last " (limits::OTHER_HOSTS_DAYS) " days, " (views(page_views)) " came from " b { (first.name) }
        @match others {
            0 => ", which isn't one of this site's hosts.",
            1 => " and another host, which aren't this site's.",
            _ => { " and " (others) " other hosts, which aren't this site's." }
        }
        @match filtered {
            0 => " They were counted.",
            1 if page_views > 1 => " One of them wasn't counted.",
            _ if filtered < page_views => { " " (format::count(filtered)) " of them weren't counted." }
            _ => " They weren't counted.",
        }
    })
}

/// The screen with the buttons, to which an answer leads back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum ReturnTo {
    /// Site settings → Hosts.
    Hosts,
    /// The report of filtered hits.
    Filtered,
    /// The page that waits for the first hit.
    Start,
}

impl ReturnTo {
    /// Returns the screen that a form names.
    pub fn parse(name: &str) -> Self {
        name.parse().unwrap_or(Self::Hosts)
    }

    fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the address of the screen after an answer.
    pub fn path(self, site: &Site, answer: &str) -> String {
        match self {
            Self::Hosts => format!("{}?done={answer}", path(site)),
            Self::Filtered => format!("/sites/{}/reports/left-out", site.id),
            Self::Start => format!("/sites/{}", site.id),
        }
    }
}

/// A button of the form.
pub struct Button {
    /// The value that the form sends.
    pub answer: &'static str,
    /// The label.
    pub label: &'static str,
}

/// The buttons of an undecided host.
pub const BOTH: [Button; 2] =
    [Button { answer: "mine", label: "This is mine" }, Button { answer: "not-mine", label: "Not mine" }];

/// Renders the buttons of a host on this screen.
pub fn buttons(site: &Site, screen: ReturnTo, host: &str, buttons: &[Button]) -> Markup {
    html! {
        form.buttons method="post" action={ (path(site)) "/answer" } {
            input type="hidden" name="host" value=(host);
            input type="hidden" name="screen" value=(screen.name());
            @for button in buttons {
                button.small type="submit" name="answer" value=(button.answer) aria-label={ (button.label) ": " (host) } { (button.label) }
            }
        }
    }
}

/// Renders a number of page views in words.
pub fn views(count: i64) -> Markup {
    html! { (format::count(count)) @if count == 1 { " page view" } @else { " page views" } }
}

/// Renders the number of page views of a host and of those that were not counted, in words.
pub fn page_views(host: &SeenHost) -> Markup {
    html! {
        (views(host.page_views))
        @match host.filtered {
            0 => ", counted",
            filtered if filtered < host.page_views => { ", " (format::count(filtered)) " of them not counted" }
            _ => ", not counted",
        }
    }
}

/// Renders rows of the undecided hosts, with buttons.
pub fn unanswered(site: &Site, screen: ReturnTo, hosts: &[SeenHost]) -> Markup {
    html! {
        @for host in hosts.iter().filter(|host| host.is_unanswered()) {
            li {
                div { b.cut-any { (host.name) } br; span.quiet { (page_views(host)) } }
                (buttons(site, screen, &host.name, &BOTH))
            }
        }
    }
}
