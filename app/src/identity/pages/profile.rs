//! `/account/profile`: how a person is called, the address they sign in with, and the end of the account.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside},
    identity::{
        api::UpdateProfile,
        parts::{AccountActions, AddressCard, DeleteCard},
        words,
    },
    ui::{Banner, Card, Field, Form, FormAction, PageHeader, SubmitButton, TextInput, Tone, times_done},
};

/// Name, address, and the way out.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let action = FormAction::<UpdateProfile>::new();
    let actions = AccountActions::default();
    let answered = use_answer_of::<UpdateProfile>().is_some();
    let is_saved =
        Signal::derive(move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    let (saved, asked) = (times_done(action), times_done(actions.change_email));
    let changed: Signal<usize> = Signal::derive(move || saved.get() + asked.get());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up.clone();
        let on_success = move |()| actions.forget_refusals();
        let ask = move || {
            let proof = proof.clone();
            let card = || view! { <ConfirmItIsYou action=actions.step_up proof on_success/> }.into_any();
            actions.needs_proof().then(card)
        };
        view! {
            <PageHeader title="Profile" lead="How you are called, and where we reach you."/>
            <div class="stack">
                {about_you(&viewer, action, is_saved)} {ask.into_any()}
                <AddressCard viewer=viewer.clone() actions/>
                <DeleteCard email=viewer.email actions/>
            </div>
        }
        .into_any()
    };
    view! { <Inside changed page/> }
}

fn about_you(viewer: &Viewer, action: FormAction<UpdateProfile>, is_saved: Signal<bool>) -> AnyView {
    let display_name = viewer.display_name.clone();
    view! {
        <div role="status" class="contents">
            {move || is_saved.get().then(|| view! { <Banner tone=Tone::Good title="Your profile is saved."/> })}
        </div>
        <Card title="About you">
            <div class="max-w-md">
                <Form action>
                    <Field name="display_name" label="Display name" hint=words::DISPLAY_NAME_HINT>
                        <TextInput autocomplete="name" maxlength=100 value=display_name/>
                    </Field>
                    <SubmitButton pending_words="Saving…">"Save profile"</SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}
