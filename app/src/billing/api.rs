//! The endpoints of this room for members. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]
#![expect(clippy::too_many_arguments, reason = "the details of an invoice have so many parts")]

use domain::{
    Page,
    billing::{
        BillingDetails, Invoice, InvoiceHead, OpenUsage, Plan, PlanChanged, PlanPreview, Subscription,
    },
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};
use uuid::Uuid;

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
        billing::service::{self, Counts, Details, PlanRequest, Query, pay},
        organizations,
        spend::{self, service::Ledger},
    },
};

/// Who counts what a plan limits.
#[cfg(feature = "ssr")]
const ROOMS: [&dyn Counts; 2] = [&organizations::service::Counter, &spend::service::Counter];

/// What is on offer.
#[server(prefix = "/api/v1", endpoint = "billing/plans", input = GetUrl)]
pub async fn list_plans(currency: Option<String>) -> Result<Page<Plan>, Problem> {
    let grant = caller()?.signed_in()?;
    // A handful: always one page.
    Ok(Page { items: service::plans(&grant, currency.as_deref()).await?, next_cursor: None })
}

/// What an organization has.
#[server(prefix = "/api/v1", endpoint = "billing/plan", input = GetUrl)]
pub async fn read_plan(#[server(default)] organization_id: String) -> Result<Subscription, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(pay::subscription(&grant, &paid_by(stripe.as_ref()), &ROOMS).await?)
}

/// What has been used that is on no invoice yet.
#[server(prefix = "/api/v1", endpoint = "billing/usage", input = GetUrl)]
pub async fn read_open_usage(#[server(default)] organization_id: String) -> Result<OpenUsage, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(service::open_usage(&grant, &Ledger).await?)
}

/// What a change of plan would do.
#[server(prefix = "/api/v1", endpoint = "billing/preview-plan", input = GetUrl)]
pub async fn preview_plan(
    #[server(default)] organization_id: String,
    #[server(default)] plan: String,
    extra_seats: Option<String>,
) -> Result<PlanPreview, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    let request = PlanRequest { plan, extra_seats, ..PlanRequest::default() };
    Ok(service::preview(&grant, &Ledger, &ROOMS, &request).await?)
}

/// Takes another plan, or other seats.
#[server(prefix = "/api/v1", endpoint = "billing/change-plan", input = PostUrl)]
pub async fn change_plan(
    #[server(default)] organization_id: String,
    #[server(default)] plan: String,
    extra_seats: Option<String>,
    version_id: Option<String>,
    total: Option<String>,
    provider: Option<String>,
) -> Result<PlanChanged, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    let request = PlanRequest { plan, extra_seats, version_id, total, provider };
    Ok(pay::change(&grant, &paid_by(stripe.as_ref()), &request).await?)
}

/// Ends what costs something with the period.
#[server(prefix = "/api/v1", endpoint = "billing/cancel", input = PostUrl)]
pub async fn cancel_plan(#[server(default)] organization_id: String) -> Result<PlanChanged, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(pay::cancel(&grant, &paid_by(stripe.as_ref())).await?)
}

/// Keeps what was to end with the period.
#[server(prefix = "/api/v1", endpoint = "billing/resume", input = PostUrl)]
pub async fn resume_plan(#[server(default)] organization_id: String) -> Result<PlanChanged, Problem> {
    let stripe = stripe();
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    Ok(pay::resume(&grant, &paid_by(stripe.as_ref())).await?)
}

/// Invoices and credit notes of an organization.
#[server(prefix = "/api/v1", endpoint = "billing/invoices", input = GetUrl)]
pub async fn list_invoices(
    #[server(default)] organization_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<InvoiceHead>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(service::documents(&grant, &Query { limit, cursor }).await?)
}

/// One of them.
#[server(prefix = "/api/v1", endpoint = "billing/invoice", input = GetUrl)]
pub async fn read_invoice(
    #[server(default)] organization_id: String,
    #[server(default)] number: String,
) -> Result<Invoice, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(service::document(&grant, &number).await?)
}

/// To whom invoices are written.
#[server(prefix = "/api/v1", endpoint = "billing/details", input = GetUrl)]
pub async fn read_details(#[server(default)] organization_id: String) -> Result<BillingDetails, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadBilling)?;
    Ok(service::details(&grant).await?)
}

/// Changes that.
#[server(prefix = "/api/v1", endpoint = "billing/set-details", input = PostUrl)]
pub async fn set_details(
    #[server(default)] organization_id: String,
    company: Option<String>,
    address: Option<String>,
    country: Option<String>,
    tax_id: Option<String>,
    email: Option<String>,
    reference: Option<String>,
    currency: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateBilling)?;
    let typed = Details { company, address, country, tax_id, email, reference, currency };
    Ok(service::set_details(&grant, &typed).await?)
}

/// All documents of an organization as a file; written by a route of the server.
pub const LIST: &str = "/exports/invoices.csv";
/// Documents as files; written by a route of the server.
pub const PDF: &str = "/exports/invoices/{id}.pdf";
/// The lines of a document as a file.
pub const CSV: &str = "/exports/invoices/{id}.csv";

/// Where a document is as PDF.
#[must_use]
pub fn pdf_of(invoice: Uuid) -> String {
    PDF.replace("{id}", &invoice.to_string())
}

/// Where its lines are.
#[must_use]
pub fn csv_of(invoice: Uuid) -> String {
    CSV.replace("{id}", &invoice.to_string())
}

/// Where the file of all documents of an organization is.
#[must_use]
pub fn list_of(slug: &str) -> String {
    format!("{LIST}?organization_id={slug}")
}

/// Whose documents a file has.
#[cfg(feature = "ssr")]
#[derive(Debug, serde::Deserialize)]
pub struct OfOrganization {
    /// An id, or a name in addresses.
    #[serde(default)]
    pub organization_id: String,
}

/// What a file takes from its address.
#[cfg(feature = "ssr")]
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "read by the description of the endpoint alone")]
struct OfDocument {
    id: String,
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), changes(), files()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReadBilling);
    vec![
        Endpoint::of::<ListPlans, GetUrl>(
            Need::SignedIn,
            Rate::Read,
            "The plans on offer in a `currency` (EUR where nobody says), with prices and what each gives.",
        ),
        Endpoint::of::<ReadPlan, GetUrl>(
            need,
            Rate::Read,
            "What an organization has taken, until when, what comes then, and how much of it is used.",
        ),
        Endpoint::of::<ReadOpenUsage, GetUrl>(
            need,
            Rate::Read,
            "What an organization has used that is on no invoice yet, at the prices of whoever runs the site, and what would be \
             charged for it now.",
        ),
        Endpoint::of::<PreviewPlan, GetUrl>(
            need,
            Rate::Read,
            "What a change of plan would cost now and later, and of what there would be more than it gives. Changes nothing.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<ListInvoices, GetUrl>(
            need,
            Rate::Read,
            "Invoices and credit notes of an organization, the newest first.",
        ),
        Endpoint::of::<ReadInvoice, GetUrl>(
            need,
            Rate::Read,
            "One invoice or credit note by its `number` or its id.",
        ),
        Endpoint::of::<ReadDetails, GetUrl>(need, Rate::Read, "To whom invoices are written, and in which currency."),
    ]
}

#[cfg(feature = "ssr")]
fn changes() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::UpdateBilling);
    vec![
        Endpoint::of::<ChangePlan, PostUrl>(
            need,
            // Each can be an invoice.
            Rate::SignIn,
            "Takes a plan with `extra_seats` beside its own. What costs more is there at once and charged for the rest of the \
             period; what costs less comes with the period's end. Where `version_id` or `total` says what somebody has seen, \
             another version or sum is refused. With `provider` `stripe` it is paid by card: the first time at the address in \
             `continue_at`, and it is there once that is done.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<CancelPlan, PostUrl>(
            need,
            Rate::Write,
            "Goes back to the free plan with the end of what was paid for.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<ResumePlan, PostUrl>(need, Rate::Write, "Keeps what was to end with the period.")
            .with_problems(&["conflict"]),
        Endpoint::of::<SetDetails, PostUrl>(
            need,
            Rate::Write,
            "Changes to whom invoices are written; what is not given stays. The currency can be changed while nothing is paid for.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn files() -> Vec<Endpoint> {
    let file = |path, media_type, summary| {
        Endpoint::file::<OfDocument>("billing", path, media_type, Need::SignedIn, Rate::Read, summary)
            .asking(Permission::ReadBilling)
            .with_problems(&["not-found"])
    };
    vec![
        file(
            PDF,
            "application/pdf",
            "An invoice or credit note as PDF, for whoever may read the billing of its organization.",
        ),
        file(CSV, "text/csv", "The lines of an invoice or credit note as CSV (RFC 4180)."),
        Endpoint::file::<OfOrganization>(
            "billing",
            LIST,
            "text/csv",
            Need::Organization(Permission::ReadBilling),
            Rate::SignIn,
            "Every invoice and credit note of an organization, the newest first, as CSV (RFC 4180): a line for each.",
        ),
    ]
}
