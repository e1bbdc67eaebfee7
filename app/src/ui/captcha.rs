//! What a form shows where a captcha is asked. There is nothing to be solved by hand: the living page works for a moment,
//! a page without wasm comes back with a ticket that is good after some seconds.

use domain::AppError;
use leptos::prelude::*;

use super::{FormState, Hidden};
use crate::error::Problem;

/// Put it inside a form whose endpoint takes `captcha`. The sentence about the time to wait stands in the error summary.
#[component]
pub fn Captcha() -> impl IntoView {
    let FormState { problem, checking, .. } = FormState::current();
    let ticket = move || {
        let ticket = problem.with(|problem| problem.as_ref().and_then(ticket));
        ticket.map(|value| view! { <Hidden name="captcha" value/> })
    };
    view! {
        {ticket}
        <div role="status" class="contents">
            {move || {
                checking
                    .get()
                    .then(|| {
                        view! {
                            <p class="field-hint">
                                "Checking that you are no robot… This takes about a second."
                            </p>
                        }
                    })
            }}
        </div>
    }
}

fn ticket(problem: &Problem) -> Option<String> {
    match &problem.0 {
        AppError::CaptchaRequired { challenge } => Some(challenge.wait_token.clone()),
        _ => None,
    }
}
