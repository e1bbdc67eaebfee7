//! A client that keeps one cookie, and takes every status for an answer.

use std::time::{Duration, Instant};

use ureq::Agent;

use crate::trouble::{Because, Outcome, Trouble};

const LIMIT: Duration = Duration::from_secs(15);
const NEXT: &str = "Read the server's log";

/// Somebody with a browser or a script.
#[derive(Debug, Clone)]
pub(super) struct Client {
    agent: Agent,
    base: String,
    cookie: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) text: String,
    pub(super) took: Duration,
    cookie: Option<String>,
}

impl Client {
    pub(super) fn new(base: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_global(Some(LIMIT));
        Self { agent: config.build().into(), base, cookie: None }
    }

    /// The same person at another server.
    pub(super) fn at(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    /// Reads.
    pub(super) fn get(&self, path: &str) -> Outcome<Answer> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let begun = Instant::now();
        answer(request.call().because(path, NEXT)?, begun)
    }

    /// Changes something, with a JSON body.
    pub(super) fn post(&self, path: &str, body: &str) -> Outcome<Answer> {
        let begun = Instant::now();
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        answer(request.send(body).because(path, NEXT)?, begun)
    }

    /// Signs in and keeps the session.
    pub(super) fn sign_in(&mut self, email: &str, password: &str) -> Outcome {
        let answer = self.try_sign_in(email, password)?;
        answer.must_be(200)?;
        self.cookie = answer.cookie;
        Ok(())
    }

    /// Tries to, in a browser of its own, and keeps nothing.
    pub(super) fn try_sign_in(&self, email: &str, password: &str) -> Outcome<Answer> {
        let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
        Self { cookie: None, ..self.clone() }.post("/api/v1/identity/sign-in", &body)
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>, begun: Instant) -> Outcome<Answer> {
    let headers = |name: &str| {
        let values = response.headers().get_all(name).iter();
        values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect::<Vec<_>>()
    };
    let retry_after = headers("retry-after").pop();
    let cookies = headers("set-cookie").into_iter().filter_map(|it| Some(it.split_once(';')?.0.to_owned()));
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("__Host-gate="));
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().because("An answer's body", NEXT)?;
    Ok(Answer { status, retry_after, text, took: begun.elapsed(), cookie })
}

impl Answer {
    pub(super) fn must_be(&self, status: u16) -> Outcome {
        if self.status == status {
            return Ok(());
        }
        let text = self.text.chars().take(300).collect::<String>();
        let reason = format!("{} instead of {status}: {text}", self.status);
        Err(Trouble::new("An answer", reason, NEXT))
    }

    /// 503, a time to come back, and without letting anybody wait.
    pub(super) fn must_say_come_back(&self) -> Outcome {
        self.must_be(503)?;
        if self.retry_after.is_none() {
            return Err(Trouble::new("A 503", "without Retry-After", NEXT));
        }
        if self.took > Duration::from_secs(10) {
            let reason = format!("took {} ms", self.took.as_millis());
            return Err(Trouble::new("A 503", reason, NEXT));
        }
        Ok(())
    }
}
