//! Hashes passwords with Argon2id, a bounded number at a time.
//!
//! A few threads do nothing else, each with one area of memory that it keeps while there is work; requests
//! wait in a bounded queue, and when that is full they are told to come back.
//! Promise: the memory never exceeds workers × memory; an unknown account takes as long as a known one;
//! nobody who has left is worked for.

mod argon;
mod queue;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;

use self::{argon::Engine, queue::Queue};
use super::log::WhileDoing as _;
use crate::AppError;

/// How long a request may wait for its turn. Most clients have left by then.
const DEADLINE: Duration = Duration::from_secs(15);

/// How many hashes at once, and how hard each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HasherSettings {
    /// How many threads hash; one per core is right.
    pub workers: usize,
    /// How many requests may wait for them.
    pub queue: usize,
    /// The memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes of that memory; they are computed one after the other.
    pub lanes: u32,
}

impl HasherSettings {
    /// t = 3, m = 64 MiB, p = 2 (RFC 9106 §4 with fewer lanes): several times what OWASP asks for at least.
    ///
    /// Thirty waiting requests per worker are about four seconds, which a person still waits for.
    #[must_use]
    pub fn standard(workers: usize) -> Self {
        let workers = workers.max(1);
        Self { workers, queue: workers.saturating_mul(30), memory_kib: 64 * 1024, iterations: 3, lanes: 2 }
    }
}

/// Whether a password is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is.
    Yes,
    /// It is, and its hash was made with other parameters than today's: hash it again and store that.
    YesButRehash,
    /// It is not, or there is no account.
    No,
}

/// Hashes passwords. Cheap to clone; its threads end with the last clone.
#[derive(Clone)]
pub struct PasswordHasher(Arc<Handle>);

struct Handle {
    queue: Arc<Queue>,
    engine: Arc<Engine>,
}

impl PasswordHasher {
    /// Starts the threads. Parameters below what Argon2 can do are raised to it.
    ///
    /// When the system refuses a thread the others do the work; without any, every request is told to come
    /// back.
    #[must_use]
    pub fn new(settings: HasherSettings) -> Self {
        let engine = Engine::new(&settings);
        let queue = Queue::start(settings.workers.max(1), settings.queue.max(1), engine.blocks());
        Self(Arc::new(Handle { queue, engine: Arc::new(engine) }))
    }

    /// The hash of a password with a new salt, as a PHC string.
    ///
    /// # Errors
    /// [`AppError::Busy`] at once when the queue is full, or after 15 seconds in it.
    pub async fn hash(&self, password: SecretString) -> Result<String, AppError> {
        let engine = Arc::clone(&self.0.engine);
        let answer = self.0.queue.submit(DEADLINE, move |memory| engine.hash(&password, memory)).await?;
        answer.while_doing("hashing a password")
    }

    /// Compares a password with a stored hash. `None`, for an account that does not exist or has no password,
    /// does the same work and says no.
    ///
    /// # Errors As [`PasswordHasher::hash`]; [`AppError::Internal`] for a stored hash that is not Argon2id or
    /// asks for more than four times today's memory.
    pub async fn verify(&self, password: SecretString, phc: Option<String>) -> Result<Verified, AppError> {
        let engine = Arc::clone(&self.0.engine);
        let compute = move |memory: &mut argon::Memory| engine.verify(&password, phc.as_deref(), memory);
        let answer = self.0.queue.submit(DEADLINE, compute).await?;
        answer.while_doing("verifying a password")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}
