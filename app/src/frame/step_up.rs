//! "Confirm that it is you": a fresh proof in the place where it is needed.

use domain::{
    AppError,
    identity::{ProofKind, ProofNeeded},
};
use leptos::{prelude::*, server::SharedValue};
use server_fn::ServerFn;

use crate::{
    error::Problem,
    federation::parts::{ELSEWHERE, ProofElsewhere},
    flash::{Flash, use_flash_for},
    identity::api::StepUp,
    second_factor::api::StartPasskeyStepUp,
    ui::{
        Ask, Card, Field, Form, FormAction, OtpInput, PasskeyButton, PasswordInput, SubmitButton, Wanted,
        browser,
    },
};

/// Why it is asked.
const LEAD: &str = "What you are about to do changes how your account is guarded. It needs a proof from the last five minutes.";

/// The answer goes where a password or a code would go.
const BY_PASSKEY: Ask = Ask {
    id: "passkey-step-up",
    wanted: Wanted::Known,
    start: StartPasskeyStepUp::PATH,
    finish: StepUp::PATH,
    fields: &[],
};
/// Where nothing but a passkey proves it, and the browser cannot.
const ONLY_PASSKEY: &str = "If you cannot use your passkey here, sign out and in again with a recovery code: that is a fresh \
    proof as well.";

/// A card with the form. Without wasm the browser comes back to the same page, where the first button works now.
#[component]
pub fn ConfirmItIsYou(
    /// The page's action: it lives longer than this form.
    action: FormAction<StepUp>,
    /// Which proof is asked.
    proof: ProofNeeded,
    /// Runs in the living page when the proof was good.
    #[prop(into)]
    on_success: Callback<((),)>,
) -> impl IntoView {
    // The answer to an earlier proof says nothing about this one.
    action.value().set(None);
    let focus = match proof.proof {
        ProofKind::Password => "step-up-password",
        ProofKind::Code => "step-up-code",
        ProofKind::Passkey => BY_PASSKEY.id,
        ProofKind::Provider => ELSEWHERE,
    };
    // It appears above the button that was pressed, so the focus shows the way. In an effect, because the refused form
    // moves the focus to its summary in one, and this must come after.
    Effect::new(move |_| browser::focus_soon(focus.into()));
    let ProofNeeded { proof, passkey, providers } = proof;
    let typed = typed_proof(proof, action, on_success);
    let by_passkey = passkey.then(|| {
        view! {
            <PasskeyButton ask=BY_PASSKEY on_done=move |_: String| on_success.run(((),))>"Use a passkey"</PasskeyButton>
        }
    });
    view! {
        <Card title="Confirm that it is you" lead=LEAD>
            <div class="form">{typed} {by_passkey} <ProofElsewhere providers has_password=proof != ProofKind::Provider/></div>
        </Card>
    }
}

/// What can be typed, where something can.
fn typed_proof(proof: ProofKind, action: FormAction<StepUp>, on_success: Callback<((),)>) -> AnyView {
    match proof {
        // Made inside of the form: a field takes its name and its problems from the form around it.
        ProofKind::Password | ProofKind::Code => view! {
            <Form action on_success>
                {proof_field(proof)}
                <SubmitButton pending_words="Checking…">"Confirm"</SubmitButton>
            </Form>
        }
        .into_any(),
        ProofKind::Passkey => view! { <p>{ONLY_PASSKEY}</p> }.into_any(),
        ProofKind::Provider => ().into_any(),
    }
}

fn proof_field(proof: ProofKind) -> AnyView {
    match proof {
        ProofKind::Password => view! {
            <Field name="password" label="Password">
                <PasswordInput autocomplete="current-password"/>
            </Field>
        }
        .into_any(),
        ProofKind::Code => view! {
            <Field name="code" label="Code" hint="Six digits from your authenticator.">
                <OtpInput/>
            </Field>
        }
        .into_any(),
        ProofKind::Passkey | ProofKind::Provider => ().into_any(),
    }
}

/// Whether a plain post to `S` just before this page was refused for want of a fresh proof. Asked by the page itself: its
/// forms may be drawn too late to be seen by what stands above them.
#[must_use]
pub fn was_stale<S: ServerFn>() -> bool {
    let problem = SharedValue::new(|| use_flash_for::<S>().as_ref().and_then(Flash::problem)).into_inner();
    matches!(problem, Some(AppError::StepUpRequired { .. }))
}

/// Whether the last try of the living page was.
pub fn is_stale<S>(action: FormAction<S>) -> bool
where
    S: ServerFn<Error = Problem>,
    S::Output: Send + Sync + 'static,
{
    action.value().with(|value| matches!(value, Some(Err(Problem(AppError::StepUpRequired { .. })))))
}

/// After the proof the refusal is history.
pub fn forget_refusal<S>(action: FormAction<S>)
where
    S: ServerFn<Error = Problem>,
    S::Output: Send + Sync + 'static,
{
    if action.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
        action.value().set(None);
    }
}
