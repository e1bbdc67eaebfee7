//! Finds out who asks, once for each request, and hands it to everything inside as a [`Caller`].
//!
//! Server functions called over HTTP and during server rendering see the same one, because Leptos takes the
//! request's extensions along. The layer also opens the flash of a refused form for the page it returns to.

use app::cookies::{DEVICE, FLASH, PENDING, SESSION};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, Method,
        header::{SET_COOKIE, USER_AGENT},
    },
    middleware::Next,
    response::Response,
};
use domain::{
    access::{Actor, Caller, RequestFacts},
    platform::random::TokenHash,
    sessions::{Cookies, service::resolve},
};
use uuid::Uuid;

use super::{
    bearer,
    client::address_of,
    cookies::{cookie, host_cookie},
    flash,
    request_id::RequestId,
    trace::AskedBy,
};
use crate::{answer::refuse, state::AppState};

/// More of a `User-Agent` header is not kept.
const USER_AGENT_CHARACTERS: usize = 512;

pub(crate) async fn session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let facts = facts(&state, &request);
    let actor = match actor(&state, Shown::by(&request), &facts).await {
        Ok(actor) => actor,
        Err(refusal) => return *refusal,
    };
    let asked_by = account(&actor);
    request.extensions_mut().insert(Caller::new(state.platform().clone(), actor, facts));
    let used_up = is_page(&request) && cookie(request.headers(), FLASH).is_some();
    if used_up && let Some(flash) = flash::open(&state, request.headers()) {
        request.extensions_mut().insert(flash);
    }
    let mut response = next.run(request).await;
    if used_up && let Some(cleared) = host_cookie(FLASH, "", 0) {
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    if let Some(user) = asked_by {
        response.extensions_mut().insert(AskedBy(user));
    }
    response
}

/// How a request says who asks. Beside a bearer, cookies are not even looked at.
enum Shown {
    Bearer(String),
    Cookies(Cookies),
}

impl Shown {
    fn by(request: &Request) -> Self {
        let headers = request.headers();
        match bearer::shown(request.uri().path(), headers) {
            Some(token) => Self::Bearer(token.to_owned()),
            None => Self::Cookies(Cookies {
                session: cookie(headers, SESSION).map(str::to_owned),
                pending: cookie(headers, PENDING).map(str::to_owned),
            }),
        }
    }
}

/// Who it is; a refusal is a ready answer.
async fn actor(state: &AppState, shown: Shown, facts: &RequestFacts) -> Result<Actor, Box<Response>> {
    match shown {
        Shown::Bearer(token) => bearer::resolve(state.platform(), &token).await,
        Shown::Cookies(cookies) => {
            resolve(state.platform(), &cookies, facts).await.map_err(|error| Box::new(refuse(error)))
        }
    }
}

fn facts(state: &AppState, request: &Request) -> RequestFacts {
    RequestFacts {
        id: request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0),
        address: address_of(request, &state.config().http.trusted_proxies),
        user_agent: user_agent(request.headers()),
        device: cookie(request.headers(), DEVICE).and_then(TokenHash::of),
        claim: None,
    }
}

fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(USER_AGENT_CHARACTERS).collect()
}

fn account(actor: &Actor) -> Option<Uuid> {
    match actor {
        Actor::Nobody => None,
        Actor::HalfWay(half_way) => Some(half_way.user),
        Actor::Person(person) => Some(person.user),
        Actor::Impersonating(it) => Some(it.administrator),
    }
}

/// Flashes are for pages; the files and calls of a page would use them up before it.
fn is_page(request: &Request) -> bool {
    request.method() == Method::GET && !request.uri().path().starts_with("/api/")
}
