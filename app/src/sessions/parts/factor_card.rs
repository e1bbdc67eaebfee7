//! Where the second factor stands, with the way to its own page.

use domain::second_factor::State;
use leptos::prelude::*;

use crate::{
    error::Problem,
    frame::refused,
    ui::{Badge, Card, Glyph, LinkButton, Skeleton, Tone, Weight},
};

/// The second factor in one card.
#[component]
pub fn FactorCard(
    /// The answer of the server.
    state: Resource<Result<State, Problem>>,
) -> impl IntoView {
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match state.await {
                    Ok(state) => card(&state),
                    Err(problem) => refused(&problem),
                }
            })}
        </Suspense>
    }
}

fn card(state: &State) -> AnyView {
    let (badge, text, weight, action) = if state.enabled {
        let asked = match (state.authenticator, state.passkeys) {
            (true, 0) => "Every sign-in asks for a code from your authenticator.",
            (true, _) => {
                "Every sign-in with the password asks for a code from your authenticator, or a passkey."
            }
            (false, _) => "Every sign-in with the password asks for a passkey.",
        };
        let text = format!("{asked} Recovery codes left: {}.", state.recovery_codes_left);
        (
            view! { <Badge tone=Tone::Good text="On"/> }.into_any(),
            text,
            Weight::Secondary,
            "Manage the second factor",
        )
    } else {
        let text =
            "Whoever learns your password can sign in. A code from your phone would stop them.".to_owned();
        (
            view! { <Badge tone=Tone::Warning text="Off"/> }.into_any(),
            text,
            Weight::Primary,
            "Set up the second factor",
        )
    };
    let passkeys = match state.passkeys {
        0 => "No passkey yet. One signs you in without a password.".to_owned(),
        1 => "One passkey signs you in without a password.".to_owned(),
        many => format!("{many} passkeys sign you in without a password."),
    };
    view! {
        <Card title="Second factor" aside=badge>
            <div class="grid justify-items-start gap-4">
                <p>{text}</p>
                <LinkButton href="/2fa/setup" weight icon=Glyph::Shield>
                    {action}
                </LinkButton>
            </div>
        </Card>
        <Card title="Passkeys">
            <div class="grid justify-items-start gap-4">
                <p>{passkeys}</p>
                <LinkButton href="/account/passkeys" icon=Glyph::Key>
                    "Manage passkeys"
                </LinkButton>
            </div>
        </Card>
    }
    .into_any()
}
