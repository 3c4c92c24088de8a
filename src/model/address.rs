//! IP addresses: their networks, their stored form, and whether they are public.

use std::net::{IpAddr, Ipv4Addr};

/// Returns the network of one customer: an IPv4 address itself, or an IPv6 /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// Returns the widest network that one customer may have: an IPv4 /24, or an IPv6 /48.
pub fn wide_network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}

/// Returns the stored form of an address: 4 or 16 bytes, shortened to its network (IPv4 /24, IPv6 /48) if the
/// site's settings say so.
pub fn stored(address: IpAddr, shortened: bool) -> Vec<u8> {
    let (mut bytes, kept) = match address.to_canonical() {
        IpAddr::V4(address) => (address.octets().to_vec(), 3),
        IpAddr::V6(address) => (address.octets().to_vec(), 6),
    };
    if shortened {
        bytes[kept..].fill(0);
    }
    bytes
}

/// Returns the address of stored bytes; `None` if there are not 4 or 16.
pub fn read(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

/// Returns true for an address of the public internet, rather than of this machine, a private network, or a
/// reserved range. An IPv6 address that contains an IPv4 address is judged by that one. The ranges are those of
/// the IANA special-purpose registries (RFC 6890 and later).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => {
            let parts = address.segments();
            let inner = |high: u16, low: u16| {
                let ([one, two], [three, four]) = (high.to_be_bytes(), low.to_be_bytes());
                is_public_v4(Ipv4Addr::new(one, two, three, four))
            };
            match (parts[0], parts[1]) {
                // The translation prefix (RFC 6052), and 6to4 (RFC 3056).
                (0x64, 0xff9b) => parts[2..6] == [0; 4] && inner(parts[6], parts[7]),
                (0x2002, _) => inner(parts[1], parts[2]),
                // Teredo and other protocol assignments, documentation.
                (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
                // Global unicast; everything else is local, multicast, mapped or reserved.
                _ => (0x2000..=0x3fff).contains(&parts[0]),
            }
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match a {
        0 | 10 | 127 | 224.. => true,
        100 => (64..128).contains(&b),
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        _ => false,
    };
    !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_address_is_its_network() {
        assert_eq!(stored("192.0.2.77".parse().unwrap(), true), [192, 0, 2, 0]);
        assert_eq!(stored("::ffff:192.0.2.77".parse().unwrap(), true), [192, 0, 2, 0]);
        assert_eq!(stored("192.0.2.77".parse().unwrap(), false), [192, 0, 2, 77]);
        assert_eq!(
            stored("2001:db8:1:2:3::4".parse().unwrap(), true)[..8],
            [0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0]
        );
    }

    #[test]
    fn addresses_of_the_operators_own_network_are_not_public() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001:db8::1",
            "2001:0:1::",
            "fec0::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "2a00:1450::1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
            "2001:4860::8888",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn neighbors_are_one_wide_network() {
        let block = |text: &str| wide_network(text.parse().unwrap()).to_string();
        assert_eq!(block("192.0.2.77"), "192.0.2.0");
        assert_eq!(block("::ffff:192.0.2.77"), "192.0.2.0");
        assert_eq!(block("2001:db8:1:2:3::4"), "2001:db8:1::");
    }

    #[test]
    fn a_stored_address_is_read_back() {
        for text in ["192.0.2.77", "2001:db8::1"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(read(&stored(address, false)), Some(address));
        }
        assert_eq!(read(&[1, 2]), None);
    }
}
