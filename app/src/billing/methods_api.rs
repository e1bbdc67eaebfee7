//! The endpoints of this room for ways to pay at Stripe. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    billing::{ContinueAt, PaymentMethod},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    super::payments::{paid_by, stripe},
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        access::{Need, Permission},
        billing::service,
    },
};

/// The ways to pay that somebody has left.
#[server(prefix = "/api/v1", endpoint = "billing/payment-methods", input = GetUrl)]
pub async fn list_payment_methods(
    #[server(default)] organization_id: String,
) -> Result<Page<PaymentMethod>, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(service::payment_methods(&grant, stripe.as_ref()).await?)
}

/// Opens a page on which one is left.
#[server(prefix = "/api/v1", endpoint = "billing/add-payment-method", input = PostUrl)]
pub async fn add_payment_method(#[server(default)] organization_id: String) -> Result<ContinueAt, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(service::add_payment_method(&grant, stripe.as_ref()).await?)
}

/// Chooses which one is charged.
#[server(prefix = "/api/v1", endpoint = "billing/set-default-payment-method", input = PostUrl)]
pub async fn set_default_payment_method(
    #[server(default)] organization_id: String,
    #[server(default)] payment_method_id: String,
) -> Result<(), Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(service::set_default_payment_method(&grant, &paid_by(stripe.as_ref()), &payment_method_id).await?)
}

/// Takes one away.
#[server(prefix = "/api/v1", endpoint = "billing/remove-payment-method", input = PostUrl)]
pub async fn remove_payment_method(
    #[server(default)] organization_id: String,
    #[server(default)] payment_method_id: String,
) -> Result<(), Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(service::remove_payment_method(&grant, &paid_by(stripe.as_ref()), &payment_method_id).await?)
}

/// Opens the page on which a customer looks after everything.
#[server(prefix = "/api/v1", endpoint = "billing/open-portal", input = PostUrl)]
pub async fn open_portal(#[server(default)] organization_id: String) -> Result<ContinueAt, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(service::open_portal(&grant, stripe.as_ref()).await?)
}

/// Who may call what of it.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let (read, change) =
        (Need::Organization(Permission::ReadBilling), Need::Organization(Permission::UpdateBilling));
    vec![
        Endpoint::of::<ListPaymentMethods, GetUrl>(
            read,
            Rate::Read,
            "The ways to pay that an organization has left with Stripe, and which one is charged.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<AddPaymentMethod, PostUrl>(
            change,
            // Each asks Stripe.
            Rate::SignIn,
            "Opens a page of Stripe's (`continue_at`) on which somebody leaves a card or another way to pay.",
        )
        .with_problems(&["conflict"])
        // Whoever has the address is on the page.
        .without_keys(),
        Endpoint::of::<SetDefaultPaymentMethod, PostUrl>(
            change,
            Rate::SignIn,
            "Chooses the way to pay that is charged.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<RemovePaymentMethod, PostUrl>(
            change,
            Rate::SignIn,
            "Takes a way to pay away; not the one by which a plan is paid.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<OpenPortal, PostUrl>(
            change,
            Rate::SignIn,
            "Opens the page of Stripe's (`continue_at`) on which a customer looks after ways to pay and invoices.",
        )
        .with_problems(&["conflict"])
        .without_keys(),
    ]
}
