//! `/2fa/verify`: the second half of a sign-in.

use domain::{AppError, identity::Viewer};
use leptos::{prelude::*, server::SharedValue};

use crate::{
    error::Problem,
    flash::use_flash_for,
    frame::{go_to, turned_away},
    identity::api::me,
    second_factor::{
        api::{RecoverSecondFactor, VerifySecondFactor},
        words,
    },
    ui::{
        CenteredShell, Checkbox, Field, Form, FormAction, LinkButton, OtpInput, Skeleton, SubmitButton,
        TextInput, Weight,
    },
};

/// The code, or a recovery code. After a success the server says where to go.
#[component]
pub fn VerifyPage() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| who());
    let verify = FormAction::<VerifySecondFactor>::new();
    let recover = FormAction::<RecoverSecondFactor>::new();
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match viewer.await {
                    Err(Problem(AppError::SecondFactorRequired)) => forms(verify, recover),
                    Err(Problem(AppError::SignInRequired)) => nobody_waits(),
                    Ok(_) => already_in(),
                    Err(problem) => turned_away(&problem),
                }
            })}
        </Suspense>
    }
}

/// Who is there. In the living page only a sign-in that waits leads here, and asking would be answered 401, which
/// browsers write into their console as an error.
async fn who() -> Result<Viewer, Problem> {
    if cfg!(feature = "ssr") { me().await } else { Err(Problem(AppError::SecondFactorRequired)) }
}

fn forms(verify: FormAction<VerifySecondFactor>, recover: FormAction<RecoverSecondFactor>) -> AnyView {
    let below = view! {
        <p>"Not you? " <a href="/login">"Sign in with another account"</a></p>
    };
    view! {
        <CenteredShell title="Enter your code" lead=words::VERIFY_LEAD below=below.into_any()>
            <Form action=verify>
                <Field name="code" label="Code">
                    <OtpInput autofocus=true/>
                </Field>
                <Checkbox
                    name="trust_device"
                    label="Do not ask for a code on this device"
                    hint="For 30 days. Not on a device you share."
                />
                <SubmitButton pending_words="Checking…">
                    "Continue"
                </SubmitButton>
            </Form>
            <details open=recovery_was_tried()>
                <summary class="mb-3 cursor-pointer py-1 font-medium">"Use a recovery code"</summary>
                <Form action=recover>
                    <Field name="recovery_code" label="Recovery code" hint=words::RECOVER_HINT>
                        <TextInput autocomplete="off" required=true maxlength=64/>
                    </Field>
                    <SubmitButton weight=Weight::Secondary pending_words="Checking…">
                        "Sign in with the recovery code"
                    </SubmitButton>
                </Form>
            </details>
        </CenteredShell>
    }
    .into_any()
}

/// Whether this page comes back from a refused recovery code: the refusal must not hide behind a closed head.
fn recovery_was_tried() -> bool {
    SharedValue::new(|| use_flash_for::<RecoverSecondFactor>().is_some()).into_inner()
}

/// The half of a sign-in is forgotten after ten minutes. There is no way back to here: it begins at the door.
fn nobody_waits() -> AnyView {
    go_to("/login");
    view! {
        <CenteredShell title="Sign in again" lead="No sign-in waits for a code. After ten minutes it begins anew.">
            <div class="stack-actions">
                <LinkButton href="/login" weight=Weight::Primary>
                    "Sign in"
                </LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}

/// Somebody who is in has nothing to prove here.
fn already_in() -> AnyView {
    go_to("/");
    view! {
        <CenteredShell title="You are signed in" lead="There is no sign-in that waits for a code.">
            <div class="stack-actions">
                <LinkButton href="/" weight=Weight::Primary>
                    "To the start page"
                </LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}
