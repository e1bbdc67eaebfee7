//! `/account/billing`: leads to the billing of the organization the person is in.

use leptos::prelude::*;

use crate::organizations::parts::CurrentOrganization;

/// The way there.
#[component]
pub fn CurrentBillingPage() -> impl IntoView {
    let nowhere = "Plans and invoices belong to organizations, and you are in none.";
    view! { <CurrentOrganization title="Billing" below="/billing" nowhere/> }
}
