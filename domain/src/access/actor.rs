//! Who asks, decided once per request by the session layer and then only read.

use std::{net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{Network, Scopes, SignInMethod, SiteRole, idempotency::Claim};
use crate::{Timestamp, platform::random::TokenHash};

/// The one who asks.
#[derive(Clone, Debug)]
pub enum Actor {
    /// No session, or none that is still good.
    Nobody,
    /// The password was right, the second factor is still missing.
    HalfWay(HalfWay),
    /// A person with a session.
    Person(Person),
    /// An administrator who sees the site as somebody else does, and changes nothing.
    Impersonating(Impersonating),
}

/// An administrator with somebody else's eyes. Deliberately no [`Person`]: what asks for one never gets the other.
#[derive(Clone, Debug)]
pub struct Impersonating {
    /// The one who looks.
    pub administrator: Uuid,
    /// What was begun.
    pub impersonation: Impersonation,
    /// The one whose eyes they are, as far as reading goes. Their session is the id of the impersonation, and no session.
    pub person: Person,
}

/// What an administrator has begun.
#[derive(Clone, Debug)]
pub struct Impersonation {
    /// In the trail.
    pub id: Uuid,
    /// The address of the one who looks.
    pub administrator: String,
    /// The address of the one whose eyes they are.
    pub email: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// A person between password and second factor.
#[derive(Clone, Debug)]
pub struct HalfWay {
    /// The pending sign-in.
    pub sign_in: Uuid,
    /// Whose it is.
    pub user: Uuid,
}

/// A person with a session.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub user: Uuid,
    /// The session the request came with; of a bearer its family or its token, which are ids of no session.
    pub session: Uuid,
    /// How the request says who asks.
    pub via: Via,
    /// What they are to the site.
    pub roles: Vec<SiteRole>,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// When they last proved who they are (sign-in or step-up).
    pub proved_at: Timestamp,
    /// When the account is deleted, if its owner asked for that. Until then it can only be kept.
    pub leaving: Option<Timestamp>,
    /// Whether they still are where the session was begun.
    pub place: Place,
    /// What organizations ask about the session.
    pub sitting: Sitting,
}

/// How a session was begun and used; of a bearer its family, or its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// By what; `None` for a session from before that was kept.
    pub method: Option<SignInMethod>,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// The longest time it was not used, since its owner last proved who they are.
    pub idle: Duration,
}

impl Sitting {
    /// The longest time it was not used: what was kept, in seconds, or the time since then.
    #[must_use]
    pub(crate) fn longest_idle(kept_s: i32, since: Timestamp, now: Timestamp) -> Duration {
        let kept = Duration::from_secs(u64::try_from(kept_s).unwrap_or_default());
        kept.max(Duration::try_from(now - since).unwrap_or_default())
    }
}

/// Where a session is used, against where its owner has proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The same browser family, and a network it was proved in.
    Proved,
    /// Another one: nothing is done before a fresh proof.
    Moved,
}

/// How a request says who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// By the cookie of a browser's session.
    Cookie,
    /// By an API token, which is good for its scopes alone and proves nothing about the person behind it.
    ApiToken(Scopes),
    /// By an access token, in place of a session.
    AccessToken,
}

/// What a request brings besides its body; goes into audit entries and sessions.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// `X-Request-Id`, on the answer and on every log line.
    pub id: Uuid,
    /// The address it came from, after trusted proxies.
    pub address: IpAddr,
    /// The `User-Agent` header, cut to 512 characters.
    pub user_agent: String,
    /// The secret by which a known browser is recognized, hashed.
    pub device: Option<TokenHash>,
    /// The claim of a request that came with a key, and is carried out once.
    pub claim: Option<Claim>,
}

impl RequestFacts {
    /// The network the request came from: the /24 of IPv4, the /48 of IPv6, which is what one provider gives one customer
    /// at most, or one office has.
    #[must_use]
    pub fn network(&self) -> Network {
        Network::of(self.address)
    }
}
