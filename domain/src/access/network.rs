//! The neighbourhood an address belongs to: what one attacker has at hand, and what one office shares.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use sqlx::types::ipnetwork::IpNetwork;

/// A /24 of IPv4 or a /48 of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network around an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                IpAddr::V4(Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
        })
    }

    /// The same for the database.
    #[must_use]
    pub fn cidr(self) -> IpNetwork {
        // Both lengths exist, so the bare address is never taken.
        IpNetwork::new(self.0, self.prefix()).unwrap_or_else(|_| IpNetwork::from(self.0))
    }

    fn prefix(self) -> u8 {
        if self.0.is_ipv4() { 24 } else { 48 }
    }
}

/// `192.0.2.0/24`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_network_and_strangers_do_not() {
        let network = |text: &str| Network::of(text.parse().expect("an address")).to_string();
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(Network::of([192, 0, 2, 77].into()).cidr().to_string(), "192.0.2.0/24");
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.254"));
        assert_ne!(network("192.0.3.1"), network("192.0.2.1"));
        assert_eq!(network("2001:db8:1:ff::1"), "2001:db8:1::/48");
        assert_ne!(network("2001:db8:2::1"), network("2001:db8:1::1"));
    }
}
