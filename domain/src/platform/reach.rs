//! Which addresses of the network may be connected to on behalf of somebody who typed a name: the public ones, and those
//! that the operator named besides.
//!
//! Promise: what is judged is the address that is connected to, never the name, so that no name, no spelling of a number
//! and no answer of a name server leads inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The addresses that may be connected to.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    also: Vec<IpNet>,
}

impl Reach {
    /// Everything public, and these networks.
    #[must_use]
    pub fn public_and(also: Vec<IpNet>) -> Self {
        Self { also }
    }

    /// Whether an address may be connected to. An IPv4 address inside an IPv6 one is judged as itself.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.also.iter().any(|network| network.contains(&address))
    }

    /// Whether an address of this machine may be connected to.
    #[must_use]
    pub fn allows_loopback(&self) -> bool {
        self.allows(Ipv4Addr::LOCALHOST.into()) || self.allows(Ipv6Addr::LOCALHOST.into())
    }

    /// Those of `found` that may be connected to, in their order.
    pub(super) fn among(&self, found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        found.filter(|address| self.allows(address.ip())).collect()
    }
}

/// What the registries of special-purpose addresses (RFC 6890 and its successors) leave to the public.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    // This network, private, this machine, from 224 on multicast and reserved.
    let is_whole = matches!(a, 0 | 10 | 127 | 224..);
    // Shared by the customers of a provider (RFC 6598), link-local, where clouds keep their metadata, private, and tests of
    // networks (RFC 2544).
    let is_wide =
        matches!((a, b), (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) | (198, 18 | 19));
    // Protocols, documentation, relays of 6to4.
    let is_narrow = matches!((a, b, c), (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99));
    !(is_whole || is_wide || is_narrow)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Translated to IPv4 on the way (RFC 6052): as public as what it is translated to.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocols such as Teredo, documentation, and 6to4, which has an IPv4 address inside.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // What is given out at all.
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(reach: &Reach, text: &str) -> bool {
        reach.allows(text.parse().expect("an address"))
    }

    #[test]
    fn what_is_inside_is_out_of_reach_however_it_is_written() {
        let reach = Reach::default();
        for inside in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!allows(&reach, inside), "{inside}");
        }
        assert!(!reach.allows_loopback());
    }

    #[test]
    fn what_is_public_is_within_reach() {
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "3ffe::1",
        ] {
            assert!(allows(&Reach::default(), public), "{public}");
        }
    }

    #[test]
    fn what_the_operator_names_is_within_reach_and_nothing_beside_it() {
        let reach = Reach::public_and(vec!["10.1.0.0/16".parse().expect("a network")]);
        assert!(allows(&reach, "10.1.2.3") && allows(&reach, "::ffff:10.1.2.3"));
        assert!(!allows(&reach, "10.2.0.1") && !reach.allows_loopback());
        let here = Reach::public_and(vec!["127.0.0.0/8".parse().expect("a network")]);
        assert!(here.allows_loopback() && !allows(&here, "10.1.2.3"));
    }
}
