//! `/account/passkeys`: what signs in without a password, added, named and removed.

use domain::{
    AppError,
    identity::Viewer,
    second_factor::{Passkey, PasskeyAdded, RecoveryCodes, State},
};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use crate::{
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside, refused},
    identity::api::StepUp,
    second_factor::{
        api::{
            FinishPasskey, NewRecoveryCodes, RemovePasskey, RenamePasskey, StartPasskey, list_passkeys,
            second_factor_state,
        },
        parts::{CodesOnce, PasskeyList, RecoveryCard, RenameForm},
        words,
    },
    ui::{
        Ask, Banner, Card, Field, FormAction, PageHeader, PasskeyButton, Skeleton, TextInput, Tone, Wanted,
        Watch, Weight, times_done,
    },
};

/// For a new one.
const ADD: Ask = Ask {
    id: "passkey-add",
    wanted: Wanted::New,
    start: StartPasskey::PATH,
    finish: FinishPasskey::PATH,
    fields: &["name"],
};

/// What the page does. The actions outlive the forms, which are drawn anew when the list has changed.
#[derive(Clone, Copy, Default)]
struct Actions {
    rename: FormAction<RenamePasskey>,
    remove: FormAction<RemovePasskey>,
    new_codes: FormAction<NewRecoveryCodes>,
    step_up: FormAction<StepUp>,
    /// See when removing, or making codes, needs a fresh proof.
    watches: [Watch; 2],
    /// Whether adding needs one.
    is_stale: RwSignal<bool>,
    /// The ones that were added by the living page.
    added: RwSignal<Option<PasskeyAdded>>,
    count: RwSignal<usize>,
}

impl Actions {
    /// Changes with everything after which the list is another one.
    fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.rename), times_done(self.remove), times_done(self.new_codes)];
        let added = self.count;
        Signal::derive(move || counts.iter().map(|count| count.get()).sum::<usize>() + added.get())
    }

    fn needs_proof(&self) -> bool {
        let is_stale =
            |watch: &Watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. }));
        self.is_stale.get() || self.watches.iter().any(is_stale)
    }

    /// After the proof the refusals are history.
    fn forget_refusals(&self) {
        self.is_stale.set(false);
        self.remove.value().set(None);
        self.new_codes.value().set(None);
    }

    /// Takes what the server said of a new one.
    fn take_added(&self, answer: &str) {
        self.added.set(serde_json::from_str(answer).ok());
        self.count.update(|count| *count += 1);
    }

    /// The recovery codes that the living page has just got.
    fn codes(&self) -> Option<Vec<String>> {
        let with_passkey = self.added.get().and_then(|added| added.recovery_codes);
        let made = self.new_codes.value().get().and_then(Result::ok);
        made.map(|codes| codes.recovery_codes).or(with_passkey)
    }
}

/// The page of passkeys.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    let actions = Actions::default();
    let shown_once =
        use_answer_of::<NewRecoveryCodes>().map(|RecoveryCodes { recovery_codes }| recovery_codes);
    let codes = Memo::new(move |_| actions.codes().or_else(|| shown_once.clone()));
    // Once: what counts begins anew with each question.
    let changes = actions.changes();
    let passkeys = Resource::new(move || changes.get(), |_| list_passkeys());
    let state = Resource::new(move || changes.get(), |_| second_factor_state());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up;
        let on_success = move |()| actions.forget_refusals();
        let ask = move || {
            let proof = proof.clone();
            let card = || view! { <ConfirmItIsYou action=actions.step_up proof on_success/> }.into_any();
            actions.needs_proof().then(card)
        };
        view! {
            <PageHeader title="Passkeys" lead=words::PASSKEYS_LEAD/>
            <div class="stack">
                {move || codes.get().map(|codes| view! { <CodesOnce codes/> })} {news(&actions)} {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=5/> }>
                    {move || Suspend::new(async move {
                        match (passkeys.await, state.await) {
                            (Ok(passkeys), Ok(state)) => cards(passkeys.items, &state, &actions),
                            (Err(problem), _) | (_, Err(problem)) => refused(&problem),
                        }
                    })}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside changed=changes page/> }
}

/// What was just done, said aloud.
fn news(actions: &Actions) -> AnyView {
    let actions = *actions;
    let answered = use_answer_of::<RenamePasskey>().is_some();
    let is_renamed =
        move || actions.rename.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    let title = move || {
        let added =
            actions.added.get().map(|added| format!("The passkey “{}” is added.", added.passkey.name));
        added.or_else(|| is_renamed().then(|| "The passkey has its new name.".to_owned()))
    };
    view! {
        <div role="status" class="contents">
            {move || title().map(|title| view! { <Banner tone=Tone::Good title/> })}
        </div>
    }
    .into_any()
}

fn cards(passkeys: Vec<Passkey>, state: &State, actions: &Actions) -> AnyView {
    let actions = *actions;
    let [remove_watch, codes_watch] = actions.watches;
    let rename = (!passkeys.is_empty()).then(|| {
        view! { <RenameForm passkeys=passkeys.clone() action=actions.rename/> }
    });
    // What was said of the newest one may be of the one that is gone.
    let on_removed = move |()| actions.added.set(None);
    let recovery_codes_left = state.recovery_codes_left;
    let codes = state.enabled.then(|| {
        view! { <RecoveryCard action=actions.new_codes watch=codes_watch recovery_codes_left/> }
    });
    view! {
        <PasskeyList passkeys remove=actions.remove watch=remove_watch on_removed/>
        {add(state.passkeys_possible, &actions)}
        {rename}
        {codes}
    }
    .into_any()
}

fn add(is_possible: bool, actions: &Actions) -> AnyView {
    let actions = *actions;
    if !is_possible {
        return view! {
            <Card title="Add a passkey">
                <p>{words::NO_NAME}</p>
            </Card>
        }
        .into_any();
    }
    let on_done = move |answer: String| actions.take_added(&answer);
    let on_stale = move |()| actions.is_stale.set(true);
    view! {
        <Card title="Add a passkey" lead=words::NEW_PASSKEY>
            <fieldset class="form max-w-md">
                <legend class="sr-only">"A new passkey"</legend>
                <Field name="name" label="Name (optional)" hint="Such as “Work laptop”. Without one it is called after this browser.">
                    <TextInput autocomplete="off" maxlength=100/>
                </Field>
                <PasskeyButton ask=ADD weight=Weight::Primary on_done on_stale>
                    "Add a passkey"
                </PasskeyButton>
            </fieldset>
        </Card>
    }
    .into_any()
}
