//! A visit's row, converted to the keys by which the visit is grouped.

use super::{DictKey, flags, pack_pair};
use crate::model::channel::Channel;
use crate::model::metrics::Measure;
use crate::reports::dimension::{PROPERTIES, Property};
use crate::store::page_forms::PageForms;
use crate::store::visits::visit_flags;
use rusqlite::{Connection, Row};

macro_rules! columns {
    () => {
        "visits.id, visitor_id, stay, actions, page_views, flags, channel, device_type, landing, exit,
  referrer, referrer_domain, referrer_name, search_terms,
  campaign, campaign_source, campaign_medium, campaign_term, campaign_content,
  browser, system, screen, language, country, region, city, organization, hostname"
    };
}

macro_rules! joins {
    () => {
        "left join sources on sources.id = visits.source
  left join machines on machines.id = visits.machine
  left join places on places.id = visits.place"
    };
}

/// The query for a site's visits in a range of ids, in order.
pub const VISITS: &str = concat!(
    "select ",
    columns!(),
    "
  from visits ",
    joins!(),
    "
  where site_id = :site and visits.id >= :first and visits.id < :end
  order by visits.id"
);

/// The query for a site's visits with listed ids.
pub const VISITS_LISTED: &str = concat!(
    "select ",
    columns!(),
    "
  from json_each(:ids) as listed
  cross join visits on visits.site_id = :site and visits.id = listed.value ",
    joins!()
);

/// The milliseconds below which a visit with one page view bounced.
const BOUNCE_MILLIS: i64 = 30_000;

/// A visit read from its row.
#[derive(Debug)]
pub struct VisitRow {
    /// The visit's id.
    pub id: i64,
    /// The milliseconds from the beginning to the last action or ping, limited to 32 bits.
    pub stay: u64,
    /// The numbers of [`Measure::NUMBERS`].
    pub numbers: [u64; Measure::NUMBERS.len()],
    /// The flags of [`flags`] that its row alone determines.
    pub flags: u8,
    /// The keys, indexed by property.
    pub keys: [DictKey; PROPERTIES],
}

impl VisitRow {
    /// Of a row of [`VISITS`], with pages under the labels that stand for them.
    pub fn read(row: &Row<'_>, connection: &Connection, forms: &PageForms) -> rusqlite::Result<Self> {
        let (stay, page_views, traits): (i64, i64, i64) = (row.get(2)?, row.get(4)?, row.get(5)?);
        let channel = key(row, 6)?;
        let is = |one: Channel| channel == one.code().cast_unsigned();
        let (is_search, is_own) = (is(Channel::Search), is(Channel::Internal));
        let link = |at| if is_search || is_own { Ok(0) } else { key(row, at) };
        let page = |at| {
            let label = forms.page(connection, key(row, at)?.cast_signed())?;
            Ok::<_, rusqlite::Error>(label.cast_unsigned())
        };
        let country = key(row, 23)?;
        let within = |place: DictKey| if place == 0 { 0 } else { pack_pair(country, place) };
        let engine = match key(row, 12)? {
            0 => key(row, 11)?,
            name => name,
        };
        let mut keys = [0; PROPERTIES];
        for (property, key) in [
            (Property::Landing, page(8)?),
            (Property::Exit, page(9)?),
            (Property::Channel, channel),
            (Property::Link, link(10)?),
            (Property::LinkDomain, link(11)?),
            (Property::Terms, key(row, 13)?),
            (Property::Engine, if is_search { engine } else { 0 }),
            (Property::Campaign, key(row, 14)?),
            (Property::CampaignSource, key(row, 15)?),
            (Property::CampaignMedium, key(row, 16)?),
            (Property::CampaignTerm, key(row, 17)?),
            (Property::CampaignContent, key(row, 18)?),
            (Property::Browser, key(row, 19)?),
            (Property::System, key(row, 20)?),
            (Property::DeviceType, key(row, 7)?),
            (Property::Screen, key(row, 21)?),
            (Property::Language, key(row, 22)?),
            (Property::Country, country),
            (Property::Region, within(key(row, 24)?)),
            (Property::City, within(key(row, 25)?)),
            (Property::Organization, key(row, 26)?),
            (Property::Hostname, key(row, 27)?),
            (Property::Visitor, key(row, 1)?),
        ] {
            keys[property as usize] = key;
        }
        let is_new = traits & visit_flags::NEW != 0;
        let has_bounced = page_views == 1 && stay < BOUNCE_MILLIS;
        let stay = bounded(stay);
        Ok(Self {
            id: row.get(0)?,
            stay,
            numbers: [stay / 1_000, bounded(row.get(3)?)],
            flags: if is_new { flags::NEW } else { 0 } | if has_bounced { flags::BOUNCE } else { 0 },
            keys,
        })
    }
}

/// Limits a number to 32 bits.
fn bounded(number: i64) -> u64 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX).into()
}

/// Reads a number from a column; 0 for null.
///
/// # Errors
/// Fails when the column does not hold an integer.
pub fn key(row: &Row<'_>, at: usize) -> rusqlite::Result<DictKey> {
    Ok(row.get::<_, Option<i64>>(at)?.unwrap_or(0).cast_unsigned())
}
