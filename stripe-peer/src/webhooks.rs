//! Events on their way to the endpoint: signed as Stripe signs them, in order or not.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};
use url::Url;

use crate::{Peer, world::wall_clock};

/// How often it is looked for events.
const LOOK: Duration = Duration::from_millis(20);
/// How long an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often an event is told to an endpoint that does not take it, and the pause in between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

/// Where events are told.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Over plain HTTP.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// Which kinds; all where nothing is said.
    pub events: Option<Vec<String>>,
    /// Whether they wait for [`Peer::deliver`] instead of leaving at once.
    pub is_held: bool,
}

/// How events that were held are told.
#[derive(Clone, Debug, Default)]
pub struct Disorder {
    /// In an order that this number chooses.
    pub shuffle: Option<u64>,
    /// Each twice.
    pub is_doubled: bool,
    /// With a pause before each.
    pub delay: Duration,
    /// So many of them, of the order chosen the first, never.
    pub dropped: usize,
}

/// The header with the signature of a body.
#[must_use]
pub fn sign(secret: &str, at: i64, body: &str) -> String {
    let code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut code| {
        code.update(format!("{at}.{body}").as_bytes());
        code.finalize().into_bytes()
    });
    let hex = code.unwrap_or_default().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!("t={at},v1={hex}")
}

impl Peer {
    /// Tells what was held, in disorder; answers the statuses.
    pub async fn deliver(&self, disorder: &Disorder) -> Vec<u16> {
        let Some((endpoint, mut events)) = self.untold() else { return Vec::new() };
        if let Some(seed) = disorder.shuffle {
            shuffle(&mut events, seed);
        }
        let mut statuses = Vec::new();
        for event in events.iter().skip(disorder.dropped) {
            for _ in 0..=u8::from(disorder.is_doubled) {
                sleep(disorder.delay).await;
                statuses.push(post(&endpoint, event).await.unwrap_or_default());
            }
        }
        statuses
    }

    /// What the endpoint has not been told; it counts as told from now on.
    fn untold(&self) -> Option<(Endpoint, Vec<Value>)> {
        let mut inner = self.lock();
        let endpoint = inner.endpoint.clone()?;
        let wanted = |event: &Value| {
            let kind = event["type"].as_str().unwrap_or_default();
            endpoint.events.as_ref().is_none_or(|kinds| kinds.iter().any(|wanted| wanted == kind))
        };
        let new: Vec<Value> =
            inner.world.events.iter().skip(inner.told).filter(|event| wanted(event)).cloned().collect();
        inner.told = inner.world.events.len();
        Some((endpoint, new))
    }
}

/// Tells events soon after they happened, unless they are held.
pub(crate) async fn tell_as_it_happens(peer: Peer) {
    loop {
        sleep(LOOK).await;
        if peer.lock().endpoint.as_ref().is_none_or(|endpoint| endpoint.is_held) {
            continue;
        }
        let Some((endpoint, events)) = peer.untold() else { continue };
        for event in events {
            for _ in 0..TRIES {
                if post(&endpoint, &event).await.is_some_and(|status| (200..300).contains(&status)) {
                    break;
                }
                sleep(PAUSE).await;
            }
        }
    }
}

/// The status that came back, if any.
async fn post(endpoint: &Endpoint, event: &Value) -> Option<u16> {
    let body = event.to_string();
    let signature = sign(&endpoint.secret, wall_clock(), &body);
    let url = Url::parse(&endpoint.url).ok()?;
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n\
         user-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nstripe-signature: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        url.path(),
        body.len(),
    );
    let exchange = async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
    };
    timeout(PATIENCE, exchange).await.ok().flatten()
}

/// Fisher and Yates, with the numbers of Marsaglia's xorshift.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for end in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let place = usize::try_from(state % (end as u64 + 1)).unwrap_or_default();
        items.swap(end, place);
    }
}
