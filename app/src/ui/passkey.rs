//! The button that asks the browser for a passkey, and what a person is told when there is none.
//!
//! What talks to the browser is a part of its own, fetched when it is first needed: the sign-in page stays small.

use std::{pin::Pin, time::Duration};

use domain::AppError;
use leptos::{LazyViewError, prelude::*, task::spawn_local};

#[cfg(feature = "hydrate")]
use super::credentials::hold;
use super::{Banner, Glyph, Icon, Tone, Weight, browser};
use crate::error::Problem;

/// What the browser is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A new passkey.
    New,
    /// The answer of one that there is.
    Known,
    /// The same, offered among what the browser fills into the field of the address. Nobody waits for it.
    FilledIn,
}

/// One ceremony: where it begins, where its answer goes, and what goes along.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The id of the button.
    pub id: &'static str,
    /// What is asked for.
    pub wanted: Wanted,
    /// The endpoint that asks.
    pub start: &'static str,
    /// The endpoint that takes the answer.
    pub finish: &'static str,
    /// The fields around the button that go with the answer, by name.
    pub fields: &'static [&'static str],
}

/// Why nothing came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server refused it.
    Refused(Problem),
    /// The person changed their mind, or took too long; browsers do not tell which.
    Cancelled,
    /// The browser cannot, or not for this address.
    Unable,
    /// The device holds a passkey of this account already.
    Known,
}

impl Trouble {
    /// The sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Refused(problem) => problem.detail(),
            Self::Cancelled => {
                "Nothing was changed: it was cancelled, or took too long. Try again, or use another way."
                    .into()
            }
            Self::Unable => {
                "This browser cannot use passkeys at this address. Use another way, or another browser."
                    .into()
            }
            Self::Known => "This device holds a passkey of your account already.".into(),
        }
    }
}

/// A ceremony that is under way.
type Asking = Pin<Box<dyn Future<Output = Result<String, Trouble>>>>;

#[lazy(fallible)]
#[allow(clippy::unnecessary_wraps, reason = "the part may not arrive; that is what the error is for")]
fn ceremony(ask: Ask) -> Result<Asking, LazyViewError> {
    Ok(Box::pin(hold(ask)))
}

/// There is no browser to ask.
#[cfg(not(feature = "hydrate"))]
async fn hold(_ask: Ask) -> Result<String, Trouble> {
    std::future::pending().await
}

/// Holds a ceremony; answers what the last endpoint answered.
async fn run(ask: Ask) -> Result<String, Trouble> {
    match ceremony(ask).await {
        Ok(asking) => asking.await,
        Err(_) => Err(Trouble::Refused(Problem(AppError::Unreachable))),
    }
}

/// After so long a page has what it needs, and its requests are done.
const QUIET_AFTER: Duration = Duration::from_millis(1500);
/// The question is asked anew before its answer would come too late.
const AGAIN_AFTER: Duration = Duration::from_mins(4);

/// Offers passkeys among what the browser fills in, as long as the button that belongs to it is there.
fn keep_offering(ask: Ask, state: State, wait: Duration) {
    browser::after(wait, move || {
        if browser::is_there(ask.id) {
            offer(ask, state);
            keep_offering(ask, state, AGAIN_AFTER);
        }
    });
}

/// Asks quietly. A browser that cannot, or a person who does not want to, is no trouble: nobody asked.
fn offer(ask: Ask, state: State) {
    // A browser holds one ceremony at a time, and the one that was pressed comes first.
    if state.pending.try_get_untracked() != Some(false) {
        return;
    }
    spawn_local(async move {
        if let Err(refused @ Trouble::Refused(Problem(AppError::PasskeyRefused))) = run(ask).await {
            state.trouble.try_set(Some(refused));
        }
    });
}

/// What the button shows.
#[derive(Clone, Copy)]
struct State {
    pending: RwSignal<bool>,
    trouble: RwSignal<Option<Trouble>>,
}

/// What is done with the answer.
#[derive(Clone, Copy)]
struct Then {
    done: Option<Callback<(String,)>>,
    stale: Option<Callback<()>>,
}

/// Asks because somebody pressed.
fn press(ask: Ask, state: State, then: Then) {
    let State { pending, trouble } = state;
    if pending.get_untracked() {
        return;
    }
    pending.set(true);
    trouble.set(None);
    let wanted = if ask.wanted == Wanted::New { Wanted::New } else { Wanted::Known };
    spawn_local(async move {
        let outcome = run(Ask { wanted, ..ask }).await;
        // The page may have gone while the person looked at the dialog.
        pending.try_set(false);
        match outcome {
            Ok(answer) => {
                if let Some(done) = then.done {
                    done.run((answer,));
                }
            }
            Err(found) => {
                if let (Trouble::Refused(Problem(AppError::StepUpRequired { .. })), Some(stale)) =
                    (&found, then.stale)
                {
                    return stale.run(());
                }
                trouble.try_set(Some(found));
                if ask.wanted == Wanted::FilledIn {
                    offer(ask, state);
                }
            }
        }
    });
}

/// Asks for a passkey. Before the page is alive a sentence stands in its place, which takes the same room.
#[component]
pub fn PasskeyButton(
    /// The ceremony.
    ask: Ask,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// Runs with the answer when all went well. A redirect by the server needs no callback.
    #[prop(optional, into)]
    on_done: Option<Callback<(String,)>>,
    /// Runs when a fresh proof is needed first.
    #[prop(optional, into)]
    on_stale: Option<Callback<()>>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let state = State { pending: RwSignal::new(false), trouble: RwSignal::new(None) };
    let then = Then { done: on_done, stale: on_stale };
    if ask.wanted == Wanted::FilledIn {
        Effect::new(move |_| keep_offering(ask, state, QUIET_AFTER));
    }
    let is_pending = move || state.pending.get().then_some("true");
    view! {
        <div class="passkey">
            <p class="field-hint" data-until-wasm>
                "Passkeys need scripts, which this browser did not run. Every other way works."
            </p>
            <button
                type="button"
                id=ask.id
                class=weight.class()
                class:btn-wide=true
                data-from-wasm
                aria-disabled=is_pending
                data-pending=is_pending
                on:click=move |_| press(ask, state, then)
            >
                <Icon glyph=Glyph::Key/>
                <span class="btn-idle">{children()}</span>
                <span class="btn-busy">
                    <span class="spinner" aria-hidden="true"></span>
                    <span>"Waiting for your passkey…"</span>
                </span>
            </button>
        </div>
        <div role="status" class="empty:hidden">
            {move || {
                state
                    .trouble
                    .get()
                    .map(|trouble| view! { <Banner tone=Tone::Warning title=trouble.sentence()/> })
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_says_what_to_do_next() {
        for trouble in
            [Trouble::Cancelled, Trouble::Unable, Trouble::Refused(Problem(AppError::PasskeyRefused))]
        {
            let sentence = trouble.sentence();
            assert!(sentence.contains("another way"), "{sentence}");
        }
        assert!(Trouble::Known.sentence().contains("already"));
    }
}
