//! One visit: who and how on the left, what they did on the right.

use super::format::{self, Moment};
use super::icon;
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::visitors::{Columns, SourceWords, VisitorSummary};
use crate::access::capability::OpenVisit;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::auth::SiteReader;
use crate::ingest::hit::ActionKind;
use crate::ingest::language_name;
use crate::ingest::page_url;
use crate::model::clock::{Timestamp, Zone};
use crate::model::id::VisitId;
use crate::model::page_form::{is_on, opening_address};
use crate::reports::table_query::Page;
use crate::reports::visibility::VisitorData;
use crate::reports::visits::actions;
use crate::reports::visits::actions::Action;
use crate::reports::visits::visible_visits::VisibleVisits;
use crate::reports::visits::visit;
use crate::reports::visits::visit::{Source, Visit, VisitorTotals};
use crate::store::sites::{self, Site};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

/// What the file says of a visit.
struct Found {
    visit: Visit,
    actions: Vec<Action>,
    custom: Vec<(String, String)>,
    original: Option<Source>,
    totals: VisitorTotals,
    others: Vec<Visit>,
    /// Scheme, host and port under which the site's pages open.
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
    who: VisitorSummary,
    address: Option<String>,
    is_lasting: bool,
    source: Option<SourceWords>,
    facts: Vec<(&'static str, String)>,
    custom: Vec<(String, String)>,
    visits: i64,
    others: Vec<(String, Timestamp)>,
    steps: Vec<Step>,
}

struct Step {
    at: Timestamp,
    until_next: Option<i64>,
    kind: ActionKind,
    title: String,
    /// As it opens.
    address: Option<String>,
    media: Option<String>,
}

/// Other visits of the same visitor that are linked.
const OTHERS: Page = Page { number: 1, rows: 5 };

/// `GET /sites/{site}/visits/{visit}`
pub async fn show(
    entry: SiteReader<OpenVisit>,
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse> {
    let id = VisitId::parse(&path.1).ok_or(Error::Missing("visit"))?;
    let frame = load::site_frame(&app, &request, &entry, ("Visit", NavItem::Visitors)).await?;
    let (site, whole_site, seen) = (entry.site.id, entry.site.clone(), entry.view().clone());
    let found = app
        .report(move |reader| {
            let connection = reader.connection;
            let shown = VisibleVisits::new(reader, &whole_site, &seen, &[])?;
            let visit = shown.get(id)?;
            let has_names = seen.has(VisitorData::Names);
            let actions = actions::list(connection, &whole_site, id)?;
            let (totals, others) = shown.visitor(visit.visitor, OTHERS)?;
            Ok(Found {
                actions: actions.into_iter().map(|action| shown.seen_action(action)).collect(),
                custom: if has_names { visit::custom(connection, site, id)? } else { Vec::new() },
                // It is told by an earlier visit, which may be one that is kept back.
                original: if shown.is_unrestricted() {
                    visit::original_source(connection, site, &visit)?.map(|source| shown.seen_source(source))
                } else {
                    None
                },
                totals,
                others,
                page_origin: sites::page_origin(connection, site)?,
                visit,
            })
        })
        .await?;
    let has_list = entry.view().has(VisitorData::LiveList);
    let columns = Columns::for_visibility(entry.view());
    let view = View::new((entry.base(), has_list), &columns, &entry.site, found);
    Ok(load::html(page(&frame, &view)))
}

impl View {
    fn new((base, has_list): (String, bool), columns: &Columns, site: &Site, found: Found) -> Self {
        let visit = found.visit;
        let others = found.others.iter().filter(|other| other.id != visit.id);
        Self {
            base,
            has_list,
            zone: site.zone.clone(),
            visitor: visit.visitor.to_string(),
            began: visit.id.began(),
            seconds: visit.seconds,
            count: visit.actions,
            address: visit.address.map(|address| address.to_string()),
            who: VisitorSummary::from_visit(&visit, columns.details()),
            is_lasting: visit.visitor.is_lasting(),
            source: SourceWords::from_source(&visit.source),
            facts: facts(&visit, found.original.as_ref()),
            custom: found.custom,
            visits: found.totals.visits,
            others: others.map(|other| (other.id.to_string(), other.id.began())).collect(),
            steps: steps(&found.actions, &site.domain, found.page_origin.as_deref()),
        }
    }
}

/// What is known of a visit beside who and how; what is not known is left out.
fn facts(visit: &Visit, original: Option<&Source>) -> Vec<(&'static str, String)> {
    let [campaign, source, medium, term, content] = visit.source.campaign.clone();
    let known = [
        ("Campaign", campaign),
        ("Campaign source", source),
        ("Campaign medium", medium),
        ("Campaign term", term),
        ("Campaign content", content),
        ("First came by", original.and_then(SourceWords::from_source).map(|source| source.text)),
        ("Region", visit.region.clone()),
        ("Language", visit.language.as_deref().map(language_name)),
        ("Browser", visit.browser.clone()),
        ("System", visit.system.clone()),
        ("Machine", visit.hardware.map(|hardware| hardware.name().to_owned())),
        ("Screen", visit.screen.as_deref().map(|screen| screen.replace('x', " × "))),
        ("Network", visit.organization.clone()),
        ("Host name", visit.hostname.clone()),
        ("Address", visit.address.map(|address| address.to_string())),
        ("Scripts", (!visit.has_javascript).then(|| "none: seen by the pixel or the server".to_owned())),
    ];
    known.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
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
        title: title(action, domain),
        address: action.page.as_deref().map(|page| opening(action.kind, page)),
        media: action.media.clone(),
    };
    actions.iter().zip(later).map(step).collect()
}

/// Returns what an action is called: its title, its address, or, where both are unknown or hidden, its kind.
pub fn title(action: &Action, domain: &str) -> String {
    let address = || action.page.as_deref().map(|page| page_url::shown(page, domain));
    action.title.clone().or_else(address).unwrap_or_else(|| kind_name(action.kind).to_owned())
}

/// What a kind of action is called.
pub fn kind_name(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::PageView => "Page view",
        ActionKind::Download => "Download",
        ActionKind::Outbound => "Outbound link",
        ActionKind::Event => "Event",
        ActionKind::Media => "Media",
    }
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        p.crumbs { @if view.has_list { a href={ (view.base) "/visitors" } { "Visitors" } " → Visit" } @else { "Visit" } }
        div.head {
            h1 { @if let Some(country) = &view.who.country { (icon::flag(country)) " " } (view.who.name) }
            p.quiet { (format::moment(&view.zone, view.began, Moment::Full)) }
        }
        div.columns {
            div { (who(view)) (others(view)) }
            section.log {
                h2 { "What they did" }
                p.quiet { (format::count(view.count)) @if view.count == 1 { " action" } @else { " actions" } " in " (format::duration(view.seconds)) }
                ol.time-line { @for step in &view.steps { (step_line(&view.zone, step)) } }
            }
        }
    })
}

fn who(view: &View) -> Markup {
    html! {
        section {
            h2 { "Who and how" }
            dl.facts {
                @if let Some(place) = &view.who.place { dt { "Where" } dd { (place) } }
                @if let Some(source) = &view.source {
                    dt { "Came from" }
                    dd {
                        @match &source.link {
                            Some(link) => a href=(link) target="_blank" rel="noreferrer noopener" title=(link) { (super::visitors::source(source)) },
                            None => (super::visitors::source(source)),
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
                @if view.who.is_new { " " span.tag { "new" } }
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

fn step_line(zone: &Zone, step: &Step) -> Markup {
    html! {
        li {
            span.clock { (format::moment(zone, step.at, Moment::Seconds)) }
            span.kind title=(kind_name(step.kind)) { (icon::action(step.kind)) span.hidden { (kind_name(step.kind)) ": " } }
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
