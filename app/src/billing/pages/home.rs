//! `/account/billing`: leads to the billing of the organization that is the caller's.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    billing::api::find_billing,
    frame::{Inside, go_to, refused},
    ui::{LinkButton, PageHeader, Skeleton},
};

/// A way on.
#[component]
pub fn BillingHomePage() -> impl IntoView {
    let home = Resource::new(|| (), |()| find_billing());
    let page = move |_: Viewer| {
        let content = move || {
            Suspend::new(async move {
                match home.await {
                    Ok(home) => {
                        let href = format!("/o/{}/billing", home.slug);
                        go_to(&href);
                        view! { <LinkButton href>"To the billing of your organization"</LinkButton> }
                            .into_any()
                    }
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Billing"/>
            <Transition strict=true fallback=|| view! { <Skeleton lines=2/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
