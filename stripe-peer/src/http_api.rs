//! The interface as HTTP: keys, faults, idempotency; then the endpoints.

use std::{future::pending, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header::AUTHORIZATION},
    response::Response,
};
use serde_json::Value;
use tokio::{sync::Notify, time::sleep};

use crate::{
    Inner, Peer, api, control, faults::Fault, pages, params::decode, refusal::Refusal, world::API_VERSION,
};

/// No request of ours is larger.
const LARGEST: usize = 1 << 20;

/// An answer that is kept under an idempotency key.
#[derive(Clone)]
pub(crate) struct Kept {
    /// What was asked.
    request: String,
    status: u16,
    body: String,
}

pub(crate) async fn serve(State(peer): State<Peer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    let path = parts.uri.path().to_owned();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments.as_slice() {
        ["v1", rest @ ..] => {
            let form = if parts.method == Method::POST {
                body
            } else {
                parts.uri.query().unwrap_or_default().to_owned()
            };
            let call =
                Call { method: parts.method.as_str(), path: rest, form: &form, headers: &parts.headers };
            let Some((answer, until)) = call.answer(&peer) else { return pending().await };
            until.come().await;
            answer
        }
        ["_peer", rest @ ..] => control::serve(&peer, rest, &body).await,
        rest => pages::serve(&peer, parts.method == Method::POST, rest, &body),
    }
}

/// Until when an answer is kept back.
#[derive(Default)]
enum Until {
    #[default]
    Now,
    Later(Duration),
    Released(Arc<Notify>),
}

impl Until {
    async fn come(self) {
        match self {
            Self::Now => {}
            Self::Later(by) => sleep(by).await,
            Self::Released(bell) => bell.notified().await,
        }
    }
}

struct Call<'a> {
    method: &'a str,
    path: &'a [&'a str],
    form: &'a str,
    headers: &'a HeaderMap,
}

impl Call<'_> {
    /// The answer, and until when it is kept back. Nothing where none ever comes.
    fn answer(&self, peer: &Peer) -> Option<(Response, Until)> {
        let mut until = Until::default();
        let answer = self.answer_or_fail(peer, &mut until)?;
        Some((answer, until))
    }

    fn answer_or_fail(&self, peer: &Peer, until: &mut Until) -> Option<Response> {
        let mut inner = peer.lock();
        let name = format!("{} /v1/{}", self.method, self.path.join("/"));
        inner.calls.push(name.clone());
        if !self.shows_key() {
            return Some(refused(&Refusal::key(), &[]));
        }
        let planned = inner.faults.iter().position(|planned| name.starts_with(&planned.beginning));
        let fault = planned.map(|place| inner.faults.remove(place).fault);
        match fault {
            None => Some(self.carry_out(&mut inner)),
            Some(Fault::LostAnswer) => {
                self.carry_out(&mut inner);
                None
            }
            Some(Fault::Late(by)) => {
                *until = Until::Later(by);
                Some(self.carry_out(&mut inner))
            }
            Some(Fault::Held(number)) => {
                *until = Until::Released(inner.bell(number));
                Some(self.carry_out(&mut inner))
            }
            Some(Fault::Silence) => None,
            Some(Fault::ErrorKept) => {
                let failure = Refusal::fault(500, "api_error", "An unknown error occurred.");
                self.keep(&mut inner, 500, &failure.body().to_string());
                Some(refused(&failure, &[]))
            }
            Some(Fault::InUse) => {
                let message = "There is currently another in-progress request using this Idempotent Key.";
                let refusal =
                    Refusal::fault(409, "idempotency_error", message).code("idempotency_key_in_use");
                Some(refused(&refusal, &[("stripe-should-retry", "true")]))
            }
            Some(Fault::Rate(seconds)) => {
                let refusal =
                    Refusal::fault(429, "invalid_request_error", "Too many requests.").code("rate_limit");
                Some(refused(&refusal, &[("retry-after", &seconds.to_string())]))
            }
            Some(Fault::Error) => {
                Some(refused(&Refusal::fault(500, "api_error", "An unknown error occurred."), &[]))
            }
            Some(Fault::Garbage) => Some(answered(200, "<html><title>It works!</title></html>".into(), &[])),
            Some(Fault::Elsewhere) => {
                Some(answered(404, "<html><title>Not Found</title></html>".into(), &[]))
            }
        }
    }

    fn shows_key(&self) -> bool {
        let shown = self.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ["Bearer sk_", "Bearer rk_", "Basic "].iter().any(|beginning| shown.starts_with(beginning))
    }

    fn key(&self) -> Option<&str> {
        self.headers.get("idempotency-key")?.to_str().ok().filter(|_| self.method == "POST")
    }

    fn request(&self) -> String {
        format!("{} {}?{}", self.method, self.path.join("/"), self.form)
    }

    fn keep(&self, inner: &mut Inner, status: u16, body: &str) {
        if let Some(key) = self.key() {
            let kept = Kept { request: self.request(), status, body: body.to_owned() };
            inner.keys.insert(key.to_owned(), kept);
        }
    }

    /// What is read is told as it stood at the moment that was chosen.
    fn seen(&self, inner: &Inner, value: Value) -> Value {
        let moment = inner.moment.filter(|_| self.method == "GET");
        let past = moment.and_then(|moment| inner.world.at(moment, value["id"].as_str()?));
        past.unwrap_or(value)
    }

    /// Once for each key; the same key with other parameters is refused.
    fn carry_out(&self, inner: &mut Inner) -> Response {
        if let Some(kept) = self.key().and_then(|key| inner.keys.get(key)) {
            if kept.request != self.request() {
                return refused(&Refusal::reused(), &[]);
            }
            return answered(kept.status, kept.body.clone(), &[("idempotent-replayed", "true")]);
        }
        match api::answer(&mut inner.world, self.method, self.path, &decode(self.form)) {
            Ok(value) => {
                let body = self.seen(inner, value).to_string();
                self.keep(inner, 200, &body);
                answered(200, body, &[])
            }
            Err(refusal) => {
                // Nothing was begun by what is refused at once; a card that was asked is an outcome.
                if refusal.status == 402 {
                    self.keep(inner, 402, &refusal.body().to_string());
                }
                refused(&refusal, &[])
            }
        }
    }
}

fn refused(refusal: &Refusal, headers: &[(&str, &str)]) -> Response {
    answered(refusal.status, refusal.body().to_string(), headers)
}

fn answered(status: u16, body: String, headers: &[(&str, &str)]) -> Response {
    let mut response = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("request-id", "req_peer")
        .header("stripe-version", API_VERSION);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(body)).unwrap_or_default()
}

/// An answer of the control endpoint.
pub(crate) fn told(value: &Value) -> Response {
    answered(StatusCode::OK.as_u16(), value.to_string(), &[])
}
