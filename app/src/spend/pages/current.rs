//! `/account/limits`: leads to the budgets of the organization the person is in.

use leptos::prelude::*;

use crate::organizations::parts::CurrentOrganization;

/// The way there.
#[component]
pub fn CurrentLimitsPage() -> impl IntoView {
    let nowhere = "Budgets belong to organizations, and you are in none.";
    view! { <CurrentOrganization title="Budgets" below="/limits" nowhere/> }
}
