//! The values of a visit's attributes as the file holds them, and the writer's cache of the rows of interned tables: each
//! combination of source, device or location is one row that visits point to.

use super::interned_table::InternedTable;
use super::visit_attribute::{ATTRIBUTES, VisitAttribute};
use crate::error::Result;
use crate::limits;
use rusqlite::{OptionalExtension, Transaction, params_from_iter};
use std::collections::HashMap;
use std::ops::{Index, IndexMut};

/// The values of the attributes of a visit. Texts are label ids; 0 means none.
#[derive(Clone, Debug)]
pub struct AttributeIds([i64; ATTRIBUTES]);

impl Default for AttributeIds {
    fn default() -> Self {
        Self([0; ATTRIBUTES])
    }
}

impl Index<VisitAttribute> for AttributeIds {
    type Output = i64;

    fn index(&self, attribute: VisitAttribute) -> &i64 {
        &self.0[attribute as usize]
    }
}

impl IndexMut<VisitAttribute> for AttributeIds {
    fn index_mut(&mut self, attribute: VisitAttribute) -> &mut i64 {
        &mut self.0[attribute as usize]
    }
}

impl AttributeIds {
    /// Sets the latitude and longitude.
    pub fn set_point(&mut self, point: GeoPoint) {
        self[VisitAttribute::Latitude] = point.north;
        self[VisitAttribute::Longitude] = point.east;
    }

    /// Calls `with` with the values of the attributes in one table.
    fn with_table<T>(&self, table: InternedTable, with: impl FnOnce(&[i64]) -> T) -> T {
        let (mut values, mut count) = ([0; ATTRIBUTES], 0);
        for attribute in VisitAttribute::of_table(Some(table)) {
            values[count] = self[attribute];
            count += 1;
        }
        with(&values[..count])
    }
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
pub struct AttributeCache([HashMap<Box<[i64]>, i64>; 3]);

impl AttributeCache {
    /// Empties the cache.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns the id of the row with the attributes of one interned table other than labels, creating it if it does not
    /// exist.
    ///
    /// # Errors
    /// Fails when the data file cannot be written.
    pub fn row(&mut self, tx: &Transaction<'_>, table: InternedTable, ids: &AttributeIds) -> Result<i64> {
        let known = &mut self.0[table as usize];
        ids.with_table(table, |values| {
            if let Some(id) = known.get(values) {
                return Ok(*id);
            }
            let id = find_or_create(tx, table, values)?;
            if known.len() >= limits::ATTRIBUTES_CACHED_MAX {
                known.clear();
            }
            known.insert(values.into(), id);
            Ok(id)
        })
    }
}

fn find_or_create(tx: &Transaction<'_>, table: InternedTable, values: &[i64]) -> Result<i64> {
    let names: Vec<&str> = VisitAttribute::of_table(Some(table)).map(VisitAttribute::column).collect();
    let (table, equal) = (table.table(), names.join(" = ? and "));
    let mut question = tx.prepare_cached(&format!("select id from {table} where {equal} = ?"))?;
    if let Some(id) = question.query_row(params_from_iter(values), |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let places = vec!["?"; names.len()].join(", ");
    let sql = format!("insert into {table} ({}) values ({places})", names.join(", "));
    tx.prepare_cached(&sql)?.execute(params_from_iter(values))?;
    Ok(tx.last_insert_rowid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use InternedTable::{Places, Sources};

    #[test]
    fn the_same_combination_has_one_row_whether_it_is_remembered_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = crate::store::open(&folder.path().join("test.db"), true).unwrap();
        let tx = connection.transaction().unwrap();
        let mut known = AttributeCache::default();
        let place = |city, spot| {
            let mut ids = AttributeIds::default();
            (ids[VisitAttribute::Country], ids[VisitAttribute::City]) = (1, city);
            ids.set_point(spot);
            ids
        };
        let (berlin, nowhere) =
            (GeoPoint::from_degrees(Some(52.5244), Some(13.41)), GeoPoint::from_degrees(Some(52.5244), None));
        let first = known.row(&tx, Places, &place(2, berlin)).unwrap();
        let others =
            [place(3, berlin), place(2, nowhere)].map(|place| known.row(&tx, Places, &place).unwrap());
        assert!(others[0] != first && others[1] != first && others[0] != others[1]);
        assert_eq!(known.row(&tx, Places, &place(2, berlin)).unwrap(), first);
        known.forget();
        assert_eq!(known.row(&tx, Places, &place(2, berlin)).unwrap(), first);
        let nothing = AttributeIds::default();
        let direct = known.row(&tx, Sources, &nothing).unwrap();
        let mut by_mail = nothing.clone();
        by_mail[VisitAttribute::Channel] = 4;
        let mail = known.row(&tx, Sources, &by_mail).unwrap();
        known.forget();
        assert_ne!(direct, mail);
        assert_eq!(known.row(&tx, Sources, &nothing).unwrap(), direct);
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
