//! The list of a site's e-mail reports to addresses outside, with the form for a new one.

use super::super::Tabs;
use crate::alerts::digests::ending;
use crate::alerts::digests::outside::OutsideSettings;
use crate::alerts::digests::standing::Standing;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::clock::{Timestamp, Zone};
use crate::model::day_text;
use crate::model::id::LinkId;
use crate::model::rhythm::{Period, Rhythm};
use crate::store::digests::{Digest, Outside};
use crate::store::links::Link;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::ui::field::{self, Field};
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};
use serde::Deserialize;
use strum::VariantArray;

/// The form for a new report, as typed.
#[derive(Deserialize)]
pub struct OutsideForm {
    /// The address.
    #[serde(default)]
    pub recipient: String,
    /// The id of the guest link.
    #[serde(default)]
    pub link: String,
    /// The name of the rhythm.
    #[serde(default)]
    pub rhythm: String,
}

impl Default for OutsideForm {
    fn default() -> Self {
        let rhythm = Rhythm::Monthly.name().to_owned();
        Self { recipient: String::new(), link: String::new(), rhythm }
    }
}

impl OutsideForm {
    /// Returns the settings, not yet checked.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when no rhythm is chosen.
    pub fn settings(&self) -> Result<OutsideSettings> {
        let rhythm =
            self.rhythm.parse().map_err(|_| Error::invalid("rhythm", "Choose daily, weekly or monthly."))?;
        Ok(OutsideSettings { link: LinkId::parse(&self.link), recipient: self.recipient.clone(), rhythm })
    }
}

/// The values of the page.
pub struct OutsideList {
    /// The tabs of the settings.
    pub tabs: Tabs,
    /// The path of the page.
    pub path: String,
    /// The path of the guest links.
    pub links_path: String,
    /// The site's time zone.
    pub zone: Zone,
    /// The reports.
    pub rows: Vec<OutsideRow>,
    /// The guest links that are open.
    pub links: Vec<Link>,
    /// True if the site has a brand.
    pub has_brand: bool,
    /// True if this server sends mail.
    pub sends_mail: bool,
    /// The state of the form.
    pub state: FormState<OutsideForm>,
}

/// A report of the list.
pub struct OutsideRow {
    /// The report.
    pub digest: Digest,
    /// The audience.
    pub outside: Outside,
    /// The guest link; `None` once it is removed.
    pub link: Option<Link>,
    /// The standing.
    pub standing: Standing,
    /// The time of the next letter.
    pub next: Option<Timestamp>,
    /// The last period that was sent.
    pub last: Option<Period>,
    /// True if the recipient unsubscribed.
    pub is_unsubscribed: bool,
}

/// Renders the whole document.
pub fn page(frame: &Frame, view: &OutsideList) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            (view.state.notice())
            p.measure { "Send reports to people without an account, such as a client. They get what a guest link shows, and confirm their address once. " a href="/help/digests" { "How e-mail reports work" } }
            p.measure.quiet { "Your own reports are under " a href="/account/digests" { "Account → E-mail reports" } "." }
            @if !view.sends_mail {
                p.problem role="alert" { "This server sends no mail, so no report can be sent. You can still look at a preview." }
            }
            @if view.rows.is_empty() {
                p.quiet { "No report goes to anyone outside yet." }
            } @else {
                section { ul.plain.rows.links { @for row in &view.rows { (self::row(view, row)) } } }
            }
            section id="new" {
                h2 { "New e-mail report" }
                @if view.links.is_empty() {
                    p.measure { "You need a guest link first: it chooses what the report shows. " a href=(view.links_path) { "Create a guest link" } }
                } @else if view.rows.len() >= limits::OUTSIDE_DIGESTS_PER_SITE_MAX {
                    p.measure { "This site has " (view.rows.len()) " e-mail reports, which is the most. Remove one first." }
                } @else {
                    (form(view))
                }
            }
        },
    )
}

fn form(view: &OutsideList) -> Markup {
    let (form, problems) = (&view.state.form, &view.state.problems);
    let recipient = Field {
        name: "recipient",
        label: "E-mail address",
        kind: "email",
        value: &form.recipient,
        autocomplete: "off",
        help: Some("We ask this address once whether it wants the report."),
        is_required: true,
    };
    let links: Vec<(String, String)> =
        view.links.iter().map(|link| (link.id.to_string(), label(link))).collect();
    let rhythms = Rhythm::VARIANTS.iter().map(|rhythm| (rhythm.name(), rhythm.title()));
    html! {
        form.settings method="post" action={ (view.path) "#new" } {
            (field::input(&recipient, problems))
            (field::select("link", "Guest link", links.iter().map(|(id, name)| (id.as_str(), name.as_str())), &form.link, problems))
            p.help {
                "The report shows what this link shows. A link with white label also gives the report your brand."
                @if !view.has_brand { " You have no brand yet: set it under White label." }
            }
            (field::select("rhythm", "How often", rhythms, &form.rhythm, problems))
            div.buttons {
                button.primary type="submit" { "Set up" }
                button type="submit" formmethod="get" formaction={ (view.path) "/preview" } formnovalidate { "Preview" }
            }
        }
    }
}

fn label(link: &Link) -> String {
    if link.is_white_label { format!("{} (white label)", link.name) } else { link.name.clone() }
}

fn row(view: &OutsideList, row: &OutsideRow) -> Markup {
    let path = format!("{}/{}", view.path, row.digest.id);
    let is_open = matches!(row.standing, Standing::Open(_));
    let is_off = row.digest.paused_at.is_some() || (row.digest.ended.is_some() && row.link.is_some());
    let is_asked = row.outside.confirmed_at.is_none() && row.link.is_some() && !row.is_unsubscribed;
    html! {
        li {
            div {
                b.cut-any { (row.outside.recipient) } ": " (row.digest.rhythm.title().to_lowercase())
                @if let Some(link) = &row.link { ", " span.cut-any { (label(link)) } }
                " " (state(row)) br;
                span.quiet {
                    @match &row.standing {
                        Standing::Open(_) => {
                            @if let Some(next) = row.next { "Next: " (day_text::morning(&view.zone, next)) }
                        }
                        Standing::Waits(sentence) => (sentence),
                        Standing::Over(why) => (ending::sentence(*why)),
                    }
                    @if is_asked { @if let Some(asked) = row.outside.asked_at { " Asked " (format::moment(&view.zone, asked, Moment::Short)) "." } }
                    @if let Some(last) = row.last { br; "Last sent about " (day_text::range(last.first, last.last)) }
                }
            }
            div.buttons {
                @if let Some(link) = &row.link {
                    a.button href={ (view.path) "/preview?link=" (link.id) "&rhythm=" (row.digest.rhythm.name()) } { "Preview" }
                }
                @if is_asked && view.sends_mail { (button(&path, "ask", "Ask again")) }
                @if is_open && view.sends_mail { (button(&path, "send", "Send now")) }
                @if is_off { (button(&path, "resume", "Resume")) } @else if is_open { (button(&path, "pause", "Pause")) }
                details {
                    summary aria-label={ "Remove the report to " (row.outside.recipient) } { "Remove …" }
                    p { "No report goes to this address any more." }
                    form method="post" action={ (path) "/remove" } { button.warning type="submit" { "Remove" } }
                }
            }
        }
    }
}

fn state(row: &OutsideRow) -> Markup {
    let word = match row.standing {
        Standing::Over(_) => "ended",
        _ if row.digest.paused_at.is_some() => "paused",
        _ if row.is_unsubscribed => "unsubscribed",
        _ if row.outside.confirmed_at.is_none() => "not confirmed",
        Standing::Waits(_) => "waiting",
        Standing::Open(_) => return html! {},
    };
    html! { span.tag.quiet-tag { (word) } }
}

fn button(path: &str, name: &str, label: &str) -> Markup {
    html! { form method="post" action={ (path) "/" (name) } { button type="submit" { (label) } } }
}
