//! `/auth/<provider>/start` and `/auth/<provider>/callback`: the ways to a sign-in provider and back.
//!
//! They are links and not forms: a browser would not follow a form to another site, because the content security policy
//! keeps forms within ours. A link on another site leads to our door and no further; to connect a provider or to prove
//! something anew, the link has to be pressed on a page of ours for certain.

use app::{
    cookies::PROVIDER,
    endpoint::Rate,
    federation::WAY,
    flash::{Flash, Outcome},
    sessions::cookie as session_cookie,
};
use axum::{
    Extension,
    extract::{Path, Query, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, REFERER, SET_COOKIE},
    },
    response::Response,
};
use domain::{
    AppError,
    access::{Caller, Purpose},
    federation::service::{self, Answered, Arrived, Begun, Errand, Returned, TurnedBack},
    identity::{safe_next, service as identity},
    platform::random::Token,
    sessions,
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::{
    answer::{bare, refuse},
    layers::{
        cookies::{cookie, host_cookie},
        flash::{Holder, seal},
        rates::admit,
    },
    state::AppState,
};

/// How long the browser keeps the secret of its way, in seconds; as long as the way is good.
const AWAY_S: u32 = 600;

/// What a link to a provider says.
#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
    link: Option<String>,
    prove: Option<String>,
}

/// What a provider sends a browser back with.
#[derive(Deserialize)]
pub(crate) struct Brought {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(crate) async fn start(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    Query(asked): Query<Asked>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = admit(&state, &caller, Rate::SignIn).await {
        return *refusal;
    }
    let next = asked.next.as_deref();
    let begun = match (&asked.link, &asked.prove) {
        // A provider that asks nothing would lead straight in: whoever was sent here presses a button of ours first.
        (None, None) if is_from_elsewhere(&headers, &state) => return onward(&again("/login", next), &[]),
        (None, None) => service::begin_sign_in(&caller.anonymous(Purpose::SignIn), &provider, next).await,
        _ if !is_from_here(&headers, &state) => return onward(&connect_page(&provider), &[]),
        (Some(_), _) => match caller.stepped_up() {
            Ok(grant) => service::begin_link(&grant, &provider).await,
            // The page asks for what is missing: a session, or a fresh proof.
            Err(_) => return onward(&connect_page(&provider), &[]),
        },
        (None, Some(_)) => match caller.any_session() {
            Ok(grant) => service::begin_proof(&grant, &provider, next).await,
            Err(_) => return onward("/login", &[]),
        },
    };
    match begun {
        Ok(Begun { address, browser }) => onward(&address, &[kept(&browser)]),
        Err(error) => {
            let back = TurnedBack { error, next: next.map(str::to_owned) };
            turned_back(&state, &caller, &headers, back, &[])
        }
    }
}

pub(crate) async fn callback(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    Query(brought): Query<Brought>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = admit(&state, &caller, Rate::SignIn).await {
        return *refusal;
    }
    let Brought { state: sent, code, iss: issuer, error } = brought;
    let browser = cookie(&headers, PROVIDER).map(str::to_owned);
    let had_secret = browser.is_some();
    let answered = Answered { provider, browser, state: sent, code, issuer, error };
    let arrived = arrive(&state, &caller, &headers, &answered).await;
    let mut cookies = if had_secret { vec![host_cookie(PROVIDER, "", 0)] } else { Vec::new() };
    match arrived {
        Ok(Arrival { location, cookies: new }) => {
            cookies.extend(new);
            onward(&location, &cookies)
        }
        Err(back) => turned_back(&state, &caller, &headers, back, &cookies),
    }
}

/// Where somebody goes on, and what their browser keeps.
struct Arrival {
    location: String,
    cookies: Vec<Option<HeaderValue>>,
}

async fn arrive(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    answered: &Answered,
) -> Result<Arrival, TurnedBack> {
    let returned = service::come_back(&caller.anonymous(Purpose::SignIn), answered).await?;
    let next = returned.next().map(str::to_owned);
    let run = run(state, caller, headers, returned).await;
    run.map_err(|error| TurnedBack { error, next })
}

/// Does what they went for.
async fn run(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    returned: Returned,
) -> Result<Arrival, AppError> {
    match returned.errand() {
        Errand::SignIn => sign_in(caller, returned).await,
        Errand::Link => {
            service::link(&caller.signed_in()?, &returned).await?;
            let told = left(state, headers, Outcome::Done("null".into()));
            Ok(Arrival { location: "/account/security".into(), cookies: vec![told] })
        }
        Errand::Prove => {
            let (session, next) = service::prove(&caller.any_session()?, returned).await?;
            let cookies = session_cookie::of_session(&session);
            Ok(Arrival { location: page(next), cookies: texts(&cookies) })
        }
    }
}

async fn sign_in(caller: &Caller, returned: Returned) -> Result<Arrival, AppError> {
    let replaces = sessions::service::of_actor(caller.actor());
    let arrived = service::sign_in(&caller.anonymous(Purpose::SignIn), returned, replaces).await?;
    Ok(match arrived {
        Arrived::As(identity::Outcome::SignedIn { session, next, theme }) => {
            let theme = session_cookie::of_theme(theme);
            let cookies: Vec<String> =
                session_cookie::of_session(&session).into_iter().chain(theme).collect();
            Arrival { location: page(next), cookies: texts(&cookies) }
        }
        Arrived::As(identity::Outcome::SecondFactor { pending }) => Arrival {
            location: "/2fa/verify".into(),
            cookies: texts(&[session_cookie::of_pending(&pending)]),
        },
        Arrived::Known { provider } => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("known", "1").append_pair("next", &connect_page(&provider));
            Arrival { location: format!("/login?{}", query.finish()), cookies: Vec::new() }
        }
    })
}

/// Why it went no further, told by the page that the way began on.
fn turned_back(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    TurnedBack { error, next }: TurnedBack,
    cookies: &[Option<HeaderValue>],
) -> Response {
    if error == AppError::NotFound {
        return refuse(error);
    }
    let page = match (caller.signed_in(), caller.any_session()) {
        (Ok(_), _) => "/account/security".to_owned(),
        (Err(_), Ok(_)) => again("/confirm", next.as_deref()),
        (Err(_), Err(_)) => again("/login", next.as_deref()),
    };
    let told = left(state, headers, Outcome::Refused(error));
    onward(&page, &[cookies, &[told]].concat())
}

/// The page where somebody tries another way, to the same end.
fn again(page: &str, next: Option<&str>) -> String {
    match safe_next(next) {
        Some(next) if next.split(['?', '#']).next() == Some(page) => next.to_owned(),
        Some(next) => {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            format!("{page}?{query}")
        }
        None => page.to_owned(),
    }
}

/// What the next page shows.
fn left(state: &AppState, headers: &HeaderMap, outcome: Outcome) -> Option<HeaderValue> {
    let flash = Flash { path: WAY.to_owned(), outcome, values: std::collections::BTreeMap::new() };
    seal(state, Holder::of_request(headers), flash)
}

fn onward(location: &str, cookies: &[Option<HeaderValue>]) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else { return refuse(AppError::Internal) };
    let mut response = bare(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    for cookie in cookies.iter().flatten() {
        headers.append(SET_COOKIE, cookie.clone());
    }
    response
}

fn kept(browser: &Token) -> Option<HeaderValue> {
    host_cookie(PROVIDER, &browser.reveal(), AWAY_S)
}

fn texts(cookies: &[String]) -> Vec<Option<HeaderValue>> {
    cookies.iter().map(|cookie| HeaderValue::from_str(cookie).ok()).collect()
}

fn page(next: Option<String>) -> String {
    safe_next(next.as_deref()).unwrap_or("/").to_owned()
}

/// The page where a provider is connected.
fn connect_page(provider: &str) -> String {
    let provider: String = form_urlencoded::byte_serialize(provider.as_bytes()).collect();
    format!("/account/security?connect={provider}")
}

/// Whether a link was pressed on a page of ours. Browsers say so; of one that does not, the page it names has to be ours.
fn is_from_here(headers: &HeaderMap, state: &AppState) -> bool {
    match said(headers, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => said(headers, REFERER.as_str()).is_some_and(|page| is_ours(page, state)),
    }
}

/// Whether a link was pressed on a page of somebody else's. An address that was typed or kept was on none, and a browser that
/// says nothing has said nothing against it.
fn is_from_elsewhere(headers: &HeaderMap, state: &AppState) -> bool {
    match said(headers, "sec-fetch-site") {
        Some(site) => site != "same-origin" && site != "none",
        None => said(headers, REFERER.as_str()).is_some_and(|page| !is_ours(page, state)),
    }
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
}

fn is_ours(page: &str, state: &AppState) -> bool {
    let page = Url::parse(page).ok();
    page.is_some_and(|page| page.origin().ascii_serialization() == state.config().http.public_url)
}
