//! How many connections each address holds: one client alone cannot take every place.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ipnet::IpNet;

use crate::layers::client::household;

/// Counts open connections by address.
pub(super) struct Addresses {
    most: usize,
    exempt: Vec<IpNet>,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One open connection; counted until it is dropped.
pub(super) struct Guest {
    addresses: Arc<Addresses>,
    counted: Option<IpAddr>,
}

impl Addresses {
    pub(super) fn new(most: usize, exempt: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { most, exempt, open: Mutex::default() })
    }

    /// Counts a connection; `None` when its address has as many as it may.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Guest> {
        let peer = peer.to_canonical();
        if self.exempt.iter().any(|network| network.contains(&peer)) {
            return Some(Guest { addresses: Arc::clone(self), counted: None });
        }
        let address = household(peer);
        let mut open = self.open();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Guest { addresses: Arc::clone(self), counted: Some(address) })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(address) = self.counted else { return };
        let mut open = self.addresses.open();
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            // Who has left is forgotten, so that the table is never longer than the list of connections.
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("valid")
    }

    #[test]
    fn an_address_has_its_places_and_gets_them_back() {
        let addresses = Addresses::new(2, vec!["10.0.0.0/8".parse().expect("valid")]);
        let first = addresses.admit(address("192.0.2.1"));
        let second = addresses.admit(address("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(addresses.admit(address("192.0.2.1")).is_none());
        assert!(addresses.admit(address("192.0.2.2")).is_some());
        drop(first);
        assert!(addresses.admit(address("192.0.2.1")).is_some());
        drop(second);
        assert!(addresses.open().is_empty());
    }

    #[test]
    fn a_proxy_takes_as_many_as_it_needs() {
        let addresses = Addresses::new(1, vec!["10.0.0.0/8".parse().expect("valid")]);
        let guests: Vec<_> = (0..5).map(|_| addresses.admit(address("10.1.2.3"))).collect();
        assert!(guests.iter().all(Option::is_some));
    }
}
