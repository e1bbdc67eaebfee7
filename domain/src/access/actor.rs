//! Who asks, decided once per request by the session layer and then only read.

use std::net::IpAddr;

use uuid::Uuid;

use super::{Network, Scopes, SiteRole, idempotency::Claim};
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
