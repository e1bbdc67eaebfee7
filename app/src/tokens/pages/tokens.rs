//! `/account/tokens`: what scripts use in a person's name: made, renewed, ended.

use domain::{
    identity::Viewer,
    tokens::{ApiToken, MadeToken},
};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{ConfirmItIsYou, Inside, refused},
    tokens::{
        api::{CreateToken, RotateToken, list_tokens, script_sign_ins, token_scopes},
        parts::{Actions, CreateForm, RenewForm, ShownOnce, SignIns, TokenList},
        words,
    },
    ui::{PageHeader, Skeleton, times_done},
};

/// The page of API tokens.
#[component]
pub fn TokensPage() -> impl IntoView {
    let actions = Actions::default();
    let shown_once = answered();
    let made = Memo::new(move |_| actions.newest().or_else(|| shown_once.clone()));
    // Once: what counts begins anew with each question.
    let changes = actions.changes();
    let tokens = Resource::new(move || changes.get(), |_| list_tokens());
    let ended = times_done(actions.end_sign_in);
    let sign_ins = Resource::new(move || ended.get(), |_| script_sign_ins());
    let scopes = Resource::new(|| (), |()| token_scopes());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up;
        let on_success = move |()| actions.forget_refusals();
        let ask = move || {
            let proof = proof.clone();
            let card = || view! { <ConfirmItIsYou action=actions.step_up proof on_success/> }.into_any();
            actions.needs_proof().then(card)
        };
        view! {
            <PageHeader title="API tokens" lead=words::LEAD/>
            <div class="stack">
                {move || made.get().map(|made| view! { <ShownOnce made/> })}
                {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=4/> }>
                    {move || Suspend::new(async move {
                        match tokens.await {
                            Ok(tokens) => lists(tokens.items, &actions),
                            Err(problem) => refused(&problem),
                        }
                    })}
                </Transition>
                <Suspense strict=true fallback=|| view! { <Skeleton lines=4/> }>
                    {move || Suspend::new(async move {
                        match scopes.await {
                            Ok(scopes) => view! { <CreateForm actions scopes=scopes.items/> }.into_any(),
                            Err(problem) => refused(&problem),
                        }
                    })}
                </Suspense>
                <Transition strict=true fallback=|| view! { <Skeleton/> }>
                    {move || Suspend::new(async move {
                        match sign_ins.await {
                            Ok(sign_ins) => view! { <SignIns actions sign_ins=sign_ins.items/> }.into_any(),
                            Err(problem) => refused(&problem),
                        }
                    })}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

/// The token that a plain post has just made. Both are asked for in any case: hydration counts the questions.
fn answered() -> Option<MadeToken> {
    let (created, rotated) = (use_answer_of::<CreateToken>(), use_answer_of::<RotateToken>());
    created.or(rotated)
}

fn lists(tokens: Vec<ApiToken>, actions: &Actions) -> AnyView {
    let actions = *actions;
    let names: Vec<_> = tokens.iter().map(|token| (token.id.to_string(), token.name.clone())).collect();
    let renew = (!names.is_empty()).then(|| view! { <RenewForm actions names/> });
    view! {
        <TokenList actions tokens/>
        {renew}
    }
    .into_any()
}
