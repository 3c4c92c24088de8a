//! The demo: a plausible business with its visitors, written straight into the data file, for trying the
//! program, screenshots and benchmarks. The same seed and last day give the same rows.

pub mod agency;
mod business;
mod calendar;
mod clients;
mod countries;
mod devices;
mod measured;
pub mod others;
mod page_reports;
mod page_use;
mod split_test;
mod success;
mod uptime;
mod visitors;

use business::CampaignLink;
pub use business::{BAKERY, Business};
pub use clients::{BIKES, CAFE, STUDIO};

use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::channel::Channel;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId, VisitId, VisitorId};
use crate::reports::date_range::DateRange;
use crate::store::attribute_cache::{AttributeCache, AttributeIds, GeoPoint};
use crate::store::conversions::{self, ConversionRow};
use crate::store::filtered::{self, FilteredSample};
use crate::store::goals;
use crate::store::interned_table::InternedTable;
use crate::store::page_reads::{self, PageRead};
use crate::store::site_heatmaps::{self, HeatmapSettings};
use crate::store::sites::{self, Keys, NewSite, Privacy, Site};
use crate::store::visit_attribute::VisitAttribute;
use crate::store::visit_tables::{self, ActionRow};
use crate::store::visits::{self, OpenVisit, VisitStart, visit_flags};
use crate::store::{self, labels};
use fastrand::Rng;
use page_reports::MissingPage;
use page_use::PageUse;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;
use uptime::History;
use visitors::{DemoVisitor, People, PlannedVisit};

/// The number of visits written in one transaction.
const VISITS_PER_TRANSACTION: u64 = 20_000;

/// The parameters of a demo.
#[derive(Clone, Copy)]
pub struct DemoOptions {
    /// The number of visits, over all days.
    pub visits: u64,
    /// The number of days, including the last one.
    pub days: i32,
    /// The seed of the random source.
    pub seed: u64,
    /// The last day.
    pub until: Day,
    /// The present time: later visits are not written.
    pub now: Timestamp,
}

impl DemoOptions {
    /// Returns the first day.
    pub fn first(&self) -> Day {
        self.until.plus(1 - self.days)
    }
}

/// The result of writing a site.
pub struct Written {
    /// The ID of the site.
    pub site: SiteId,
    /// The number of visits written.
    pub visits: u64,
    /// The number of actions written.
    pub actions: u64,
}

/// Returns the time zone of the demo's sites.
///
/// # Errors
///
/// Fails with `Error::Invalid` when the time zone database lacks it.
pub fn zone() -> Result<Zone> {
    Zone::parse(business::ZONE)
}

/// Creates a business's site and its visits. `progress` receives the number of visits written so far.
///
/// # Errors
///
/// Fails when the data file cannot be written.
pub fn write(
    connection: &mut Connection,
    owner: UserId,
    business: &'static Business,
    options: &DemoOptions,
    progress: impl Fn(u64),
) -> Result<Written> {
    let zone = zone()?;
    let first = options.first();
    let site = store::change(connection, |tx| {
        let new = NewSite { domain: business.domain.into(), name: business.name.into(), zone: zone.clone() };
        let site = sites::create(tx, owner, &new, &Keys::generate()?, zone.start(first))?;
        let Site { privacy, bounds, .. } = sites::get(tx, site)?;
        sites::update_tracking(tx, site, Privacy { cookies_allowed: true, ..privacy }, &bounds)?;
        sites::update_vitals_measured(tx, site, business.measures_vitals)?;
        let heatmaps =
            HeatmapSettings { pages: business.heatmap_pages.into(), ..sites::get(tx, site)?.heatmaps };
        site_heatmaps::update(tx, site, &heatmaps)?;
        let range = DateRange { first, last: options.until };
        success::set_up(tx, site, business, range, options.visits)?;
        if business.domain == BAKERY.domain {
            let DemoOptions { days, until, now, seed, .. } = *options;
            uptime::write(tx, site, business.domain, &zone, &History { days, until, now, seed })?;
        }
        Ok(site)
    })?;
    let mut rng = Rng::with_seed(options.seed);
    let days = calendar::spread(&mut rng, first, options.until, options.visits);
    let people = People::for_business(business);
    let (labels, attributes) = (HashMap::new(), AttributeCache::default());
    let split_since = split_test::began(options.until);
    let mut writer =
        SiteWriter { site, zone, labels, attributes, business, people, split_since, actions: 0, visits: 0 };
    let mut days = days.into_iter().peekable();
    while days.peek().is_some() {
        store::change(connection, |tx| {
            let until = writer.visits + VISITS_PER_TRANSACTION;
            while let Some((day, count)) = days.next_if(|_| writer.visits < until) {
                writer.write_day(tx, &mut rng, day, count, options)?;
            }
            Ok(())
        })?;
        store::checkpoint(connection)?;
        progress(writer.visits);
    }
    success::match_goals(connection, site)?;
    Ok(Written { site, visits: writer.visits, actions: writer.actions })
}

/// The writer of a site, with its caches and counts.
struct SiteWriter {
    site: SiteId,
    zone: Zone,
    labels: HashMap<String, i64>,
    attributes: AttributeCache,
    business: &'static Business,
    people: People,
    /// The first day of the split test.
    split_since: Day,
    actions: u64,
    visits: u64,
}

impl SiteWriter {
    fn write_day(
        &mut self,
        tx: &Transaction<'_>,
        rng: &mut Rng,
        day: Day,
        count: u64,
        options: &DemoOptions,
    ) -> Result<()> {
        let (start, end) = (self.zone.start(day).0, self.zone.start(day.plus(1)).0);
        let mut moments: Vec<i64> = (0..count)
            .map(|_| start + calendar::moment(rng, day, options.until) * (end - start) / 86_400_000)
            .collect();
        moments.sort_unstable();
        let mut last_id = 0;
        for moment in moments {
            let mut planned = self.people.visit(rng, day, options.until);
            // Every visit is generated, so that the random sequence does not depend on the time; future ones
            // are not written.
            if moment + planned.length > options.now.0 {
                continue;
            }
            let id = VisitId::first_at(Timestamp(moment)).0.max(last_id + 1);
            last_id = id;
            let id = VisitId(id);
            let missing = page_reports::follow_broken_link(id, self.business, &mut planned);
            self.write_visit(tx, id, day, &planned)?;
            let is_measured = options.until.0 - day.0 < page_reports::MEASURED_DAYS;
            self.write_page_reports(tx, id, missing, is_measured.then_some(&planned))?;
        }
        if start < options.now.0 {
            self.write_filtered(tx, rng, day, start, count)?;
        }
        Ok(())
    }

    fn label(&mut self, tx: &Transaction<'_>, text: &str) -> Result<i64> {
        if let Some(label) = self.labels.get(text) {
            return Ok(*label);
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None => labels::create(tx, text)?,
        };
        self.labels.insert(text.to_owned(), label);
        Ok(label)
    }

    /// Returns the label of a text; 0 for an empty one.
    fn label_or_zero(&mut self, tx: &Transaction<'_>, text: &str) -> Result<i64> {
        if text.is_empty() { Ok(0) } else { self.label(tx, text) }
    }

    fn write_visit(
        &mut self,
        tx: &Transaction<'_>,
        id: VisitId,
        day: Day,
        planned: &PlannedVisit,
    ) -> Result<()> {
        let site = self.site;
        let views = planned.steps.iter().filter(|step| step.kind == ActionKind::PageView);
        let (mut page_views, mut exit, mut landing) = (0, None, None);
        for view in views {
            let page = Some(self.label(tx, &view.address)?);
            (page_views, exit) = (page_views + 1, page);
            landing = landing.or(page);
        }
        let visit = OpenVisit {
            id,
            visitor: VisitorId(planned.visitor.id),
            stay: planned.length,
            actions: count(planned.steps.iter().filter(|step| step.kind.counts())),
            page_views,
            last_number: count(planned.steps.iter()),
            exit,
        };
        let start = VisitStart { landing, ..self.visit_start(tx, day, planned)? };
        visits::create_visit(tx, site, &visit, &start)?;
        for (number, step) in (1..).zip(&planned.steps) {
            let page = Some(self.label(tx, &step.address)?);
            let title = Some(self.label(tx, step.title)?);
            visit_tables::create_action(
                tx,
                site,
                id,
                &ActionRow { number, at: step.at, kind: step.kind.code(), page, title },
            )?;
            if step.kind == ActionKind::Media {
                let event = Some(self.label(tx, "play")?);
                visit_tables::create_media(tx, site, id, number, event, Some(0))?;
            }
            self.actions += 1;
        }
        if let Some(customer) = planned.visitor.customer() {
            for (key, value) in [("username", customer), ("customer-card", planned.visitor.card())] {
                let (key, value) = (self.label(tx, key)?, self.label(tx, value)?);
                visit_tables::set_custom(tx, site, id, key, value, 2)?;
            }
        }
        for (at, name, sent) in &planned.goals {
            let goal = goals::create_found(tx, site, name, id.began())?;
            let set_up = self.business.goals.iter().find(|goal| goal.name == *name);
            let fixed = set_up.and_then(|goal| goal.revenue);
            let (sent, revenue) = (fixed.is_none().then_some(*sent), fixed.unwrap_or(*sent));
            let (visit, number, at) = (id, 0, *at);
            let (is_matched, counts) = (false, true);
            let row = ConversionRow { visit, number, at, goal, is_matched, sent, revenue, counts };
            conversions::append(tx, site, &row, 10)?;
        }
        self.write_split(tx, id, day, planned)?;
        self.visits += 1;
        Ok(())
    }

    /// Writes the version of the split test that a visit saw.
    fn write_split(
        &mut self,
        tx: &Transaction<'_>,
        id: VisitId,
        day: Day,
        planned: &PlannedVisit,
    ) -> Result<()> {
        let has_goal = self.business.goals.iter().any(|goal| goal.name == split_test::GOAL);
        let version = Some(planned).filter(|_| has_goal && day >= self.split_since);
        let Some(version) = version.and_then(split_test::version) else { return Ok(()) };
        let (test, version) = (self.label(tx, split_test::TEST)?, self.label(tx, version)?);
        let goal = Some(self.label(tx, split_test::GOAL)?);
        visit_tables::create_split(tx, self.site, id, test, version, goal, 1)
    }

    /// Writes what the browser of a visit told of its pages.
    fn write_page_reports(
        &mut self,
        tx: &Transaction<'_>,
        id: VisitId,
        missing: Option<MissingPage>,
        measured: Option<&PlannedVisit>,
    ) -> Result<()> {
        if let Some(MissingPage { page, referrer }) = missing {
            let page = self.label(tx, &page)?;
            let referrer = referrer.map(|referrer| self.label(tx, &referrer)).transpose()?;
            visit_tables::create_missing_page(
                tx,
                self.site,
                id,
                page,
                referrer,
                limits::MISSING_PAGES_PER_VISIT_MAX,
            )?;
        }
        if let Some(planned) = measured {
            for (page, values) in page_reports::vitals(id, self.business, planned) {
                let page = self.label(tx, &page)?;
                visit_tables::create_vitals(tx, self.site, id, page, values, limits::VITALS_PER_VISIT_MAX)?;
            }
            self.write_page_uses(tx, id, planned)?;
        }
        Ok(())
    }

    /// Writes how a visit used its pages.
    fn write_page_uses(&mut self, tx: &Transaction<'_>, id: VisitId, planned: &PlannedVisit) -> Result<()> {
        for PageUse { page, seconds, depth, clicks } in page_use::page_uses(id, self.business, planned) {
            let page = self.label(tx, &page)?;
            page_reads::add(tx, self.site, id, &PageRead { page, seconds, depth: Some(depth) })?;
            for click in clicks {
                let element = self.label(tx, click.element.0)?;
                let text = click.text().map(|text| self.label(tx, text)).transpose()?;
                let click = click.row(page, element, text);
                let most = limits::HEATMAP_CLICKS_PER_VISIT_MAX;
                visit_tables::create_heatmap_click(tx, self.site, id, &click, most)?;
            }
        }
        Ok(())
    }

    fn visit_start(&mut self, tx: &Transaction<'_>, day: Day, planned: &PlannedVisit) -> Result<VisitStart> {
        let visitor = &planned.visitor;
        let mut ids = AttributeIds::default();
        self.set_source(tx, planned, &mut ids)?;
        self.set_visitor(tx, day, visitor, &mut ids)?;
        Ok(VisitStart {
            traits: if visitor.is_new { visit_flags::NEW } else { 0 } | visit_flags::JAVASCRIPT,
            source: self.attributes.row(tx, InternedTable::Sources, &ids)?,
            machine: self.attributes.row(tx, InternedTable::Machines, &ids)?,
            place: self.attributes.row(tx, InternedTable::Places, &ids)?,
            hostname: Some(self.label(tx, &visitor.hostname())?),
            address: Some(visitor.address().to_vec()),
            ..VisitStart::default()
        })
    }

    fn set_source(
        &mut self,
        tx: &Transaction<'_>,
        planned: &PlannedVisit,
        ids: &mut AttributeIds,
    ) -> Result<()> {
        let from = planned.source;
        ids[VisitAttribute::Channel] = from.channel.code();
        for (attribute, text) in [
            (VisitAttribute::Link, &*planned.referrer),
            (VisitAttribute::LinkDomain, from.domain),
            (VisitAttribute::Engine, from.name),
            (VisitAttribute::Terms, planned.terms.as_deref().unwrap_or_default()),
        ] {
            ids[attribute] = self.label_or_zero(tx, text)?;
        }
        if let Some(CampaignLink { name, source, medium, term, content }) = planned.campaign {
            ids[VisitAttribute::Channel] = Channel::Advertising.code();
            for (attribute, text) in [
                (VisitAttribute::Campaign, name),
                (VisitAttribute::CampaignSource, source),
                (VisitAttribute::CampaignMedium, medium),
                (VisitAttribute::CampaignTerm, term),
                (VisitAttribute::CampaignContent, content),
            ] {
                ids[attribute] = self.label_or_zero(tx, text)?;
            }
        }
        Ok(())
    }

    fn set_visitor(
        &mut self,
        tx: &Transaction<'_>,
        day: Day,
        visitor: &DemoVisitor,
        ids: &mut AttributeIds,
    ) -> Result<()> {
        let device = visitor.device();
        let (city, region, latitude, longitude) = *visitor.city();
        for (attribute, text) in [
            (VisitAttribute::Browser, visitor.browser(day).as_str()),
            (VisitAttribute::System, device.system),
            (VisitAttribute::Screen, device.screen),
            (VisitAttribute::Language, visitor.country().language),
            (VisitAttribute::Country, visitor.country().code),
            (VisitAttribute::Region, region),
            (VisitAttribute::City, city),
            (VisitAttribute::Organization, visitor.organization()),
        ] {
            ids[attribute] = self.label_or_zero(tx, text)?;
        }
        ids[VisitAttribute::DeviceType] = device.device_type.code();
        ids.set_point(GeoPoint::from_degrees(Some(latitude), Some(longitude)));
        Ok(())
    }

    fn write_filtered(
        &self,
        tx: &Transaction<'_>,
        rng: &mut Rng,
        day: Day,
        start: i64,
        visits: u64,
    ) -> Result<()> {
        for &(reason, of_a_thousand, page, agent, referrer) in self.business.filtered {
            let usual = i64::try_from(visits).unwrap_or(0) * i64::from(of_a_thousand) / 1_000;
            let hits = usual + rng.i64(0..=usual / 4 + 1);
            if hits == 0 {
                continue;
            }
            filtered::add(tx, self.site, day, reason, hits)?;
            let sample = FilteredSample {
                at: start + rng.i64(0..36_000_000),
                page: Some(page.into()),
                agent: agent.into(),
                referrer: (!referrer.is_empty()).then(|| referrer.into()),
            };
            filtered::add_sample(tx, self.site, day, reason, &sample, limits::SAMPLES_PER_REASON_MAX)?;
        }
        filtered::delete_samples_before(tx, self.site, day.plus(-limits::SAMPLE_DAYS))
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or(i64::MAX)
}
