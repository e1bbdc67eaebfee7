//! The start page for somebody who is not in: what this is, in one headline and three points.

use leptos::prelude::*;

use crate::{
    identity::words,
    ui::{Banner, CenteredShell, LinkButton, Tone, Weight},
};

/// The start page for visitors.
#[component]
pub fn Visitor(
    /// Whether a sign-in has come as far as the second factor.
    #[prop(optional)]
    waits_for_code: bool,
) -> impl IntoView {
    let points = words::POINTS
        .map(|(title, text)| {
            view! {
                <li>
                    <h2 class="text-base font-medium">{title}</h2>
                    <p class="text-sm text-muted">{text}</p>
                </li>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <CenteredShell title=words::HEADLINE lead=words::HEADLINE_LEAD>
            {waits_for_code
                .then(|| {
                    view! {
                        <Banner tone=Tone::Info title="Your sign-in waits for a code.">
                            <a href="/2fa/verify">"Enter the code"</a>
                        </Banner>
                    }
                })}
            <div class="stack-actions">
                <LinkButton href="/register" weight=Weight::Primary>
                    "Create an account"
                </LinkButton>
                <LinkButton href="/login">"Sign in"</LinkButton>
            </div>
            <ul class="grid gap-4">{points}</ul>
        </CenteredShell>
    }
}
