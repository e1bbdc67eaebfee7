//! `/admin/webhooks`: where events are sent to, and one more of these places.

use domain::{
    access::{SiteAction, site_allows},
    identity::Viewer,
};
use leptos::prelude::*;

use crate::{
    frame::{ConfirmItIsYou, Inside, refused},
    ui::{Banner, PageHeader, Skeleton, Tone, parameter, times_done},
    webhooks::{
        api::list_webhooks,
        parts::{CreateForm, Making, ShownOnce, webhook_list},
        words,
    },
};

/// The list of webhooks.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let making = Making::new();
    let made = times_done(making.create);
    let webhooks = Resource::new(move || made.get(), |_| list_webhooks());
    let fresh = Memo::new(move |_| making.made());
    let was_removed = parameter("removed").is_some();
    let page = move |viewer: Viewer| {
        let may_change = site_allows(&viewer.roles, SiteAction::ChangeWebhooks);
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| making.forget_refusal();
            let card = || view! { <ConfirmItIsYou action=making.step_up proof on_success/> }.into_any();
            making.needs_proof().then(card)
        };
        let list = move || {
            Suspend::new(async move {
                match webhooks.await {
                    Ok(page) => {
                        let form = may_change.then(|| view! { <CreateForm making/> });
                        view! { {webhook_list(page.items)} {form} }.into_any()
                    }
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Webhooks" lead=words::LEAD/>
            <div class="stack">
                {was_removed
                    .then(|| view! { <div role="status"><Banner tone=Tone::Good title=words::REMOVED/></div> })}
                {move || fresh.get().map(|made| view! { <ShownOnce made/> })}
                {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=6/> }>
                    {list}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
