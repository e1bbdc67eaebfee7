//! The address of an account, and another one in its place.

use domain::identity::Viewer;
use leptos::prelude::*;

use super::AccountActions;
use crate::{
    flash::use_answer_of,
    identity::{api::ChangeEmail, words},
    ui::{
        Badge, Banner, Card, Detail, DetailsList, Field, Form, SubmitButton, TextInput, Tone, Watched,
        Weight, parameter,
    },
};

/// The address as it is, the one that waits, and the form for another.
#[component]
pub fn AddressCard(
    /// Whose it is.
    viewer: Viewer,
    /// What the page does; it lives longer than this card.
    actions: AccountActions,
) -> impl IntoView {
    let answered = use_answer_of::<ChangeEmail>().is_some();
    let is_asked =
        move || actions.change_email.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    let is_moved = parameter("moved").is_some();
    let (tone, state) =
        if viewer.email_verified { (Tone::Good, "Confirmed") } else { (Tone::Warning, "Not confirmed") };
    let [watch, ..] = actions.watches;
    let waiting = viewer.pending_email.map(|email| {
        view! {
            <Detail name="Wanted">
                {email} " " <Badge tone=Tone::Warning text="Waits for its letter"/>
            </Detail>
        }
    });
    view! {
        <Card title="E-mail" lead=words::ADDRESS_LEAD>
            <div role="status" class="mb-4 empty:mb-0">
                {move || {
                    let title = if is_asked() { Some(words::CHANGE_ASKED) } else { is_moved.then_some(words::MOVED) };
                    title.map(|title| view! { <Banner tone=Tone::Good title/> })
                }}
            </div>
            <DetailsList>
                <Detail name="Address">
                    {viewer.email} " " <Badge tone text=state/>
                </Detail>
                {waiting}
                <Detail name="Letters">{words::LETTERS}</Detail>
            </DetailsList>
            <div class="mt-5 max-w-md">
                <Form action=actions.change_email>
                    <Watched by=watch/>
                    <Field name="email" label="New address" hint=words::NEW_ADDRESS_HINT>
                        <TextInput kind="email" autocomplete="off" required=true maxlength=254/>
                    </Field>
                    <SubmitButton weight=Weight::Secondary pending_words="Sending the letters…">
                        "Change the address"
                    </SubmitButton>
                </Form>
            </div>
        </Card>
    }
}
