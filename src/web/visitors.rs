//! The list of visits of a range, newest first.

use super::filter_bar::{self, FilterBar};
use super::format::{self, Moment, NumberUnit, UNKNOWN};
use super::layout::load;
use super::layout::{Frame, NavItem};
use super::query_params::QueryParams;
use super::{chart, csv, icon, retention_note};
use crate::access::capability::{Capability, SeeLiveVisitorList};
use crate::app::App;
use crate::error::Result;
use crate::http::auth::SiteReader;
use crate::ingest::country_name;
use crate::ingest::page_url;
use crate::model::channel::Channel;
use crate::model::clock::{Timestamp, Zone};
use crate::model::device_type::DeviceType;
use crate::reports::comparison::Comparison;
use crate::reports::engine::query::QueryRunner;
use crate::reports::visibility::{Visibility as Seen, VisitorData};
use crate::reports::visits::details::{Detail, Details};
use crate::reports::visits::visit::{Source, Visit};
use crate::store::sites::Site;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};

struct View {
    path: String,
    /// The page code, for whoever may see it.
    code: Option<String>,
    bar: FilterBar,
    /// Where the list begins later than the range.
    note: Markup,
    /// The list without its filters, when there are some.
    all: Option<String>,
    export: Option<String>,
    total: i64,
    before: Option<(i64, Comparison)>,
    columns: Columns,
    rows: Vec<VisitTableRow>,
    older: Option<String>,
    newer: Option<String>,
    range_is_today: bool,
    is_live: bool,
}

/// One visit of a list.
pub struct VisitTableRow {
    /// The visit's own screen, where it may be opened.
    link: Option<String>,
    zone: Zone,
    began: Timestamp,
    who: VisitorSummary,
    source: Option<SourceWords>,
    landing: Option<String>,
    landing_words: Option<String>,
    actions: i64,
    seconds: i64,
    hardware: Option<DeviceType>,
    machine: String,
}

/// Where somebody is, and what they are called.
#[derive(Clone)]
pub struct VisitorSummary {
    /// Two letters.
    pub country: Option<String>,
    /// In words; none where it is hidden.
    pub place: Option<String>,
    /// The name that the page gave, or the shortened address.
    pub name: String,
    /// Seen for the first time.
    pub is_new: bool,
}

impl VisitorSummary {
    /// Of a visit, of which these details are told.
    pub fn from_visit(visit: &Visit, details: &Details) -> Self {
        let country = visit.country.as_deref().map(country_name);
        let places = [visit.city.as_deref(), country].into_iter().flatten().collect::<Vec<_>>();
        let address = visit.address.map(|address| address.to_string());
        let number = visit.number.map(|number| format!("Visitor {number}"));
        Self {
            country: visit.country.clone(),
            place: details
                .shows(Detail::Country)
                .then(|| if places.is_empty() { "Place unknown".into() } else { places.join(", ") }),
            name: visit.name.clone().or(address).or(number).unwrap_or_else(|| UNKNOWN.into()),
            is_new: visit.is_new,
        }
    }
}

/// How somebody came, in words.
#[derive(Clone)]
pub struct SourceWords {
    /// The kind, where it is not hidden.
    pub medium: Option<Channel>,
    /// The words.
    pub text: String,
    /// The full referrer, to open.
    pub link: Option<String>,
}

impl SourceWords {
    /// Of a source, if something of it is told.
    pub fn from_source(source: &Source) -> Option<Self> {
        let name = source.name.as_deref().or(source.domain.as_deref()).or(source.medium.map(Channel::title));
        let campaign = source.campaign[0].as_deref();
        let text = match (campaign, source.terms.as_deref(), name) {
            (Some(campaign), ..) => format!("Campaign {campaign}"),
            (None, Some(terms), Some(name)) => format!("{name}: {terms}"),
            (None, Some(terms), None) => format!("Search: {terms}"),
            (None, None, name) => name?.to_owned(),
        };
        let link = source.referrer.as_deref().and_then(format::safe_link).map(str::to_owned);
        Some(Self { medium: source.medium, text, link })
    }
}

/// The columns of a list of visits, as the caller's reports allow.
pub struct Columns {
    details: Details,
    /// Rows lead to their visits.
    are_links: bool,
}

/// The details of which a list's column on sources is made.
const OF_SOURCES: [Detail; 5] =
    [Detail::Medium, Detail::LinkDomain, Detail::Engine, Detail::Terms, Detail::Campaign];
/// The details of which a list's column on machines is made.
const OF_MACHINES: [Detail; 3] = [Detail::Hardware, Detail::Browser, Detail::System];

impl Columns {
    /// Those of a view.
    pub fn for_visibility(seen: &Seen) -> Self {
        Self { details: Details::for_visibility(seen), are_links: seen.has(VisitorData::SingleVisits) }
    }

    /// Returns the details of visits that are told.
    pub fn details(&self) -> &Details {
        &self.details
    }

    fn has_sources(&self) -> bool {
        self.details.shows_any(&OF_SOURCES)
    }

    fn has_landings(&self) -> bool {
        self.details.shows(Detail::Landing)
    }

    fn has_machines(&self) -> bool {
        self.details.shows_any(&OF_MACHINES)
    }
}

impl VisitTableRow {
    /// Of a visit, below a site's path, as it may be seen.
    pub fn from_visit((base, columns): (&str, &Columns), site: &Site, visit: &Visit) -> Self {
        let machine =
            [visit.browser.as_deref(), visit.system.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        Self {
            link: columns.are_links.then(|| format!("{base}/visits/{}", visit.id)),
            zone: site.zone.clone(),
            began: visit.id.began(),
            who: VisitorSummary::from_visit(visit, &columns.details),
            source: SourceWords::from_source(&visit.source),
            landing: visit.landing.clone(),
            landing_words: visit.landing.as_deref().map(|page| page_url::shown(page, &site.domain)),
            actions: visit.actions,
            seconds: visit.seconds,
            hardware: visit.hardware,
            machine: match (machine.is_empty(), visit.hardware) {
                (false, _) => machine.join(" · "),
                (true, Some(hardware)) => hardware.name().to_owned(),
                (true, None) => UNKNOWN.into(),
            },
        }
    }
}

/// `GET /sites/{site}/visitors`
pub async fn show(
    entry: SiteReader<SeeLiveVisitorList>,
    app: Data<App>,
    request: HttpRequest,
    asked: QueryParams,
) -> Result<HttpResponse> {
    let (scope, page_asked) = (asked.scope(&app, &entry)?, asked.page());
    let (range, filters, base, comparison) =
        (scope.range, scope.wanted.clone(), entry.base(), scope.comparison);
    let path = format!("{base}/visitors");
    let mut frame = load::site_frame(&app, &request, &entry, ("Visitors", NavItem::Visitors)).await?;
    let today = entry.site.zone.day(app.clock.now());
    let note = retention_note::of_list(retention_note::since(&app, &entry.site, &scope).await?);
    let site = entry.site.clone();
    let ((found, total), before) = app
        .report(move |reader| {
            let inquiry = QueryRunner::new(reader, &site, &scope)?;
            Ok((inquiry.visits(page_asked)?, inquiry.visits_before()?))
        })
        .await?;
    let shown = u64::from(page_asked.number) * u64::from(page_asked.rows);
    let columns = Columns::for_visibility(entry.view());
    let link = |number: u32| asked.link(&path, &[("page", &number.to_string())]);
    let view = View {
        code: entry.may(Capability::SeeTrackingCode).then(|| format!("{base}/preferences/info")),
        bar: filter_bar::bar(&app, &entry, (&asked, &path), &filters).await?,
        note,
        all: (!filters.is_empty()).then(|| asked.with_filters(&path, &[])),
        export: entry.may(Capability::ExportCsv).then(|| {
            asked.link(&format!("{base}/export/visitors-list.csv"), &[("limit", ""), (csv::BOM, "1")])
        }),
        total: i64::try_from(total).unwrap_or(i64::MAX),
        before: before.zip(comparison),
        rows: found
            .iter()
            .map(|visit| VisitTableRow::from_visit((&base, &columns), &entry.site, visit))
            .collect(),
        columns,
        older: (total as u64 > shown).then(|| link(page_asked.number + 1)),
        newer: (page_asked.number > 1).then(|| link(page_asked.number - 1)),
        range_is_today: range.first == today && range.last == today,
        is_live: range.last >= today && page_asked.number == 1,
        path: path.clone(),
    };
    frame.range = Some(asked.control(&app, &entry, &path, range));
    Ok(load::html(page(&frame, &view)))
}

fn page(frame: &Frame, view: &View) -> Markup {
    frame.page(&html! {
        div.head {
            h1 { "Visitors" }
            p.quiet { (format::count(view.total)) @if view.total == 1 { " visit" } @else { " visits" }
                @if let Some((before, comparison)) = view.before { " " (chart::change((view.total, before), false, (NumberUnit::Count, comparison))) } }
            @if let Some(export) = &view.export { a.button href=(export) { (icon::download()) "CSV" } }
        }
        (view.bar.draw())
        (view.note)
        @if view.rows.is_empty() {
            section.empty {
                h2 { "No visit in this range" }
                p { "Here you see who came, from where, what they looked at and for how long." }
                @if let Some(all) = &view.all {
                    p { a.button.primary href=(all) { "Take the filters away" } }
                } @else if let Some(code) = view.code.as_ref().filter(|_| view.range_is_today) {
                    p { a.button.primary href=(code) { "Look at the page code" } }
                } @else {
                    p { a.button.primary href={ (view.path) "?date=last-30-days" } { "Show the last 30 days" } }
                }
            }
        } @else {
            div id="visits" data-refresh[view.is_live] { (list(&view.columns, &view.rows)) }
            (pager(view.newer.as_deref(), view.older.as_deref()))
        }
    })
}

/// Links to the pages beside this one.
pub fn pager(newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        @if newer.is_some() || older.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(newer) = newer { a.button href=(newer) rel="prev" { "← Newer" } }
                @if let Some(older) = older { a.button href=(older) rel="next" { "Older →" } }
            }
        }
    }
}

/// A table of visits.
pub fn list(columns: &Columns, rows: &[VisitTableRow]) -> Markup {
    html! {
        table.list.visits {
            thead {
                tr {
                    th.when scope="col" { "When" }
                    th.who scope="col" { "Who" }
                    @if columns.has_sources() { th.source scope="col" { "Came from" } }
                    @if columns.has_landings() { th.wide scope="col" { "First page" } }
                    th.number scope="col" { "Actions" }
                    th.number scope="col" { "Time" }
                    @if columns.has_machines() { th.wide.machine scope="col" { "With" } }
                }
            }
            tbody { @for row in rows { (visit_row(columns, row)) } }
        }
    }
}

fn visit_row(columns: &Columns, row: &VisitTableRow) -> Markup {
    html! {
        tr {
            td.when {
                @match &row.link {
                    Some(link) => a.row-link href=(link) { (format::moment(&row.zone, row.began, Moment::Short)) },
                    None => (format::moment(&row.zone, row.began, Moment::Short)),
                }
            }
            td.who { (who(&row.who)) }
            @if columns.has_sources() {
                td.source { @match &row.source { Some(words) => (source(words)), None => (UNKNOWN) } }
            }
            @if columns.has_landings() {
                td.wide.cut title=[row.landing.as_deref()] { (row.landing_words.as_deref().unwrap_or(UNKNOWN)) }
            }
            td.number { (format::count(row.actions)) span.unit { @if row.actions == 1 { " action" } @else { " actions" } } }
            td.number { (format::duration(row.seconds)) }
            @if columns.has_machines() {
                td.wide.cut title=(row.machine) { @if let Some(hardware) = row.hardware { (icon::hardware(hardware)) " " } (row.machine) }
            }
        }
    }
}

/// Flag, name and place.
pub fn who(who: &VisitorSummary) -> Markup {
    html! {
        span.who-line {
            @if let Some(country) = &who.country { (icon::flag(country)) }
            span.cut { (who.name) @if who.is_new { " " span.tag title="Never seen before, as far as that can be known" { "new" } } }
        }
        @if let Some(place) = &who.place { span.quiet.cut { (place) } }
    }
}

/// Icon and words.
pub fn source(source: &SourceWords) -> Markup {
    html! { span.with-icon title=[source.medium.map(Channel::title)] { @if let Some(medium) = source.medium { (icon::medium(medium)) } span.cut { (source.text) } } }
}
