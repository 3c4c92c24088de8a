//! Lines of a web server's access log in the combined format, as Apache and nginx write it by default:
//! `address ident user [time] "request" status bytes "referrer" "agent"`. Before the time, before the request and behind
//! the user agent there may be hosts and further addresses.

use super::origin::Origin;
use crate::model::clock::{Day, Timestamp};
use jiff::civil::Date;
use std::borrow::Cow;

/// A request in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// The host and the addresses.
    pub origin: Origin<'a>,
    /// The time.
    pub at: Timestamp,
    /// The method, path and protocol, as they were sent.
    pub request: Cow<'a, str>,
    /// The status of the answer.
    pub status: u16,
    /// The `Referer` header; empty when there was none.
    pub referrer: Cow<'a, str>,
    /// The `User-Agent` header; empty when there was none.
    pub agent: Cow<'a, str>,
}

impl<'a> LogLine<'a> {
    /// Parses a line.
    ///
    /// # Errors
    ///
    /// Fails with the problem of the line, for people.
    pub fn parse(line: &'a str) -> Result<Self, &'static str> {
        let start = time_start(line).ok_or("the time is missing")?;
        let mut origin = Origin::parse(line[..start].trim_end_matches(' '))?;
        let rest = &line[start + 1..];
        let (time, rest) = rest.split_once("] ").ok_or("the time is missing")?;
        let at = time_of(time).ok_or("the time is not like 10/Nov/2026:13:55:36 +0100")?;
        let (request, rest) = request(&mut origin, rest)?;
        let status = rest.trim_start().split(' ').next().unwrap_or_default();
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        let status = status.parse().ok().filter(|_| is_status).ok_or("the status is missing")?;
        let common = "referrer and agent are missing: the combined format has them";
        let (referrer, rest) = rest.find('"').and_then(|place| quoted(&rest[place..])).ok_or(common)?;
        let (agent, rest) = quoted(rest.trim_start()).ok_or(common)?;
        origin.read_trailing(rest);
        Ok(Self { origin, at, request, status, referrer: field_text(referrer), agent: field_text(agent) })
    }

    /// Returns the target of a `GET` request.
    pub fn target(&self) -> Option<RequestTarget<'_>> {
        let rest = self.request.strip_prefix("GET ")?;
        RequestTarget::parse(rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target))
    }

    /// Returns the host of a `GET` request for an absolute address. Hardly any are; the others are recognised by their first
    /// characters.
    pub fn target_host(&self) -> Option<&str> {
        if self.request.starts_with("GET /") { None } else { self.target()?.host }
    }

    /// Returns the path of a `GET` request, with its query.
    pub fn path(&self) -> Option<&str> {
        self.target().map(|target| target.path)
    }
}

/// The target of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTarget<'a> {
    /// The host with its port, if the target is an absolute address.
    pub host: Option<&'a str>,
    /// The path with its query.
    pub path: &'a str,
}

impl<'a> RequestTarget<'a> {
    /// Parses a path, or an absolute address as clients send it to proxies (RFC 9112, section 3.2).
    fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with('/') {
            return Some(Self { host: None, path: text });
        }
        let (scheme, rest) = text.split_once("://")?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        Some(Self { host: Some(host), path: if path.is_empty() { "/" } else { path } })
    }
}

/// Returns the index of the bracket before the time: `[10/Nov/…`. An address in brackets may precede it.
fn time_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let is_time =
        |start: usize| bytes.get(start + 3) == Some(&b'/') && (start == 0 || bytes[start - 1] == b' ');
    line.match_indices('[').map(|(start, _)| start).find(|start| is_time(*start))
}

/// Returns the request and the rest of the line. A host or an address may precede it.
fn request<'a>(origin: &mut Origin<'a>, rest: &'a str) -> Result<(Cow<'a, str>, &'a str), &'static str> {
    const MISSING: &str = "the request is missing";
    let mut rest = rest.trim_start();
    loop {
        let begins_with_mark = rest.starts_with('"');
        let (field, further) = if begins_with_mark {
            let (text, further) = quoted(rest).ok_or(MISSING)?;
            // The request is the last text in quotation marks before the status.
            if !further.trim_start().starts_with('"') {
                return Ok((text, further));
            }
            (&rest[1..rest.len() - further.len() - 1], further)
        } else {
            rest.split_once(' ').ok_or(MISSING)?
        };
        if !origin.read_middle(field) {
            return Err("before the request stands a field that is neither a host nor an address");
        }
        rest = further.trim_start();
    }
}

/// Returns the text of a field, in which `-` stands for an empty one.
fn field_text(text: Cow<'_, str>) -> Cow<'_, str> {
    if text == "-" { Cow::Borrowed("") } else { text }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `10/Nov/2026:13:55:36 +0100`
fn time_of(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let marks = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    if bytes.len() != 26 || !text.is_ascii() || marks.iter().any(|(place, mark)| bytes[*place] != *mark) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = &text[from..to];
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i16>().ok()).flatten()
    };
    let month = i8::try_from(MONTHS.iter().position(|name| *name == &text[3..6])? + 1).ok()?;
    let date = Date::new(number(7, 11)?, month, i8::try_from(number(0, 2)?).ok()?).ok()?;
    let (hour, minute, second) = (number(12, 14)?, number(15, 17)?, number(18, 20)?);
    let (offset_hour, offset_minute) = (number(22, 24)?, number(24, 26)?);
    // A leap second is written as 60.
    if hour > 23 || minute > 59 || second > 60 || offset_hour > 15 || offset_minute > 59 {
        return None;
    }
    let offset = i64::from(offset_hour) * 3_600 + i64::from(offset_minute) * 60;
    let offset = match bytes[21] {
        b'+' => offset,
        b'-' => -offset,
        _ => return None,
    };
    let of_day = i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second);
    Some(Timestamp((i64::from(Day::from_date(date).0) * 86_400 + of_day - offset) * 1_000))
}

/// A text in quotation marks at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut start = 0;
    loop {
        let place = start + memchr::memchr2(b'"', b'\\', inside.as_bytes().get(start..)?)?;
        if inside.as_bytes()[place] == b'"' {
            return Some((unescaped(&inside[..place]), &inside[place + 1..]));
        }
        // What follows a backslash ends nothing.
        start = place + 2;
    }
}

/// Apache writes `\"`, `\\`, `\n`, `\t` and `\xhh`, nginx `\xhh` alone.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let (bytes, mut plain, mut place) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while let Some(byte) = bytes.get(place) {
        let hex = || bytes.get(place + 2..place + 4).and_then(hex_byte);
        let (written, length) = match (byte, bytes.get(place + 1)) {
            (b'\\', Some(b'x')) if let Some(value) = hex() => (value, 4),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(mark @ (b'"' | b'\\'))) => (*mark, 2),
            _ => (*byte, 1),
        };
        plain.push(written);
        place += length;
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::origin::Addresses;
    use proptest::prelude::*;
    use std::net::IpAddr;

    const APACHE: &str = r#"192.0.2.7 - ada lovelace [10/Nov/2026:13:55:36 +0100] "GET /a%20b?x=\"1\" HTTP/1.1" 200 2326 "https://www.example.com/start" "Mozilla/5.0 (X11; Linux x86_64) \\ \"odd\"""#;

    #[test]
    fn what_apache_and_nginx_write_by_default_is_read() {
        let line = LogLine::parse(APACHE).unwrap();
        assert_eq!(line.origin.leading, Addresses::One("192.0.2.7".parse().unwrap()));
        assert_eq!(line.at, Timestamp(1_794_315_336_000));
        assert_eq!((line.path(), line.status), (Some("/a%20b?x=\"1\""), 200));
        assert_eq!(line.referrer, "https://www.example.com/start");
        assert_eq!(line.agent, "Mozilla/5.0 (X11; Linux x86_64) \\ \"odd\"");
        let nginx = r#"2001:db8::1 - - [10/Nov/2026:12:55:36 +0000] "GET / HTTP/2.0" 304 0 "-" "a\x22b\x5C" "203.0.113.9""#;
        let line = LogLine::parse(nginx).unwrap();
        assert_eq!((line.at, line.path()), (Timestamp(1_794_315_336_000), Some("/")));
        assert_eq!((&*line.referrer, &*line.agent), ("", "a\"b\\"));
        let with_host = format!("shop.example:443 {APACHE}");
        assert_eq!(LogLine::parse(&with_host).unwrap().path(), Some("/a%20b?x=\"1\""));
    }

    #[test]
    fn what_is_wanted_is_a_path_or_a_whole_address() {
        for (request, expected) in [
            ("POST /x HTTP/1.1", None),
            ("CONNECT mail.example:25 HTTP/1.1", None),
            ("OPTIONS * HTTP/1.1", None),
            ("GET * HTTP/1.1", None),
            ("GET ftp://elsewhere.example/ HTTP/1.1", None),
            ("\\x16\\x03\\x01", None),
            ("-", None),
            ("GET", None),
            ("GET //x/y HTTP/1.1", Some((None, "//x/y"))),
            ("GET /?u=http://a.example/ HTTP/1.1", Some((None, "/?u=http://a.example/"))),
            ("GET http://elsewhere.example/ HTTP/1.1", Some((Some("elsewhere.example"), "/"))),
            (
                "GET HTTPS://a:b@Elsewhere.example:8443?x HTTP/1.1",
                Some((Some("Elsewhere.example:8443"), "?x")),
            ),
            ("GET http://[2001:db8::1]:80/x HTTP/1.1", Some((Some("[2001:db8::1]:80"), "/x"))),
        ] {
            let line = APACHE.replace("GET /a%20b?x=\\\"1\\\" HTTP/1.1", request);
            let line = LogLine::parse(&line).unwrap();
            assert_eq!(line.target().map(|target| (target.host, target.path)), expected, "{request}");
        }
    }

    #[test]
    fn a_line_that_is_something_else_says_what_it_lacks() {
        for (line, word) in [
            ("", "time"),
            ("hello world", "time"),
            ("hello - - [10/Nov/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", "address"),
            ("192.0.2.7 - - 10/Nov/2026", "time"),
            ("192.0.2.7 - - [10/Nov/2026:13:55:36] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", "time"),
            ("192.0.2.7 - - [31/Feb/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\"", "time"),
            ("192.0.2.7 - - [10/Nov/2026:13:55:36 +0000] \"GET / HTTP/1.1\" - 1 \"-\" \"x\"", "status"),
            ("192.0.2.7 - - [10/Nov/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1", "combined"),
            ("192.0.2.7 - - [10/Nov/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x", "combined"),
        ] {
            assert!(LogLine::parse(line).unwrap_err().contains(word), "{line}");
        }
    }

    /// As Apache writes a text.
    fn escaped(text: &str) -> String {
        let written = |character: char| match character {
            '"' | '\\' => format!("\\{character}"),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            other if other.is_control() => {
                other.to_string().bytes().fold(String::new(), |text, byte| text + &format!("\\x{byte:02x}"))
            }
            other => other.to_string(),
        };
        text.chars().map(written).collect()
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(line in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(LogLine::parse(&line));
            drop(LogLine::parse(&String::from_utf8_lossy(&bytes)));
            let odd = format!("192.0.2.7 - - [{line}] \"{line}\" 200 1 \"{line}\" \"{line}\"");
            drop(LogLine::parse(&odd));
        }

        #[test]
        fn what_is_written_is_read_back(
            address in any::<IpAddr>(),
            seconds in 0_i64..4_000_000_000,
            offset in -14_i64 * 4..=14 * 4,
            path in "/(?s).{0,40}",
            status in 100_u16..600,
            referrer in "(?s).{1,40}",
            agent in "(?s).{1,40}",
        ) {
            let zone = jiff::tz::Offset::from_seconds(i32::try_from(offset * 900).unwrap()).unwrap();
            let local = zone.to_datetime(jiff::Timestamp::from_second(seconds).unwrap());
            let line = format!(
                "{address} - - [{} {}{:02}{:02}] \"GET {} HTTP/1.1\" {status} 17 \"{}\" \"{}\"",
                local.strftime("%d/%b/%Y:%H:%M:%S"), if offset < 0 { '-' } else { '+' },
                offset.abs() / 4, offset.abs() % 4 * 15, escaped(&path), escaped(&referrer), escaped(&agent),
            );
            let read = LogLine::parse(&line).unwrap();
            prop_assert_eq!(read.path(), Some(path.as_str()));
            let address = Addresses::One(address.to_canonical());
            prop_assert_eq!((read.origin.leading, read.at, read.status), (address, Timestamp(seconds * 1_000), status));
            prop_assert_eq!((&*read.referrer, &*read.agent), (&*field_text(referrer.into()), &*field_text(agent.into())));
        }
    }
}
