//! The Postgres and Redis of this checkout: private, on the loopback interface, with generated
//! passwords, started and ended by us.
//!
//! Promise: the system's own services are never touched, and nothing is left running.

mod daemon;
mod home;
mod postgres;
mod redis;
pub(crate) mod schema;

use std::path::PathBuf;

pub(crate) use daemon::{Daemon, tied};
pub(crate) use postgres::Postgres;
pub(crate) use redis::Redis;

use crate::files;
use crate::place::Place;
use crate::ports;
use crate::trouble::Outcome;

/// How long the data lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Until `--fresh`: what a developer enters is still there tomorrow.
    Always,
    /// Until the command ends: for tests. Faster, because nothing has to survive a power cut.
    Briefly,
    /// Until the command ends, but written as carefully as in production.
    ForMeasuring,
}

/// The folders of one set of services.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) keep: Keep,
    pub(crate) folder: PathBuf,
    pub(crate) secrets: PathBuf,
    pub(crate) mail: PathBuf,
    pub(crate) logs: PathBuf,
}

impl State {
    fn make(place: &Place, keep: Keep) -> Outcome<Self> {
        place.make_state()?;
        let (folder, logs) = match keep {
            Keep::Always => (place.state.clone(), place.state.join("logs")),
            Keep::Briefly | Keep::ForMeasuring => {
                let parent = place.state.join("brief");
                home::remove_abandoned(&parent)?;
                files::folder(&parent, 0o711)?;
                let name = std::process::id().to_string();
                // The logs outlive the data: they are read after a failure.
                (parent.join(name), place.state.join("logs/brief"))
            }
        };
        let state = Self { keep, secrets: folder.join("secrets"), mail: folder.join("mail"), folder, logs };
        files::folder(&state.folder, 0o711)?;
        for inner in [&state.secrets, &state.mail, &state.logs] {
            files::folder(inner, 0o700)?;
        }
        Ok(state)
    }
}

/// Running services; dropping them ends them.
#[derive(Debug)]
pub(crate) struct Services {
    // Dropped in this order: first the processes, then the folders.
    pub(crate) postgres: Postgres,
    pub(crate) redis: Redis,
    pub(crate) state: State,
}

impl Services {
    /// Starts both and returns when both answer.
    pub(crate) fn start(place: &Place, keep: Keep) -> Outcome<Self> {
        let state = State::make(place, keep)?;
        let redis = Redis::start(&state)?;
        let postgres = Postgres::start(&state)?;
        Ok(Self { postgres, redis, state })
    }

    /// Names the first service that ended although nobody asked it to.
    pub(crate) fn check(&mut self) -> Outcome {
        self.postgres.daemon.check()?;
        self.redis.daemon.check()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.postgres.daemon.end();
        self.redis.daemon.end();
        if self.state.keep != Keep::Always {
            let _ = home::remove(&self.state.folder);
        }
    }
}

/// The port of last time when it is still free: who knows the address finds the service there again.
fn pick_port(state: &State, memory: &str) -> Outcome<u16> {
    let memory = state.folder.join(memory);
    let wish = files::read(&memory).and_then(|text| text.parse().ok());
    let port = ports::free(wish)?;
    files::write(&memory, &port.to_string())?;
    Ok(port)
}

/// Deletes the kept data of this checkout: cluster, letters, secrets. The caller holds the lock.
pub(crate) fn forget(place: &Place) -> Outcome {
    home::remove_cluster(&place.state)?;
    for name in ["redis", "secrets", "mail", "logs", "first-admin.txt", "env"] {
        let path = place.state.join(name);
        if path.is_dir() {
            files::remove_folder(&path)?;
        } else if path.exists() {
            std::fs::remove_file(&path).ok();
        }
    }
    Ok(())
}
