//! Requests under load: as many at a time as asked, or so many a second, each with its time and status.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::platform::log::chain;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::task::JoinSet;

use crate::Outcome;

/// A client that keeps its connections open, as browsers do.
#[derive(Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: Arc<str>,
}

/// What is asked.
#[derive(Clone)]
pub(crate) struct Ask {
    method: Method,
    path: &'static str,
    body: Bytes,
    cookie: Option<String>,
}

impl Ask {
    /// A read, as this person.
    pub(crate) fn get(path: &'static str, cookie: Option<String>) -> Self {
        Self { method: Method::GET, path, body: Bytes::new(), cookie }
    }

    /// A sign-in.
    pub(crate) fn sign_in(email: &str, password: &str) -> Self {
        let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
        Self { method: Method::POST, path: "/api/v1/identity/sign-in", body: body.into(), cookie: None }
    }

    /// A sign-out, of this session.
    pub(crate) fn sign_out(cookie: String) -> Self {
        Self {
            method: Method::POST,
            path: "/api/v1/identity/sign-out",
            body: Bytes::from_static(b"{}"),
            cookie: Some(cookie),
        }
    }
}

/// What came back of something long.
pub(crate) struct Drained {
    pub(crate) status: u16,
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
}

/// What came back.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) retry_after: bool,
}

impl Client {
    pub(crate) fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = Http::builder(TokioExecutor::new()).pool_max_idle_per_host(4096).build(connector);
        Self { http, base: base.into() }
    }

    /// Asks once, and reads the answer as it comes without keeping it.
    pub(crate) async fn drain(&self, ask: &Ask) -> Outcome<Drained> {
        let mut request =
            Request::builder().method(ask.method.clone()).uri(format!("{}{}", self.base, ask.path));
        if let Some(cookie) = &ask.cookie {
            request = request.header("cookie", format!("__Host-gate={cookie}"));
        }
        let mut response = self.http.request(request.body(Full::new(ask.body.clone()))?).await?;
        let mut drained = Drained { status: response.status().as_u16(), bytes: 0, lines: 0 };
        while let Some(frame) = response.body_mut().frame().await {
            if let Ok(data) = frame?.into_data() {
                drained.bytes += data.len() as u64;
                drained.lines += data.split(|byte| *byte == b'\n').skip(1).count() as u64;
            }
        }
        Ok(drained)
    }

    /// Asks once, and reads the whole answer.
    pub(crate) async fn ask(&self, ask: &Ask) -> Outcome<Answer> {
        let mut request =
            Request::builder().method(ask.method.clone()).uri(format!("{}{}", self.base, ask.path));
        if ask.method == Method::POST {
            request =
                request.header("content-type", "application/json").header("sec-fetch-site", "same-origin");
        }
        if let Some(cookie) = &ask.cookie {
            request = request.header("cookie", format!("__Host-gate={cookie}"));
        }
        let begun = Instant::now();
        let response = self.http.request(request.body(Full::new(ask.body.clone()))?).await?;
        let status = response.status().as_u16();
        let retry_after = response.headers().contains_key("retry-after");
        response.into_body().collect().await?;
        Ok(Answer { status, took: begun.elapsed(), retry_after })
    }
}

/// Everything that came back, and how long it took in all.
pub(crate) struct Run {
    pub(crate) answers: Vec<Answer>,
    pub(crate) lasted: Duration,
    /// Why each request without an answer had none.
    pub(crate) losses: Vec<String>,
}

impl Run {
    /// How many answers a second had this status.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(crate) fn rate_of(&self, status: u16) -> f64 {
        self.count_of(status) as f64 / self.lasted.as_secs_f64()
    }

    pub(crate) fn count_of(&self, status: u16) -> usize {
        self.answers.iter().filter(|answer| answer.status == status).count()
    }

    /// The time that `share` percent of the answers with this status stayed below.
    pub(crate) fn percentile(&self, status: u16, share: usize) -> Duration {
        let mut times: Vec<_> = self.answers.iter().filter(|a| a.status == status).map(|a| a.took).collect();
        times.sort_unstable();
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
    }
}

/// `lanes` requests at a time, each followed by the next, until the time is over.
pub(crate) async fn closed(client: &Client, lanes: usize, lasts: Duration, asks: Arc<Vec<Ask>>) -> Run {
    let turn = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..lanes {
        let (client, asks, turn) = (client.clone(), Arc::clone(&asks), Arc::clone(&turn));
        tasks.spawn(async move {
            let (mut answers, mut losses) = (Vec::new(), Vec::new());
            while begun.elapsed() < lasts {
                let next = turn.fetch_add(1, Ordering::Relaxed) % asks.len();
                match client.ask(&asks[next]).await {
                    Ok(answer) => answers.push(answer),
                    Err(error) => losses.push(chain(&*error)),
                }
            }
            (answers, losses)
        });
    }
    gather(tasks, begun).await
}

/// `per_second` requests a second, whatever comes back.
pub(crate) async fn open(client: &Client, per_second: u32, lasts: Duration, asks: Arc<Vec<Ask>>) -> Run {
    let begun = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / per_second.max(1));
    let mut tasks = JoinSet::new();
    let mut turn = 0;
    while begun.elapsed() < lasts {
        tick.tick().await;
        let (client, ask) = (client.clone(), asks[turn % asks.len()].clone());
        turn += 1;
        tasks.spawn(async move {
            match client.ask(&ask).await {
                Ok(answer) => (vec![answer], Vec::new()),
                Err(error) => (Vec::new(), vec![chain(&*error)]),
            }
        });
    }
    gather(tasks, begun).await
}

async fn gather(mut tasks: JoinSet<(Vec<Answer>, Vec<String>)>, begun: Instant) -> Run {
    let mut run = Run { answers: Vec::new(), lasted: Duration::ZERO, losses: Vec::new() };
    while let Some(done) = tasks.join_next().await {
        let (answers, losses) = done.unwrap_or_else(|error| (Vec::new(), vec![chain(&error)]));
        run.answers.extend(answers);
        run.losses.extend(losses);
    }
    run.lasted = begun.elapsed();
    run
}
