//! Checks what an endpoint declares before it runs: how often, then by whom.
//!
//! Services decide again through their grants, because server rendering calls functions without HTTP. This layer
//! makes the declaration true for every endpoint, including the one somebody forgets to guard. Scopes of API tokens are
//! checked here alone: no page is rendered for a bearer, so every call of one comes through.

use app::endpoint::Place;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::{
    AppError,
    access::{Caller, Verb},
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
    if let Some(endpoint) = endpoint
        && let Err(refusal) = admit(&state, caller, endpoint.rate).await
    {
        return *refusal;
    }
    let verb = if method.is_safe() { Verb::Read } else { Verb::Write };
    let decided = room_of(path).map_or(Ok(()), |room| caller.check_scope(room, verb)).and_then(|()| {
        let Some(endpoint) = endpoint else { return Ok(()) };
        caller.check(endpoint.need)?;
        if endpoint.place == Place::Browser { caller.check_browser() } else { Ok(()) }
    });
    match decided {
        Ok(()) => next.run(request).await,
        Err(error) => refuse(error),
    }
}

/// The room whose scope a bearer needs: `audit` for `/api/v1/audit/entries` and for `/exports/audit.csv`.
fn room_of(path: &str) -> Option<&str> {
    let below = BEARER_PLACES.iter().find_map(|place| path.strip_prefix(place))?;
    Some(below.strip_prefix("v1/").unwrap_or(below).split(['/', '.']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::room_of;

    #[test]
    fn a_path_names_the_room_whose_scope_it_needs() {
        assert_eq!(room_of("/api/v1/second-factor/state"), Some("second-factor"));
        assert_eq!(room_of("/exports/audit.csv"), Some("audit"));
        assert_eq!(room_of("/streams/organizations/1"), Some("organizations"));
        assert_eq!(room_of("/api/v2/audit/entries"), Some("v2"), "no room has this name");
        assert_eq!(room_of("/account/security"), None, "pages know no bearers");
    }
}
