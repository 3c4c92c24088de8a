//! The screen of a visit: the visitor and their device on the left, their actions on the right.

use super::goal_tags;
use super::visitor_summary::{SourceSummary, VisitorSummary};
use crate::access::capability::OpenVisit;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::ingest::hit::ActionKind;
use crate::ingest::language_name;
use crate::model::clock::{Timestamp, Zone};
use crate::model::currency::Currency;
use crate::model::id::VisitId;
use crate::model::page_form::{is_on, opening_address};
use crate::reports::answer::VisitDetails;
use crate::reports::query::{Query, Wants};
use crate::reports::table_query::Page;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::reports::visits::actions::Action;
use crate::reports::visits::details::Details;
use crate::reports::visits::visit::{EarlierVisit, EarlierVisits, ReachedGoal, Visit};
use crate::reports::visits::visit_fields::VISIT_FIELDS;
use crate::store::sites::{self, Site};
use crate::store::visit_attribute::VisitAttribute;
use crate::web::layout::load;
use crate::web::layout::site_frame_request::SiteFrameRequest;
use crate::web::layout::{Frame, NavItem};
use crate::web::ui::format::{self, Moment};
use crate::web::ui::{action_name, icon};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// The data of a visit, and where the pages of the site open.
struct VisitData {
    details: VisitDetails,
    /// The scheme, host and port under which the site's pages open.
    page_origin: Option<String>,
}

struct View {
    base: String,
    has_list: bool,
    zone: Zone,
    visitor: String,
    began: Timestamp,
    seconds: i64,
    count: i64,
    visitor_summary: VisitorSummary,
    address: Option<String>,
    is_lasting: bool,
    source: Option<SourceSummary>,
    facts: Vec<(&'static str, String)>,
    custom: Vec<(String, String)>,
    visits: i64,
    others: Vec<(String, Timestamp)>,
    steps: Vec<Step>,
    /// The goals, in order.
    goals: Vec<ReachedGoal>,
    currency: Currency,
}

struct Step {
    at: Timestamp,
    until_next: Option<i64>,
    kind: ActionKind,
    title: String,
    /// The address of the page or file, as it opens.
    address: Option<String>,
    media: Option<String>,
}

/// The page of the visitor's visits that are linked.
const OTHERS: Page = Page { number: 1, rows: 5 };

/// `GET /sites/{site}/visits/{visit}`: returns the screen of a visit.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such visit, and when the data file cannot be read.
pub async fn show(
    access: SiteReader<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let id = VisitId::parse(&path.1).ok_or(Error::Missing("visit"))?;
    let frame = SiteFrameRequest::new(&request, &access)?;
    let query = Query::today(access.site.clone(), app.clock.now(), access.visibility().clone());
    let query = query.with(Wants { visit: Some((id, OTHERS)), ..Wants::default() });
    let (frame, data) = app
        .view(move |reader| {
            let data = VisitData {
                details: reader.run(&query)?.visit.ok_or(Error::Missing("visit"))?,
                page_origin: sites::page_origin(reader.connection, query.site.id)?,
            };
            Ok((frame.load(reader, "Visit", NavItem::Visitors)?, data))
        })
        .await?;
    let view = View::new(access.base(), access.visibility(), &access.site, data);
    Ok(load::html(page(&frame, &view)))
}

impl View {
    fn new(base: String, visibility: &Visibility, site: &Site, data: VisitData) -> Self {
        let VisitDetails { visit, actions, custom, earlier, visitor } = data.details;
        let others = visitor.visits.iter().filter(|other| other.id != visit.id);
        Self {
            base,
            has_list: visibility.has(VisitorData::LiveList),
            zone: site.zone.clone(),
            visitor: visit.visitor.to_string(),
            began: visit.id.began(),
            seconds: visit.seconds,
            count: visit.actions,
            address: visit.address.map(|address| address.to_string()),
            visitor_summary: VisitorSummary::from_visit(&visit, &Details::for_visibility(visibility)),
            is_lasting: visit.visitor.is_lasting(),
            source: SourceSummary::from_attributes(&visit.attributes),
            facts: facts(&visit, &earlier),
            custom,
            visits: visitor.totals.visits,
            others: others.map(|other| (other.id.to_string(), other.id.began())).collect(),
            steps: steps(&actions, &site.domain, data.page_origin.as_deref()),
            goals: visit.goals,
            currency: site.currency,
        }
    }
}

/// Returns the facts about a visit that are known, each with its name.
fn facts(visit: &Visit, earlier: &EarlierVisits) -> Vec<(&'static str, String)> {
    let attributes = VISIT_FIELDS.iter().filter_map(|field| {
        let words = visit.attributes.words(field.attribute)?;
        Some((field.title?, fact(field.attribute, words)))
    });
    let address = visit.address.map(|address| address.to_string());
    let scripts = (!visit.has_javascript).then(|| "none: seen by the pixel or the server".to_owned());
    let known = |name, value: Option<String>| value.map(|value| (name, value));
    let first =
        earlier.first.as_ref().filter(|first| earlier.last.as_ref().is_none_or(|last| last.id != first.id));
    let touches = [("First touch", first), ("Last touch", earlier.last.as_ref())];
    let touches =
        touches.into_iter().filter_map(|(name, touch)| Some((name, touch_in_words(visit, touch?)?)));
    touches.chain(attributes).chain(known("Address", address)).chain(known("Scripts", scripts)).collect()
}

/// Returns the source of an earlier visit, and how long before it was.
fn touch_in_words(visit: &Visit, touch: &EarlierVisit) -> Option<String> {
    let source = SourceSummary::from_attributes(&touch.attributes)?;
    let hours = visit.id.began().since(touch.id.began()).as_secs() / 3_600;
    let before = match (hours / 24, hours) {
        (0, 0) => "less than an hour earlier".to_owned(),
        (0, 1) => "1 hour earlier".to_owned(),
        (0, hours) => format!("{hours} hours earlier"),
        (1, _) => "1 day earlier".to_owned(),
        (days, _) => format!("{days} days earlier"),
    };
    Some(format!("{}, {before}", source.text))
}

/// Returns the value of an attribute as people read it.
fn fact(attribute: VisitAttribute, words: &str) -> String {
    match attribute {
        VisitAttribute::Language => language_name(words),
        VisitAttribute::Screen => words.replace('x', " × "),
        _ => words.to_owned(),
    }
}

fn steps(actions: &[Action], domain: &str, page_origin: Option<&str>) -> Vec<Step> {
    let opening = |kind, page: &str| match kind {
        ActionKind::PageView => opening_address(page, domain, page_origin),
        // Files on the site's own domain have a form as its pages have.
        ActionKind::Download | ActionKind::Event | ActionKind::Media if is_on(page, domain) => {
            opening_address(page, domain, page_origin)
        }
        _ => page.to_owned(),
    };
    let later = actions.iter().skip(1).map(|next| Some(next.at)).chain([None]);
    let step = |(action, next): (&Action, Option<Timestamp>)| Step {
        at: action.at,
        until_next: next.map(|next| i64::try_from(next.since(action.at).as_secs()).unwrap_or(i64::MAX)),
        kind: action.kind,
        title: action_name::title(action, domain),
        address: action.page.as_deref().map(|page| opening(action.kind, page)),
        media: action.media.clone(),
    };
    actions.iter().zip(later).map(step).collect()
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        p.crumbs { @if view.has_list { a href={ (view.base) "/visitors" } { "Visitors" } " → Visit" } @else { "Visit" } }
        div.head {
            h1 { @if let Some(country) = &view.visitor_summary.country { (icon::flag(country)) " " } (view.visitor_summary.name) }
            p.quiet { (format::moment(&view.zone, view.began, Moment::Full)) }
        }
        div.columns {
            div { (who(view)) (others(view)) }
            section.log {
                h2 { "What they did" }
                p.quiet { (format::count(view.count)) @if view.count == 1 { " action" } @else { " actions" } " in " (format::duration(view.seconds)) }
                (time_line(view))
            }
        }
    })
}

fn who(view: &View) -> Markup {
    html! {
        section {
            h2 { "Who and how" }
            dl.facts {
                @if let Some(place) = &view.visitor_summary.place { dt { "Where" } dd { (place) } }
                @if let Some(source) = &view.source {
                    dt { "Came from" }
                    dd {
                        @match &source.link {
                            Some(link) => a href=(link) target="_blank" rel="noreferrer noopener" title=(link) { (source.draw()) },
                            None => (source.draw()),
                        }
                    }
                }
                @for (name, value) in &view.facts { dt { (name) } dd { (value) } }
            }
            @if !view.custom.is_empty() {
                h3 { "Custom data" }
                dl.facts { @for (key, value) in &view.custom { dt { (key) } dd { (value) } } }
            }
        }
    }
}

fn others(view: &View) -> Markup {
    html! {
        section {
            h2 { "This visitor" }
            p {
                a href={ (view.base) "/visitors/" (view.visitor) } {
                    (format::count(view.visits)) @if view.visits == 1 { " visit" } @else { " visits" }
                    @if view.is_lasting { " so far" } @else { " that day" }
                }
                @if view.visitor_summary.is_new { " " span.tag { "new" } }
            }
            @if let Some(address) = view.address.as_ref().filter(|_| view.has_list) {
                p { a href={ (view.base) "/visitors?date=last-30-days&ip_address=" (address) } { "Visits from " (address) } }
            }
            @if !view.others.is_empty() {
                ul.plain { @for (id, began) in &view.others { li { a href={ (view.base) "/visits/" (id) } { (format::moment(&view.zone, *began, Moment::Short)) } } } }
            }
            @if !view.is_lasting { p.quiet { "Without cookies a visitor is known within one day only." } }
        }
    }
}

/// Renders the actions, with each goal after the action that reached it.
fn time_line(view: &View) -> Markup {
    let mut goals = view.goals.iter().peekable();
    html! {
        ol.time-line {
            @for (place, step) in view.steps.iter().enumerate() {
                (step_line(&view.zone, step))
                @let next = view.steps.get(place + 1).map(|next| next.at);
                @while let Some(goal) = goals.next_if(|goal| next.is_none_or(|next| goal.at < next)) { (goal_line(view, goal)) }
            }
            // A visit may reach goals without any action.
            @for goal in goals { (goal_line(view, goal)) }
        }
    }
}

fn goal_line(view: &View, goal: &ReachedGoal) -> Markup {
    html! {
        li.reached {
            span.clock { (format::moment(&view.zone, goal.at, Moment::Seconds)) }
            span.kind title="Goal" { (icon::goals()) }
            span.what { (goal_tags::reached(goal, view.currency)) }
            span.until {}
        }
    }
}

fn step_line(zone: &Zone, step: &Step) -> Markup {
    html! {
        li {
            span.clock { (format::moment(zone, step.at, Moment::Seconds)) }
            span.kind title=(action_name::of_kind(step.kind)) { (icon::action(step.kind)) span.hidden { (action_name::of_kind(step.kind)) ": " } }
            span.what {
                b { (step.title) }
                @if let Some(media) = &step.media { " " span.tag { (media) } }
                @if let Some(address) = &step.address {
                    span.quiet.address {
                        @match format::safe_link(address) {
                            Some(link) => a href=(link) target="_blank" rel="noreferrer noopener" { (address) },
                            None => (address),
                        }
                    }
                }
            }
            span.until.quiet { @if let Some(seconds) = step.until_next { (format::duration(seconds)) } }
        }
    }
}
