//! The stage in the middle: the secret is there, its first code is awaited.

use domain::second_factor::Setup;
use leptos::prelude::*;

use crate::{
    second_factor::{parts::Actions, words},
    ui::{Card, CopyButton, Field, Form, OtpInput, Stepper, SubmitButton, Watched, Weight},
};

/// The picture, the secret as text, and the field for the first code.
#[component]
pub fn Setting(
    /// What the page does; it lives longer than this stage.
    actions: Actions,
    /// The secret in its three forms.
    setup: Setup,
) -> impl IntoView {
    let [start_watch, confirm_watch, ..] = actions.watches;
    let Setup { secret, otpauth_url, qr_svg } = setup;
    view! {
        <Stepper
            label="Setting up the second factor"
            steps=vec!["Begin", "Scan and confirm", "Save your codes"]
            current=Signal::stored(1)
        />
        <Card title="1. Add Gatehouse to your authenticator">
            <div class="flex flex-wrap items-start gap-6">
                // Drawn by our own server: nobody else's text is in it.
                <div
                    class="rounded-md border border-line bg-white p-2 [&>svg]:size-48"
                    role="img"
                    aria-label="QR code for your authenticator"
                    inner_html=qr_svg
                ></div>
                <div class="grid min-w-0 flex-1 basis-64 gap-3">
                    <p>{words::SCAN}</p>
                    <p>
                        <a href=otpauth_url rel="external">"Open in an authenticator on this device"</a>
                    </p>
                    <p>{words::TYPE_INSTEAD}</p>
                    <p class="flex flex-wrap items-center gap-3">
                        <code class="break-all rounded-sm bg-sunken px-2 py-1">{grouped(&secret)}</code>
                        <CopyButton text=secret label="Copy the secret"/>
                    </p>
                </div>
            </div>
        </Card>
        <Card title="2. Confirm with a code" lead=words::FIRST_CODE>
            <Form action=actions.confirm>
                <Watched by=confirm_watch/>
                <Field name="code" label="Code" hint="Six digits from your authenticator.">
                    <OtpInput/>
                </Field>
                <SubmitButton pending_words="Checking…">"Turn on the second factor"</SubmitButton>
            </Form>
        </Card>
        <Form action=actions.start>
            <Watched by=start_watch/>
            <SubmitButton weight=Weight::Quiet pending_words="Making a secret…">
                "Start over with a new secret"
            </SubmitButton>
        </Form>
    }
}

/// A secret in groups of four, as people read it aloud.
fn grouped(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_secret_is_shown_in_groups_of_four() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(grouped(""), "");
    }
}
