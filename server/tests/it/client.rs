//! A small HTTP client that keeps cookies as a browser does, and shows everything.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// One person's browser, or one script.
pub(crate) struct Client {
    base: String,
    pool: Pool<HttpConnector, Body>,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let pool = Pool::builder(TokioExecutor::new()).build_http();
        Self { base: format!("http://{address}"), pool, cookies: Mutex::default() }
    }

    /// A read.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).expect("valid")).await
    }

    /// A JSON call, as the hydrated page sends it.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body.to_string())).expect("valid")).await
    }

    /// A form of a page without wasm, sent from `page`.
    pub(crate) async fn submit(&self, path: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
            .header(header::REFERER, format!("{}{page}", self.base))
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(form)).expect("valid")).await
    }

    /// The beginning of any other request, with this client's cookies.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let builder = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if jar.is_empty() { builder } else { builder.header(header::COOKIE, jar.join("; ")) }
    }

    /// Sends a request and keeps the cookies of its answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.pool.request(request).await.expect("the server answers");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie);
        }
        let body = body.collect().await.expect("the answer is whole").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The beginning of an answer; the body is still to be read.
    pub(crate) async fn open(&self, path: &str) -> Response<Incoming> {
        let request = self.request(Method::GET, path).body(Body::empty()).expect("valid");
        self.pool.request(request).await.expect("the server answers")
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Puts a cookie into the jar.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), value.into());
    }

    fn keep(&self, cookie: &HeaderValue) {
        let text = cookie.to_str().expect("cookies are text");
        let (name, value) =
            text.split(';').next().and_then(|pair| pair.split_once('=')).expect("name and value");
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        if text.contains("Max-Age=0") || value.is_empty() {
            cookies.remove(name.trim());
        } else {
            cookies.insert(name.trim().to_owned(), value.to_owned());
        }
    }
}

impl Answer {
    /// A header as text, empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// The name of the problem, after checking everything a problem promises.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16(), "{body}");
        assert_eq!(body["instance"], self.header("x-request-id"), "{body}");
        assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
        body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/").to_owned()
    }
}
