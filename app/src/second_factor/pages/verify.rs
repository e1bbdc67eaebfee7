//! `/2fa/verify`: the second half of a sign-in.

use domain::{AppError, identity::Viewer, second_factor::Ways};
use leptos::{prelude::*, server::SharedValue};
use server_fn::ServerFn as _;

use crate::{
    error::Problem,
    flash::use_flash_for,
    frame::{go_to, turned_away},
    identity::api::me,
    second_factor::{
        api::{
            FinishPasskeyVerify, RecoverSecondFactor, StartPasskeyVerify, VerifySecondFactor,
            second_factor_ways,
        },
        words,
    },
    ui::{
        Ask, CenteredShell, Checkbox, Field, Form, FormAction, LinkButton, OtpInput, PasskeyButton, Skeleton,
        SubmitButton, TextInput, Wanted, Weight,
    },
};

/// One of the account's passkeys.
const BY_PASSKEY: Ask = Ask {
    id: "passkey-verify",
    wanted: Wanted::Known,
    start: StartPasskeyVerify::PATH,
    finish: FinishPasskeyVerify::PATH,
    fields: &["trust_device"],
};

/// The code, a passkey, or a recovery code. After a success the server says where to go.
#[component]
pub fn VerifyPage() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| who());
    let ways = Resource::new(|| (), |()| second_factor_ways());
    let verify = FormAction::<VerifySecondFactor>::new();
    let recover = FormAction::<RecoverSecondFactor>::new();
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match viewer.await {
                    Err(Problem(AppError::SecondFactorRequired)) => match ways.await {
                        Ok(ways) => forms(ways, verify, recover),
                        Err(problem) => turned_away(&problem),
                    },
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

fn forms(
    ways: Ways,
    verify: FormAction<VerifySecondFactor>,
    recover: FormAction<RecoverSecondFactor>,
) -> AnyView {
    let below = view! {
        <p>"Not you? " <a href="/login">"Sign in with another account"</a></p>
    };
    let (title, lead) = if ways.code {
        ("Enter your code", words::VERIFY_LEAD)
    } else {
        ("Use your passkey", words::PASSKEY_LEAD)
    };
    let by_passkey = move |weight| {
        ways.passkey.then(|| view! { <PasskeyButton ask=BY_PASSKEY weight>"Use a passkey"</PasskeyButton> })
    };
    let first = if ways.code {
        view! {
            <Form action=verify>
                <Field name="code" label="Code">
                    <OtpInput autofocus=true/>
                </Field>
                <TrustThisDevice/>
                <SubmitButton pending_words="Checking…">"Continue"</SubmitButton>
                {by_passkey(Weight::Secondary)}
            </Form>
        }
        .into_any()
    } else {
        view! {
            <fieldset class="form">
                <legend class="sr-only">"Passkey"</legend>
                <TrustThisDevice/>
                {by_passkey(Weight::Primary)}
            </fieldset>
        }
        .into_any()
    };
    view! {
        <CenteredShell title lead below=below.into_any()>
            {first}
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

/// For those who do not want to be asked again here.
#[component]
fn TrustThisDevice() -> impl IntoView {
    view! {
        <Checkbox
            name="trust_device"
            label="Do not ask for a code on this device"
            hint="For 30 days. Not on a device you share."
        />
    }
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
