//! After a registration: where to look, and what to do when nothing arrives.

use leptos::prelude::*;

use super::{ResendLetter, letter_was_asked};
use crate::{identity::words, ui::CenteredShell};

/// The whole page after a registration.
#[component]
pub fn CheckYourMail(
    /// The address, where the page knows it; after a plain post it does not.
    #[prop(optional_no_strip, into)]
    email: Option<String>,
) -> impl IntoView {
    let below = view! {
        <p>
            "Confirmed already? " <a href="/login">"Sign in"</a>
        </p>
    };
    view! {
        <CenteredShell title="Check your mail" lead=words::CHECK_YOUR_MAIL below=below.into_any()>
            <details open=letter_was_asked()>
                <summary class="cursor-pointer py-1 font-medium">"No letter after a few minutes?"</summary>
                <div class="mt-3 grid grid-cols-1 gap-4">
                    <p>{words::NO_LETTER}</p>
                    <ResendLetter email/>
                </div>
            </details>
        </CenteredShell>
    }
}
