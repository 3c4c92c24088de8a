//! Geolocation of IP addresses: the country from a built-in table, more from the operator's own MMDB file.

use super::country_table;
use super::watched_file::WatchedFile;
use crate::error::{Error, Result};
use crate::model::special_address;
use maxminddb::Reader;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

/// A country code of two upper-case letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl Country {
    /// Parses a code of two letters.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes = <[u8; 2]>::try_from(code.as_bytes()).ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// Returns the letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The location of an IP address, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    /// The country.
    pub country: Option<Country>,
    /// The region of the country.
    pub region: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// The latitude in degrees.
    pub latitude: Option<f64>,
    /// The longitude in degrees.
    pub longitude: Option<f64>,
    /// The operator of the network.
    pub organisation: Option<String>,
}

/// A geolocation database: the built-in table and the operator's file, if there is one.
pub struct GeoIp(Option<WatchedFile<Reader<Vec<u8>>>>);

impl GeoIp {
    /// Creates a database with the built-in table alone.
    pub fn builtin() -> Self {
        Self(None)
    }

    /// Opens the operator's file besides the built-in table.
    ///
    /// # Errors
    /// Fails with [`Error::Setup`] when the file cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        WatchedFile::open(path, load).map(|file| Self(Some(file)))
    }

    /// Reloads the operator's file if it has changed. If the new file is damaged, the old one stays in use.
    ///
    /// # Errors
    /// Fails when the changed file cannot be read.
    pub fn reload_if_changed(&self) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), WatchedFile::reload_if_changed)
    }

    /// Returns the location of an IP address; empty for addresses without one.
    pub fn find(&self, address: IpAddr) -> Location {
        let address = address.to_canonical();
        if !special_address::may_have_country(address) {
            return Location::default();
        }
        let mut place =
            self.0.as_ref().map(|operators| look_up(&operators.get(), address)).unwrap_or_default();
        if place.country.is_none() {
            place.country = country_table::find(address).and_then(Country::parse);
        }
        place
    }
}

fn load(path: &Path) -> Result<Reader<Vec<u8>>> {
    Reader::open_readfile(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::Setup(format!(
        "The places in {} can't be read ({error}). Give --geoip an MMDB file.",
        path.display()
    ))
}

/// A record of an MMDB file, with the field names of `MaxMind`, DB-IP, `IPinfo` and ip-location-db.
#[derive(Deserialize, Default)]
struct Record {
    country: Option<Named>,
    country_code: Option<String>,
    subdivisions: Option<Vec<Named>>,
    state1: Option<String>,
    city: Option<Named>,
    location: Option<Coordinates>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    autonomous_system_organization: Option<String>,
    organization: Option<String>,
    as_name: Option<String>,
}

/// A country, region or city: a record in some files, plain text in others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Plain(String),
    Record { iso_code: Option<String>, names: Option<BTreeMap<String, String>> },
}

impl Named {
    fn iso_code(self) -> Option<String> {
        match self {
            Self::Plain(_) => None,
            Self::Record { iso_code, .. } => iso_code,
        }
    }

    /// Returns the English name, else any.
    fn name(self) -> Option<String> {
        match self {
            Self::Plain(name) => Some(name),
            Self::Record { names, .. } => {
                let mut names = names?;
                names.remove("en").or_else(|| names.into_values().next())
            }
        }
    }
}

#[derive(Deserialize)]
struct Coordinates {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

fn look_up(reader: &Reader<Vec<u8>>, address: IpAddr) -> Location {
    let found = reader.lookup(address).ok().and_then(|found| found.decode::<Record>().ok().flatten());
    let Some(record) = found else { return Location::default() };
    let code = record.country.and_then(Named::iso_code).or(record.country_code);
    let region = record.subdivisions.and_then(|parts| parts.into_iter().next());
    Location {
        country: code.and_then(|code| Country::parse(&code)),
        region: region.and_then(Named::name).or(record.state1),
        city: record.city.and_then(Named::name),
        latitude: record.location.as_ref().and_then(|at| at.latitude).or(record.latitude),
        longitude: record.location.as_ref().and_then(|at| at.longitude).or(record.longitude),
        organisation: record.autonomous_system_organization.or(record.organization).or(record.as_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::fs;
    use std::sync::Arc;

    /// The end of a file in `MaxMind`'s format 2.0: one node of two 24-bit records, IPv4.
    const METADATA: &[u8] = b"\xab\xcd\xefMaxMind.com\xe9\
        \x5bbinary_format_major_version\xa1\x02\
        \x5bbinary_format_minor_version\xa1\x00\
        \x4bbuild_epoch\x01\x02\x01\
        \x4ddatabase_type\x44Test\
        \x4bdescription\xe0\
        \x4aip_version\xa1\x04\
        \x49languages\x00\x04\
        \x4anode_count\xc1\x01\
        \x4brecord_size\xa1\x18";

    /// Builds an MMDB file with the same record for every address.
    fn mmdb(record: &Value) -> Vec<u8> {
        let tree = [0, 0, 17, 0, 0, 17];
        [&tree, &[0; 16][..], &field(record), METADATA].concat()
    }

    fn field(value: &Value) -> Vec<u8> {
        let head = |kind: u8, size: usize| kind << 5 | u8::try_from(size).unwrap();
        match value {
            // A size from 29 on stands in a byte of its own, less 29.
            Value::String(text) if text.len() >= 29 => {
                [&[head(2, 29), u8::try_from(text.len() - 29).unwrap()], text.as_bytes()].concat()
            }
            Value::String(text) => [&[head(2, text.len())], text.as_bytes()].concat(),
            Value::Number(number) => [&[head(3, 8)][..], &number.as_f64().unwrap().to_be_bytes()].concat(),
            Value::Array(items) => {
                [vec![head(0, items.len()), 4], items.iter().flat_map(field).collect()].concat()
            }
            Value::Object(entries) => {
                let pairs =
                    entries.iter().flat_map(|(key, value)| [field(&json!(key)), field(value)].concat());
                [vec![head(7, entries.len())], pairs.collect()].concat()
            }
            Value::Null | Value::Bool(_) => Vec::new(),
        }
    }

    fn place(record: &Value) -> Location {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        fs::write(&file, mmdb(record)).unwrap();
        GeoIp::open(&file).unwrap().find("193.0.6.139".parse().unwrap())
    }

    #[test]
    fn the_operators_file_may_be_anybodys() {
        let leipzig = Location {
            country: Country::parse("DE"),
            region: Some("Saxony".into()),
            city: Some("Leipzig".into()),
            latitude: Some(51.34),
            longitude: Some(12.38),
            organisation: None,
        };
        let names = |name: &str| json!({ "names": { "de": "anders", "en": name } });
        let maxmind = json!({
            "country": { "iso_code": "DE", "names": { "en": "Germany" } },
            "subdivisions": [names("Saxony")], "city": names("Leipzig"),
            "location": { "latitude": 51.34, "longitude": 12.38 },
        });
        assert_eq!(place(&maxmind), leipzig);
        let ip_location_db = json!({
            "country_code": "DE", "state1": "Saxony", "city": "Leipzig", "latitude": 51.34, "longitude": 12.38,
        });
        assert_eq!(place(&ip_location_db), leipzig);
    }

    #[test]
    fn a_file_without_countries_adds_to_the_builtin_table() {
        for record in [
            json!({ "autonomous_system_organization": "RIPE NCC" }),
            json!({ "country": "The Netherlands", "country_code": "NL", "as_name": "RIPE NCC" }),
        ] {
            let place = place(&record);
            assert_eq!(place.country, Country::parse("NL"));
            assert_eq!(place.organisation.as_deref(), Some("RIPE NCC"));
        }
    }

    fn country(address: &str) -> Option<String> {
        GeoIp::builtin().find(address.parse().unwrap()).country.map(|country| country.code().to_owned())
    }

    #[test]
    fn addresses_of_well_known_networks_have_their_country() {
        for (address, code) in [
            ("193.0.6.139", "NL"),
            ("8.8.8.8", "US"),
            ("133.242.0.1", "JP"),
            ("2a00:1450:4001:800::200e", "IE"),
            ("::ffff:193.0.6.139", "NL"),
        ] {
            assert_eq!(country(address).as_deref(), Some(code), "{address}");
        }
    }

    #[test]
    fn addresses_of_no_place_have_none() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "3fff:fff::1",
            "ff02::1",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(country(address), None, "{address}");
        }
    }

    #[test]
    fn a_changed_file_is_read_again_and_a_broken_one_leaves_the_last_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("places.mmdb");
        fs::copy(env!("CLICKSTEAD_BUILD_MMDB"), &file).unwrap();
        let places = GeoIp::open(&file).unwrap();
        let loaded = |places: &GeoIp| places.0.as_ref().unwrap().get();
        let first = loaded(&places);
        places.reload_if_changed().unwrap();
        assert!(Arc::ptr_eq(&loaded(&places), &first));
        fs::write(&file, "broken").unwrap();
        assert!(places.reload_if_changed().is_err());
        assert_eq!(places.find("193.0.6.139".parse().unwrap()).country, Country::parse("NL"));
        fs::copy(env!("CLICKSTEAD_BUILD_MMDB"), &file).unwrap();
        places.reload_if_changed().unwrap();
        assert!(!Arc::ptr_eq(&loaded(&places), &first));
    }

    #[test]
    fn a_file_that_is_no_mmdb_is_refused_with_a_sentence() {
        let file = std::env::temp_dir().join(format!("clickstead-no-mmdb-{}", std::process::id()));
        fs::write(&file, "not a database").unwrap();
        let error = GeoIp::open(&file).err().unwrap().to_string();
        fs::remove_file(&file).unwrap();
        assert!(error.contains("--geoip"), "{error}");
    }
}
