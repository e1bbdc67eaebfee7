//! Area `webhooks`: how far events are sent.

use ipnet::IpNet;

use super::{http::network, reader::Reader};

/// Area `webhooks`.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Networks beside the public ones that receivers may be in.
    pub networks: Vec<IpNet>,
}

impl Webhooks {
    /// On a laptop receivers are on the laptop.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let here = if reader.profile.is_production() { "" } else { "127.0.0.0/8,::1" };
        let here: Vec<IpNet> = here.split(',').filter_map(network).collect();
        let expected = "networks such as 10.1.0.0/16, or addresses";
        Self { networks: reader.list_or("webhooks.networks", here, expected, network) }
    }
}
