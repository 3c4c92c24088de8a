//! The list of guest links, and the form of one.

use super::super::Tabs;
use super::link_form::{CONDITION_ROWS, LinkForm};
use crate::http::guest;
use crate::model::clock::{Timestamp, Zone};
use crate::reports::catalogue::REPORTS;
use crate::reports::filter::{self, Filter};
use crate::reports::filter_sentence;
use crate::reports::visibility::{Visibility, needs_all_visits};
use crate::store::links::Link;
use crate::store::segments::Segment;
use crate::web::filters::filter_text;
use crate::web::layout::Frame;
use crate::web::layout::form_state::FormState;
use crate::web::settings::view_only;
use crate::web::ui::field::{self, Field};
use crate::web::ui::format::{self, Moment};
use maud::{Markup, html};

/// The values of the list.
pub struct LinkList {
    pub tabs: Tabs,
    pub path: String,
    pub origin: String,
    pub zone: Zone,
    pub now: Timestamp,
    pub links: Vec<Link>,
    pub notice: Option<&'static str>,
    /// True if the link that was enabled stays closed because it has expired.
    pub has_run_out: bool,
}

/// The values of the form of a link.
pub struct LinkFormPage {
    pub tabs: Tabs,
    pub path: String,
    /// The link to change; `None`: a new one.
    pub link: Option<Link>,
    pub state: FormState<LinkForm>,
    /// The segments whose filters may be copied.
    pub segments: Vec<(Segment, Vec<Filter>)>,
}

/// Renders the list.
pub fn list(frame: &Frame, view: &LinkList) -> Markup {
    view.tabs.page(
        frame,
        &html! {
            (field::notice(view.notice))
            @if view.has_run_out { p.problem role="alert" { "The link is enabled, but it opens nothing. It has run out: choose a later last day." } }
            p { "A guest link shows chosen reports of this site to anyone who has its address, without an account: for clients, or for a page of your own. It gives no files and no settings." }
            p { a.button.primary href={ (view.path) "/new" } { "New guest link" } }
            @if view.links.is_empty() {
                p.quiet { "There is no guest link. Nobody sees this site without an account." }
            } @else {
                ul.plain.rows.links { @for link in &view.links { (row(view, link)) } }
            }
        },
    )
}

fn state(view: &LinkList, link: &Link) -> Markup {
    html! {
        @if link.disabled_at.is_some() { span.tag.quiet-tag { "disabled" } }
        @else if !link.is_open(view.now) { span.tag.quiet-tag { "has run out" } }
        @else { span.tag { "open" } }
        @if link.password.is_some() { " " span.tag.quiet-tag { "password" } }
        @if !link.embed_origins.is_empty() { " " span.tag.quiet-tag { "embedded" } }
        @if link.segment.is_some() { " " span.tag.quiet-tag { "some visits" } }
        @if link.is_white_label { " " span.tag.quiet-tag { "white label" } }
    }
}

fn row(view: &LinkList, link: &Link) -> Markup {
    let (id, path) = (format!("link-{}", link.id), format!("{}/{}", view.path, link.id));
    let address = format!("{}{}", view.origin, guest::path(&link.token));
    html! {
        li {
            div {
                b { (link.name) } " " (state(view, link)) br;
                span.quiet {
                    "since " (format::moment(&view.zone, link.created_at, Moment::Short))
                    @if let Some(by) = &link.created_by { ", by " (by) }
                    @if let Some(end) = link.expires_at { ", until " (format::last_day(&view.zone, end)) }
                    " · " (audience(link)) " · opened " (format::count(link.views)) @if link.views == 1 { " time" } @else { " times" }
                    @if let Some(at) = link.opened_at { ", last " (format::moment(&view.zone, at, Moment::Short)) }
                }
                (field::copyable("Address", &id, &address))
                @if let Some(only) = only(link) { p.only { span.quiet { "Only visits for which: " } (only) } }
                @if !link.embed_origins.is_empty() {
                    (field::copyable("For a page of yours", &format!("{id}-frame"), &frame_code(&address)))
                }
            }
            div.buttons {
                a.button href=(path) { "Change" }
                @if link.disabled_at.is_some() { (button(&path, "enable", "Enable")) } @else { (button(&path, "disable", "Disable")) }
                (button(&path, "renew", "New address"))
                details {
                    summary { "Remove …" }
                    p { "Its address opens nothing any more, and its count of views is gone." }
                    form method="post" action={ (path) "/remove" } { button.warning type="submit" { "Remove" } }
                }
            }
        }
    }
}

/// Returns the text of who sees what a link shows.
fn audience(link: &Link) -> &'static str {
    if link.password.is_some() { "anyone with this link and the password" } else { "anyone with this link" }
}

/// Returns the HTML that embeds the page in a frame as high as the page.
fn frame_code(address: &str) -> String {
    format!(
        "<iframe src=\"{address}?embed=1\" title=\"Statistics\" width=\"100%\" height=\"1200\" style=\"border:0\"></iframe>\n\
         <script>addEventListener(\"message\", function (e) {{\n  \
         document.querySelectorAll(\"iframe\").forEach(function (f) {{\n    \
         if (f.contentWindow === e.source && e.data && e.data.height) f.height = e.data.height;\n  \
         }});\n}});</script>"
    )
}

fn button(path: &str, name: &str, label: &str) -> Markup {
    html! { form method="post" action={ (path) "/" (name) } { button type="submit" { (label) } } }
}

/// Renders the form of a link.
pub fn form(frame: &Frame, view: &LinkFormPage) -> Markup {
    let (form, problems) = (&view.state.form, &view.state.problems);
    let has_one = view.link.as_ref().is_some_and(|link| link.password.is_some());
    let action = view.link.as_ref().map_or_else(|| "new".to_owned(), |link| link.id.to_string());
    let name = Field {
        name: "name",
        label: "Name",
        kind: "text",
        value: &form.name,
        autocomplete: "off",
        help: Some("Such as the client's name. Guests don't see it; whoever manages this site does."),
        is_required: true,
    };
    let password = Field {
        help: Some(if has_one {
            "The link has one. Leave this empty to keep it, or type a new one of 10 characters or more."
        } else {
            "Leave this empty for none. 10 characters or more; send it separately from the link."
        }),
        is_required: false,
        ..field::new_password("password", "Password")
    };
    let expires = Field {
        name: "expires",
        label: "Last day",
        kind: "date",
        value: &form.expires,
        autocomplete: "off",
        help: Some("In the site's time zone. Empty: the link does not run out."),
        is_required: false,
    };
    let origins = html! { "The websites whose pages may hold it in a frame, one a line, such as " code { "https://www.example.com" } ". Empty: none. With a password this needs HTTPS, and visitors' browsers must allow partitioned cookies." };
    view.tabs.page(
        frame,
        &html! {
            p { a href=(view.path) { "← All guest links" } }
            h2 { @match &view.link { Some(link) => (link.name), None => "New guest link" } }
            form.settings.wide-form method="post" action={ (view.path) "/" (action) } {
                (field::input(&name, problems))
                (field::input(&password, problems))
                @if form.wants_password { input type="hidden" name="wants_password" value="on"; }
                @if has_one { (field::switch("remove_password", "Remove the password", Some("Anyone with the link then sees what you choose below."), form.removes_password)) }
                @else if form.wants_password { (field::switch("remove_password", "No password", None, form.removes_password)) }
                (field::input(&expires, problems))
                (field::switch("white_label", "White label", Some("The page wears the brand that you choose under White label, and names this program nowhere."), form.is_white_label))
                (field::lines("embed_origins", "Embedding", &form.embed_origins, &origins, problems))
                (segment(view))
                (view_only::choices(&form.visibility, problems))
                button.primary type="submit" { @if view.link.is_some() { "Save" } @else { "Make the link" } }
            }
        },
    )
}

/// Returns the filters of a link as text; `None` if it has none.
pub fn only(link: &Link) -> Option<String> {
    let segment = link.segment.as_deref()?;
    Some(filter::read(segment).map_or_else(
        |_| "(unreadable: it shows nothing)".to_owned(),
        |read| filter_sentence::sentences(&read),
    ))
}

/// Returns the titles of the reports that no link with filters shows.
fn hidden_reports() -> String {
    let untold = REPORTS.iter().filter(|report| needs_all_visits(report));
    let titles: Vec<&str> = untold.map(|report| report.title).collect();
    match titles.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => titles.concat(),
    }
}

/// Renders the filters of a link: those to keep, a segment to copy, and rows for new ones.
fn segment(view: &LinkFormPage) -> Markup {
    let (form, everything) = (&view.state.form, Visibility::everything());
    let typed_in = |row: usize| {
        form.new_filters.get(row).map_or(["", "", ""], |[filter, test, value]| [filter, test, value])
    };
    html! {
        fieldset.choices.segment-choice {
            legend { "Which visits" }
            p.help { "All visits, as long as there is no filter here. With filters, the link knows no other visit: not in numbers, not in the list, not live. Guests are not told which filters these are. " (hidden_reports()) " are not shown then: nobody can tell them of some visits alone." }
            @for (place, filter) in form.kept_filters.iter().enumerate() {
                @let id = format!("condition-{place}");
                div.choice-line {
                    input type="checkbox" id=(id) name="condition" value=(filter) checked;
                    label for=(id) { (filter::read(filter).map_or_else(|_| filter.clone(), |read| filter_sentence::sentences(&read))) }
                }
            }
            @if !view.segments.is_empty() {
                div.field {
                    label for="segment" { "Copy the filters of a segment " span.quiet { "(optional)" } }
                    select id="segment" name="segment" {
                        option value="" { "none" }
                        @for (segment, _) in &view.segments { option value=(segment.id) selected[segment.id.to_string() == form.segment_id] { (segment.name) } }
                    }
                }
            }
            @for row in 0..CONDITION_ROWS.max(form.new_filters.len()) {
                @let [filter, test, value] = typed_in(row);
                div.condition-row {
                    (filter_text::dimensions(&format!("filter-{row}"), &everything, filter))
                    (filter_text::operators(&format!("test-{row}"), None, test))
                    input type="text" name={ "value-" (row) } value=(value) aria-label="Value" autocomplete="off" autocapitalize="off" spellcheck="false";
                }
            }
            p.help { (filter_text::help(None)) }
            @if let Some(sentence) = field::problem(&view.state.problems, "segment") { p.problem role="alert" { (sentence) } }
        }
    }
}
