//! The expiry of a certificate, read from its DER encoding (X.509, RFC 5280).

use crate::model::clock::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// Returns the time after which a certificate is no longer valid; `None` if it cannot be read.
pub fn expires_at(certificate: &[u8]) -> Option<Timestamp> {
    let mut outer = Reader(certificate);
    let mut certificate = Reader(outer.take(SEQUENCE)?);
    let mut contents = Reader(certificate.take(SEQUENCE)?);
    if contents.0.first() == Some(&VERSION) {
        contents.take(VERSION)?;
    }
    contents.take(INTEGER)?; // serial number
    contents.take(SEQUENCE)?; // signature algorithm
    contents.take(SEQUENCE)?; // issuer
    let mut validity = Reader(contents.take(SEQUENCE)?);
    validity.element()?; // not before
    let (tag, time) = validity.element()?;
    let time = std::str::from_utf8(time).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        // Two digits: 1950 to 2049 (RFC 5280, section 4.1.2.5.1).
        UTC_TIME => {
            let (year, rest) = time.split_at_checked(2)?;
            let year: i16 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = time.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |place: usize| rest.get(place * 2..place * 2 + 2)?.parse::<i8>().ok();
    let time = civil::DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0).ok()?;
    Some(Timestamp(TimeZone::UTC.to_timestamp(time).ok()?.as_millisecond()))
}

/// A reader of DER elements, one after another.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads the contents of the next element, if it has this tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element().filter(|(found, _)| *found == tag).map(|(_, contents)| contents)
    }

    /// Reads tag and contents of the next element.
    fn element(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let is_short = (1..=4).contains(&length.len());
            let length = length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
            (is_short.then_some(length)?, rest)
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_of_a_certificate_is_read() {
        let key = rcgen::KeyPair::generate().unwrap();
        for (year, expiry) in [(2027, "2027-02-03T00:00:00Z"), (2061, "2061-02-03T00:00:00Z")] {
            let mut params = rcgen::CertificateParams::new(vec!["bakery.example".to_owned()]).unwrap();
            params.not_before = rcgen::date_time_ymd(2026, 1, 1);
            params.not_after = rcgen::date_time_ymd(year, 2, 3);
            let certificate = params.self_signed(&key).unwrap();
            assert_eq!(expires_at(certificate.der()).unwrap().rfc3339(), expiry);
            for length in 0..certificate.der().len().min(300) {
                assert!(expires_at(&certificate.der()[..length]).is_none(), "cut off at {length}");
            }
        }
        assert_eq!(expires_at(b"no certificate"), None);
    }
}
