//! The dictionary of texts and visit attributes: the label of a text, and the rows for the source, device and location
//! of a visit. Each stands in the file once. A new text without room in its budget becomes "(other)".

use super::arrival::Arrival;
use crate::error::Result;
use crate::ingest::budgets::{Budgets, TextKind};
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{ActionKind, PageRef};
use crate::ingest::sender::HitContext;
use crate::ingest::source::{Campaign, TrafficSource};
use crate::ingest::{geoip, page_url};
use crate::limits;
use crate::model::page_form::page_form;
use crate::store::visit_attributes::{self, AttributeCache, Device, GeoPoint, Place};
use crate::store::visits::VisitStart;
use crate::store::{labels, page_forms};
use rusqlite::Transaction;
use std::collections::HashMap;

/// The labels and attribute rows that the writer has cached.
pub struct LabelDictionary {
    labels: LabelCache,
    attributes: AttributeCache,
}

impl LabelDictionary {
    /// Returns an empty dictionary.
    pub fn new() -> Self {
        Self { labels: LabelCache::new(), attributes: AttributeCache::default() }
    }

    /// Empties the caches.
    pub fn forget(&mut self) {
        self.labels.forget();
        self.attributes.forget();
    }

    /// Returns the reasons why texts were stored as "(other)" since the last call, each once.
    pub fn take_refusals(&mut self) -> Vec<DropReason> {
        self.labels.take_refusals()
    }

    /// Returns the label of a text.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn word(&mut self, arrival: &Arrival<'_>, kind: TextKind, text: &str) -> Result<i64> {
        self.labels.label(arrival.tx, arrival.context, kind, text)
    }

    /// Returns the label of a text; `None` for a missing or empty one.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn label(
        &mut self,
        arrival: &Arrival<'_>,
        kind: TextKind,
        text: Option<&str>,
    ) -> Result<Option<i64>> {
        text.filter(|text| !text.is_empty())
            .map(|text| self.labels.label(arrival.tx, arrival.context, kind, text))
            .transpose()
    }

    /// Returns the label of the address of a page, file or link, in the form that stands for the page, without the
    /// parameters that the site strips; `None` if no address was sent.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn page(&mut self, arrival: &Arrival<'_>, kind: ActionKind, page: &PageRef) -> Result<Option<i64>> {
        let domain = arrival.site.site.domain.as_str();
        let completed;
        let address = match page {
            PageRef::Absolute(address) => address.as_str(),
            PageRef::Bare(path) => {
                completed = page_url::complete(path, domain).unwrap_or_default();
                completed.as_str()
            }
            PageRef::None => return Ok(None),
        };
        let stripped = arrival.site.exclusions.stripped(address);
        let form = page_url::form(kind, stripped.as_deref().unwrap_or(address), domain);
        let label = self.label(arrival, TextKind::Pages, Some(&form))?;
        if let Some(label) = label.filter(|_| kind != ActionKind::Outbound && page_form(&form) != form) {
            note_form(arrival.tx, label, &form)?;
        }
        Ok(label)
    }

    /// Returns the start of a visit with the attributes of its first hit. Without consent its location is the country.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn describe(&mut self, arrival: &Arrival<'_>, source: &TrafficSource) -> Result<VisitStart> {
        let hit = arrival.hit;
        let source = self.source(arrival, source)?;
        let device = self.device(arrival)?;
        let exact = if arrival.visitor.may_be_known { self.exact(arrival)? } else { Place::default() };
        let country = hit.place.country.as_ref().map(geoip::Country::code);
        let place = Place { country: self.label_or_zero(arrival, TextKind::Devices, country)?, ..exact };
        Ok(VisitStart {
            source,
            machine: self.attributes.machine(arrival.tx, device)?,
            place: self.attributes.place(arrival.tx, place)?,
            ..VisitStart::default()
        })
    }

    /// Returns the row of a source.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn source(&mut self, arrival: &Arrival<'_>, source: &TrafficSource) -> Result<i64> {
        let source = self.source_ids(arrival, source)?;
        self.attributes.source(arrival.tx, source)
    }

    /// Returns the row of a hit's exact location, whose country is stored already, as a label.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn place(&mut self, arrival: &Arrival<'_>, country: i64) -> Result<i64> {
        let place = Place { country, ..self.exact(arrival)? };
        self.attributes.place(arrival.tx, place)
    }

    fn source_ids(
        &mut self,
        arrival: &Arrival<'_>,
        source: &TrafficSource,
    ) -> Result<visit_attributes::SourceIds> {
        let mut label =
            |text: Option<&String>| self.label_or_zero(arrival, TextKind::Sources, text.map(String::as_str));
        let campaign = match &source.campaign {
            Some(Campaign { name, source, medium, term, content }) => [
                label(Some(name))?,
                label(source.as_ref())?,
                label(medium.as_ref())?,
                label(term.as_ref())?,
                label(content.as_ref())?,
            ],
            None => [0; 5],
        };
        Ok(visit_attributes::SourceIds {
            channel: source.channel.code(),
            referrer: label(source.referrer.as_ref())?,
            referrer_domain: label(source.domain.as_ref())?,
            referrer_name: label(source.name.as_ref())?,
            search_terms: label(source.terms.as_ref())?,
            campaign,
        })
    }

    fn device(&mut self, arrival: &Arrival<'_>) -> Result<Device> {
        let hit = arrival.hit;
        let agent = &hit.agent.agent;
        let mut label = |text: Option<&str>| self.label_or_zero(arrival, TextKind::Devices, text);
        Ok(Device {
            browser: label(Some(&agent.browser))?,
            system: label(Some(&agent.system))?,
            hardware: agent.device.code(),
            screen: label(hit.screen.as_deref())?,
            language: label(hit.language.as_deref())?,
        })
    }

    /// Returns a location without its country.
    fn exact(&mut self, arrival: &Arrival<'_>) -> Result<Place> {
        let location = &arrival.hit.place;
        let mut label = |text: Option<&str>| self.label_or_zero(arrival, TextKind::Devices, text);
        Ok(Place {
            country: 0,
            region: label(location.region.as_deref())?,
            city: label(location.city.as_deref())?,
            organization: label(location.organisation.as_deref())?,
            spot: GeoPoint::from_degrees(location.latitude, location.longitude),
        })
    }

    /// Returns the label of a text; 0 if there is none.
    fn label_or_zero(&mut self, arrival: &Arrival<'_>, kind: TextKind, text: Option<&str>) -> Result<i64> {
        Ok(self.label(arrival, kind, text)?.unwrap_or(0))
    }
}

/// Adds the page form of a file or an event on another host: it becomes the site's own when the site moves there. A text
/// beyond its day's budget has the label of "(other)", and no form.
fn note_form(tx: &Transaction<'_>, label: i64, text: &str) -> Result<()> {
    if labels::find(tx, text)? == Some(label) {
        page_forms::add_one(tx, label, text)?;
    }
    Ok(())
}

/// The cached labels by text, and the budgets for new ones.
pub struct LabelCache {
    known: HashMap<Box<str>, i64>,
    budgets: Budgets,
    refusals: Vec<DropReason>,
}

impl LabelCache {
    /// Returns an empty cache.
    pub fn new() -> Self {
        Self { known: HashMap::new(), budgets: Budgets::default(), refusals: Vec::new() }
    }

    /// Discards the cached labels; the day's budgets stay as they are.
    pub fn forget(&mut self) {
        self.known.clear();
        self.refusals.clear();
    }

    /// Returns the reasons why texts had no room since the last call, each once.
    pub fn take_refusals(&mut self) -> Vec<DropReason> {
        std::mem::take(&mut self.refusals)
    }

    /// Returns the label of a text; creates a new one while its budget has room, else returns that of "(other)".
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn label(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        kind: TextKind,
        text: &str,
    ) -> Result<i64> {
        if let Some(label) = self.known.get(text) {
            return Ok(*label);
        }
        let label = match labels::find(tx, text)? {
            Some(label) => label,
            None if text == labels::OTHER => labels::create(tx, text)?,
            None => match self.budgets.spend(context, kind) {
                Ok(()) => labels::create(tx, text)?,
                Err(budget) => {
                    let reason = DropReason::NewText(kind, budget);
                    if !self.refusals.contains(&reason) {
                        self.refusals.push(reason);
                    }
                    return self.label(tx, context, kind, labels::OTHER);
                }
            },
        };
        if self.known.len() >= limits::LABELS_CACHED_MAX {
            self.known.clear();
        }
        if text.len() <= limits::LABEL_CACHED_BYTES_MAX {
            self.known.insert(text.into(), label);
        }
        Ok(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::budgets::Budget;
    use crate::ingest::sender::Sender;
    use crate::model::clock::Day;
    use crate::model::id::SiteId;

    #[test]
    fn one_text_too_many_of_a_sites_day_becomes_other_and_the_next_day_has_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let mut cache = LabelCache::new();
        let on = |site, day| HitContext { site: SiteId(site), day: Day(day), sender: Sender::Program };
        let (flooded, pages) = (on(1, 20_000), TextKind::Pages);
        for number in 0..limits::NEW_PAGES_PER_SITE_DAY_MAX {
            cache.label(&tx, flooded, pages, &format!("page {number}")).unwrap();
        }
        assert_eq!(cache.take_refusals(), []);
        let other = cache.label(&tx, flooded, pages, "one too many").unwrap();
        cache.label(&tx, flooded, pages, "two too many").unwrap();
        assert_eq!(cache.take_refusals(), [DropReason::NewText(TextKind::Pages, Budget::Site)]);
        assert_eq!(labels::find(&tx, labels::OTHER).unwrap(), Some(other));
        assert_eq!(labels::find(&tx, "one too many").unwrap(), None);
        assert_eq!(
            labels::find(&tx, "page 7").unwrap(),
            Some(cache.label(&tx, flooded, pages, "page 7").unwrap())
        );
        assert_ne!(cache.label(&tx, on(2, 20_000), TextKind::Pages, "another site's").unwrap(), other);
        assert_ne!(cache.label(&tx, on(1, 20_000), TextKind::Sources, "another kind's").unwrap(), other);
        assert_ne!(cache.label(&tx, on(1, 20_001), TextKind::Pages, "one too many").unwrap(), other);
        assert_eq!(cache.take_refusals(), []);
    }
}
