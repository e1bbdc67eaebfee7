//! What every handler and layer may look at; put together once in `boot.rs`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::extract::FromRef;
use domain::{billing::stripe::Stripe, platform::Platform};
use leptos::config::LeptosOptions;

use crate::{
    body_room::BodyRoom, config::Config, drawing_room::DrawingRoom, endpoints::Endpoints, site::Site,
};

/// Cheap to clone; each request has one.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// What a state is put together from.
pub struct Parts {
    /// What the operator decided.
    pub config: Config,
    /// The hands to the outside.
    pub platform: Platform,
    /// The way to Stripe, where the operator chose it.
    pub stripe: Option<Stripe>,
    /// What Leptos needs to know.
    pub leptos: LeptosOptions,
    /// The built site.
    pub site: Site,
    /// The declared endpoints.
    pub endpoints: Endpoints,
    /// Whether new work is welcome.
    pub readiness: Readiness,
    /// The room for bodies.
    pub body_room: BodyRoom,
    /// The room for drawings.
    pub drawing_room: DrawingRoom,
    /// The OpenAPI description, written once.
    pub openapi: bytes::Bytes,
}

impl AppState {
    /// Puts a state together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What the operator decided.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The hands to the outside.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.0.platform
    }

    /// The way to Stripe, where the operator chose it.
    #[must_use]
    pub fn stripe(&self) -> Option<&Stripe> {
        self.0.stripe.as_ref()
    }

    /// What Leptos needs to know.
    #[must_use]
    pub fn leptos(&self) -> &LeptosOptions {
        &self.0.leptos
    }

    /// The built site.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    /// The declared endpoints.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.0.endpoints
    }

    /// Whether new work is welcome.
    #[must_use]
    pub fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// The room for bodies.
    #[must_use]
    pub fn body_room(&self) -> &BodyRoom {
        &self.0.body_room
    }

    /// The room for drawings.
    #[must_use]
    pub fn drawing_room(&self) -> &DrawingRoom {
        &self.0.drawing_room
    }

    /// The OpenAPI description.
    #[must_use]
    pub fn openapi(&self) -> bytes::Bytes {
        self.0.openapi.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos().clone()
    }
}

/// Whether this process wants requests; off while it drains.
#[derive(Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on `/readyz` says no, so that a balancer looks elsewhere.
    pub fn drain(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it drains.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
