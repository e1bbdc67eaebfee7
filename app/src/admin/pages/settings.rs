//! `/admin/settings`: who may open an account on this site, and who is invited to.

use domain::identity::{Registering, RegistrationPolicy, Viewer};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    admin::{
        api::{UpdateSettings, read_settings},
        parts::{Invitations, question::reason_field},
    },
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside, forget_refusal, is_stale, refused, was_stale},
    identity::api::StepUp,
    ui::{
        Address, Banner, Card, Field, Form, FormAction, PageHeader, Select, Skeleton, SubmitButton,
        TextInput, Tone, times_done,
    },
};

const DOMAINS_HINT: &str =
    "Such as example.com, example.org. Empty: addresses of every domain. Accounts that exist stay.";

/// What holds for the whole site.
#[component]
pub fn SiteSettingsPage() -> impl IntoView {
    let action = FormAction::<UpdateSettings>::new();
    let step_up = FormAction::<StepUp>::new();
    let stale = RwSignal::new(was_stale::<UpdateSettings>());
    let answered = use_answer_of::<UpdateSettings>().is_some();
    let is_saved =
        Signal::derive(move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    let saved = times_done(action);
    let settings = Resource::new(move || saved.get(), |_| read_settings());
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| Address::of("/admin/settings", query, &["cursor"])));
    let invitations = Invitations::at(address);
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| {
                stale.set(false);
                forget_refusal(action);
                invitations.forget_refusals();
            };
            let card = || view! { <ConfirmItIsYou action=step_up proof on_success/> }.into_any();
            (is_stale(action) || stale.get() || invitations.needs_proof()).then(card)
        };
        let content = move || {
            Suspend::new(async move {
                match settings.await {
                    Ok(settings) => {
                        view! { {registration(&settings, action)} {invitations.card(address)} }.into_any()
                    }
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Site settings" lead="What holds for everybody on this server."/>
            <div class="stack">
                <div role="status" class="contents">
                    {move || is_saved.get().then(|| view! { <Banner tone=Tone::Good title="The settings are saved."/> })}
                </div>
                {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=4/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

fn registration(settings: &RegistrationPolicy, action: FormAction<UpdateSettings>) -> AnyView {
    let choices =
        Registering::ALL.map(|choice| (choice.name().to_owned(), words(choice).to_owned())).to_vec();
    let (chosen, domains) = (settings.registration.name().to_owned(), settings.allowed_domains.join(", "));
    view! {
        <Card title="Registration" lead="Who may open an account by themselves.">
            <div class="max-w-md">
                <Form action>
                    <Field name="registration" label="New accounts">
                        <Select options=choices value=chosen/>
                    </Field>
                    <Field name="allowed_domains" label="Allowed domains" hint=DOMAINS_HINT>
                        <TextInput value=domains autocomplete="off"/>
                    </Field>
                    {reason_field("Reason")}
                    <SubmitButton pending_words="Saving…">"Save the settings"</SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}

fn words(choice: Registering) -> &'static str {
    match choice {
        Registering::Open => "Open: everybody with an allowed address",
        Registering::Invited => "By invitation: those whom an administrator invites",
        Registering::Closed => "Closed: nobody",
    }
}
