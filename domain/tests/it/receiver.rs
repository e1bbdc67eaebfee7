//! A receiver of webhooks on a port of its own: it keeps what comes, and answers with every fault that somebody could build
//! into it. It speaks HTTP by hand, because no server library breaks a connection in the middle.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// With a status.
    Status(u16),
    /// With a status and one more header.
    With(u16, &'static str, String),
    /// With a body that never ends.
    Endless,
    /// With a head and a body that never comes.
    Stuck,
    /// With what is no HTTP.
    Garbage,
    /// Not at all; the connection stays open.
    Never,
    /// Not at all; the connection is reset.
    Reset,
}

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Message {
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(crate) fn action(&self) -> String {
        self.json()["type"].as_str().expect("text").to_owned()
    }
}

/// The receiver. Stops with its test.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Message>>>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

impl Receiver {
    /// Starts one that is content with everything.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self { port, seen: Arc::default(), manners: Arc::default() };
        let inner = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = inner.clone();
                tokio::spawn(async move { inner.serve(stream).await });
            }
        });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in?from=gate", self.port)
    }

    /// Answers the next messages so, one after the other; the last manner stays.
    pub(crate) fn behave(&self, manners: impl IntoIterator<Item = Manner>) {
        *self.manners.lock().expect("whole") = manners.into_iter().collect();
    }

    /// What came since the last call.
    pub(crate) fn seen(&self) -> Vec<Message> {
        std::mem::take(&mut *self.seen.lock().expect("whole"))
    }

    /// Waits until so many have come.
    pub(crate) async fn saw(&self, count: usize) -> Vec<Message> {
        let begun = Instant::now();
        while self.seen.lock().expect("whole").len() < count {
            assert!(begun.elapsed() < Duration::from_secs(10), "waited for {count} messages in vain");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.seen()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(message) = read(&mut stream).await else { return };
        self.seen.lock().expect("whole").push(message);
        let manner = {
            let mut manners = self.manners.lock().expect("whole");
            if manners.len() > 1 { manners.pop_front() } else { manners.front().cloned() }
        };
        let head = |status: u16, more: &str| format!("HTTP/1.1 {status} Said\r\n{more}");
        match manner.unwrap_or(Manner::Status(200)) {
            Manner::Status(status) => {
                let answer = head(status, "content-length: 11\r\n\r\n<b>fine</b>");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Manner::With(status, name, value) => {
                let answer = head(status, &format!("{name}: {value}\r\ncontent-length: 0\r\n\r\n"));
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Manner::Endless => {
                let _ = stream.write_all(head(200, "transfer-encoding: chunked\r\n\r\n").as_bytes()).await;
                let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            }
            Manner::Stuck => {
                let _ = stream.write_all(head(200, "content-length: 9\r\n\r\nabc").as_bytes()).await;
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
            Manner::Garbage => {
                let _ = stream.write_all(b"220 mail.example.com ESMTP\r\n").await;
            }
            Manner::Never => tokio::time::sleep(Duration::from_mins(1)).await,
            Manner::Reset => {
                // Nothing lingers: the peer sees a reset, not an end.
                let _ = stream.set_zero_linger();
            }
        }
    }
}

/// A whole request, or nothing where the other side speaks something else.
async fn read(stream: &mut TcpStream) -> Option<Message> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let mut lines = head.lines();
            let path = lines.next()?.split(' ').nth(1)?.to_owned();
            let headers: BTreeMap<String, String> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length: usize = headers.get("content-length")?.parse().ok()?;
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8(bytes[end + 4..end + 4 + length].to_vec()).ok()?;
                return Some(Message { path, headers, body });
            }
        }
        // The beginning of TLS: as a server of plain HTTP, hang up.
        if bytes.first() == Some(&0x16) {
            return None;
        }
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
}
