//! Requests to other servers: over TLS, bounded in time and size, and never redirected.
//!
//! Promise: nothing is asked but the address that was given; an answer that is too slow or too large is no answer.

use std::{fmt, sync::Arc, time::Duration};

use ::http_body_util::{BodyExt as _, Full, Limited};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use url::{Host, Url, form_urlencoded};

/// How long a request may take, from the look-up of the name to the last byte of the answer.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer where nothing else was said; documents of keys have some kilobytes.
pub const LARGEST: usize = 256 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundProblem {
    /// The address has no host, or its scheme is neither `http` nor `https`.
    #[error("not an address that can be asked")]
    Address,
    /// No connection, or one that broke.
    #[error("cannot be reached")]
    Unreachable,
    /// The certificate is not for this host, or of no authority that is known.
    #[error("its certificate cannot be trusted")]
    Untrusted,
    /// It took longer than was allowed.
    #[error("too slow")]
    TooSlow,
    /// More than [`LARGEST`], or than what was said instead.
    #[error("too large")]
    TooLarge,
    /// The address is out of the reach that was allowed; see `platform::reach`.
    #[error("at an address that is not to be reached")]
    Forbidden,
}

/// How a request says who asks.
pub enum Credentials<'a> {
    /// It does not.
    None,
    /// By a token (RFC 6750).
    Bearer(&'a str),
    /// By name and password (RFC 7617).
    Basic(&'a str, &'a str),
}

/// An answer, read to its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status. A redirect is one as well: nobody follows it.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl From<Response<Vec<u8>>> for Answer {
    fn from(response: Response<Vec<u8>>) -> Self {
        Self { status: response.status().as_u16(), body: response.into_body() }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Asks other servers. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    tls: Option<TlsConnector>,
    patience: Duration,
    largest: usize,
}

impl Outbound {
    /// Trusts the public authorities, and those of the machine.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
        let tls = config.ok().map(|config| TlsConnector::from(Arc::new(config)));
        Self { tls, patience, largest: LARGEST }
    }

    /// The same with other answers: of at most so many bytes.
    #[must_use]
    pub fn up_to(self, largest: usize) -> Self {
        Self { largest, ..self }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`OutboundProblem`]; any status is an answer.
    pub async fn get(&self, url: &Url, as_who: &Credentials<'_>) -> Result<Answer, OutboundProblem> {
        let request = Request::get(path_of(url)).body(Full::default());
        Ok(self.send(url, as_who, request.map_err(|_| OutboundProblem::Address)?).await?.into())
    }

    /// Sends a form.
    ///
    /// # Errors
    /// [`OutboundProblem`]; any status is an answer.
    pub async fn post(
        &self,
        url: &Url,
        as_who: &Credentials<'_>,
        fields: &[(&str, &str)],
    ) -> Result<Answer, OutboundProblem> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path_of(url)).header(CONTENT_TYPE, FORM).body(Full::from(form));
        Ok(self.send(url, as_who, request.map_err(|_| OutboundProblem::Address)?).await?.into())
    }

    /// Sends a form that is written already, or nothing where it is empty, with headers of its own. The headers of the
    /// answer come along.
    ///
    /// # Errors
    /// [`OutboundProblem`]; any status is an answer.
    pub async fn call(
        &self,
        method: Method,
        url: &Url,
        as_who: &Credentials<'_>,
        headers: &[(&'static str, &str)],
        form: String,
    ) -> Result<Response<Vec<u8>>, OutboundProblem> {
        let mut request = Request::builder().method(method).uri(path_of(url));
        if !form.is_empty() {
            request = request.header(CONTENT_TYPE, FORM);
        }
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), header(value)?);
        }
        let request = request.body(Full::from(form)).map_err(|_| OutboundProblem::Address)?;
        self.send(url, as_who, request).await
    }

    async fn send(
        &self,
        url: &Url,
        as_who: &Credentials<'_>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Vec<u8>>, OutboundProblem> {
        let headers = request.headers_mut();
        headers.insert(HOST, header(&authority(url).ok_or(OutboundProblem::Address)?)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("Gatehouse"));
        if let Some(shown) = as_who.shown() {
            let mut value = header(&shown)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let exchange = async {
            let (head, body) = self.exchange(url, request).await?.into_parts();
            let body = Limited::new(body, self.largest).collect().await;
            let body = body.map_err(|error| {
                let is_too_large = error.is::<::http_body_util::LengthLimitError>();
                if is_too_large { OutboundProblem::TooLarge } else { OutboundProblem::Unreachable }
            })?;
            Ok(Response::from_parts(head, body.to_bytes().to_vec()))
        };
        // On the heap: the parts of TLS would make every future around it large.
        timeout(self.patience, Box::pin(exchange)).await.unwrap_or(Err(OutboundProblem::TooSlow))
    }

    async fn exchange(
        &self,
        url: &Url,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, OutboundProblem> {
        self.over(connect(url).await?, url, request).await
    }

    /// One request on a connection that is open already; by TLS where the address says so.
    pub(super) async fn over(
        &self,
        stream: TcpStream,
        url: &Url,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, OutboundProblem> {
        if url.scheme() == "http" {
            return converse(stream, request).await;
        }
        let tls = self.tls.as_ref().ok_or(OutboundProblem::Untrusted)?;
        let name = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|_| OutboundProblem::Address)?;
        converse(tls.connect(name, stream).await.map_err(|_| OutboundProblem::Untrusted)?, request).await
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Credentials<'_> {
    fn shown(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Bearer(token) => Some(format!("Bearer {token}")),
            Self::Basic(name, password) => {
                Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}"))))
            }
        }
    }
}

async fn connect(url: &Url) -> Result<TcpStream, OutboundProblem> {
    let ("http" | "https", Some(port)) = (url.scheme(), url.port_or_known_default()) else {
        return Err(OutboundProblem::Address);
    };
    let stream = match url.host().ok_or(OutboundProblem::Address)? {
        Host::Domain(name) => TcpStream::connect((name, port)).await,
        Host::Ipv4(address) => TcpStream::connect((address, port)).await,
        Host::Ipv6(address) => TcpStream::connect((address, port)).await,
    };
    stream.map_err(|_| OutboundProblem::Unreachable)
}

/// One request on a connection of its own; the connection ends with the body of the answer.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, OutboundProblem> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|_| OutboundProblem::Unreachable)?;
    // It ends by itself when the answer was read or is not wanted any more.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    sender.send_request(request).await.map_err(|_| OutboundProblem::Unreachable)
}

pub(super) fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

pub(super) fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

pub(super) fn header(text: &str) -> Result<HeaderValue, OutboundProblem> {
    HeaderValue::from_str(text).map_err(|_| OutboundProblem::Address)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A server that answers the first request with this, and keeps the connection open.
    async fn answers(text: String) -> Url {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a client");
            let mut seen = [0; 4096];
            let _ = stream.read(&mut seen).await;
            let _ = stream.write_all(text.as_bytes()).await;
            tokio::time::sleep(Duration::from_mins(1)).await;
        });
        Url::parse(&format!("http://127.0.0.1:{port}/x")).expect("valid")
    }

    async fn asked(text: &str) -> Result<Answer, OutboundProblem> {
        let url = answers(text.to_owned()).await;
        Outbound::new(Duration::from_millis(300)).get(&url, &Credentials::None).await
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let target = answers("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".into()).await;
        let answer =
            asked(&format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n")).await;
        assert_eq!(answer, Ok(Answer { status: 302, body: Vec::new() }));
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_read_to_its_end() {
        let body = "a".repeat(LARGEST + 1);
        let with_length = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        assert_eq!(asked(&with_length).await, Err(OutboundProblem::TooLarge));
        let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        assert_eq!(asked(&endless).await, Err(OutboundProblem::TooLarge));
    }

    #[tokio::test]
    async fn who_is_slow_is_not_waited_for() {
        for slow in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"] {
            assert_eq!(asked(slow).await, Err(OutboundProblem::TooSlow), "{slow}");
        }
    }

    #[tokio::test]
    async fn only_the_web_is_asked() {
        for odd in ["ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1:70/x"] {
            let url = Url::parse(odd).expect("valid");
            let refused = Outbound::new(PATIENCE).get(&url, &Credentials::None).await;
            assert_eq!(refused, Err(OutboundProblem::Address), "{odd}");
        }
    }
}
