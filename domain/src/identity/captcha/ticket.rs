//! The sealed tickets a challenge is made of, and the judgement over what comes back.
//!
//! A ticket is sealed by the vault, so nobody can make or change one, and a rotated key still opens the tickets of its
//! minutes. It says all that is needed: nothing is stored until one is accepted.
//!
//! Work is not bound to a network: a telephone changes from one to another in the middle of a sign-in, and work costs the
//! same wherever it was done. Patience is: it costs nothing, so whoever comes from another network with each try shall not
//! get through by waiting once for all of them.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::model::{Widget, Work};
use crate::{
    Timestamp,
    access::Network,
    platform::{
        random,
        turnstile::{self, TurnstileSettings},
        vault::Vault,
    },
};

/// What tickets are sealed for.
const SEAL: &str = "captcha";
/// How long a puzzle may take; a telephone of ten years ago needs some seconds, and a person before a widget some more.
const WORK_LIFETIME: Duration = Duration::from_mins(5);
/// How long a waiting ticket is good once it is.
const WAIT_LIFETIME: Duration = Duration::from_mins(10);
/// Several small puzzles instead of a big one: the time varies by a quarter instead of by its whole.
const PUZZLES: u32 = 16;
/// Longer than any solution: a ticket of some 250 characters, and sixteen numbers or the token of a widget.
const LONGEST: usize = 1024 + turnstile::LONGEST_TOKEN;

/// How hard it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difficulty {
    /// 65,000 hashes, which are 0.44 s at the 150,000 a second of a slow telephone; or ten seconds of patience.
    Normal,
    /// Eight times the work, or half a minute of patience.
    Raised,
}

impl Difficulty {
    fn bits(self) -> u32 {
        match self {
            Self::Normal => 12,
            Self::Raised => 15,
        }
    }

    fn wait(self) -> Duration {
        match self {
            Self::Normal => Duration::from_secs(10),
            Self::Raised => Duration::from_secs(30),
        }
    }
}

/// What is sealed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ticket {
    /// Unpredictable; under it the use is noted.
    pub(super) id: String,
    difficulty: Difficulty,
    /// The first second in which it is good, and the first in which it is not any more, since 1970.
    from: i64,
    pub(super) until: i64,
    pub(super) task: Task,
}

/// What makes it good. Work is told in numbers, so that a newer version takes what an older one has asked for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Task {
    Work { bits: u32, count: u32 },
    Wait { network: String },
    Widget,
}

/// What a caller's `captcha` is worth before its use is noted.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Good, if it was not used before.
    Good(Ticket),
    /// Good, if it was not used before and Turnstile vouches for this token.
    Vouched(Ticket, String),
    /// A waiting ticket that will be good after so many seconds.
    Early { left_s: u32 },
    /// Nothing.
    Refused,
}

/// Makes a puzzle and a waiting ticket.
pub(super) fn issue(vault: &Vault, now: Timestamp, network: &Network, difficulty: Difficulty) -> Work {
    let bits = difficulty.bits();
    let puzzle = Ticket::at_once(now, difficulty, Task::Work { bits, count: PUZZLES });
    let (wait_token, wait_s) = issue_wait(vault, now, network, difficulty);
    Work {
        puzzle: puzzle.sealed(vault),
        seed: puzzle.id,
        count: PUZZLES,
        bits,
        expires_s: span(seconds(WORK_LIFETIME)),
        wait_token,
        wait_s,
    }
}

/// Makes a question for a widget and a waiting ticket.
pub(super) fn issue_widget(
    vault: &Vault,
    now: Timestamp,
    network: &Network,
    difficulty: Difficulty,
    settings: &TurnstileSettings,
) -> Widget {
    // A widget is as hard as it finds right itself, so its answer is good wherever one is asked.
    let puzzle = Ticket::at_once(now, Difficulty::Raised, Task::Widget);
    let (wait_token, wait_s) = issue_wait(vault, now, network, difficulty);
    Widget {
        puzzle: puzzle.sealed(vault),
        site_key: settings.site_key.clone(),
        script_url: settings.script_url.to_string(),
        action: turnstile::ACTION.to_owned(),
        cdata: puzzle.id,
        expires_s: span(seconds(WORK_LIFETIME)),
        wait_token,
        wait_s,
    }
}

fn issue_wait(vault: &Vault, now: Timestamp, network: &Network, difficulty: Difficulty) -> (String, u32) {
    let (now, wait_s) = (now.unix_seconds(), seconds(difficulty.wait()));
    let ticket = Ticket {
        id: new_id(),
        difficulty,
        from: now + wait_s,
        until: now + wait_s + seconds(WAIT_LIFETIME),
        task: Task::Wait { network: network.to_string() },
    };
    (ticket.sealed(vault), span(wait_s))
}

/// Judges what came back where at least this difficulty is asked.
pub(super) fn judge(
    vault: &Vault,
    now: Timestamp,
    network: &Network,
    asked: Difficulty,
    given: &str,
) -> Verdict {
    if given.len() > LONGEST || !given.is_ascii() {
        return Verdict::Refused;
    }
    let (sealed, rest) = given.split_once('.').map_or((given, None), |(sealed, rest)| (sealed, Some(rest)));
    let Some(ticket) = Ticket::open(vault, sealed) else { return Verdict::Refused };
    let now = now.unix_seconds();
    if now >= ticket.until || ticket.difficulty < asked {
        return Verdict::Refused;
    }
    let is_good = match &ticket.task {
        Task::Work { bits, count } => rest.is_some_and(|it| is_solved(&ticket.id, *bits, *count, it)),
        Task::Wait { network: theirs } => rest.is_none() && *theirs == network.to_string(),
        Task::Widget => {
            let token = rest.filter(|token| is_token(token)).map(str::to_owned);
            return token.map_or(Verdict::Refused, |token| Verdict::Vouched(ticket, token));
        }
    };
    match (is_good, ticket.from - now) {
        (false, _) => Verdict::Refused,
        (true, left) if left > 0 => Verdict::Early { left_s: span(left) },
        (true, _) => Verdict::Good(ticket),
    }
}

impl Ticket {
    /// Good at once, also for a replica whose clock is behind.
    fn at_once(now: Timestamp, difficulty: Difficulty, task: Task) -> Self {
        let until = now.unix_seconds() + seconds(WORK_LIFETIME);
        Self { id: new_id(), difficulty, from: 0, until, task }
    }

    fn sealed(&self, vault: &Vault) -> String {
        vault.seal_short(SEAL, &serde_json::to_vec(self).unwrap_or_default())
    }

    fn open(vault: &Vault, text: &str) -> Option<Self> {
        serde_json::from_slice(&vault.open_short(SEAL, text).ok()?).ok()
    }
}

/// Whether these are the numbers: as many as puzzles, in their order.
fn is_solved(seed: &str, bits: u32, count: u32, numbers: &str) -> bool {
    let mut numbers = numbers.split('.');
    let is_each_right = (0..count).all(|index| {
        numbers.next().is_some_and(|number| is_number(number) && solves(seed, index, number, bits))
    });
    is_each_right && numbers.next().is_none()
}

/// What a token of a widget is made of; nothing else is worth a question.
fn is_token(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=turnstile::LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(plain)
}

/// One spelling for each number below 2^32.
fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

/// Whether the SHA-256 of `seed.index.number` begins with so many zero bits.
fn solves(seed: &str, index: u32, number: &str, bits: u32) -> bool {
    let hash = Sha256::digest(format!("{seed}.{index}.{number}"));
    let begin = hash.iter().take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    begin.leading_zeros() >= bits
}

/// 128 bits as 22 characters, so that a text to be hashed fits into one block of SHA-256.
fn new_id() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<16>())
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

fn span(seconds: i64) -> u32 {
    u32::try_from(seconds).unwrap_or(0)
}
