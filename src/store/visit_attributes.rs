//! Attributes that repeat together in visits: source, device and location. Each combination is one row that visits
//! point to. Also the writer's cache of these rows.

use crate::error::Result;
use crate::limits;
use rusqlite::{OptionalExtension, Transaction, params_from_iter};
use std::collections::HashMap;
use std::hash::Hash;

/// The source of a visit. Texts are label ids; 0 means none. The columns are described in `schema.sql`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SourceIds {
    /// The channel.
    pub channel: i64,
    pub referrer: i64,
    pub referrer_domain: i64,
    pub referrer_name: i64,
    pub search_terms: i64,
    /// The labels of campaign, source, medium, term and content, in this order.
    pub campaign: [i64; 5],
}

/// The device of a visitor. Texts are label ids; 0 means none. The columns are described in `schema.sql`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// The browser's label.
    pub browser: i64,
    pub system: i64,
    pub hardware: i64,
    pub screen: i64,
    pub language: i64,
}

/// The location of a visitor. Texts are label ids; 0 means none. The columns are described in `schema.sql`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The country's label.
    pub country: i64,
    pub region: i64,
    pub city: i64,
    pub organization: i64,
    pub spot: GeoPoint,
}

/// A geographic point in hundred-thousandths of a degree, about a metre. Latitude and longitude 0 lie in the sea and
/// mean "unknown", as in many geographic databases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GeoPoint {
    north: i64,
    east: i64,
}

/// The units of a [`GeoPoint`] in one degree.
const DEGREE: f64 = 100_000.0;

impl GeoPoint {
    /// Creates a point from degrees; unknown when either is missing or out of range.
    pub fn from_degrees(latitude: Option<f64>, longitude: Option<f64>) -> Self {
        match (latitude, longitude) {
            (Some(north), Some(east)) if north.abs() <= 90.0 && east.abs() <= 360.0 => {
                Self { north: units(north), east: units(east) }
            }
            _ => Self::default(),
        }
    }

    /// Creates a point from the columns of a row of `places`.
    pub fn stored(north: i64, east: i64) -> Self {
        Self { north, east }
    }

    /// Returns the degrees north and east; `None` when unknown.
    pub fn degrees(self) -> Option<(f64, f64)> {
        (self != Self::default()).then(|| (degrees(self.north), degrees(self.east)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees are few, see GeoPoint::from_degrees")]
fn units(degrees: f64) -> i64 {
    (degrees * DEGREE).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "degrees are few, see GeoPoint::from_degrees")]
fn degrees(units: i64) -> f64 {
    units as f64 / DEGREE
}

/// A cache of attribute combinations, each with the id of its row.
#[derive(Default)]
pub struct AttributeCache {
    sources: HashMap<SourceIds, i64>,
    machines: HashMap<Device, i64>,
    places: HashMap<Place, i64>,
}

impl AttributeCache {
    /// Empties the cache.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns the row id of a source, creating the row if it does not exist.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn source(&mut self, tx: &Transaction<'_>, source: SourceIds) -> Result<i64> {
        remembered(&mut self.sources, source, |source| {
            let [campaign, campaign_source, campaign_medium, campaign_term, campaign_content] =
                source.campaign;
            let columns = [
                ("referrer", source.referrer),
                ("search_terms", source.search_terms),
                ("campaign", campaign),
                ("channel", source.channel),
                ("referrer_domain", source.referrer_domain),
                ("referrer_name", source.referrer_name),
                ("campaign_source", campaign_source),
                ("campaign_medium", campaign_medium),
                ("campaign_term", campaign_term),
                ("campaign_content", campaign_content),
            ];
            find_or_create(tx, "sources", columns)
        })
    }

    /// Returns the row id of a device, creating the row if it does not exist.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn machine(&mut self, tx: &Transaction<'_>, machine: Device) -> Result<i64> {
        remembered(&mut self.machines, machine, |machine| {
            let columns = [
                ("browser", machine.browser),
                ("system", machine.system),
                ("screen", machine.screen),
                ("language", machine.language),
                ("device_type", machine.hardware),
            ];
            find_or_create(tx, "machines", columns)
        })
    }

    /// Returns the row id of a location, creating the row if it does not exist.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn place(&mut self, tx: &Transaction<'_>, place: Place) -> Result<i64> {
        remembered(&mut self.places, place, |place| {
            let columns = [
                ("city", place.city),
                ("organization", place.organization),
                ("country", place.country),
                ("region", place.region),
                ("latitude", place.spot.north),
                ("longitude", place.spot.east),
            ];
            find_or_create(tx, "places", columns)
        })
    }
}

fn remembered<T: Eq + Hash>(
    known: &mut HashMap<T, i64>,
    one: T,
    find: impl FnOnce(&T) -> Result<i64>,
) -> Result<i64> {
    if let Some(id) = known.get(&one) {
        return Ok(*id);
    }
    let id = find(&one)?;
    if known.len() >= limits::ATTRIBUTES_CACHED_MAX {
        known.clear();
    }
    known.insert(one, id);
    Ok(id)
}

fn find_or_create<const N: usize>(
    tx: &Transaction<'_>,
    table: &'static str,
    columns: [(&'static str, i64); N],
) -> Result<i64> {
    let (names, values) = (columns.map(|(name, _)| name), columns.map(|(_, value)| value));
    let equal = names.map(|name| format!("{name} = ?")).join(" and ");
    let mut question = tx.prepare_cached(&format!("select id from {table} where {equal}"))?;
    if let Some(id) = question.query_row(params_from_iter(values), |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let sql = format!("insert into {table} ({}) values ({})", names.join(", "), ["?"; N].join(", "));
    tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(tx.last_insert_rowid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_combination_has_one_row_whether_it_is_remembered_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let mut known = AttributeCache::default();
        let place = |city, spot| Place { country: 1, city, spot, ..Place::default() };
        let (berlin, nowhere) =
            (GeoPoint::from_degrees(Some(52.5244), Some(13.41)), GeoPoint::from_degrees(Some(52.5244), None));
        let first = known.place(&tx, place(2, berlin)).unwrap();
        let others = [place(3, berlin), place(2, nowhere)].map(|place| known.place(&tx, place).unwrap());
        assert!(others[0] != first && others[1] != first && others[0] != others[1]);
        assert_eq!(known.place(&tx, place(2, berlin)).unwrap(), first);
        known.forget();
        assert_eq!(known.place(&tx, place(2, berlin)).unwrap(), first);
        let direct = known.source(&tx, SourceIds::default()).unwrap();
        let mail = known.source(&tx, SourceIds { channel: 4, ..SourceIds::default() }).unwrap();
        known.forget();
        assert_ne!(direct, mail);
        assert_eq!(known.source(&tx, SourceIds::default()).unwrap(), direct);
    }

    #[test]
    fn a_spot_comes_back_as_it_was_given_to_the_metre() {
        for (north, east) in [(52.5244, 13.41), (-33.86785, 151.20732), (90.0, -180.0), (0.0, 0.00001)] {
            assert_eq!(GeoPoint::from_degrees(Some(north), Some(east)).degrees(), Some((north, east)));
        }
        for (north, east) in
            [(None, Some(1.0)), (Some(1.0), None), (Some(0.0), Some(0.0)), (Some(f64::NAN), Some(1.0))]
        {
            assert_eq!(GeoPoint::from_degrees(north, east).degrees(), None);
        }
    }
}
