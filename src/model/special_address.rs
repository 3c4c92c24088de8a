//! Special-purpose IP addresses: networks that are not part of the public internet, or belong to no country. The networks
//! are those of the IANA registries (RFC 6890 and later):
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>, with multicast, and with the IPv6 addresses outside of
//! `2000::/3`, the only block of global unicast.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The reach of the addresses of a network: the public internet, or less.
#[derive(Clone, Copy)]
enum Reach {
    /// They are.
    Public,
    /// They are not.
    Local,
    /// As the IPv4 address that stands in the two segments from this one, after segments of zero from the third.
    AsInner(usize),
}

use Reach::{AsInner, Local, Public};

/// A network of the registries.
struct SpecialNetwork {
    network: IpNet,
    reach: Reach,
    /// True if a registry of addresses may have assigned it to a country.
    has_country: bool,
}

const fn v4(address: [u8; 4], prefix: u8, reach: Reach, has_country: bool) -> SpecialNetwork {
    let [a, b, c, d] = address;
    let network = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix));
    SpecialNetwork { network, reach, has_country }
}

const fn v6(start: [u16; 2], prefix: u8, reach: Reach, has_country: bool) -> SpecialNetwork {
    let [a, b] = start;
    let network = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix));
    SpecialNetwork { network, reach, has_country }
}

/// The special IPv4 networks.
#[rustfmt::skip]
const V4: [SpecialNetwork; 15] = [
    v4([0, 0, 0, 0],      8, Local, false), // “this network” (RFC 791)
    v4([10, 0, 0, 0],     8, Local, false), // private use (RFC 1918)
    v4([100, 64, 0, 0],  10, Local, false), // addresses shared by a provider's customers (RFC 6598)
    v4([127, 0, 0, 0],    8, Local, false), // loopback (RFC 1122)
    v4([169, 254, 0, 0], 16, Local, false), // link-local (RFC 3927)
    v4([172, 16, 0, 0],  12, Local, false), // private use (RFC 1918)
    v4([192, 0, 0, 0],   24, Local, false), // protocol assignments (RFC 6890)
    v4([192, 0, 2, 0],   24, Local, false), // documentation (RFC 5737)
    v4([192, 88, 99, 0], 24, Local, true),  // 6to4 relays, withdrawn (RFC 7526)
    v4([192, 168, 0, 0], 16, Local, false), // private use (RFC 1918)
    v4([198, 18, 0, 0],  15, Local, false), // benchmarks (RFC 2544)
    v4([198, 51, 100, 0], 24, Local, false), // documentation (RFC 5737)
    v4([203, 0, 113, 0], 24, Local, false), // documentation (RFC 5737)
    v4([224, 0, 0, 0],    4, Local, false), // multicast (RFC 5771)
    v4([240, 0, 0, 0],    4, Local, false), // reserved, broadcast (RFC 1112, RFC 8190)
];

/// The special IPv6 networks. Of two that contain an address, the first counts.
#[rustfmt::skip]
const V6: [SpecialNetwork; 8] = [
    v6([0x64, 0xff9b],  32, AsInner(6), false), // IPv4/IPv6 translation (RFC 6052, RFC 8215)
    v6([0x2001, 0],     23, Local, true),  // Teredo and other protocol assignments (RFC 2928)
    v6([0x2001, 0xdb8], 32, Local, false), // documentation (RFC 3849)
    v6([0x2002, 0],     16, AsInner(1), true), // 6to4 (RFC 3056)
    v6([0x3fff, 0],     20, Local, false), // documentation (RFC 9637)
    v6([0x2000, 0],      3, Public, true), // global unicast (RFC 4291)
    v6([0x4000, 0],      2, Local, false), // unassigned
    v6([0, 0],           0, Local, false), // all others: local, multicast, mapped or reserved
];

/// Returns the network of the registries that an address belongs to. An IPv4 address in the mapped form of IPv6 is that
/// IPv4 address.
fn find(address: IpAddr) -> Option<&'static SpecialNetwork> {
    let networks: &[SpecialNetwork] = if address.is_ipv4() { &V4 } else { &V6 };
    networks.iter().find(|special| special.network.contains(&address))
}

/// Returns true for an address of the public internet, rather than of this machine, a private network, or a reserved
/// range. An IPv6 address that contains an IPv4 address is judged by that one.
pub fn is_public(address: IpAddr) -> bool {
    let address = address.to_canonical();
    match (find(address).map_or(Public, |special| special.reach), address) {
        (Public, _) => true,
        (AsInner(place), IpAddr::V6(address)) => {
            let segments = address.segments();
            let [[a, b], [c, d]] = [segments[place], segments[place + 1]].map(u16::to_be_bytes);
            segments[2..place.max(2)].iter().all(|segment| *segment == 0)
                && is_public(IpAddr::from([a, b, c, d]))
        }
        (Local | AsInner(_), _) => false,
    }
}

/// Returns true for an address that a registry may have assigned to a country.
pub fn may_have_country(address: IpAddr) -> bool {
    find(address.to_canonical()).is_none_or(|special| special.has_country)
}

/// Returns true for an address of this machine or of a private network, such as that of a proxy on the operator's own
/// network.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn two_networks_that_are_not_public_may_have_a_country_and_one_public_one_has_none() {
        for (text, public, country) in [
            ("192.88.99.1", false, true),
            ("2001::1", false, true),
            ("2002:7f00:1::", false, true),
            ("2002:101:101::", true, true),
            ("64:ff9b::101:101", true, false),
            ("64:ff9b:1::101:101", false, false),
            ("3fff:1000::1", true, true),
            ("::ffff:10.0.0.1", false, false),
        ] {
            let address = text.parse().unwrap();
            assert_eq!((is_public(address), may_have_country(address)), (public, country), "{text}");
        }
    }
}
