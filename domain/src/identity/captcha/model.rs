//! What is asked of whoever comes from a network under suspicion. Shared with the browser; `docs/captcha.md` tells
//! scripts how to solve it.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// What is asked. Whatever it is, some patience is enough in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Challenge {
    /// Numbers have to be found.
    ProofOfWork(Work),
    /// A widget of Cloudflare Turnstile has to be shown to a person.
    Turnstile(Box<Widget>),
}

/// Some work of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Work {
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

/// A widget of another site, which looks at the browser and may ask the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Widget {
    /// The signed question. `captcha` begins with it, followed by the widget's token after a dot.
    pub puzzle: String,
    /// Who this site is to Turnstile.
    pub site_key: String,
    /// The program that draws the widget.
    pub script_url: String,
    /// What the widget is told to be shown for.
    pub action: String,
    /// What the widget is told to put into its token.
    pub cdata: String,
    /// After how many seconds the question is worth nothing any more.
    pub expires_s: u32,
    /// Instead of the widget: this text alone as `captcha`, after a while.
    pub wait_token: String,
    /// After how many seconds `wait_token` is good.
    pub wait_s: u32,
}

/// Everything that can stand in a challenge. Read flat, as problems are (`error`).
#[derive(Deserialize)]
struct Wire {
    kind: String,
    puzzle: String,
    seed: Option<String>,
    count: Option<u32>,
    bits: Option<u32>,
    site_key: Option<String>,
    script_url: Option<String>,
    action: Option<String>,
    cdata: Option<String>,
    expires_s: u32,
    wait_token: String,
    wait_s: u32,
}

impl<'de> Deserialize<'de> for Challenge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::read(wire).ok_or_else(|| D::Error::custom("no challenge"))
    }
}

impl Challenge {
    fn read(wire: Wire) -> Option<Self> {
        let Wire { puzzle, expires_s, wait_token, wait_s, .. } = wire;
        match wire.kind.as_str() {
            "proof-of-work" => Some(Self::ProofOfWork(Work {
                puzzle,
                seed: wire.seed?,
                count: wire.count?,
                bits: wire.bits?,
                expires_s,
                wait_token,
                wait_s,
            })),
            "turnstile" => Some(Self::Turnstile(Box::new(Widget {
                puzzle,
                site_key: wire.site_key?,
                script_url: wire.script_url?,
                action: wire.action?,
                cdata: wire.cdata?,
                expires_s,
                wait_token,
                wait_s,
            }))),
            _ => None,
        }
    }

    /// What is sent as `captcha` by whoever waits instead.
    #[must_use]
    pub fn wait_token(&self) -> &str {
        match self {
            Self::ProofOfWork(work) => &work.wait_token,
            Self::Turnstile(widget) => &widget.wait_token,
        }
    }

    /// After how many seconds that is good.
    #[must_use]
    pub fn wait_s(&self) -> u32 {
        match self {
            Self::ProofOfWork(work) => work.wait_s,
            Self::Turnstile(widget) => widget.wait_s,
        }
    }

    /// The same for somebody who waits already: with their ticket, and the rest of its time.
    #[must_use]
    pub fn waited_for(mut self, ticket: &str, left_s: u32) -> Self {
        let (wait_token, wait_s) = match &mut self {
            Self::ProofOfWork(work) => (&mut work.wait_token, &mut work.wait_s),
            Self::Turnstile(widget) => (&mut widget.wait_token, &mut widget.wait_s),
        };
        ticket.clone_into(wait_token);
        *wait_s = left_s;
        self
    }
}

impl Work {
    /// What is sent as `captcha` when these numbers, each after a dot, were found.
    #[must_use]
    pub fn solved_by(&self, numbers: &str) -> String {
        [&self.puzzle, numbers].concat()
    }
}

impl Widget {
    /// What is sent as `captcha` when the widget gave this token.
    #[must_use]
    pub fn solved_by(&self, token: &str) -> String {
        [&self.puzzle, ".", token].concat()
    }
}
