//! Finds out who asks, once for each request, and hands it to everything inside as a [`Caller`].
//!
//! Server functions called over HTTP and during server rendering see the same one, because Leptos takes the
//! request's extensions along. The layer also opens the flash of a refused form for the page it returns to.

use std::net::{IpAddr, Ipv4Addr};

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
    client::{PeerAddress, client_address},
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
    let cookies = Cookies {
        session: cookie(request.headers(), SESSION).map(str::to_owned),
        pending: cookie(request.headers(), PENDING).map(str::to_owned),
    };
    let actor = match resolve(state.platform(), &cookies, &facts).await {
        Ok(actor) => actor,
        Err(error) => return refuse(error),
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

fn facts(state: &AppState, request: &Request) -> RequestFacts {
    let peer = request
        .extensions()
        .get::<PeerAddress>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |PeerAddress(address)| address.ip());
    RequestFacts {
        id: request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0),
        address: client_address(peer, request.headers(), &state.config().http.trusted_proxies),
        user_agent: user_agent(request.headers()),
        device: cookie(request.headers(), DEVICE).and_then(TokenHash::of),
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
    }
}

/// Flashes are for pages; the files and calls of a page would use them up before it.
fn is_page(request: &Request) -> bool {
    request.method() == Method::GET && !request.uri().path().starts_with("/api/")
}
