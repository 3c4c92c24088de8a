//! The country of every address, from built-in tables that are searched in place. `assets/build/places.rs` writes them
//! and describes their form.

use std::net::IpAddr;

static V4: Table = Table {
    index: include_bytes!(concat!(env!("OUT_DIR"), "/data/v4_index.bin")),
    ranges: include_bytes!(concat!(env!("OUT_DIR"), "/data/v4_ranges.bin")),
};
static V6: Table = Table {
    index: include_bytes!(concat!(env!("OUT_DIR"), "/data/v6_index.bin")),
    ranges: include_bytes!(concat!(env!("OUT_DIR"), "/data/v6_ranges.bin")),
};
static CODES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/data/country_codes.bin"));

/// The length in bytes of a block in the index: its first address, and the offset of its ranges.
const INDEX_BYTES: usize = 12;

struct Table {
    index: &'static [u8],
    ranges: &'static [u8],
}

/// Returns the two-letter country code of an address; `None` if no country has it.
pub fn find(address: IpAddr) -> Option<&'static str> {
    let number = match address {
        IpAddr::V4(address) => V4.find(u64::from(u32::from(address))),
        IpAddr::V6(address) => V6.find(u64::try_from(u128::from(address) >> 64).ok()?),
    };
    let at = usize::from(number?) * 2;
    std::str::from_utf8(CODES.get(at..at + 2)?).ok()
}

impl Table {
    /// Returns the number of the country of the range with an address.
    fn find(&self, wanted: u64) -> Option<u8> {
        let (blocks, _) = self.index.as_chunks::<INDEX_BYTES>();
        let place = blocks.partition_point(|block| first(block) <= wanted).checked_sub(1)?;
        let from = begin(&blocks[place]);
        let until = blocks.get(place + 1).map_or(self.ranges.len(), begin);
        let mut bytes = self.ranges.get(from..until)?.iter().copied();
        let (mut start, mut country) = (first(&blocks[place]), bytes.next()?);
        // The last range of a block ends without a distance.
        while let Some(next) = bytes.next() {
            start += distance(&mut bytes)?;
            if start > wanted {
                break;
            }
            country = next;
        }
        Some(country)
    }
}

/// Returns the first address of a block: an IPv4 address, or the upper 64 bits of an IPv6 address.
fn first(block: &[u8; INDEX_BYTES]) -> u64 {
    block.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Returns the offset of a block's ranges in the bytes of all ranges.
fn begin(block: &[u8; INDEX_BYTES]) -> usize {
    let begin = block.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    usize::try_from(begin).unwrap_or(usize::MAX)
}

/// Reads the distance of a range from the one before.
fn distance(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let head = bytes.next()?;
    let mut rest = 0;
    let mut shift = 0;
    let mut has_more = head & 0x80 == 0;
    while has_more {
        let byte = bytes.next()?;
        rest |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        has_more = byte & 0x80 != 0;
    }
    Some((rest << 1 | 1) << (head & 0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;
    use maxminddb::{Reader, WithinOptions};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Record {
        country_code: String,
    }

    /// Checks a sample of the networks of the file that the table was made from.
    const EVERY: usize = 7;

    #[test]
    fn the_table_says_what_the_file_says_from_which_it_was_made() {
        let reader = Reader::open_readfile(env!("CLICKSTEAD_BUILD_MMDB")).unwrap();
        let mut seen = 0;
        for found in reader.networks(WithinOptions::default()).unwrap().step_by(EVERY) {
            let found = found.unwrap();
            let network = found.network().unwrap();
            let code = found.decode::<Record>().unwrap().map(|record| record.country_code);
            let last = match (network.network(), 32 - u32::from(network.prefix())) {
                (IpAddr::V4(address), bits) => {
                    u32::from(address) | u32::MAX.checked_shr(32 - bits).unwrap_or(0)
                }
                (IpAddr::V6(address), _) => panic!("{address}"),
            };
            for address in [network.network(), IpAddr::V4(last.into())] {
                assert_eq!(find(address), code.as_deref(), "{address}");
            }
            seen += 1;
        }
        assert!(seen > 10_000, "{seen}");
    }
}
