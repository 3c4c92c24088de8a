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
use crate::store::attribute_cache::{AttributeCache, AttributeIds, GeoPoint};
use crate::store::interned_table::InternedTable;
use crate::store::visit_attribute::VisitAttribute;
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
        let mut ids = AttributeIds::default();
        self.set_device(arrival, &mut ids)?;
        if arrival.visitor.may_be_known {
            self.set_exact(arrival, &mut ids)?;
        }
        let country = hit.place.country.as_ref().map(geoip::Country::code);
        ids[VisitAttribute::Country] = self.label_or_zero(arrival, TextKind::Devices, country)?;
        Ok(VisitStart {
            source,
            machine: self.attributes.row(arrival.tx, InternedTable::Machines, &ids)?,
            place: self.attributes.row(arrival.tx, InternedTable::Places, &ids)?,
            ..VisitStart::default()
        })
    }

    /// Returns the row of a source.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn source(&mut self, arrival: &Arrival<'_>, source: &TrafficSource) -> Result<i64> {
        let campaign = source.campaign.as_ref();
        let of_campaign = |pick: fn(&Campaign) -> Option<&String>| campaign.and_then(pick);
        let texts = [
            (VisitAttribute::Campaign, of_campaign(|campaign| Some(&campaign.name))),
            (VisitAttribute::CampaignSource, of_campaign(|campaign| campaign.source.as_ref())),
            (VisitAttribute::CampaignMedium, of_campaign(|campaign| campaign.medium.as_ref())),
            (VisitAttribute::CampaignTerm, of_campaign(|campaign| campaign.term.as_ref())),
            (VisitAttribute::CampaignContent, of_campaign(|campaign| campaign.content.as_ref())),
            (VisitAttribute::Link, source.referrer.as_ref()),
            (VisitAttribute::LinkDomain, source.domain.as_ref()),
            (VisitAttribute::Engine, source.name.as_ref()),
            (VisitAttribute::Terms, source.terms.as_ref()),
        ];
        let mut ids = AttributeIds::default();
        for (attribute, text) in texts {
            ids[attribute] = self.label_or_zero(arrival, TextKind::Sources, text.map(String::as_str))?;
        }
        ids[VisitAttribute::Channel] = source.channel.code();
        self.attributes.row(arrival.tx, InternedTable::Sources, &ids)
    }

    /// Returns the row of a hit's exact location, whose country is stored already, as a label.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read or written.
    pub fn place(&mut self, arrival: &Arrival<'_>, country: i64) -> Result<i64> {
        let mut ids = AttributeIds::default();
        self.set_exact(arrival, &mut ids)?;
        ids[VisitAttribute::Country] = country;
        self.attributes.row(arrival.tx, InternedTable::Places, &ids)
    }

    fn set_device(&mut self, arrival: &Arrival<'_>, ids: &mut AttributeIds) -> Result<()> {
        let hit = arrival.hit;
        let agent = &hit.agent.agent;
        let read = [(VisitAttribute::Browser, &agent.browser), (VisitAttribute::System, &agent.system)];
        let sent = hit.attributes.iter().map(|(attribute, text)| (*attribute, text));
        for (attribute, text) in read.into_iter().chain(sent) {
            ids[attribute] = self.label_or_zero(arrival, TextKind::Devices, Some(text))?;
        }
        ids[VisitAttribute::DeviceType] = agent.device.code();
        Ok(())
    }

    /// Sets a location without its country.
    fn set_exact(&mut self, arrival: &Arrival<'_>, ids: &mut AttributeIds) -> Result<()> {
        let location = &arrival.hit.place;
        for (attribute, text) in [
            (VisitAttribute::Region, &location.region),
            (VisitAttribute::City, &location.city),
            (VisitAttribute::Organization, &location.organisation),
        ] {
            ids[attribute] = self.label_or_zero(arrival, TextKind::Devices, text.as_deref())?;
        }
        ids.set_point(GeoPoint::from_degrees(location.latitude, location.longitude));
        Ok(())
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
