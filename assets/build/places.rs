//! The country of every address, as sorted tables that are searched where they stand: the first address of each range,
//! and beside it two letters, or two zeros for nobody's.

use crate::packages::Packages;
use crate::{Desk, Result};
use maxminddb::Reader;
use serde::Deserialize;
use std::fs;
use std::net::IpAddr;

#[derive(Deserialize)]
struct Record {
    country_code: Option<String>,
}

/// The countries of IPv4 addresses.
pub const V4_FILE: &str = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv4.mmdb";
const V6_FILE: &str = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv6.mmdb";

/// Writes the tables for both kinds of address.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    let v4 = ranges(packages, V4_FILE)?;
    let starts: Vec<u8> =
        v4.iter().filter_map(|(start, _)| u32::try_from(*start).ok()).flat_map(u32::to_le_bytes).collect();
    fs::write(desk.data.join("v4_starts.bin"), starts)?;
    fs::write(desk.data.join("v4_codes.bin"), v4.iter().flat_map(|(_, code)| *code).collect::<Vec<u8>>())?;
    let v6 = ranges(packages, V6_FILE)?;
    let starts: Vec<u8> = v6
        .iter()
        .filter_map(|(start, _)| u64::try_from(start >> 64).ok())
        .flat_map(u64::to_le_bytes)
        .collect();
    fs::write(desk.data.join("v6_starts.bin"), starts)?;
    fs::write(desk.data.join("v6_codes.bin"), v6.iter().flat_map(|(_, code)| *code).collect::<Vec<u8>>())?;
    Ok(())
}

/// Where each range of one country begins; neighbours of the same country are one range.
fn ranges(packages: &Packages, file: &str) -> Result<Vec<(u128, [u8; 2])>> {
    let reader = Reader::open_readfile(packages.path(file)?)?;
    let mut ranges: Vec<(u128, [u8; 2])> = vec![(0, [0, 0])];
    let mut next = 0;
    for found in reader.networks(maxminddb::WithinOptions::default())? {
        let found = found?;
        let network = found.network()?;
        let Some(Record { country_code: Some(code) }) = found.decode::<Record>()? else { continue };
        let Ok(code) = <[u8; 2]>::try_from(code.as_bytes()) else { continue };
        let (start, bits) = match network.network() {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if bits == 128 && network.prefix() > 64 {
            continue;
        }
        if start > next {
            begin(&mut ranges, next, [0, 0]);
        }
        begin(&mut ranges, start, code);
        next = start.saturating_add(1 << (bits - u32::from(network.prefix())));
    }
    begin(&mut ranges, next, [0, 0]);
    Ok(ranges)
}

fn begin(ranges: &mut Vec<(u128, [u8; 2])>, start: u128, code: [u8; 2]) {
    match ranges.last_mut() {
        Some((last, known)) if *last == start => *known = code,
        Some((_, known)) if *known == code => {}
        _ => ranges.push((start, code)),
    }
}
