//! Answers a captcha in the living page: by the machine, or by a widget in the form that asked.
//!
//! What talks to another site's program is a part of its own, fetched when it is first needed: few ever need it.

use std::pin::Pin;

use domain::identity::captcha::{Challenge, Widget};
use leptos::{LazyViewError, prelude::*};
use web_sys::Element;

use super::{captcha_widget, captcha_worker};

/// A widget that is being shown.
type Showing = Pin<Box<dyn Future<Output = Option<String>>>>;

/// What to send as `captcha`. Nothing where it cannot be solved; the person then waits, as without wasm.
pub(super) async fn solve(challenge: &Challenge, form: Option<&Element>) -> Option<String> {
    match challenge {
        Challenge::ProofOfWork(work) => captcha_worker::solve(work).await,
        Challenge::Turnstile(widget) => {
            let place = form?.query_selector("[data-captcha]").ok()??;
            let showing = show(place, Widget::clone(widget)).await.ok()?;
            Some(widget.solved_by(&showing.await?))
        }
    }
}

#[lazy(fallible)]
#[allow(clippy::unnecessary_wraps, reason = "the part may not arrive; that is what the error is for")]
fn show(place: Element, widget: Widget) -> Result<Showing, LazyViewError> {
    Ok(Box::pin(captcha_widget::show(place, widget)))
}
