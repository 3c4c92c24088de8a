//! IP addresses: their networks and their stored form.

use std::net::IpAddr;

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
    fn neighbours_are_one_wide_network() {
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
