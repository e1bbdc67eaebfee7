//! `POST /webhooks/stripe`: an event of Stripe's is stored, then answered; workers look into it afterwards.

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use domain::{
    AppError,
    billing::stripe::{
        Mode,
        inbox::{self, LARGEST},
    },
};
use serde_json::json;

use crate::{
    answer::refuse,
    body_room::Share,
    layers::{body::whole, client::address_of, rates::admit_event},
    state::AppState,
};

pub(crate) async fn receive(State(state): State<AppState>, request: Request) -> Response {
    let stripe = &state.config().billing.stripe;
    let (secrets, mode) = (&stripe.webhook_secrets, stripe.api_key.as_ref().and_then(Mode::of_key));
    if secrets.is_empty() {
        return refuse(AppError::NotFound);
    }
    let address = address_of(&request, &state.config().http.trusted_proxies);
    if let Err(refusal) = admit_event(&state, address).await {
        return *refusal;
    }
    let (parts, body) = request.into_parts();
    let (body, _place) = match whole(&state, &parts.headers, body, Share::Strangers, LARGEST).await {
        Ok(read) => read,
        Err(refusal) => return *refusal,
    };
    let signature = parts.headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    match inbox::receive(state.platform(), secrets, mode, signature.unwrap_or_default(), &body).await {
        Ok(()) => Json(json!({ "received": true })).into_response(),
        Err(error) => refuse(error),
    }
}
