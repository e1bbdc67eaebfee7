//! Hands messages over to addresses that people of the site typed: a post, and how the answer begins.
//!
//! Promise: only what is within [`Reach`] is connected to, and the judged address is the very one that is connected to;
//! plain HTTP does not leave this machine; redirects are not followed; an answer costs no more time and memory than is said
//! here.

use std::{fmt, net::SocketAddr, time::Duration};

use ::http_body_util::{BodyExt as _, Full};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use url::{Host, Url};

use super::{
    outbound::{Outbound, OutboundProblem, authority, header, path_of},
    reach::Reach,
};

/// How long handing over may take, from the look-up of the name to the head of the answer.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// How much of an answer is read.
pub const KEPT: usize = 1024;
/// How long the rest of an answer is waited for whose head is there: the status says everything that matters.
const LINGER: Duration = Duration::from_secs(1);

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The HTTP status. A redirect is one as well: nobody follows it.
    pub status: u16,
    /// What `Retry-After` says.
    pub retry_after: Option<String>,
    /// The first [`KEPT`] bytes of the body, as far as they came.
    pub answer: Vec<u8>,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receipt({}, {} bytes)", self.status, self.answer.len())
    }
}

/// Hands over. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Courier {
    outbound: Outbound,
    reach: Reach,
    patience: Duration,
}

impl Courier {
    /// Goes as far as `reach`, and waits as long as `patience`.
    #[must_use]
    pub fn new(reach: Reach, patience: Duration) -> Self {
        Self { outbound: Outbound::new(patience), reach, patience }
    }

    /// Posts JSON with these headers.
    ///
    /// # Errors
    /// [`OutboundProblem`]; any status is an answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Receipt, OutboundProblem> {
        let mut request = Request::post(path_of(url))
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| OutboundProblem::Address)?;
        let all = request.headers_mut();
        all.insert(HOST, header(&authority(url).ok_or(OutboundProblem::Address)?)?);
        all.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        all.insert(USER_AGENT, HeaderValue::from_static("Gatehouse"));
        for (name, value) in headers {
            all.insert(HeaderName::from_static(name), header(value)?);
        }
        let exchange = async {
            let stream = self.connect(url).await?;
            self.outbound.over(stream, url, request).await
        };
        // On the heap: the parts of TLS would make every future around it large.
        let response =
            timeout(self.patience, Box::pin(exchange)).await.unwrap_or(Err(OutboundProblem::TooSlow))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        Ok(Receipt { status, retry_after, answer: beginning(response.into_body()).await })
    }

    /// Connects to one of the addresses that the host has and that are within reach.
    async fn connect(&self, url: &Url) -> Result<TcpStream, OutboundProblem> {
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(OutboundProblem::Address),
        };
        let port = url.port_or_known_default().ok_or(OutboundProblem::Address)?;
        let found: Vec<SocketAddr> = match url.host().ok_or(OutboundProblem::Address)? {
            Host::Domain(name) => {
                lookup_host((name, port)).await.map_err(|_| OutboundProblem::Unreachable)?.collect()
            }
            Host::Ipv4(address) => vec![(address, port).into()],
            Host::Ipv6(address) => vec![(address, port).into()],
        };
        let stays_here = |address: &SocketAddr| !is_plain || address.ip().to_canonical().is_loopback();
        let allowed = self.reach.among(found.into_iter().filter(stays_here));
        if allowed.is_empty() {
            return Err(OutboundProblem::Forbidden);
        }
        TcpStream::connect(allowed.as_slice()).await.map_err(|_| OutboundProblem::Unreachable)
    }
}

/// How a body begins. What does not come in time, or breaks, is left out.
async fn beginning(mut body: Incoming) -> Vec<u8> {
    let mut kept = Vec::new();
    let reading = async {
        while kept.len() < KEPT {
            let Some(Ok(frame)) = body.frame().await else { break };
            kept.extend_from_slice(frame.data_ref().map(Bytes::as_ref).unwrap_or_default());
        }
    };
    let _ = timeout(LINGER, reading).await;
    kept.truncate(KEPT);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn post(url: &str, also: &str) -> Result<Receipt, OutboundProblem> {
        let also = also.split_whitespace().map(|network| network.parse().expect("a network")).collect();
        let courier = Courier::new(Reach::public_and(also), Duration::from_millis(500));
        courier.post(&Url::parse(url).expect("valid"), &[], "{}".into()).await
    }

    #[tokio::test]
    async fn nothing_inside_is_connected_to_whatever_it_is_called() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        for host in [
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "10.0.0.1",
            "[::ffff:10.0.0.1]",
            "169.254.169.254",
        ] {
            for scheme in ["http", "https"] {
                let refused = post(&format!("{scheme}://{host}:{port}/"), "").await;
                assert_eq!(refused, Err(OutboundProblem::Forbidden), "{scheme} {host}");
            }
        }
        let nobody = timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "not even a connection was opened");
    }

    #[tokio::test]
    async fn plain_http_does_not_leave_the_machine() {
        let refused = post("http://1.1.1.1/", "").await;
        assert_eq!(refused, Err(OutboundProblem::Forbidden));
        let refused = post("http://10.0.0.1/", "10.0.0.0/8").await;
        assert_eq!(refused, Err(OutboundProblem::Forbidden));
        assert_eq!(post("ftp://127.0.0.1/", "127.0.0.0/8").await, Err(OutboundProblem::Address));
        // Allowed, and nobody is there.
        assert_eq!(post("http://127.0.0.1:9/", "127.0.0.0/8").await, Err(OutboundProblem::Unreachable));
    }
}
