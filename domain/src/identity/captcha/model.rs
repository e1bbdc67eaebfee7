//! What is asked of whoever comes from a network under suspicion. Shared with the browser; `docs/captcha.md` tells
//! scripts how to solve it.

use serde::{Deserialize, Serialize};

/// Two ways to be believed: some work of the machine, or some patience of the person. One of them is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Challenge {
    /// What kind of challenge this is.
    pub kind: ChallengeKind,
    /// The signed puzzle. `captcha` begins with it, followed by the numbers that were found, each after a dot.
    pub puzzle: String,
    /// What the puzzles are about: for each index from 0 to below `count` a number is wanted such that the SHA-256 of
    /// the text `seed.index.number` begins with `bits` zero bits. Numbers are decimal and below 2^32.
    pub seed: String,
    /// How many numbers are wanted.
    pub count: u32,
    /// How many zero bits each hash begins with.
    pub bits: u32,
    /// After how many seconds the puzzle is worth nothing any more.
    pub expires_s: u32,
    /// Instead of any work: this text alone as `captcha`, after a while.
    pub wait_token: String,
    /// After how many seconds `wait_token` is good.
    pub wait_s: u32,
}

/// What kind of challenge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChallengeKind {
    /// Numbers have to be found.
    ProofOfWork,
}

impl Challenge {
    /// What is sent as `captcha` when these numbers, each after a dot, were found.
    #[must_use]
    pub fn solved_by(&self, numbers: &str) -> String {
        [&self.puzzle, numbers].concat()
    }
}
