//! Pages of Stripe's: one on which a card is typed, and one on which a customer looks after everything.

use super::{
    super::{
        super::{
            ContinueAt,
            stripe::{Act, CheckoutMode, NewCheckout, Stripe, customers},
        },
        subscribed,
    },
    demand,
};
use crate::{
    AppError,
    access::{Grant, Organization, Permission},
    audit::{self, BillingDeed},
    platform::log::WhileDoing as _,
};

/// Opens a page on which somebody leaves a card, or another way to pay.
///
/// # Errors
/// [`AppError::Conflict`] where nothing is paid through Stripe; [`AppError::Busy`] while Stripe is away.
pub async fn add_payment_method(
    grant: &Grant<Organization>,
    stripe: Option<&Stripe>,
) -> Result<ContinueAt, AppError> {
    let (stripe, asked) = begin(grant, stripe).await?;
    let organization = grant.organization();
    let customer = customers::ensure(grant.platform(), stripe, organization).await?;
    let checkout = NewCheckout {
        customer: customer.as_str(),
        mode: CheckoutMode::Setup(&asked.currency),
        reference: &organization.to_string(),
        success_url: &format!("{}?card=left", asked.back),
        cancel_url: &asked.back,
    };
    let page = stripe.create_checkout(&asked.act, &checkout).await;
    let page = page.while_doing("opening a page of Stripe's for a card")?;
    let url = page.url.ok_or_else(|| {
        tracing::error!("a page of Stripe's has no address");
        AppError::Internal
    })?;
    opened(grant, "payment-method", url).await
}

/// Opens the page on which a customer looks after ways to pay and invoices.
///
/// # Errors
/// As [`add_payment_method`].
pub async fn open_portal(
    grant: &Grant<Organization>,
    stripe: Option<&Stripe>,
) -> Result<ContinueAt, AppError> {
    let (stripe, asked) = begin(grant, stripe).await?;
    let customer = customers::ensure(grant.platform(), stripe, grant.organization()).await?;
    let page = stripe.create_portal(&asked.act, customer.as_str(), &asked.back).await;
    let page = page.while_doing("opening the page of a customer of Stripe's")?;
    opened(grant, "portal", page.url).await
}

/// What a page is opened with.
struct Asked {
    act: Act,
    /// The page here, to which somebody comes back.
    back: String,
    /// In small letters, as Stripe writes it.
    currency: String,
}

async fn begin<'a>(
    grant: &Grant<Organization>,
    stripe: Option<&'a Stripe>,
) -> Result<(&'a Stripe, Asked), AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let stripe = demand(stripe)?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let row = subscribed(&mut tx).await?;
    // Not committed: nothing was done yet.
    drop(tx);
    let platform = grant.platform();
    let back = format!("{}/o/{}/billing", platform.rules().public_url, row.slug);
    // Each press is a page of its own.
    let act = Act::new("page", platform.new_id());
    Ok((stripe, Asked { act, back, currency: row.currency.code().to_ascii_lowercase() }))
}

/// Notes that a page is open. One of which nobody is told because this process ends is used by nobody.
async fn opened(
    grant: &Grant<Organization>,
    page: &'static str,
    continue_at: String,
) -> Result<ContinueAt, AppError> {
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let organization = grant.organization();
    audit::note(&mut tx, BillingDeed::PaymentPageOpened { organization, page }).await?;
    tx.commit().await?;
    Ok(ContinueAt { continue_at })
}
