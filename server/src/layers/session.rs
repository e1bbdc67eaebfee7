//! Finds out who asks, once for each request, and hands it to everything inside as a [`Caller`].
//!
//! Server functions called over HTTP and during server rendering see the same one, because Leptos takes the
//! request's extensions along. The layer also opens the flash of a refused form for the page it returns to.

use std::net::{IpAddr, Ipv4Addr};

use app::flash::{COOKIE as FLASH_COOKIE, Flash};
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
    sessions::{Cookies, service::resolve},
};
use uuid::Uuid;

use super::{
    client::{PeerAddress, client_address},
    cookies::{PENDING, SESSION, cookie, host_cookie},
    request_id::RequestId,
    trace::AskedBy,
};
use crate::{answer::refuse, state::AppState};

/// More of a `User-Agent` header is not kept.
const USER_AGENT_CHARACTERS: usize = 512;
/// The purpose under which flashes are sealed.
pub(super) const FLASH_PURPOSE: &str = "flash";

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
    let flash = flash(&state, &request);
    let shows_flash = flash.is_some();
    if let Some(flash) = flash {
        request.extensions_mut().insert(flash);
    }
    let mut response = next.run(request).await;
    if shows_flash && let Some(cleared) = host_cookie(FLASH_COOKIE, "", 0) {
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

/// What a refused form left for this page. A flash that does not open was forged, or sealed by an older key.
fn flash(state: &AppState, request: &Request) -> Option<Flash> {
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let sealed = cookie(request.headers(), FLASH_COOKIE).filter(|_| is_page)?;
    let plain = state.platform().vault().open_short(FLASH_PURPOSE, sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
