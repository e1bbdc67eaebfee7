//! Area `http`: where the server listens, what it is called outside, and how patient it is.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use url::Url;

use super::{parse::from_text, reader::Reader};

/// The largest body an endpoint takes, in bytes. Part of the interface, therefore not a key.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// The largest body of somebody without a session, in bytes: the longest form of the doors fits many times.
pub const STRANGERS_BODY_LIMIT: usize = 64 * 1024;

/// Area `http`.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where requests arrive.
    pub listen: SocketAddr,
    /// Where metrics are read; never the public listener.
    pub metrics_listen: SocketAddr,
    /// What people type, without a slash at the end. Links in letters begin with it.
    pub public_url: String,
    /// The built site: stylesheet, scripts, icons.
    pub site_root: PathBuf,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections may be open at once; more wait in the kernel's queue.
    pub connections: usize,
    /// How many of them one address may have; proxies and this machine may have more.
    pub connections_per_address: usize,
    /// How long a client may take to send the head of a request, and how long a connection may idle.
    pub header_timeout: Duration,
    /// How long a client may take to send a body.
    pub body_timeout: Duration,
    /// How much memory bodies may take at the same time, in MiB.
    pub body_memory_mib: usize,
    /// How long a client may take no byte of its answer before it is cut off.
    pub write_timeout: Duration,
    /// After how long a request is answered with 503.
    pub request_timeout: Duration,
}

impl Http {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let address = "an address with a port, such as 127.0.0.1:3000";
        let listen =
            reader.value("http.listen", SocketAddr::from(([127, 0, 0, 1], 3000)), address, from_text);
        let metrics = SocketAddr::from(([127, 0, 0, 1], 3900));
        let http = Self {
            listen,
            metrics_listen: reader.value("http.metrics_listen", metrics, address, from_text),
            public_url: public_url(reader, listen),
            site_root: reader
                .value("http.site_root", "target/site".to_owned(), "a folder", |text| Some(text.to_owned()))
                .into(),
            trusted_proxies: reader.list(
                "http.trusted_proxies",
                "networks such as 10.0.0.0/8, or addresses",
                network,
            ),
            connections: reader.value("http.connections", 4096, "a number from 1 to 100000", |text| {
                from_text(text).filter(|count| (1..=100_000).contains(count))
            }),
            connections_per_address: reader.value(
                "http.connections_per_address",
                256,
                "a number from 1 to 100000",
                |text| from_text(text).filter(|count| (1..=100_000).contains(count)),
            ),
            // Longer than proxies keep a connection: one that reuses it in the moment it is cut gets no answer.
            header_timeout: reader.duration("http.header_timeout", Duration::from_secs(75)),
            body_timeout: reader.duration("http.body_timeout", Duration::from_secs(15)),
            body_memory_mib: reader.value("http.body_memory_mib", 64, "a number from 2 to 4096", |text| {
                from_text(text).filter(|count| (2..=4096).contains(count))
            }),
            write_timeout: reader.duration("http.write_timeout", Duration::from_secs(30)),
            request_timeout: reader.duration("http.request_timeout", Duration::from_secs(30)),
        };
        if http.listen == http.metrics_listen && http.listen.port() != 0 {
            reader.wrong("http.metrics_listen", "is the public listener", "Give metrics a port of their own");
        }
        http
    }

    /// Whether people reach the site by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The public address; on a laptop it is where the server listens.
fn public_url(reader: &mut Reader, listen: SocketAddr) -> String {
    let expected = "an address without a path, such as https://gate.example.com";
    if reader.profile.is_production() {
        return reader.optional("http.public_url", expected, origin).unwrap_or_default();
    }
    reader.value("http.public_url", format!("http://{listen}"), expected, origin)
}

/// Keeps `scheme://host[:port]`; refuses anything that carries more, so that links can be put together by joining.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| url.origin().ascii_serialization())
}

/// A network, or a single address.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
