//! The demo: a plausible business with its visitors, written straight into the data file, for trying the
//! program, screenshots and benchmarks. The same seed and last day give the same rows.

pub mod agency;
mod business;
mod calendar;
mod clients;
mod countries;
mod devices;
pub mod others;
mod visitors;

use business::CampaignLink;
pub use business::{BAKERY, Business};
pub use clients::{BIKES, CAFE, STUDIO};

use crate::error::Result;
use crate::ingest::hit::ActionKind;
use crate::limits;
use crate::model::clock::{Day, Timestamp, Zone};
use crate::model::id::{SiteId, UserId, VisitId, VisitorId};
use crate::store::filtered::{self, FilteredSample};
use crate::store::sites::{self, Keys, NewSite, Privacy, Site};
use crate::store::visit_attributes::{AttributeCache, Device, GeoPoint, Place, SourceIds};
use crate::store::visits::{self, ActionRow, Conversion, OpenVisit, VisitStart, trait_bits};
use crate::store::{self, labels};
use fastrand::Rng;
use rusqlite::{Connection, Transaction};
use std::collections::HashMap;
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
    (owner, business): (UserId, &'static Business),
    wanted: &DemoOptions,
    progress: impl Fn(u64),
) -> Result<Written> {
    let zone = zone()?;
    let first = wanted.first();
    let site = store::change(connection, |tx| {
        let new = NewSite { domain: business.domain.into(), name: business.name.into(), zone: zone.clone() };
        let site = sites::create(tx, owner, &new, &Keys::generate()?, zone.start(first))?;
        let Site { privacy, bounds, .. } = sites::get(tx, site)?;
        sites::update_tracking(tx, site, &Privacy { cookies_allowed: true, ..privacy }, &bounds)?;
        Ok(site)
    })?;
    let mut rng = Rng::with_seed(wanted.seed);
    let days = calendar::spread(&mut rng, (first, wanted.until), wanted.visits);
    let people = People::for_business(business);
    let (words, circumstances) = (HashMap::new(), AttributeCache::default());
    let mut pen = Pen { site, zone, words, circumstances, business, people, actions: 0, visits: 0 };
    let mut days = days.into_iter().peekable();
    while days.peek().is_some() {
        store::change(connection, |tx| {
            let until = pen.visits + VISITS_PER_TRANSACTION;
            while let Some((day, count)) = days.next_if(|_| pen.visits < until) {
                pen.write_day(tx, &mut rng, (day, count), wanted)?;
            }
            Ok(())
        })?;
        store::checkpoint(connection)?;
        progress(pen.visits);
    }
    Ok(Written { site, visits: pen.visits, actions: pen.actions })
}

struct Pen {
    site: SiteId,
    zone: Zone,
    words: HashMap<String, i64>,
    circumstances: AttributeCache,
    business: &'static Business,
    people: People,
    actions: u64,
    visits: u64,
}

impl Pen {
    fn write_day(
        &mut self,
        tx: &Transaction<'_>,
        rng: &mut Rng,
        (day, count): (Day, u64),
        wanted: &DemoOptions,
    ) -> Result<()> {
        let (start, end) = (self.zone.start(day).0, self.zone.start(day.plus(1)).0);
        let mut moments: Vec<i64> = (0..count)
            .map(|_| start + calendar::moment(rng, day, wanted.until) * (end - start) / 86_400_000)
            .collect();
        moments.sort_unstable();
        let mut last_id = 0;
        for moment in moments {
            let stay = self.people.come(rng, day, wanted.until);
            // Every visit is generated, so that the random sequence does not depend on the time; future ones
            // are not written.
            if moment + stay.length > wanted.now.0 {
                continue;
            }
            let id = VisitId::first_at(Timestamp(moment)).0.max(last_id + 1);
            last_id = id;
            self.write_visit(tx, VisitId(id), day, &stay)?;
        }
        if start < wanted.now.0 {
            self.write_left_out(tx, rng, (day, start), count)?;
        }
        Ok(())
    }

    fn label(&mut self, tx: &Transaction<'_>, text: &str) -> Result<i64> {
        if let Some(label) = self.words.get(text) {
            return Ok(*label);
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None => labels::create(tx, text)?,
        };
        self.words.insert(text.to_owned(), label);
        Ok(label)
    }

    /// Returns the label of a text; 0 for an empty one.
    fn number(&mut self, tx: &Transaction<'_>, text: &str) -> Result<i64> {
        if text.is_empty() { Ok(0) } else { self.label(tx, text) }
    }

    fn write_visit(
        &mut self,
        tx: &Transaction<'_>,
        id: VisitId,
        day: Day,
        stay: &PlannedVisit,
    ) -> Result<()> {
        let site = self.site;
        let views = stay.steps.iter().filter(|step| step.kind == ActionKind::PageView);
        let (mut page_views, mut exit, mut landing) = (0, None, None);
        for view in views {
            let page = Some(self.label(tx, &view.address)?);
            (page_views, exit) = (page_views + 1, page);
            landing = landing.or(page);
        }
        let visit = OpenVisit {
            id,
            visitor: VisitorId(stay.person.id),
            stay: stay.length,
            actions: count(stay.steps.iter().filter(|step| step.kind.counts())),
            page_views,
            last_number: count(stay.steps.iter()),
            exit,
        };
        let begun = VisitStart { landing, ..self.beginning(tx, day, stay)? };
        visits::create_visit(tx, site, &visit, &begun)?;
        for (number, step) in (1..).zip(&stay.steps) {
            let page = Some(self.label(tx, &step.address)?);
            let title = Some(self.label(tx, step.title)?);
            visits::create_action(
                tx,
                site,
                id,
                &ActionRow { number, at: step.at, kind: step.kind.code(), page, title },
            )?;
            if step.kind == ActionKind::Media {
                let event = Some(self.label(tx, "play")?);
                visits::create_media(tx, site, id, number, event, Some(0))?;
            }
            self.actions += 1;
        }
        if let Some(customer) = stay.person.customer() {
            let (key, value) = (self.label(tx, "username")?, self.label(tx, customer)?);
            visits::set_custom(tx, site, id, key, value, 1)?;
        }
        for (at, goal, revenue) in &stay.goals {
            let conversion = Conversion { at: *at, goal: self.label(tx, goal)?, revenue: *revenue };
            visits::create_conversion(tx, site, id, &conversion, 10)?;
        }
        self.visits += 1;
        Ok(())
    }

    fn beginning(&mut self, tx: &Transaction<'_>, day: Day, stay: &PlannedVisit) -> Result<VisitStart> {
        let person = &stay.person;
        let source = self.source(tx, stay)?;
        let (machine, place) = (self.machine(tx, day, person)?, self.place(tx, person)?);
        Ok(VisitStart {
            traits: if person.is_new { trait_bits::NEW } else { 0 } | trait_bits::JAVASCRIPT,
            source: self.circumstances.source(tx, source)?,
            machine: self.circumstances.machine(tx, machine)?,
            place: self.circumstances.place(tx, place)?,
            hostname: Some(self.label(tx, &person.hostname())?),
            address: Some(person.address().to_vec()),
            ..VisitStart::default()
        })
    }

    fn source(&mut self, tx: &Transaction<'_>, stay: &PlannedVisit) -> Result<SourceIds> {
        let way = stay.way;
        let mut source = SourceIds {
            medium: way.medium.code(),
            referrer: self.number(tx, &stay.referrer)?,
            referrer_domain: self.number(tx, way.domain)?,
            referrer_name: self.number(tx, way.name)?,
            search_terms: self.number(tx, stay.terms.as_deref().unwrap_or_default())?,
            ..SourceIds::default()
        };
        if let Some(campaign) = stay.campaign {
            source.medium = crate::model::channel::Channel::Advertising.code();
            let CampaignLink { name, source: from, medium, term, content } = campaign;
            for (place, text) in source.campaign.iter_mut().zip([name, from, medium, term, content]) {
                *place = self.number(tx, text)?;
            }
        }
        Ok(source)
    }

    fn machine(&mut self, tx: &Transaction<'_>, day: Day, person: &DemoVisitor) -> Result<Device> {
        let machine = person.machine();
        Ok(Device {
            browser: self.number(tx, &person.browser(day))?,
            system: self.number(tx, machine.system)?,
            hardware: machine.hardware.code(),
            screen: self.number(tx, machine.screen)?,
            language: self.number(tx, person.country().language)?,
        })
    }

    fn place(&mut self, tx: &Transaction<'_>, person: &DemoVisitor) -> Result<Place> {
        let (city, region, latitude, longitude) = *person.city();
        Ok(Place {
            country: self.number(tx, person.country().code)?,
            region: self.number(tx, region)?,
            city: self.number(tx, city)?,
            organization: self.number(tx, person.organization())?,
            spot: GeoPoint::from_degrees(Some(latitude), Some(longitude)),
        })
    }

    fn write_left_out(
        &self,
        tx: &Transaction<'_>,
        rng: &mut Rng,
        (day, start): (Day, i64),
        visits: u64,
    ) -> Result<()> {
        for &(reason, of_a_thousand, page, agent, referrer) in self.business.left_out {
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
