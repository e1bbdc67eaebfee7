//! Checks what an endpoint declares before it runs: how often, then by whom.
//!
//! Services decide again through their grants, because server rendering calls functions without HTTP. This layer
//! makes the declaration true for every endpoint, including the one somebody forgets to guard. Scopes of API tokens are
//! checked here alone: no page is rendered for a bearer, so every call of one comes through. The same goes for an
//! administrator with somebody else's eyes: nothing that could change something, no file, and no way to another site goes
//! past, and what is shown is written down first.

use app::endpoint::{Answers, Endpoint, Place};
use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use domain::{
    AppError,
    access::{Actor, Caller, Verb},
    sessions::impersonation,
};

use super::{bearer::BEARER_PLACES, rates::admit};
use crate::{answer::refuse, state::AppState};

pub(crate) async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(caller) = request.extensions().get::<Caller>() else {
        tracing::error!("a request came to the gate without a caller");
        return refuse(AppError::Internal);
    };
    let (method, path) = (request.method(), request.uri().path());
    let endpoint = state.endpoints().find(method, path);
    // The router decodes the part of a path that a file is named by, and the list of what is declared does not: `%2E` is a dot
    // to the one and none to the other. Of a file that is declared the router says by which method it is read.
    if path.starts_with(FILES) && state.endpoints().find(&Method::GET, path).is_none() {
        return refuse(AppError::NotFound);
    }
    if let Some(endpoint) = endpoint
        && let Err(refusal) = admit(&state, caller, endpoint.rate).await
    {
        return *refusal;
    }
    let verb = if method.is_safe() { Verb::Read } else { Verb::Write };
    let room = endpoint.map(Endpoint::room).or_else(|| room_of(path));
    let scoped = room.map_or(Ok(()), |room| caller.check_scope(room, verb));
    let need = endpoint.map(|endpoint| endpoint.need);
    let decided = scoped.and_then(|()| caller.check_eyes(need, verb)).and_then(|()| {
        let Some(endpoint) = endpoint else { return Ok(()) };
        caller.check(endpoint.need)?;
        if endpoint.place == Place::Browser { caller.check_browser() } else { Ok(()) }
    });
    let decided = match decided {
        Ok(()) => with_whose_eyes(caller, endpoint, path).await,
        refused => refused,
    };
    match decided {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(error),
    }
}

/// Where files are. What nobody declared is not there.
const FILES: &str = "/exports/";
/// Addresses that lead to sign-in providers: links, but what they lead to is a sign-in.
const WAYS_OUT: &str = "/auth/";

/// What an administrator with somebody else's eyes may see of what they may read; everybody else sees with their own.
async fn with_whose_eyes(caller: &Caller, endpoint: Option<&Endpoint>, path: &str) -> Result<(), AppError> {
    if !matches!(caller.actor(), Actor::Impersonating(_)) {
        return Ok(());
    }
    // A file is for keeping, and this is for looking.
    if path.starts_with(WAYS_OUT) || endpoint.is_some_and(|endpoint| endpoint.answers != Answers::Json) {
        return Err(AppError::NotAllowed);
    }
    impersonation::note_look(&caller.impersonating()?, path).await
}

/// The room whose scope a bearer needs where nothing is declared: the name behind the place.
fn room_of(path: &str) -> Option<&str> {
    let below = BEARER_PLACES.iter().find_map(|place| path.strip_prefix(place))?;
    Some(app::endpoint::room_of(below.strip_prefix("v1/").unwrap_or(below)))
}

#[cfg(test)]
mod tests {
    use super::room_of;

    #[test]
    fn a_path_names_the_room_whose_scope_it_needs() {
        assert_eq!(room_of("/api/v1/second-factor/state"), Some("second-factor"));
        assert_eq!(room_of("/streams/organizations/1"), Some("organizations"));
        assert_eq!(room_of("/api/v2/audit/entries"), Some("v2"), "no room has this name");
        assert_eq!(room_of("/account/security"), None, "pages know no bearers");
    }
}
