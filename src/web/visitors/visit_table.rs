//! A table of visits, with the columns that the caller may see.

use super::goal_tags::GoalTags;
use super::visitor_summary::{SourceSummary, VisitorSummary};
use crate::ingest::page_url;
use crate::model::clock::{Timestamp, Zone};
use crate::model::device_type::DeviceType;
use crate::reports::visibility::{Visibility, VisitorData};
use crate::reports::visits::details::Details;
use crate::reports::visits::visit::Visit;
use crate::store::sites::Site;
use crate::store::visit_attribute::VisitAttribute;
use crate::web::ui::format::{self, Moment, UNKNOWN};
use crate::web::ui::icon;
use maud::{Markup, html};

/// A table of visits.
pub struct VisitTable {
    columns: Columns,
    rows: Vec<Row>,
}

/// The columns that the caller may see.
struct Columns {
    details: Details,
    /// True if rows link to their visits.
    has_links: bool,
}

/// A row of the table.
struct Row {
    /// The address of the visit's own screen, if the caller may open it.
    link: Option<String>,
    began: Timestamp,
    visitor: VisitorSummary,
    source: Option<SourceSummary>,
    landing: Option<String>,
    landing_text: Option<String>,
    actions: i64,
    seconds: i64,
    device: Option<DeviceType>,
    /// The browser and the system.
    software: String,
    zone: Zone,
    goals: GoalTags,
}

/// The attributes of a visit in the column of sources.
const SOURCE_ATTRIBUTES: [VisitAttribute; 5] = [
    VisitAttribute::Channel,
    VisitAttribute::LinkDomain,
    VisitAttribute::Engine,
    VisitAttribute::Terms,
    VisitAttribute::Campaign,
];
/// The attributes of a visit in the column of devices.
const DEVICE_ATTRIBUTES: [VisitAttribute; 3] =
    [VisitAttribute::DeviceType, VisitAttribute::Browser, VisitAttribute::System];

impl Columns {
    fn has_sources(&self) -> bool {
        self.details.shows_any(&SOURCE_ATTRIBUTES)
    }

    fn has_landings(&self) -> bool {
        self.details.shows(VisitAttribute::Landing)
    }

    fn has_devices(&self) -> bool {
        self.details.shows_any(&DEVICE_ATTRIBUTES)
    }
}

impl Row {
    fn new(visit: &Visit, site: &Site, base: &str, columns: &Columns) -> Self {
        let attributes = &visit.attributes;
        let software = [VisitAttribute::Browser, VisitAttribute::System];
        let software: Vec<_> = software.iter().filter_map(|one| attributes.text(*one)).collect();
        let landing = attributes.text(VisitAttribute::Landing);
        Self {
            link: columns.has_links.then(|| format!("{base}/visits/{}", visit.id)),
            began: visit.id.began(),
            visitor: VisitorSummary::from_visit(visit, &columns.details),
            source: SourceSummary::from_attributes(attributes),
            landing: landing.map(str::to_owned),
            landing_text: landing.map(|page| page_url::shown(page, &site.domain)),
            actions: visit.actions,
            seconds: visit.seconds,
            device: attributes.device_type,
            software: match (software.is_empty(), attributes.device_type) {
                (false, _) => software.join(" · "),
                (true, Some(device)) => device.name().to_owned(),
                (true, None) => UNKNOWN.into(),
            },
            zone: site.zone.clone(),
            goals: GoalTags::new(&visit.goals),
        }
    }

    fn draw(&self, columns: &Columns) -> Markup {
        html! {
            tr {
                td.when {
                    @match &self.link {
                        Some(link) => a.row-link href=(link) { (format::moment(&self.zone, self.began, Moment::Short)) },
                        None => (format::moment(&self.zone, self.began, Moment::Short)),
                    }
                }
                td.who { (self.visitor.draw()) (self.goals.draw()) }
                @if columns.has_sources() {
                    td.source { @match &self.source { Some(source) => (source.draw()), None => (UNKNOWN) } }
                }
                @if columns.has_landings() {
                    td.wide.cut title=[self.landing.as_deref()] { (self.landing_text.as_deref().unwrap_or(UNKNOWN)) }
                }
                td.number { (format::count(self.actions)) span.unit { @if self.actions == 1 { " action" } @else { " actions" } } }
                td.number { (format::duration(self.seconds)) }
                @if columns.has_devices() {
                    td.wide.cut title=(self.software) { @if let Some(device) = self.device { (icon::hardware(device)) " " } (self.software) }
                }
            }
        }
    }
}

impl VisitTable {
    /// Returns the table of these visits, whose links begin with the path of the site's screens.
    pub fn new(visits: &[Visit], site: &Site, base: &str, visibility: &Visibility) -> Self {
        let columns = Columns {
            details: Details::for_visibility(visibility),
            has_links: visibility.has(VisitorData::SingleVisits),
        };
        let rows = visits.iter().map(|visit| Row::new(visit, site, base, &columns)).collect();
        Self { columns, rows }
    }

    /// Returns true if there are no visits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Renders the table.
    pub fn draw(&self) -> Markup {
        let columns = &self.columns;
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
                        @if columns.has_devices() { th.wide.machine scope="col" { "With" } }
                    }
                }
                tbody { @for row in &self.rows { (row.draw(columns)) } }
            }
        }
    }
}
