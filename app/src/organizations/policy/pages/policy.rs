//! `/o/<slug>/policy`: what the organization asks of its members.

use domain::{identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{ConfirmItIsYou, forget_refusal, is_stale, refused, was_stale},
    identity::api::StepUp,
    organizations::{
        parts::{OrganizationFrame, frame::organization_in_address},
        policy::{
            api::{SetPolicy, read_policy},
            parts::policy_form,
        },
    },
    ui::{Banner, FormAction, Skeleton, Tone, times_done},
};

const LEAD: &str = "What members need beside their role. It is asked on every page, and of scripts as well.";

/// The policy, and the form that changes it.
#[component]
pub fn PolicyPage() -> impl IntoView {
    let slug = organization_in_address();
    let save = FormAction::<SetPolicy>::new();
    let step_up = FormAction::<StepUp>::new();
    let stale = RwSignal::new(was_stale::<SetPolicy>());
    let was_saved = use_answer_of::<SetPolicy>().is_some();
    let saved = times_done(save);
    let policy = Resource::new(move || (slug.get(), saved.get()), |(slug, _)| read_policy(slug));
    let page = move |viewer: Viewer, _: OrganizationDetail| {
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| {
                stale.set(false);
                forget_refusal(save);
            };
            let card = || view! { <ConfirmItIsYou action=step_up proof on_success/> }.into_any();
            (is_stale(save) || stale.get()).then(card)
        };
        let said = move || {
            (was_saved || saved.get() > 0)
                .then(|| view! { <Banner tone=Tone::Good title="The policy is saved. It holds from the next request on."/> })
        };
        let content = move || {
            let slug = slug.get();
            Suspend::new(async move {
                match policy.await {
                    Ok(policy) => policy_form(policy, &slug, save),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{LEAD}</p>
                <div role="status" class="empty:hidden">
                    {said}
                </div>
                {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Policy" page/> }
}
