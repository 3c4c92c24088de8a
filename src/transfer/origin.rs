//! The fields of a log line with the host and the client of a request. Formats differ: the host stands before or
//! behind the client's address, before the request or at the end; addresses are one field, the list of
//! `X-Forwarded-For`, or both. A field is recognised by its form.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// The host and the addresses of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The host, if its field can be nothing else.
    pub host: Option<&'a str>,
    /// A field that may be a host or a user name.
    pub user_or_host: Option<&'a str>,
    /// The fields behind the user agent that may be hosts.
    pub further_hosts: Vec<&'a str>,
    /// The addresses before the request.
    pub leading: Addresses,
    /// The addresses in the place of the user name, which any client may send.
    pub user_addresses: Addresses,
    /// The addresses behind the user agent, a list for each field.
    pub trailing: Vec<Vec<IpAddr>>,
}

/// The addresses of some fields: nearly always one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// No address.
    #[default]
    None,
    /// A single one.
    One(IpAddr),
    /// Several, a list for each field.
    Fields(Vec<Vec<IpAddr>>),
}

impl Addresses {
    fn push(&mut self, mut list: Vec<IpAddr>) {
        match std::mem::take(self) {
            Self::None if list.len() == 1 => *self = list.pop().map_or(Self::None, Self::One),
            Self::None => *self = Self::Fields(vec![list]),
            Self::One(first) => *self = Self::Fields(vec![vec![first], list]),
            Self::Fields(mut fields) => {
                fields.push(list);
                *self = Self::Fields(fields);
            }
        }
    }

    /// Returns the lists of the fields, in the order of the line.
    pub fn lists(&self) -> Cow<'_, [Vec<IpAddr>]> {
        match self {
            Self::None => Cow::Borrowed(&[]),
            Self::One(address) => Cow::Owned(vec![vec![*address]]),
            Self::Fields(fields) => Cow::Borrowed(fields),
        }
    }
}

const NO_ADDRESS: &str = "the line does not begin with an address such as 192.0.2.7";
const NAME_FOR_ADDRESS: &str =
    "the client stands there as a name instead of an address (HostnameLookups): names can't be counted";

impl<'a> Origin<'a> {
    /// Parses the fields before the time.
    ///
    /// # Errors
    ///
    /// Fails with the problem of the line when they do not name a client.
    pub fn parse(prefix: &'a str) -> Result<Self, &'static str> {
        let mut origin = Self::default();
        if let Some((first, "- -")) = prefix.split_once(' ')
            && let Ok(address) = first.parse::<IpAddr>()
        {
            origin.leading = Addresses::One(address.to_canonical());
            return Ok(origin);
        }
        let fields: Vec<&str> = Fields(prefix).collect();
        let user = origin.read_lead(&fields)?;
        let is_client_unknown = fields[..user].contains(&"-");
        for (place, field) in fields.iter().enumerate().skip(user) {
            if let Some(list) = addresses(field) {
                // Another field precedes the client, such as the name of a program.
                let is_client = origin.leading == Addresses::None && !is_client_unknown;
                let place = if is_client { &mut origin.leading } else { &mut origin.user_addresses };
                place.push(list);
            } else if is_host(field) {
                // An unknown user, `-`, has no second name: this is a host.
                if place > user && fields[place - 1] == "-" && origin.host.is_none() {
                    origin.host = Some(field);
                } else {
                    origin.user_or_host = Some(field);
                }
            }
        }
        if origin.leading != Addresses::None || fields[0] == "-" {
            return Ok(origin);
        }
        // With a port, or before three further fields, it is the virtual host of a request without a client.
        match origin.host {
            Some(host) if host == fields[0] && (host.contains(':') || fields.len() > 3) => Ok(origin),
            Some(host) if host == fields[0] => Err(NAME_FOR_ADDRESS),
            _ => Err(NO_ADDRESS),
        }
    }

    /// Moves the addresses in the place of the user name to those that the server wrote.
    pub fn take_user_addresses(&mut self) {
        for list in std::mem::take(&mut self.user_addresses).lists().iter() {
            self.leading.push(list.clone());
        }
    }

    /// Reads the fields up to the client's identity; returns the index of the next field.
    fn read_lead(&mut self, fields: &[&'a str]) -> Result<usize, &'static str> {
        if fields.is_empty() {
            return Err(NO_ADDRESS);
        }
        for (place, field) in fields.iter().enumerate() {
            let is_address = |place: usize| fields.get(place).is_some_and(|field| addresses(field).is_some());
            // A server's name may be one word.
            let is_before_address = || {
                is_address(1) || fields.get(1) == Some(&"-") && is_address(2) || without_port(field) != *field
            };
            if let Some(list) = addresses(field) {
                self.leading.push(list);
            } else if *field == "-" && self.leading == Addresses::None {
                // An unknown host or address: another one follows, or there is none.
                if !is_address(place + 1) && !fields.get(place + 1).is_some_and(|next| is_host(next)) {
                    return Ok(place + 1);
                }
            } else if self.host.is_none() && (is_host(field) || place == 0 && is_before_address()) {
                self.host = Some(field);
            } else {
                return Ok(place + 1);
            }
        }
        Ok(fields.len())
    }

    /// Reads a field between the time and the request; returns false if its kind is not known.
    pub fn read_middle(&mut self, field: &'a str) -> bool {
        if let Some(list) = addresses(field) {
            self.leading.push(list);
        } else if is_host(field) {
            self.host = Some(field);
        } else {
            return field == "-";
        }
        true
    }

    /// Reads the fields behind the user agent. Fields other than hosts and addresses are ignored, such as times and
    /// sizes.
    pub fn read_trailing(&mut self, fields: &'a str) {
        for field in Fields(fields) {
            // An address with a port is that of an upstream server.
            if let Some(list) = addresses(field).filter(|_| !has_port(field)) {
                self.trailing.push(list);
            } else if is_host(field) {
                self.further_hosts.push(field);
            }
        }
    }
}

/// The fields of a text: separated by blanks, without quotation marks and the name in `name=value`. A list goes on
/// after its commas.
struct Fields<'a>(&'a str);

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start_matches(' ');
        let (mut is_quoted, mut is_escaped, mut before) = (false, false, b' ');
        let mut end = text.len();
        for (place, byte) in text.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                b' ' if !is_quoted && before != b',' => {
                    end = place;
                    break;
                }
                _ => {}
            }
            if byte != b' ' {
                before = byte;
            }
        }
        let (field, rest) = text.split_at(end);
        self.0 = rest;
        (!field.is_empty()).then(|| plain(field))
    }
}

fn plain(field: &str) -> &str {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    let value = field.split_once('=').filter(|(name, _)| is_name(name)).map_or(field, |(_, value)| value);
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value)
}

/// Returns the addresses of a field that holds nothing else. Programs write `unknown`, `-` or a word that begins with
/// `_` for an address that they hide (RFC 7239, section 6).
fn addresses(field: &str) -> Option<Vec<IpAddr>> {
    if !field.bytes().any(|byte| byte == b'.' || byte == b':') {
        return None;
    }
    let mut list = Vec::new();
    for part in field.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match address(part) {
            Some(address) => list.push(address),
            None if part == "-" || part.eq_ignore_ascii_case("unknown") || part.starts_with('_') => {}
            None => return None,
        }
    }
    (!list.is_empty()).then_some(list)
}

/// Parses an address as servers write it: also in brackets, with a port, or with the zone of a link.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.split_once('%').map_or(text, |(text, _)| text);
    let plain = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.trim_end_matches(']').parse::<IpAddr>().ok();
    plain().or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

fn has_port(field: &str) -> bool {
    field.split(',').any(|part| part.trim().parse::<SocketAddr>().is_ok())
}

/// Returns true if a field has the form of a host: labels separated by dots, the last one not numeric, or `localhost`;
/// perhaps with a port.
pub fn is_host(field: &str) -> bool {
    let name = without_port(field).trim_end_matches('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || byte > 127)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_named = name.contains('.') && last.len() > 1 && !last.bytes().any(|byte| byte.is_ascii_digit());
    let is_punycode = name.contains('.') && last.starts_with("xn--");
    (is_named || is_punycode || name.eq_ignore_ascii_case("localhost")) && name.split('.').all(is_label)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Returns a host name in canonical form: lower case, without port and final dot.
pub fn host_name(host: &str) -> String {
    without_port(host).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn fields(addresses: &Addresses) -> Vec<Vec<String>> {
        addresses.lists().iter().map(|list| list.iter().map(ToString::to_string).collect()).collect()
    }

    #[test]
    fn the_fields_before_the_time_are_understood_wherever_servers_put_them() {
        let none: &[&[&str]] = &[];
        for (prefix, host, user, expected) in [
            // Apache common and combined; nginx combined.
            ("192.0.2.7 - -", None, None, &[&["192.0.2.7"][..]][..]),
            ("192.0.2.7 - ada", None, None, &[&["192.0.2.7"]]),
            ("192.0.2.7 - ada lovelace", None, None, &[&["192.0.2.7"]]),
            ("192.0.2.7 - ada@bakery.example", None, None, &[&["192.0.2.7"]]),
            ("192.0.2.7 ada ada", None, None, &[&["192.0.2.7"]]),
            ("2001:db8::7 - -", None, None, &[&["2001:db8::7"]]),
            ("::ffff:192.0.2.7 - -", None, None, &[&["192.0.2.7"]]),
            ("fe80::1%eth0 - -", None, None, &[&["fe80::1"]]),
            ("[2001:db8::7] - -", None, None, &[&["2001:db8::7"]]),
            ("[2001:db8::7]:52344 - -", None, None, &[&["2001:db8::7"]]),
            ("192.0.2.7:52344 - -", None, None, &[&["192.0.2.7"]]),
            ("192.0.2.7", None, None, &[&["192.0.2.7"]]),
            // Apache vhost_combined; nginx with $host first.
            ("shop.example:443 192.0.2.7 - -", Some("shop.example:443"), None, &[&["192.0.2.7"]]),
            ("shop.example 192.0.2.7 - ada", Some("shop.example"), None, &[&["192.0.2.7"]]),
            ("shop.example [2001:db8::7]:1 - -", Some("shop.example"), None, &[&["2001:db8::7"]]),
            ("localhost:80 ::1 - -", Some("localhost:80"), None, &[&["::1"]]),
            ("_ 192.0.2.7 - -", Some("_"), None, &[&["192.0.2.7"]]),
            ("_default_:443 192.0.2.7 - -", Some("_default_:443"), None, &[&["192.0.2.7"]]),
            ("- 192.0.2.7 - -", None, None, &[&["192.0.2.7"]]),
            ("\"shop.example\" 192.0.2.7 - -", Some("shop.example"), None, &[&["192.0.2.7"]]),
            ("bücher.example 192.0.2.7 - -", Some("bücher.example"), None, &[&["192.0.2.7"]]),
            // The host behind the address.
            ("192.0.2.7 shop.example - -", Some("shop.example"), None, &[&["192.0.2.7"]]),
            ("192.0.2.7 shop.example:80 - ada", Some("shop.example:80"), None, &[&["192.0.2.7"]]),
            ("192.0.2.7 - - shop.example", Some("shop.example"), None, &[&["192.0.2.7"]]),
            ("192.0.2.7 - shop.example", None, Some("shop.example"), &[&["192.0.2.7"]]),
            ("192.0.2.7 - john.doe", None, Some("john.doe"), &[&["192.0.2.7"]]),
            // X-Forwarded-For in the place of the address, or next to it.
            ("192.0.2.7, 10.0.0.1 - -", None, None, &[&["192.0.2.7", "10.0.0.1"]]),
            ("192.0.2.7,10.0.0.1 - -", None, None, &[&["192.0.2.7", "10.0.0.1"]]),
            ("\"192.0.2.7, 10.0.0.1\" - -", None, None, &[&["192.0.2.7", "10.0.0.1"]]),
            ("unknown, 192.0.2.7 - -", None, None, &[&["192.0.2.7"]]),
            ("10.0.0.1 192.0.2.7 - -", None, None, &[&["10.0.0.1"], &["192.0.2.7"]]),
            ("10.0.0.1 192.0.2.7, 10.0.0.2 - -", None, None, &[&["10.0.0.1"], &["192.0.2.7", "10.0.0.2"]]),
            ("web1 nginx: 192.0.2.7 - -", None, None, &[&["192.0.2.7"]]),
            (
                "shop.example:443 192.0.2.7 10.0.0.1 - -",
                Some("shop.example:443"),
                None,
                &[&["192.0.2.7"], &["10.0.0.1"]],
            ),
            ("shop.example:443 - 10.0.0.1 - -", Some("shop.example:443"), None, &[&["10.0.0.1"]]),
            ("web:443 - 10.0.0.1 - -", Some("web:443"), None, &[&["10.0.0.1"]]),
            ("- - -", None, None, none),
            ("shop.example:443 - - -", Some("shop.example:443"), None, none),
            ("shop.example - - -", Some("shop.example"), None, none),
        ] {
            let origin = Origin::parse(prefix).unwrap();
            assert_eq!((origin.host, origin.user_or_host), (host, user), "{prefix}");
            assert_eq!(fields(&origin.leading), expected, "{prefix}");
        }
    }

    #[test]
    fn an_address_in_the_place_of_the_user_is_kept_apart_until_it_is_taken() {
        let none: &[&[&str]] = &[];
        for (prefix, leading, user) in [
            ("10.0.0.1 - 192.0.2.7", &[&["10.0.0.1"][..]][..], &[&["192.0.2.7"][..]][..]),
            ("10.0.0.1 - - 192.0.2.7", &[&["10.0.0.1"]], &[&["192.0.2.7"]]),
            ("10.0.0.1 - 192.0.2.7, 192.0.2.8", &[&["10.0.0.1"]], &[&["192.0.2.7", "192.0.2.8"]]),
            ("10.0.0.1 forwarded for 192.0.2.7 - -", &[&["10.0.0.1"]], &[&["192.0.2.7"]]),
            ("shop.example:443 10.0.0.1 - 192.0.2.7", &[&["10.0.0.1"]], &[&["192.0.2.7"]]),
            ("10.0.0.1 shop.example - 192.0.2.7", &[&["10.0.0.1"]], &[&["192.0.2.7"]]),
            ("shop.example - - 192.0.2.7", none, &[&["192.0.2.7"]]),
            ("- - 192.0.2.7", none, &[&["192.0.2.7"]]),
        ] {
            let mut origin = Origin::parse(prefix).unwrap();
            assert_eq!(fields(&origin.leading), leading, "{prefix}");
            assert_eq!(fields(&origin.user_addresses), user, "{prefix}");
            origin.take_user_addresses();
            assert_eq!(fields(&origin.leading), [leading, user].concat(), "{prefix}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_it_is_instead() {
        for (prefix, word) in [
            ("", "does not begin with an address"),
            ("hello", "does not begin with an address"),
            ("300.1.1.1 - -", "does not begin with an address"),
            ("192.0.2.7|192.0.2.8 - -", "does not begin with an address"),
            ("crawl-66-249-66-1.googlebot.com - -", "HostnameLookups"),
        ] {
            assert!(Origin::parse(prefix).unwrap_err().contains(word), "{prefix}");
        }
    }

    #[test]
    fn the_fields_behind_the_agent_are_hosts_addresses_or_passed_over() {
        let none: &[&[&str]] = &[];
        for (fields, hosts, expected) in [
            ("", &[][..], none),
            (" \"-\"", &[], none),
            (" \"203.0.113.9\"", &[], &[&["203.0.113.9"][..]]),
            (" \"203.0.113.9, 10.0.0.1\" rt=0.003", &[], &[&["203.0.113.9", "10.0.0.1"]]),
            (" \"203.0.113.9\" \"10.0.0.1\"", &[], &[&["203.0.113.9"], &["10.0.0.1"]]),
            (" \"shop.example\"", &["shop.example"], none),
            (" shop.example 0.012", &["shop.example"], none),
            (" host=\"shop.example\" sn=\"www.shop.example\"", &["shop.example", "www.shop.example"], none),
            // nginx-ingress, Traefik, times, ciphers and versions.
            (" 120 0.004 [default-web-80] [] 10.1.2.3:8080 512 0.004 200 5f1e", &[], none),
            (" 17 \"web@docker\" \"http://172.18.0.5:80\" 3ms", &[], none),
            (" TLSv1.3 TLS_AES_256_GCM_SHA384 \"1.23\" 0.001", &[], none),
            (" \"unterminated 10.0.0.1", &[], none),
        ] {
            let mut origin = Origin::default();
            origin.read_trailing(fields);
            assert_eq!(origin.further_hosts, hosts, "{fields}");
            assert_eq!(self::fields(&Addresses::Fields(origin.trailing)), expected, "{fields}");
        }
    }

    #[test]
    fn a_mapped_address_is_the_one_that_it_stands_for() {
        assert_eq!(addresses("::ffff:192.0.2.7"), Some(vec![ip("192.0.2.7")]));
        assert_eq!(addresses("[::ffff:192.0.2.7]:443"), Some(vec![ip("192.0.2.7")]));
    }
}
