//! The declared list of endpoints: who may call each, how often, what goes in and what comes out.
//!
//! The server refuses to start when this list and the registered server functions differ. `OpenAPI` is written from
//! it; names and types of inputs are read from the function's own struct, so the two cannot drift apart.

mod input;

pub use input::{FieldDoc, FieldKind};

use domain::access::{Need, Permission};
use http::Method;
use leptos::server_fn::{
    Http, ServerFn,
    codec::{Encoding, Json},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use crate::error::Problem;

/// How often an endpoint may be called; per address and, where known, per account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rate {
    /// 10 in a minute.
    SignIn,
    /// 5 in an hour.
    Letters,
    /// 120 in a minute.
    Write,
    /// 6,000 in a minute: what scripts do with each of their calls.
    Meter,
    /// 600 in a minute.
    Read,
}

/// From where an endpoint can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// By a cookie or by a token.
    Anywhere,
    /// By the cookie of a browser's session alone.
    Browser,
}

/// One endpoint.
#[derive(Clone)]
pub struct Endpoint {
    /// The path, such as `/api/v1/identity/sign-in`.
    pub path: &'static str,
    /// `GET` reads and changes nothing; everything else is `POST`.
    pub method: Method,
    /// What it needs of its caller.
    pub need: Need,
    /// What its function asks besides, in the organization that it finds out by itself.
    pub asks: Option<Permission>,
    /// What it needs beside a person.
    pub place: Place,
    /// Whether a request to it may be repeated with a key, where its caller can have keys at all.
    pub keys: bool,
    /// How often it may be called.
    pub rate: Rate,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// The names of the problems it answers with, besides those of every endpoint.
    pub problems: &'static [&'static str],
    /// Its inputs.
    pub fields: fn() -> Vec<FieldDoc>,
    /// The schema of its answer.
    pub output: fn(&mut SchemaGenerator) -> Schema,
    /// What its answer is: JSON of a server function, or what a raw route of the server writes.
    pub answers: Answers,
    room: &'static str,
}

/// What runs behind an endpoint, and what it answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// A server function of this crate: JSON.
    Json,
    /// A route of the server that writes a file of this media type, such as `text/csv`.
    File(&'static str),
}

impl Answers {
    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::File(media_type) => media_type,
        }
    }
}

impl Endpoint {
    /// Declares the endpoint of the server function `S`.
    pub fn of<S, Input>(need: Need, rate: Rate, summary: &'static str) -> Self
    where
        S: ServerFn<Protocol = Http<Input, Json>, Error = Problem> + DeserializeOwned,
        S::Output: JsonSchema,
        Input: Encoding,
    {
        Self {
            path: S::PATH,
            method: Input::METHOD,
            need,
            asks: None,
            place: Place::Anywhere,
            keys: true,
            rate,
            summary,
            problems: &[],
            fields: input::fields_of::<S>,
            output: |generator| generator.subschema_for::<S::Output>(),
            answers: Answers::Json,
            room: room_of(S::PATH.trim_start_matches("/api/v1/")),
        }
    }

    /// Declares a route of the server that writes a file of a room, with the inputs of its query. The gate, the tests and the
    /// descriptions treat it like every other endpoint.
    pub fn file<Query: DeserializeOwned>(
        room: &'static str,
        path: &'static str,
        media_type: &'static str,
        need: Need,
        rate: Rate,
        summary: &'static str,
    ) -> Self {
        Self {
            path,
            method: Method::GET,
            need,
            asks: None,
            place: Place::Anywhere,
            keys: false,
            rate,
            summary,
            problems: &[],
            fields: input::fields_of::<Query>,
            output: |generator| generator.subschema_for::<String>(),
            answers: Answers::File(media_type),
            room,
        }
    }

    /// Says which permission its function asks for, once it has found out the organization. Where the input names the
    /// organization, [`Need::Organization`] says so.
    #[must_use]
    pub fn asking(mut self, permission: Permission) -> Self {
        self.asks = Some(permission);
        self
    }

    /// Describes what is in a file of JSON.
    #[must_use]
    pub fn holding<T: JsonSchema>(mut self) -> Self {
        self.output = |generator| generator.subschema_for::<T>();
        self
    }

    /// Refuses bearers: what it does is done to the session of a browser.
    #[must_use]
    pub fn in_browser(mut self) -> Self {
        self.place = Place::Browser;
        self
    }

    /// Takes no `Idempotency-Key`: to repeat it is harmless, and its answer is not worth keeping, or too secret.
    #[must_use]
    pub fn without_keys(mut self) -> Self {
        self.keys = false;
        self
    }

    /// Whether a request to it may come with an `Idempotency-Key`. Whoever is nobody yet has no keys of their own, and the
    /// cookie that an endpoint for browsers gives is given once.
    #[must_use]
    pub fn takes_keys(&self) -> bool {
        let is_known = !matches!(self.need, Need::Nothing(_) | Need::HalfWay);
        self.keys && is_known && self.method == Method::POST && self.place == Place::Anywhere
    }

    /// Puts it under the scope of another room than that of its path, where what it answers is that room's.
    #[must_use]
    pub fn of_room(mut self, room: &'static str) -> Self {
        self.room = room;
        self
    }

    /// The room it belongs to, such as `identity`; scopes are named after it.
    #[must_use]
    pub fn room(&self) -> &'static str {
        self.room
    }

    /// Whether a path is this endpoint's. A part in braces stands for whatever is there.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        let Some((before, after)) = self.path.split_once('{') else { return self.path == path };
        let after = after.split_once('}').map_or("", |(_, after)| after);
        let part = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        part.is_some_and(|part| !part.is_empty() && !part.contains('/'))
    }

    /// Whether an API token can call it at all: it is neither a browser nor a fresh proof.
    fn is_for_api_tokens(&self) -> bool {
        self.place == Place::Anywhere && !self.need.is_fresh()
    }

    /// Names the problems it answers with, besides those of every endpoint.
    #[must_use]
    pub fn with_problems(mut self, problems: &'static [&'static str]) -> Self {
        self.problems = problems;
        self
    }
}

/// The room of what stands behind `/api/v1/` in a path. Files say by themselves whose they are.
#[must_use]
pub fn room_of(below: &str) -> &str {
    below.split('/').next().unwrap_or_default()
}

/// Every endpoint of every room.
#[must_use]
pub fn all() -> Vec<Endpoint> {
    [
        crate::identity::api::endpoints(),
        crate::sessions::api::endpoints(),
        crate::second_factor::api::endpoints(),
        crate::admin::api::endpoints(),
        crate::audit::api::endpoints(),
        crate::billing::api::endpoints(),
        crate::billing::admin_api::endpoints(),
        crate::billing::methods_api::endpoints(),
        crate::tokens::api::endpoints(),
        crate::federation::api::endpoints(),
        crate::operations::api::endpoints(),
        crate::organizations::groups::api::endpoints(),
        crate::organizations::roles::api::endpoints(),
        crate::organizations::policy::api::endpoints(),
        crate::webhooks::api::endpoints(),
        crate::organizations::api::endpoints(),
        crate::spend::api::endpoints(),
    ]
    .concat()
}

/// The name of every room in which an API token could do something, by the alphabet.
#[must_use]
pub fn rooms() -> Vec<&'static str> {
    let mut rooms: Vec<_> = all().iter().filter(|it| it.is_for_api_tokens()).map(Endpoint::room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}
