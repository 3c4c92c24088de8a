//! The list of a person's e-mail reports, and the form of one.

use super::form::DigestForm;
use crate::alerts::digests::ending;
use crate::alerts::digests::standing::Standing;
use crate::limits;
use crate::model::clock::Timestamp;
use crate::model::day_text;
use crate::model::id::DigestId;
use crate::model::rhythm::Period;
use crate::store::digests::Digest;
use crate::store::sites::Site;
use crate::web::account;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::ui::field::{self, Choice};
use maud::{Markup, html};

/// The path of the list.
pub const PATH: &str = "/account/digests";

/// The values of the list.
pub struct DigestList {
    /// The person's reports.
    pub rows: Vec<DigestRow>,
    /// True if the person sees a site.
    pub has_sites: bool,
    /// The person's e-mail address.
    pub email: String,
    /// True if that address is confirmed.
    pub is_confirmed: bool,
    /// True if this server sends mail.
    pub sends_mail: bool,
    /// The result of the last change.
    pub state: FormState<()>,
}

/// A report of the list.
pub struct DigestRow {
    /// The report.
    pub digest: Digest,
    /// The sites that the person sees.
    pub sites: Vec<Site>,
    /// The number of its other sites.
    pub hidden: usize,
    /// The standing.
    pub standing: Standing,
    /// The time of the next letter.
    pub next: Option<Timestamp>,
    /// The last period that was sent.
    pub last: Option<Period>,
    /// True if the person unsubscribed by the link in a letter.
    pub is_unsubscribed: bool,
}

/// The values of the form.
pub struct DigestFormPage {
    /// The report; `None` for a new one.
    pub id: Option<DigestId>,
    /// The sites to choose from.
    pub sites: Vec<Site>,
    /// The state of the form.
    pub state: FormState<DigestForm>,
}

/// Renders the list.
pub fn list(frame: &Frame, view: &DigestList) -> Markup {
    account::page(
        frame,
        PATH,
        &html! {
            (view.state.notice())
            p.measure { "Get the numbers of your sites by e-mail: every morning, every Monday or every month. A report only shows what you can see. " a href="/help/digests" { "How e-mail reports work" } }
            @if !view.sends_mail {
                p.problem role="alert" { "This server sends no mail, so no report is sent. You can still look at a preview." }
            }
            @if !view.is_confirmed {
                p.problem role="alert" { "Reports only go to a confirmed address. Confirm " b { (view.email) } " first, under " a href="/account/profile" { "Profile" } "." }
            }
            @if !view.has_sites {
                p.measure { "You can't see any site yet. Add one, or ask someone to share theirs with you." }
            } @else if view.rows.len() >= limits::DIGESTS_PER_USER_MAX {
                p.measure { "You have " (view.rows.len()) " e-mail reports, which is the most. Remove one to add another." }
            } @else {
                p { a.button.primary href={ (PATH) "/new" } { "New e-mail report" } }
            }
            @if !view.rows.is_empty() {
                ul.plain.rows.links { @for row in &view.rows { (self::row(view, row)) } }
            } @else if view.has_sites {
                p.quiet { "You don't get any report yet." }
            }
        },
    )
}

/// Returns the names of the sites of a row.
fn names(row: &DigestRow) -> String {
    let names: Vec<&str> = row.sites.iter().map(|site| site.name.as_str()).collect();
    let hidden = match row.hidden {
        0 => String::new(),
        1 => "1 site that you can't see now".into(),
        count => format!("{count} sites that you can't see now"),
    };
    match (names.is_empty(), hidden.is_empty()) {
        (false, false) => format!("{} and {hidden}", names.join(", ")),
        (true, true) => "No site: those you chose are deleted".into(),
        _ => format!("{}{hidden}", names.join(", ")),
    }
}

fn row(view: &DigestList, row: &DigestRow) -> Markup {
    let path = format!("{PATH}/{}", row.digest.id);
    let is_off = row.digest.paused_at.is_some() || row.digest.ended.is_some() || row.is_unsubscribed;
    html! {
        li {
            div {
                b { (row.digest.rhythm.title()) } ": " span.cut-any { (names(row)) } " " (state(row)) br;
                span.quiet {
                    @match &row.standing {
                        Standing::Open(_) => {
                            @if let (Some(next), Some(site)) = (row.next, row.sites.first()) {
                                "Next: " (day_text::morning(&site.zone, next)) ", to " (view.email)
                            }
                        }
                        Standing::Waits(sentence) => (sentence),
                        Standing::Over(why) => (ending::sentence(*why)),
                    }
                    @if let Some(last) = row.last { br; "Last sent about " (day_text::range(last.first, last.last)) }
                }
            }
            div.buttons {
                a.button href=(path) { "Change" }
                @if !row.sites.is_empty() {
                    a.button href=(preview(row)) { "Preview" }
                    @if matches!(row.standing, Standing::Open(_)) && view.sends_mail { (button(&path, "send", "Send now")) }
                }
                @if is_off { (button(&path, "resume", "Resume")) } @else { (button(&path, "pause", "Pause")) }
                details {
                    summary aria-label={ "Remove the " (row.digest.rhythm.name()) " report" } { "Remove …" }
                    p { "You won't get this report any more." }
                    form method="post" action={ (path) "/remove" } { button.warning type="submit" { "Remove" } }
                }
            }
        }
    }
}

fn state(row: &DigestRow) -> Markup {
    let word = match row.standing {
        Standing::Over(_) => "ended",
        _ if row.digest.paused_at.is_some() => "paused",
        _ if row.is_unsubscribed => "unsubscribed",
        Standing::Waits(_) => "waiting",
        Standing::Open(_) => return html! {},
    };
    html! { span.tag.quiet-tag { (word) } }
}

fn preview(row: &DigestRow) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("rhythm", row.digest.rhythm.name());
    for site in &row.sites {
        query.append_pair("site", &site.id.to_string());
    }
    format!("{PATH}/preview?{}", query.finish())
}

fn button(path: &str, name: &str, label: &str) -> Markup {
    html! { form method="post" action={ (path) "/" (name) } { button type="submit" { (label) } } }
}

/// The choice of the rhythm.
pub const RHYTHMS: [Choice<'static>; 3] = [
    Choice { value: "daily", label: "Daily", help: Some("Every morning, about the day before.") },
    Choice { value: "weekly", label: "Weekly", help: Some("Every Monday, about the week before.") },
    Choice {
        value: "monthly",
        label: "Monthly",
        help: Some("On the first of each month, about the month before."),
    },
];

/// Renders the form.
pub fn form(frame: &Frame, view: &DigestFormPage) -> Markup {
    let (form, problems) = (&view.state.form, &view.state.problems);
    let name = view.id.map_or_else(|| "new".to_owned(), |id| id.to_string());
    account::page(
        frame,
        PATH,
        &html! {
            p { a href=(PATH) { "← All e-mail reports" } }
            h2 { @if view.id.is_some() { "Change the report" } @else { "New e-mail report" } }
            (view.state.refusal("Nothing was saved yet. See below."))
            form.settings method="post" action={ (PATH) "/" (name) } {
                (field::choices("rhythm", "How often", &RHYTHMS, &form.rhythm))
                @if let Some(sentence) = field::problem(problems, "rhythm") { p.problem role="alert" { (sentence) } }
                fieldset.choices {
                    legend { "Sites" }
                    div.tick-list {
                        div {
                            @for site in &view.sites {
                                @let id = format!("site-{}", site.id);
                                div.choice-line {
                                    input type="checkbox" id=(id) name="site" value=(site.id) checked[form.sites.contains(&site.id)];
                                    label for=(id) { span.cut-any { (site.name) } @if site.name != site.domain { " " span.quiet { (site.domain) } } }
                                }
                            }
                        }
                    }
                    p.help { "Reports are sent at " (limits::DIGEST_HOUR) ":00 in the site's time zone. A report about several sites waits until that hour in all of them." }
                    @if let Some(sentence) = field::problem(problems, "sites") { p.problem role="alert" { (sentence) } }
                }
                div.buttons {
                    button.primary type="submit" { @if view.id.is_some() { "Save" } @else { "Set up" } }
                    button type="submit" formmethod="get" formaction={ (PATH) "/preview" } { "Preview" }
                }
            }
        },
    )
}
