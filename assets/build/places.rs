//! The country of every address, as tables that are searched where they stand: ranges that follow one another, in blocks.
//! An index has the first address of each block and where its bytes begin. Each range is a byte for its country, a place in
//! the list of countries, and, but for a block's first one, its distance from the range before: in binary it ends with
//! zeros, whose number is the low six bits of a byte; the high bit says that the rest is 1, otherwise it follows without
//! its last bit (which is 1), seven bits a byte, the lowest first, the high bit of each saying whether there are more.

use crate::packages::Packages;
use crate::{Desk, Result};
use maxminddb::Reader;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;

#[derive(Deserialize)]
struct Record {
    country_code: Option<String>,
}

/// The countries of IPv4 addresses.
pub const V4_FILE: &str = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv4.mmdb";
const V6_FILE: &str = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country-ipv6.mmdb";

/// Ranges of a block: few enough to be read one by one.
const BLOCK_RANGES: usize = 64;

/// Nobody's addresses.
const NOBODY: [u8; 2] = [0, 0];

/// Writes the tables for both kinds of address, and the list of countries. Of IPv6 addresses the upper half counts.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    let tables = [("v4", ranges(packages, V4_FILE)?, 0), ("v6", ranges(packages, V6_FILE)?, 64)];
    let codes = tables.iter().flat_map(|(_, ranges, _)| ranges).map(|(_, code)| *code);
    let numbers: BTreeMap<[u8; 2], u8> = codes.map(|code| (code, 0)).chain([(NOBODY, 0)]).collect();
    let numbers: BTreeMap<[u8; 2], u8> =
        (0..=u8::MAX).zip(numbers.keys()).map(|(number, code)| (*code, number)).collect();
    for (name, ranges, shift) in &tables {
        let (mut index, mut bytes, mut last) = (Vec::new(), Vec::new(), 0);
        for (place, (start, code)) in ranges.iter().enumerate() {
            let start = u64::try_from(start >> shift)?;
            if place % BLOCK_RANGES == 0 {
                index.extend(start.to_le_bytes());
                index.extend(u32::try_from(bytes.len())?.to_le_bytes());
            }
            bytes.push(*numbers.get(code).ok_or("there are more than 256 countries")?);
            if place % BLOCK_RANGES != 0 {
                let from_last = start.checked_sub(last).filter(|distance| *distance > 0);
                distance(&mut bytes, from_last.ok_or("ranges of addresses overlap")?);
            }
            last = start;
        }
        fs::write(desk.data.join(format!("{name}_index.bin")), index)?;
        fs::write(desk.data.join(format!("{name}_ranges.bin")), bytes)?;
    }
    Ok(fs::write(desk.data.join("country_codes.bin"), numbers.keys().flatten().copied().collect::<Vec<_>>())?)
}

fn distance(bytes: &mut Vec<u8>, distance: u64) {
    let zeros = distance.trailing_zeros().min(63);
    let mut rest = distance >> zeros >> 1;
    let zeros = zeros.to_le_bytes()[0];
    if rest == 0 {
        return bytes.push(zeros | 0x80);
    }
    bytes.push(zeros);
    while rest >= 0x80 {
        bytes.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    bytes.push(rest.to_le_bytes()[0]);
}

/// Where each range of one country begins; neighbours of the same country are one range.
fn ranges(packages: &Packages, file: &str) -> Result<Vec<(u128, [u8; 2])>> {
    let reader = Reader::open_readfile(packages.path(file)?)?;
    let mut ranges: Vec<(u128, [u8; 2])> = vec![(0, NOBODY)];
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
            begin(&mut ranges, next, NOBODY);
        }
        begin(&mut ranges, start, code);
        next = start.saturating_add(1 << (bits - u32::from(network.prefix())));
    }
    begin(&mut ranges, next, NOBODY);
    Ok(ranges)
}

fn begin(ranges: &mut Vec<(u128, [u8; 2])>, start: u128, code: [u8; 2]) {
    match ranges.last_mut() {
        Some((last, known)) if *last == start => *known = code,
        Some((_, known)) if *known == code => {}
        _ => ranges.push((start, code)),
    }
}
