//! `/account/profile`: how a person is called, the address they sign in with, a copy of their data, and the end of the
//! account.

use std::time::Duration;

use domain::{
    AppError, Page,
    identity::{DataExport, Viewer},
    operations::Operation,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    error::Problem,
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside},
    identity::{
        api::{UpdateProfile, list_time_zones},
        data_api::get_data_export,
        parts::{AccountActions, AddressCard, DataCard, DeleteCard},
        words,
    },
    ui::{
        Banner, Card, Field, Form, FormAction, PageHeader, ReadOnly, Select, Skeleton, SubmitButton,
        TextInput, Tone, browser, times_done,
    },
};

/// How often an operation is looked at that goes on.
const LOOK: Duration = Duration::from_secs(2);

/// Name, address, the copy of everything, and the way out.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let action = FormAction::<UpdateProfile>::new();
    let actions = AccountActions::default();
    let answered = use_answer_of::<UpdateProfile>().is_some();
    let is_saved =
        Signal::derive(move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    let (saved, asked) = (times_done(action), times_done(actions.change_email));
    let changed: Signal<usize> = Signal::derive(move || saved.get() + asked.get());
    let copy = copy_of_data(&actions);
    let zones = Resource::new(|| (), |()| list_time_zones());
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
                {about_you(&viewer, zones, action, is_saved)} {ask.into_any()}
                <AddressCard viewer=viewer.clone() actions/>
                <DataCard state=copy actions proof=viewer.step_up/>
                <DeleteCard email=viewer.email actions/>
            </div>
        }
        .into_any()
    };
    view! { <Inside changed page/> }
}

/// Where the copy of their data stands. While one is being made it is looked at again and again, and read anew when it has
/// gone on.
fn copy_of_data(actions: &AccountActions) -> Resource<Result<DataExport, Problem>> {
    let looked = RwSignal::new(0_usize);
    let changes = actions.copy_changes();
    let copy = Resource::new(move || (changes.get(), looked.get()), |_| get_data_export());
    if ReadOnly::is_on() {
        // Each look of an administrator is an entry in the trail.
        return copy;
    }
    Effect::new(move |_| {
        if let Some(Ok(DataExport { operation: Some(operation), .. })) = copy.get()
            && operation.is_active()
        {
            look_again(operation, looked);
        }
    });
    copy
}

/// The card is left alone until something has changed: whoever is at its button would lose it.
fn look_again(shown: Operation, looked: RwSignal<usize>) {
    browser::after(LOOK, move || {
        if looked.is_disposed() {
            return;
        }
        spawn_local(async move {
            match get_data_export().await {
                Ok(DataExport { operation: Some(now), .. }) if now == shown => look_again(shown, looked),
                Err(Problem(AppError::Unreachable | AppError::Busy { .. })) => look_again(shown, looked),
                _ => {
                    looked.try_update(|count| *count += 1);
                }
            }
        });
    });
}

fn about_you(
    viewer: &Viewer,
    zones: Resource<Result<Page<String>, Problem>>,
    action: FormAction<UpdateProfile>,
    is_saved: Signal<bool>,
) -> AnyView {
    let viewer = viewer.clone();
    view! {
        <div role="status" class="contents">
            {move || is_saved.get().then(|| view! { <Banner tone=Tone::Good title="Your profile is saved."/> })}
        </div>
        <Card title="About you">
            <div class="max-w-md">
                <Transition strict=true fallback=|| view! { <Skeleton lines=4/> }>
                    {move || {
                        let viewer = viewer.clone();
                        Suspend::new(async move {
                            // Without the list the choice stays as it is, and the name can be changed.
                            let zones = zones.await.map(|zones| zones.items).unwrap_or_default();
                            form(viewer, zones, action)
                        })
                    }}
                </Transition>
            </div>
        </Card>
    }
    .into_any()
}

fn form(viewer: Viewer, mut zones: Vec<String>, action: FormAction<UpdateProfile>) -> AnyView {
    let Viewer { display_name, time_zone, .. } = viewer;
    if !zones.contains(&time_zone) {
        zones.insert(0, time_zone.clone());
    }
    let options = zones.into_iter().map(|name| (name.clone(), name.replace('_', " "))).collect();
    view! {
        <Form action>
            <Field name="display_name" label="Display name" hint=words::DISPLAY_NAME_HINT>
                <TextInput autocomplete="name" maxlength=100 value=display_name/>
            </Field>
            <Field name="time_zone" label="Time zone" hint=words::TIME_ZONE_HINT>
                <Select options value=time_zone/>
            </Field>
            <SubmitButton pending_words="Saving…">"Save profile"</SubmitButton>
        </Form>
    }
    .into_any()
}
