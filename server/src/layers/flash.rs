//! What a form without wasm leaves for the next page, in a sealed cookie of one minute.
//!
//! It may hold what is shown once, such as recovery codes: without wasm they have no other way to the page. Therefore
//! nobody can read it on its way or forge it, and it opens only within its minute and beside the session it was made
//! for: a copy of the cookie shows nothing.

use app::{
    cookies::{FLASH, PENDING, SESSION},
    flash::{Flash, Outcome},
};
use axum::http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use domain::{AppError, platform::random::TokenHash};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cookies::{cookie, host_cookie};
use crate::state::AppState;

/// The purpose under which flashes are sealed.
const PURPOSE: &str = "flash";
/// How long a flash waits for its page, in seconds.
const MAX_AGE_S: u32 = 60;
/// Browsers drop a cookie of 4096 bytes or more, name and attributes included.
const COOKIE_BYTES: usize = 4000;

/// A flash and where it holds.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Seconds since 1970 after which it shows nothing.
    until: i64,
    /// The hash of the session it was made for; `None` for somebody without one.
    session: Option<String>,
    flash: Flash,
}

/// Whose flash it is.
pub(crate) struct Holder(Option<String>);

impl Holder {
    /// The one whose request has these headers.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        Self(session(|name| cookie(headers, name)))
    }

    /// The one who will send the next request: with the session the answer gives, else with the one they have.
    pub(super) fn after(self, answer: &HeaderMap) -> Self {
        let given = |name: &str| {
            let cookies = answer.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
            let mut values = cookies.filter_map(|it| it.split(';').next()?.split_once('='));
            values.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
        };
        session(given).map_or(self, |given| Self(Some(given)))
    }
}

/// The hash of what stands for the session; what was never a token is nobody's.
fn session<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let token = value(SESSION).or_else(|| value(PENDING))?;
    TokenHash::of(token).map(|hash| BASE64_URL_SAFE_NO_PAD.encode(hash.0))
}

/// The cookie of a flash. Where it would be too long, the text goes, then what of the answer's lists is least worth telling; the
/// outcome stays.
pub(crate) fn seal(state: &AppState, holder: Holder, flash: Flash) -> Option<HeaderValue> {
    let until = state.platform().now().unix_seconds() + i64::from(MAX_AGE_S);
    let mut sealed = Sealed { until, session: holder.0, flash };
    if let Some(cookie) = sealed_cookie(state, &sealed) {
        return Some(cookie);
    }
    sealed.flash.values.clear();
    while let Outcome::Done(answer) = &sealed.flash.outcome
        && let Some(shorter) = shortened(answer)
    {
        if let Some(cookie) = sealed_cookie(state, &sealed) {
            return Some(cookie);
        }
        sealed.flash.outcome = Outcome::Done(shorter);
    }
    sealed_cookie(state, &sealed).or_else(|| {
        sealed.flash.outcome = match sealed.flash.outcome {
            Outcome::Done(_) => Outcome::Done("null".into()),
            Outcome::Refused(_) => Outcome::Refused(AppError::MalformedRequest),
        };
        sealed_cookie(state, &sealed)
    })
}

/// The answer with shorter lists, where it has some: of results for many lines those without a problem go first, then the second
/// half of each list. What it counts stays as it is.
fn shortened(answer: &str) -> Option<String> {
    let mut answer: Value = serde_json::from_str(answer).ok()?;
    let mut is_shorter = false;
    for list in answer.as_object_mut()?.values_mut().filter_map(Value::as_array_mut) {
        let before = list.len();
        list.retain(|item| item.get("problem").is_none_or(|problem| !problem.is_null()));
        if list.len() == before {
            list.truncate(before / 2);
        }
        is_shorter |= list.len() < before;
    }
    is_shorter.then(|| answer.to_string())
}

fn sealed_cookie(state: &AppState, sealed: &Sealed) -> Option<HeaderValue> {
    let plain = serde_json::to_vec(sealed).ok()?;
    let text = state.platform().vault().seal_short(PURPOSE, &plain);
    host_cookie(FLASH, &text, MAX_AGE_S).filter(|cookie| cookie.len() < COOKIE_BYTES)
}

/// What a form has left for the page that is asked for. What does not open was forged, copied, kept for too long, or
/// sealed by an older key.
pub(super) fn open(state: &AppState, headers: &HeaderMap) -> Option<Flash> {
    let plain = state.platform().vault().open_short(PURPOSE, cookie(headers, FLASH)?).ok()?;
    let sealed: Sealed = serde_json::from_slice(&plain).ok()?;
    let is_fresh = state.platform().now().unix_seconds() <= sealed.until;
    let is_theirs = sealed.session == Holder::of_request(headers).0;
    (is_fresh && is_theirs).then_some(sealed.flash)
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn of_a_long_answer_what_went_well_goes_first_and_what_it_counts_stays() {
        let answer = r#"{"good":1,"lines":[{"line":1,"problem":null},{"line":2,"problem":"x"},{"line":3,"problem":"y"}]}"#;
        let shorter = shortened(answer).expect("shorter");
        assert_eq!(shorter, r#"{"good":1,"lines":[{"line":2,"problem":"x"},{"line":3,"problem":"y"}]}"#);
        let shorter = shortened(&shorter).expect("shorter");
        assert_eq!(shorter, r#"{"good":1,"lines":[{"line":2,"problem":"x"}]}"#);
        assert_eq!(shortened(&shorter).as_deref(), Some(r#"{"good":1,"lines":[]}"#));
        for short in [r#"{"good":1,"lines":[]}"#, "null", "[1, 2]", "no json"] {
            assert_eq!(shortened(short), None, "{short}");
        }
    }
}
