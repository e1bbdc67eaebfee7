//! All routes and all layers on one screen.

use app::{
    App,
    billing::payments::WayToStripe,
    shell::{DevelopmentProfile, SignInProviders, shell},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{AppError, federation::service};
use http::request::Parts;
use leptos::{
    context::{provide_context, use_context},
    nonce::Nonce,
};
use leptos_axum::{AxumRouteListing, ErrorHandler, LeptosRoutes as _};
use tower::ServiceExt as _;

use crate::{
    answer::refuse,
    layers::{
        body, cache, compression, cross_site, forms, gate, idempotency, input, panics, problems, request_id,
        security_headers, session, timeout, trace,
    },
    routes::{
        api_page, dev_mail, exports, federation, files, health, openapi, problem_pages, stripe, theme,
        well_known,
    },
    state::AppState,
};

/// Paths besides the endpoints that take a body; elsewhere none is read.
pub(crate) const FORMS: [&str; 1] = ["/theme"];

/// What decides before an endpoint runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The gate by what is declared, then the endpoint itself.
    Twice,
    /// The endpoint alone, as during server rendering; for tests that want to see it refuse.
    ByEndpoints,
}

/// The router of the public listener. `pages` comes from `generate_route_list`, which may run only once, before
/// anything is served: while it runs, no resource of any request is polled.
pub fn router(state: AppState, pages: Vec<AxumRouteListing>) -> Router {
    router_with(state, pages, Access::Twice)
}

/// The same with a choice; the program itself has none.
pub fn router_with(state: AppState, pages: Vec<AxumRouteListing>, access: Access) -> Router {
    let options = state.leptos().clone();
    let personal = Router::new()
        .leptos_routes_with_context(&state, pages, context_of(&state), move || shell(options.clone()))
        .route("/auth/{provider}/start", get(federation::start))
        .route("/auth/{provider}/callback", get(federation::callback))
        .route("/theme", post(theme::choose)) // in `FORMS`
        .merge(exports::routes())
        .merge(dev_mail::routes(&state))
        .fallback(nothing_here)
        // From here on a request knows who asks; the layer written last is the first to see it.
        .layer(from_fn_with_state(state.clone(), input::input))
        .layer(from_fn_with_state(state.clone(), idempotency::idempotency));
    let personal = match access {
        Access::Twice => personal.layer(from_fn_with_state(state.clone(), gate::gate)),
        Access::ByEndpoints => personal,
    };
    let personal = personal
        .layer(from_fn_with_state(state.clone(), forms::forms))
        .layer(from_fn_with_state(state.clone(), body::body_limit))
        .layer(from_fn_with_state(state.clone(), session::session));
    Router::new()
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/api", get(api_page::show))
        .route("/api/v1/openapi.json", get(openapi::show))
        .route("/problems", get(problem_pages::list))
        .route("/problems/{name}", get(problem_pages::show))
        .route("/.well-known/security.txt", get(well_known::security_txt))
        .route("/.well-known/change-password", get(well_known::change_password))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route("/pkg/{*file}", get(files::package))
        .route("/webhooks/stripe", post(stripe::receive))
        .merge(files::fixed(&state))
        .merge(personal)
        .layer(from_fn_with_state(state.clone(), timeout::timeout))
        .layer(from_fn_with_state(state.clone(), cross_site::cross_site))
        .layer(from_fn(panics::catch_panic))
        .layer(from_fn_with_state(state.clone(), problems::problems))
        .layer(from_fn(compression::mark_secrets))
        .layer(compression::compression())
        .layer(from_fn(cache::no_store))
        .layer(from_fn_with_state(state.clone(), security_headers::security_headers))
        .layer(from_fn(trace::trace))
        .layer(from_fn_with_state(state.clone(), request_id::request_id))
        .with_state(state)
}

/// Every page the application knows. Call it once in a process.
#[must_use]
pub fn pages() -> Vec<AxumRouteListing> {
    leptos_axum::generate_route_list(App)
}

/// What pages may ask the server for, on both roads.
fn context_of(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let profile = DevelopmentProfile(!state.config().profile.is_production());
    let providers = SignInProviders(service::on_offer(state.platform()));
    let way = WayToStripe(state.stripe().cloned());
    move || {
        provide_context(profile);
        provide_context(way.clone());
        provide_context(providers.clone());
        // Leptos makes a nonce of its own for each page; this one, which the header names, comes later and wins.
        if let Some(nonce) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Nonce>().cloned())
        {
            provide_context(nonce);
        }
    }
}

/// An unknown path: a problem under `/api/`, else the application's own page for it, with status 404.
async fn nothing_here(State(state): State<AppState>, request: Request) -> Response {
    if request.uri().path().starts_with("/api/") || !request.method().is_safe() {
        return refuse(AppError::NotFound);
    }
    let page = ErrorHandler::new_with_context(context_of(&state), shell, state.leptos().clone());
    match page.oneshot(request.map(Body::new)).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
}
