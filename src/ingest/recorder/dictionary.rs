//! What hits say, as the file has it: texts are labels, and how somebody came, with what and from where are rows of
//! circumstances. Each stands in the file once.

use super::label_cache::LabelCache;
use super::site_cache::CachedSite;
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

/// The writer's memory of labels and circumstances.
pub struct LabelDictionary {
    words: LabelCache,
    circumstances: AttributeCache,
}

impl LabelDictionary {
    /// Knows nothing.
    pub fn new() -> Self {
        Self { words: LabelCache::new(), circumstances: AttributeCache::default() }
    }

    /// Drops what is remembered of the file.
    pub fn forget(&mut self) {
        self.words.forget();
        self.circumstances.forget();
    }

    /// Takes the reasons why texts of the last hit were stored as "(other)"; each reason once.
    pub fn take_refusals(&mut self) -> Vec<DropReason> {
        self.words.take_refusals()
    }

    /// The label of a text that is there.
    pub fn word(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        kind: TextKind,
        text: &str,
    ) -> Result<i64> {
        self.words.label(tx, (here, kind), text)
    }

    /// The label of a text, unless it is missing or empty.
    pub fn label(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        kind: TextKind,
        text: Option<&str>,
    ) -> Result<Option<i64>> {
        text.filter(|text| !text.is_empty()).map(|text| self.words.label(tx, (here, kind), text)).transpose()
    }

    /// The label of the address of a page, a file or a link, without what the site's people strip, in the form that stands for
    /// the page.
    pub fn page(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        known: &CachedSite,
        kind: ActionKind,
        named: &PageRef,
    ) -> Result<Option<i64>> {
        let domain = known.site.domain.as_str();
        let completed;
        let address = match named {
            PageRef::Absolute(address) => address.as_str(),
            PageRef::Bare(path) => {
                completed = page_url::complete(path, domain).unwrap_or_default();
                completed.as_str()
            }
            PageRef::None => return Ok(None),
        };
        let stripped = known.rules.stripped(address);
        let form = page_url::form(kind, stripped.as_deref().unwrap_or(address), domain);
        let label = self.label(tx, here, TextKind::Pages, Some(&form))?;
        if let Some(label) = label.filter(|_| kind != ActionKind::Outbound && page_form(&form) != form) {
            note_form(tx, label, &form)?;
        }
        Ok(label)
    }

    /// Everything about a visit that is told by its first hit.
    pub fn describe(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        (hit, may_be_known): (&Hit, bool),
        source: &TrafficSource,
    ) -> Result<VisitStart> {
        let source = self.source(tx, here, source)?;
        let machine = self.machine(tx, here, hit)?;
        let exact = if may_be_known { self.exact(tx, here, &hit.place)? } else { Place::default() };
        let country = hit.place.country.as_ref().map(geoip::Country::code);
        let place = Place { country: self.number(tx, here, TextKind::Devices, country)?, ..exact };
        Ok(VisitStart {
            source,
            machine: self.circumstances.machine(tx, machine)?,
            place: self.circumstances.place(tx, place)?,
            ..VisitStart::default()
        })
    }

    /// The row of how a visit came.
    pub fn source(&mut self, tx: &Transaction<'_>, here: HitContext, source: &TrafficSource) -> Result<i64> {
        let source = self.origin(tx, here, source)?;
        self.circumstances.source(tx, source)
    }

    /// The place of a hit, when its visit's country is known already and the rest may be kept now.
    pub fn place(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        (country, hit): (i64, &Hit),
    ) -> Result<i64> {
        let place = Place { country, ..self.exact(tx, here, &hit.place)? };
        self.circumstances.place(tx, place)
    }

    fn origin(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        source: &TrafficSource,
    ) -> Result<visit_attributes::SourceIds> {
        let mut label =
            |text: Option<&String>| self.number(tx, here, TextKind::Sources, text.map(String::as_str));
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
            medium: source.medium.code(),
            referrer: label(source.referrer.as_ref())?,
            referrer_domain: label(source.domain.as_ref())?,
            referrer_name: label(source.name.as_ref())?,
            search_terms: label(source.terms.as_ref())?,
            campaign,
        })
    }

    fn machine(&mut self, tx: &Transaction<'_>, here: HitContext, hit: &Hit) -> Result<Device> {
        let agent = &hit.agent.agent;
        let mut label = |text: Option<&str>| self.number(tx, here, TextKind::Devices, text);
        Ok(Device {
            browser: label(Some(&agent.browser))?,
            system: label(Some(&agent.system))?,
            hardware: agent.hardware.code(),
            screen: label(hit.screen.as_deref())?,
            language: label(hit.language.as_deref())?,
        })
    }

    /// Where exactly a visitor is, but for the country.
    fn exact(&mut self, tx: &Transaction<'_>, here: HitContext, told: &geoip::Location) -> Result<Place> {
        let mut label = |text: Option<&str>| self.number(tx, here, TextKind::Devices, text);
        Ok(Place {
            country: 0,
            region: label(told.region.as_deref())?,
            city: label(told.city.as_deref())?,
            organization: label(told.organisation.as_deref())?,
            spot: GeoPoint::from_degrees(told.latitude, told.longitude),
        })
    }

    /// The label of a text; 0: there is none.
    fn number(
        &mut self,
        tx: &Transaction<'_>,
        here: HitContext,
        kind: TextKind,
        text: Option<&str>,
    ) -> Result<i64> {
        Ok(self.label(tx, here, kind, text)?.unwrap_or(0))
    }
}

/// Notes the form of a file or an event elsewhere: it becomes the site's own when the site moves there. A text that was one too
/// many of its day has the label of another.
fn note_form(tx: &Transaction<'_>, label: i64, text: &str) -> Result<()> {
    if labels::find(tx, text)? == Some(label) {
        page_forms::add_one(tx, label, text)?;
    }
    Ok(())
}
