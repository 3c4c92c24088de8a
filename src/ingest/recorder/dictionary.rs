//! The dictionary of texts and visit attributes: the label of a text, and the rows for the source, device and location
//! of a visit. Each stands in the file once.

use super::identified_hit::IdentifiedHit;
use super::label_cache::LabelCache;
use crate::error::Result;
use crate::ingest::drop_reason::DropReason;
use crate::ingest::hit::{ActionKind, Hit, PageRef};
use crate::ingest::new_text::TextKind;
use crate::ingest::sender::HitContext;
use crate::ingest::source::{Campaign, TrafficSource};
use crate::ingest::{geoip, page_url};
use crate::model::page_form::page_form;
use crate::store::visit_attributes::{self, AttributeCache, Device, GeoPoint, Place};
use crate::store::visits::VisitStart;
use crate::store::{labels, page_forms};
use rusqlite::Transaction;

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
    pub fn word(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        kind: TextKind,
        text: &str,
    ) -> Result<i64> {
        self.labels.label(tx, context, kind, text)
    }

    /// Returns the label of a text; `None` for a missing or empty one.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn label(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        kind: TextKind,
        text: Option<&str>,
    ) -> Result<Option<i64>> {
        text.filter(|text| !text.is_empty())
            .map(|text| self.labels.label(tx, context, kind, text))
            .transpose()
    }

    /// Returns the label of the address of a page, file or link, in the form that stands for the page, without the
    /// parameters that the site strips; `None` if no address was sent.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn page(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        kind: ActionKind,
        page: &PageRef,
    ) -> Result<Option<i64>> {
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
        let label = self.label(tx, arrival.context, TextKind::Pages, Some(&form))?;
        if let Some(label) = label.filter(|_| kind != ActionKind::Outbound && page_form(&form) != form) {
            note_form(tx, label, &form)?;
        }
        Ok(label)
    }

    /// Returns the start of a visit with the attributes of its first hit. Without consent its location is the country.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn describe(
        &mut self,
        tx: &Transaction<'_>,
        arrival: &IdentifiedHit<'_>,
        source: &TrafficSource,
    ) -> Result<VisitStart> {
        let IdentifiedHit { hit, context, .. } = *arrival;
        let source = self.source(tx, context, source)?;
        let device = self.device(tx, context, hit)?;
        let exact = if arrival.visitor.may_be_known {
            self.exact(tx, context, &hit.place)?
        } else {
            Place::default()
        };
        let country = hit.place.country.as_ref().map(geoip::Country::code);
        let place = Place { country: self.label_or_zero(tx, context, TextKind::Devices, country)?, ..exact };
        Ok(VisitStart {
            source,
            machine: self.attributes.machine(tx, device)?,
            place: self.attributes.place(tx, place)?,
            ..VisitStart::default()
        })
    }

    /// Returns the row of a source.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn source(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        source: &TrafficSource,
    ) -> Result<i64> {
        let source = self.source_ids(tx, context, source)?;
        self.attributes.source(tx, source)
    }

    /// Returns the row of an exact location whose country is stored already, as a label.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn place(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        location: &geoip::Location,
        country: i64,
    ) -> Result<i64> {
        let place = Place { country, ..self.exact(tx, context, location)? };
        self.attributes.place(tx, place)
    }

    fn source_ids(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        source: &TrafficSource,
    ) -> Result<visit_attributes::SourceIds> {
        let mut label = |text: Option<&String>| {
            self.label_or_zero(tx, context, TextKind::Sources, text.map(String::as_str))
        };
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

    fn device(&mut self, tx: &Transaction<'_>, context: HitContext, hit: &Hit) -> Result<Device> {
        let agent = &hit.agent.agent;
        let mut label = |text: Option<&str>| self.label_or_zero(tx, context, TextKind::Devices, text);
        Ok(Device {
            browser: label(Some(&agent.browser))?,
            system: label(Some(&agent.system))?,
            hardware: agent.device.code(),
            screen: label(hit.screen.as_deref())?,
            language: label(hit.language.as_deref())?,
        })
    }

    /// Returns a location without its country.
    fn exact(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        location: &geoip::Location,
    ) -> Result<Place> {
        let mut label = |text: Option<&str>| self.label_or_zero(tx, context, TextKind::Devices, text);
        Ok(Place {
            country: 0,
            region: label(location.region.as_deref())?,
            city: label(location.city.as_deref())?,
            organization: label(location.organisation.as_deref())?,
            spot: GeoPoint::from_degrees(location.latitude, location.longitude),
        })
    }

    /// Returns the label of a text; 0 if there is none.
    fn label_or_zero(
        &mut self,
        tx: &Transaction<'_>,
        context: HitContext,
        kind: TextKind,
        text: Option<&str>,
    ) -> Result<i64> {
        Ok(self.label(tx, context, kind, text)?.unwrap_or(0))
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
