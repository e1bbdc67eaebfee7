//! What a form shows where a captcha is asked. Our own is nothing to be solved by hand: the living page works for a
//! moment. Turnstile shows its widget in the form. A page without wasm comes back with a ticket that is good after some
//! seconds.

use domain::{AppError, identity::captcha::Challenge};
use leptos::prelude::*;

use super::{FormState, Hidden};
use crate::error::Problem;

/// What the living page does about a captcha while the form is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checking {
    /// None was asked.
    #[default]
    Nothing,
    /// The machine works.
    Working,
    /// A widget looks at the person, and may ask them something.
    Asking,
}

impl Checking {
    /// What this challenge is answered with.
    #[must_use]
    pub fn of(challenge: &Challenge) -> Self {
        match challenge {
            Challenge::ProofOfWork(_) => Self::Working,
            Challenge::Turnstile(_) => Self::Asking,
        }
    }

    fn words(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Working => Some("Checking that you are no robot… This takes about a second."),
            Self::Asking => Some("Checking that you are no robot… Tick the box below if there is one."),
        }
    }
}

/// Put it inside a form whose endpoint takes `captcha`. The sentence about the time to wait stands in the error summary.
#[component]
pub fn Captcha() -> impl IntoView {
    let FormState { problem, checking, .. } = FormState::current();
    let ticket = move || {
        let ticket = problem.with(|problem| problem.as_ref().and_then(ticket));
        ticket.map(|value| view! { <Hidden name="captcha" value/> })
    };
    // The last element is a widget's, and nobody else's: what is drawn into it is not ours.
    view! {
        {ticket}
        <div role="status" class="contents">
            {move || checking.get().words().map(|words| view! { <p class="field-hint">{words}</p> })}
        </div>
        <div class="contents" data-captcha></div>
    }
}

fn ticket(problem: &Problem) -> Option<String> {
    match &problem.0 {
        AppError::CaptchaRequired { challenge } => Some(challenge.wait_token().to_owned()),
        _ => None,
    }
}
