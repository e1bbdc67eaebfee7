//! `/2fa/setup`: turns the second factor on, shows recovery codes once, turns it off again.

use domain::{
    identity::{ProofNeeded, Viewer},
    second_factor::{RecoveryCodes, State},
};
use leptos::prelude::*;

use crate::{
    error::Problem,
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside, refused},
    second_factor::{
        api::{ConfirmSecondFactor, NewRecoveryCodes, second_factor_state},
        parts::{Actions, Begin, CodesOnce, Enabled, Setting},
        words,
    },
    ui::{PageHeader, Skeleton, Stepper},
};

/// The page: the codes when there are new ones, else what the state allows.
#[component]
pub fn SetupPage() -> impl IntoView {
    let actions = Actions::default();
    let shown_once = answered();
    let codes = Memo::new(move |_| {
        let fresh = [actions.confirm.value().get(), actions.new_codes.value().get()];
        let fresh = fresh.into_iter().flatten().find_map(Result::ok);
        fresh.or_else(|| shown_once.clone()).map(|codes| codes.recovery_codes)
    });
    let state = Resource::new(move || actions.changes().get(), |_| second_factor_state());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up;
        view! {
            <PageHeader title="Second factor" lead=words::SETUP_LEAD/>
            {move || match codes.get() {
                Some(codes) => shown(codes),
                None => stage(state, &actions, proof.clone()),
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

fn shown(codes: Vec<String>) -> AnyView {
    view! {
        <div class="stack">
            <Stepper
                label="Setting up the second factor"
                steps=vec!["Begin", "Scan and confirm", "Save your codes"]
                current=Signal::stored(2)
            />
            <CodesOnce codes/>
        </div>
    }
    .into_any()
}

fn stage(state: Resource<Result<State, Problem>>, actions: &Actions, proof: ProofNeeded) -> AnyView {
    let actions = *actions;
    let on_success = move |()| actions.forget_refusals();
    let now = move || {
        Suspend::new(async move {
            match state.await {
                Ok(State { authenticator: true, recovery_codes_left, passkeys, .. }) => {
                    view! { <Enabled actions recovery_codes_left passkeys/> }.into_any()
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
        let proof = proof.clone();
        let card = || view! { <ConfirmItIsYou action=actions.step_up proof on_success/> }.into_any();
        actions.needs_proof().then(card)
    };
    view! { <div class="stack">{proof.into_any()} {now.into_any()}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use domain::AppError;
    use server_fn::ServerFn;

    use super::*;
    use crate::{
        flash::{Flash, Outcome},
        second_factor::api::DisableSecondFactor,
    };

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
