//! The processes of one run, and somebody who is signed in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::environment::Ports;
use crate::place::Place;
use crate::server::Server;
use crate::services::{Daemon, Redis, Services};
use crate::signals;
use crate::trouble::{Because, Outcome, Trouble};

use super::http::Client;

/// Workers look every few seconds where nothing wakes them.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const ADDRESS: &str = "outages@example.com";
pub(super) const PASSWORD: &str = "a pass phrase for outages";

pub(super) struct Stage<'a> {
    pub(super) serving: Option<Daemon>,
    pub(super) server: Server,
    pub(super) services: &'a mut Services,
    /// Signed in since before the first outage.
    pub(super) person: Client,
}

impl<'a> Stage<'a> {
    /// Starts the server with the limits of production, and signs somebody in.
    pub(super) fn set(place: &Place, services: &'a mut Services, program: PathBuf) -> Outcome<Self> {
        let ports = Ports::free()?;
        let mut server = Server::new(place, services, ports, program);
        server.set("GATEHOUSE_SECURITY_RATE_FACTOR", "1");
        server.migrate()?;
        // Another step may have counted tries, by limits of its own.
        services.redis.daemon.kill();
        services.redis = Redis::start(&services.state)?;
        let serving = Some(server.serve()?);
        let person = Client::new(server.address());
        let mut stage = Self { serving, server, services, person };
        stage.join()?;
        Ok(stage)
    }

    fn join(&mut self) -> Outcome {
        let body = format!(r#"{{"email":"{ADDRESS}","password":"{PASSWORD}"}}"#);
        self.person.post("/api/v1/identity/register", &body)?.must_be(200)?;
        let letter = self.until("a letter", |stage| {
            let came = stage.letters()?.remove(ADDRESS).and_then(|mut all| all.pop());
            came.ok_or_else(|| Trouble::new("The letter", "not written", "Read the server's log"))
        })?;
        let token =
            letter.split("token=").nth(1).map(|rest| rest.split_whitespace().next().unwrap_or_default());
        let body = format!(r#"{{"token":"{}"}}"#, token.unwrap_or_default());
        self.person.post("/api/v1/identity/verify-email", &body)?.must_be(200)?;
        self.person.sign_in(ADDRESS, PASSWORD)
    }

    /// Every letter's text by the address it went to.
    pub(super) fn letters(&self) -> Outcome<HashMap<String, Vec<String>>> {
        let mut found = HashMap::<String, Vec<String>>::new();
        let folder = &self.services.state.mail;
        for entry in std::fs::read_dir(folder).because(folder.display(), "Check its rights")?.flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "eml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).because(path.display(), "Check its rights")?;
            let to = text.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or_default().to_owned();
            found.entry(to).or_default().push(text);
        }
        Ok(found)
    }

    /// Tries until it succeeds; the last trouble when it does not in time.
    pub(super) fn until<T>(&self, what: &str, mut attempt: impl FnMut(&Self) -> Outcome<T>) -> Outcome<T> {
        let begun = Instant::now();
        loop {
            signals::go_on()?;
            match attempt(self) {
                Ok(found) => return Ok(found),
                Err(Trouble::Stopped) => return Err(Trouble::Stopped),
                Err(trouble) if begun.elapsed() > PATIENCE => {
                    let reason = format!("not within {} s: {trouble}", PATIENCE.as_secs());
                    return Err(Trouble::new(what, reason, "Read the server's log"));
                }
                Err(_) => sleep(Duration::from_millis(100)),
            }
        }
    }

    /// A good sign-in by the person's password.
    pub(super) fn signs_in(&self) -> Outcome {
        self.person.try_sign_in(ADDRESS, PASSWORD)?.must_be(200)
    }

    /// The session from before goes on.
    pub(super) fn is_signed_in(&self) -> Outcome {
        self.person.get("/api/v1/identity/me")?.must_be(200)?;
        self.person.get("/account/security")?.must_be(200)
    }

    /// `/readyz` answers so and says this.
    pub(super) fn readiness(&self, status: u16, words: &str) -> Outcome {
        let answer = self.person.get("/readyz")?;
        answer.must_be(status)?;
        if answer.text.contains(words) {
            return Ok(());
        }
        Err(Trouble::new("/readyz", format!("says {} and not {words}", answer.text), "Read the server's log"))
    }
}
