//! The bar above every page of an administrator who sees the site with somebody else's eyes: whose, until when, and the
//! way back.

use domain::Timestamp;
use leptos::{prelude::*, server::SharedValue};
use serde::{Deserialize, Serialize};

use crate::ui::{Glyph, Icon, ReadOnly};

/// Where the way back is posted to.
const STOP: &str = "/api/v1/admin/stop-impersonating";

/// What the bar says. It is decided by the server for the whole document: both ways load the document anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Eyes {
    email: String,
    until: Timestamp,
}

/// The bar, if there has to be one; then the forms below the caller are [`ReadOnly`], so that no page of somebody else is sent
/// in one's own name once the look has ended by itself.
pub fn impersonation_bar() -> Option<AnyView> {
    let eyes = SharedValue::new(whose_eyes).into_inner()?;
    provide_context(ReadOnly);
    Some(bar(&eyes))
}

fn bar(eyes: &Eyes) -> AnyView {
    let Eyes { email, until } = eyes;
    view! {
        <section class="eyes" aria-label="Somebody else’s eyes">
            <Icon glyph=Glyph::Eye/>
            <p class="eyes-words">
                "You see this site as " <strong class="wrap-anywhere">{email.clone()}</strong> " does, until "
                {until.to_string()} ". You can look, and change nothing."
            </p>
            // A plain form: the page is loaded anew, so nothing of the person stays in memory.
            <form method="post" action=STOP>
                <button type="submit" class="btn btn-secondary">
                    "Stop looking"
                </button>
            </form>
        </section>
    }
    .into_any()
}

#[cfg(feature = "ssr")]
fn whose_eyes() -> Option<Eyes> {
    use domain::access::{Actor, Caller};
    // Pages outside of a request, such as the list of all of them, have no caller.
    let parts = use_context::<http::request::Parts>()?;
    match parts.extensions.get::<Caller>()?.actor() {
        Actor::Impersonating(it) => {
            Some(Eyes { email: it.impersonation.email.clone(), until: it.impersonation.until })
        }
        _ => None,
    }
}

/// What the server said is in the document.
#[cfg(not(feature = "ssr"))]
fn whose_eyes() -> Option<Eyes> {
    None
}
