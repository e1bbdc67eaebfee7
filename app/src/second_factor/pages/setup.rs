//! `/2fa/setup`: turns the second factor on, shows recovery codes once, turns it off again.

use domain::{
    AppError,
    identity::Viewer,
    second_factor::{RecoveryCodes, State},
};
use leptos::prelude::*;

use crate::{
    error::Problem,
    flash::use_answer_of,
    identity::{
        api::StepUp,
        parts::{ConfirmItIsYou, Inside, Proof, Watch, refused, times_done},
    },
    second_factor::{
        api::{
            ConfirmSecondFactor, DisableSecondFactor, NewRecoveryCodes, StartSecondFactor,
            second_factor_state,
        },
        parts::{Begin, CodesOnce, Enabled, Setting},
        words,
    },
    ui::{FormAction, PageHeader, Skeleton},
};

/// Everything this page does. The actions outlive the forms, which are drawn anew when the state has changed.
#[derive(Clone, Copy)]
pub struct Actions {
    /// Makes a secret.
    pub start: FormAction<StartSecondFactor>,
    /// Turns it on by the first code.
    pub confirm: FormAction<ConfirmSecondFactor>,
    /// Replaces the recovery codes.
    pub new_codes: FormAction<NewRecoveryCodes>,
    /// Turns it off.
    pub disable: FormAction<DisableSecondFactor>,
    step_up: FormAction<StepUp>,
    /// Sees when one of the forms needs a fresh proof.
    pub watches: [Watch; 4],
}

impl Actions {
    fn new() -> Self {
        Self {
            start: FormAction::new(),
            confirm: FormAction::new(),
            new_codes: FormAction::new(),
            disable: FormAction::new(),
            step_up: FormAction::new(),
            watches: std::array::from_fn(|_| Watch::default()),
        }
    }

    /// Changes with everything after which the state is another one.
    fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.start),
            times_done(self.confirm),
            times_done(self.new_codes),
            times_done(self.disable),
            times_done(self.step_up),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    fn needs_proof(&self) -> bool {
        self.watches
            .iter()
            .any(|watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. })))
    }

    /// After the proof the refusals are history.
    fn forget_refusals(&self) {
        self.start.value().set(None);
        self.confirm.value().set(None);
        self.new_codes.value().set(None);
        self.disable.value().set(None);
    }
}

/// The page: the codes when there are new ones, else what the state allows.
#[component]
pub fn SetupPage() -> impl IntoView {
    let actions = Actions::new();
    let shown_once = answered();
    let codes = Memo::new(move |_| {
        let fresh = [actions.confirm.value().get(), actions.new_codes.value().get()];
        let fresh = fresh.into_iter().flatten().find_map(Result::ok);
        fresh.or_else(|| shown_once.clone()).map(|codes| codes.recovery_codes)
    });
    let state = Resource::new(move || actions.changes().get(), |_| second_factor_state());
    let page = move |viewer: Viewer| {
        let proof = Proof::of(viewer.second_factor);
        view! {
            <PageHeader title="Second factor" lead=words::SETUP_LEAD/>
            {move || match codes.get() {
                Some(codes) => view! { <CodesOnce codes/> }.into_any(),
                None => stage(state, actions, proof),
            }}
        }
        .into_any()
    };
    view! { <Inside page/> }
}

/// The codes that a plain post has just made. Both are asked for in any case: hydration counts the questions.
fn answered() -> Option<RecoveryCodes> {
    let (confirmed, renewed) = (use_answer_of::<ConfirmSecondFactor>(), use_answer_of::<NewRecoveryCodes>());
    confirmed.or(renewed)
}

fn stage(state: Resource<Result<State, Problem>>, actions: Actions, proof: Proof) -> AnyView {
    let on_success = move |()| actions.forget_refusals();
    let now = move || {
        Suspend::new(async move {
            match state.await {
                Ok(State { enabled: true, recovery_codes_left, .. }) => {
                    view! { <Enabled actions recovery_codes_left/> }.into_any()
                }
                Ok(State { setup: Some(setup), .. }) => view! { <Setting actions setup/> }.into_any(),
                Ok(State { setup: None, .. }) => view! { <Begin actions/> }.into_any(),
                Err(problem) => refused(&problem),
            }
        })
    };
    let now = view! {
        <Transition strict=true fallback=|| view! { <Skeleton lines=5/> }>
            {now}
        </Transition>
    };
    let proof = move || {
        let card = || view! { <ConfirmItIsYou action=actions.step_up proof on_success/> }.into_any();
        actions.needs_proof().then(card)
    };
    view! { <div class="stack">{proof.into_any()} {now.into_any()}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use server_fn::ServerFn;

    use super::*;
    use crate::flash::{Flash, Outcome};

    fn answered_after(path: &str, outcome: Outcome) -> Option<RecoveryCodes> {
        let mut request = http::Request::new(());
        request.extensions_mut().insert(Flash {
            path: path.to_owned(),
            outcome,
            values: std::collections::BTreeMap::new(),
        });
        let (parts, ()) = request.into_parts();
        let owner = Owner::new();
        owner.with(|| {
            provide_context(parts);
            answered()
        })
    }

    #[test]
    fn recovery_codes_are_shown_only_right_after_they_were_made() {
        let made = || Outcome::Done(r#"{"recovery_codes":["aaaa-bbbb"]}"#.into());
        for path in [ConfirmSecondFactor::PATH, NewRecoveryCodes::PATH] {
            assert!(answered_after(path, made()).is_some_and(|codes| codes.recovery_codes == ["aaaa-bbbb"]));
            assert!(answered_after(path, Outcome::Refused(AppError::CodeRefused)).is_none());
        }
        assert!(answered_after(DisableSecondFactor::PATH, made()).is_none());
    }
}
