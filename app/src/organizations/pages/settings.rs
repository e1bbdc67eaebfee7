//! `/o/:slug/settings`: what an organization is called, who owns it, and how it ends.

use domain::{identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;

use crate::{
    frame::ConfirmItIsYou,
    identity::api::list_time_zones,
    organizations::parts::{OrganizationFrame, Settings, settings_cards},
    ui::Skeleton,
};

/// A card for each act.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let settings = Settings::new();
    let changed = settings.changes();
    let zones = Resource::new(|| (), |()| list_time_zones());
    let page = move |viewer: Viewer, organization: OrganizationDetail| {
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| settings.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=settings.step_up proof on_success/> }.into_any();
            settings.needs_proof().then(card)
        };
        let cards = move || {
            let organization = organization.clone();
            Suspend::new(async move {
                // Without the list the choice stays as it is.
                let zones = zones.await.map(|zones| zones.items).unwrap_or_default();
                settings_cards(&organization, zones, settings)
            })
        };
        view! {
            {settings.said()} {ask.into_any()}
            <Transition strict=true fallback=|| view! { <Skeleton lines=6/> }>
                {cards}
            </Transition>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Settings" changed page/> }
}
