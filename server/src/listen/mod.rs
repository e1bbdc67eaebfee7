//! Accepts connections and serves them, patient with slow clients but not for long.
//!
//! Every socket gets `TCP_NODELAY`: without it a page that is streamed in two pieces waits for the other side's
//! delayed acknowledgement. HTTP/1.1 only: browsers speak HTTP/2 to the proxy in front, and telling the versions
//! apart would mean reading the first bytes without a time limit.

mod addresses;
mod impatient;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use self::{addresses::Addresses, impatient::Impatient};
use crate::{config::Http, layers::client::PeerAddress};

/// The head of a request, in bytes. Cookies, a token and a long query fit several times.
const HEAD_BYTES: usize = 64 * 1024;
/// How many headers a request may have; browsers send about twenty.
const HEADERS: usize = 100;
/// The pause after the system refused a connection, usually for lack of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// How much a listener puts up with.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many connections at once.
    pub connections: usize,
    /// How many of them from one address.
    pub per_address: usize,
    /// Networks that may have more: proxies, through which everybody comes.
    pub exempt: Vec<IpNet>,
    /// How long the head of a request may take, and how long a connection may idle.
    pub header_timeout: Duration,
    /// How long a client may take no byte of its answer.
    pub write_timeout: Duration,
}

impl Limits {
    /// What the operator decided. A proxy on this machine need not be named to be exempt.
    #[must_use]
    pub fn of(http: &Http) -> Self {
        let loopback = [
            IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8)),
            IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
        ];
        Self {
            connections: http.connections,
            per_address: http.connections_per_address,
            exempt: http.trusted_proxies.iter().copied().chain(loopback).collect(),
            header_timeout: http.header_timeout,
            write_timeout: http.write_timeout,
        }
    }
}

/// How a listener ends.
#[derive(Clone, Debug)]
pub struct Ending {
    /// From here on no connection is accepted.
    pub stop: CancellationToken,
    /// How long requests that have begun may take from then on.
    pub drain: Duration,
    /// From here on nobody is waited for.
    pub cut: CancellationToken,
}

/// Serves until the end, then lets requests that have begun finish.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, ending: Ending) {
    let connections = TaskTracker::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::new(limits.per_address, limits.exempt.clone());
    let cut = ending.cut.child_token();
    loop {
        // A permit first: with no room left, connections wait in the kernel's queue, not in our memory.
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            () = ending.stop.cancelled() => break,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(guest) = addresses.admit(peer.ip()) else {
                    metrics::counter!("connections_refused_total").increment(1);
                    continue;
                };
                let connection = connection(stream, peer, router.clone(), &limits, ending.stop.clone());
                let cut = cut.clone();
                connections.spawn(async move {
                    let _places = (permit, guest);
                    tokio::select! {
                        () = cut.cancelled() => {}
                        () = connection => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(ending.drain, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections were cut off after the time to drain");
        cut.cancel();
        connections.wait().await;
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: &Limits,
    stop: CancellationToken,
) -> impl Future<Output = ()> + Send + use<> {
    // A client that has left already is found out by the first read.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(PeerAddress(peer));
        request.map(axum::body::Body::new)
    });
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS);
    let stream = TokioIo::new(Impatient::new(stream, limits.write_timeout));
    async move {
        let serving = builder.serve_connection(stream, TowerToHyperService::new(service));
        tokio::pin!(serving);
        // Broken connections are the client's business: an error here is no news.
        tokio::select! {
            _ = serving.as_mut() => return,
            () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
        }
        let _ = serving.await;
    }
}
