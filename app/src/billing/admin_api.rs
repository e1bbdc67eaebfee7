//! The endpoints of this room for those who look after money. Each names the access it needs, calls the service, and does
//! nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    billing::{Invoice, InvoiceHead, InvoiceReport, PlanChanged, TaxRate, UsagePrice},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        access::{Need, SiteAction},
        billing::service::{self, NewTaxRate, NewUsagePrice, Query, SiteQuery},
        spend::service::Ledger,
    },
};

/// Documents of all organizations.
#[server(prefix = "/api/v1", endpoint = "admin/invoices", input = GetUrl)]
pub async fn list_all_invoices(
    q: Option<String>,
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<InvoiceHead>, Problem> {
    let grant = caller()?.may(SiteAction::ReadBilling)?;
    let query = SiteQuery { q, state, page: Query { limit, cursor } };
    Ok(service::documents_for_staff(&grant, &query).await?)
}

/// One of them.
#[server(prefix = "/api/v1", endpoint = "admin/invoice", input = GetUrl)]
pub async fn read_any_invoice(#[server(default)] invoice_id: String) -> Result<Invoice, Problem> {
    let grant = caller()?.may(SiteAction::ReadBilling)?;
    Ok(service::document_for_staff(&grant, &invoice_id).await?)
}

/// Notes that an invoice is paid.
#[server(prefix = "/api/v1", endpoint = "admin/mark-paid", input = PostUrl)]
pub async fn mark_paid(
    #[server(default)] invoice_id: String,
    reference: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ChangeBilling)?;
    Ok(service::mark_paid(&grant, &invoice_id, reference.as_deref()).await?)
}

/// Notes that an invoice was never owed.
#[server(prefix = "/api/v1", endpoint = "admin/void-invoice", input = PostUrl)]
pub async fn void_invoice(
    #[server(default)] invoice_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::CorrectBilling)?;
    Ok(service::void(&grant, &invoice_id, &reason).await?)
}

/// Takes back something of an invoice; answers the number of the credit note.
#[server(prefix = "/api/v1", endpoint = "admin/credit-invoice", input = PostUrl)]
pub async fn credit_invoice(
    #[server(default)] invoice_id: String,
    amount: Option<String>,
    #[server(default)] reason: String,
) -> Result<String, Problem> {
    let grant = caller()?.may(SiteAction::CorrectBilling)?;
    Ok(service::credit(&grant, &invoice_id, amount.as_deref(), &reason).await?)
}

/// Ends the plan of an organization with its month.
#[server(prefix = "/api/v1", endpoint = "admin/end-plan", input = PostUrl)]
pub async fn end_plan(
    #[server(default)] organization_id: String,
    #[server(default)] reason: String,
) -> Result<PlanChanged, Problem> {
    let grant = caller()?.may(SiteAction::CorrectBilling)?;
    Ok(service::end_plan(&grant, &organization_id, &reason).await?)
}

/// Computes every document anew.
#[server(prefix = "/api/v1", endpoint = "admin/check-invoices", input = PostUrl)]
pub async fn check_invoices() -> Result<InvoiceReport, Problem> {
    let grant = caller()?.may(SiteAction::ReadBilling)?;
    Ok(service::check(&grant, &Ledger).await?)
}

/// Taxes.
#[server(prefix = "/api/v1", endpoint = "admin/tax-rates", input = GetUrl)]
pub async fn list_tax_rates() -> Result<Page<TaxRate>, Problem> {
    let grant = caller()?.may(SiteAction::ReadBilling)?;
    Ok(Page { items: service::tax_rates(&grant).await?, next_cursor: None })
}

/// Sets one of them.
#[server(prefix = "/api/v1", endpoint = "admin/set-tax-rate", input = PostUrl)]
pub async fn set_tax_rate(
    #[server(default)] country: String,
    #[server(default)] name: String,
    #[server(default)] percent: String,
    with_tax_id: Option<String>,
    valid_from: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::CorrectBilling)?;
    let typed = NewTaxRate { country, name, percent, with_tax_id, valid_from };
    Ok(service::set_tax_rate(&grant, &typed).await?)
}

/// What usage costs.
#[server(prefix = "/api/v1", endpoint = "admin/usage-prices", input = GetUrl)]
pub async fn list_usage_prices() -> Result<Page<UsagePrice>, Problem> {
    let grant = caller()?.may(SiteAction::ReadBilling)?;
    Ok(Page { items: service::usage_prices(&grant).await?, next_cursor: None })
}

/// Sets one of these prices.
#[server(prefix = "/api/v1", endpoint = "admin/set-usage-price", input = PostUrl)]
pub async fn set_usage_price(
    #[server(default)] provider: String,
    #[server(default)] item: String,
    #[server(default)] unit: String,
    #[server(default)] currency: String,
    #[server(default)] price: String,
    per: Option<String>,
    valid_from: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::CorrectBilling)?;
    let typed = NewUsagePrice { provider, item, unit, currency, price, per, valid_from };
    Ok(service::set_usage_price(&grant, &typed).await?)
}

/// Who may call what of it.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), acts(), terms()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let read = Need::Site(SiteAction::ReadBilling);
    vec![
        Endpoint::of::<ListAllInvoices, GetUrl>(
            read,
            Rate::Read,
            "Invoices and credit notes of all organizations, the newest first: by part of a number or of the customer's name \
             (`q`), and `state` (open, overdue, paid, void, credited, issued).",
        ),
        Endpoint::of::<ReadAnyInvoice, GetUrl>(
            read,
            Rate::Read,
            "One invoice or credit note of whichever organization, whole.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<ListTaxRates, GetUrl>(read, Rate::Read, "The taxes of each country, and from when on."),
        Endpoint::of::<ListUsagePrices, GetUrl>(
            read,
            Rate::Read,
            "What usage costs by whoever runs the site, in each currency, and from when on.",
        ),
        Endpoint::of::<CheckInvoices, PostUrl>(
            read,
            Rate::SignIn,
            "Computes every issued invoice and credit note anew from what was recorded, and looks for numbers that are \
             missing and for changes that were not charged.",
        )
        .without_keys(),
    ]
}

#[cfg(feature = "ssr")]
fn acts() -> Vec<Endpoint> {
    let (change, correct) = (Need::Site(SiteAction::ChangeBilling), Need::Site(SiteAction::CorrectBilling));
    vec![
        Endpoint::of::<MarkPaid, PostUrl>(
            change,
            Rate::Write,
            "Notes that an open invoice is paid, with the reference of the payment.",
        )
        .with_problems(&["not-found", "conflict"]),
        Endpoint::of::<VoidInvoice, PostUrl>(
            correct,
            Rate::Write,
            "Notes that an open invoice was issued by mistake. It keeps its number.",
        )
        .with_problems(&["not-found", "conflict"]),
        Endpoint::of::<CreditInvoice, PostUrl>(
            correct,
            Rate::Write,
            "Takes back an `amount` of an invoice, taxes included, or all that is left, by a credit note; answers its number.",
        )
        .with_problems(&["not-found", "conflict"]),
        Endpoint::of::<EndPlan, PostUrl>(
            correct,
            Rate::Write,
            "Ends the plan of an organization with the month that is paid for, where nobody of it does; `reason` stands in \
             its trail.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn terms() -> Vec<Endpoint> {
    let correct = Need::Site(SiteAction::CorrectBilling);
    vec![
        Endpoint::of::<SetTaxRate, PostUrl>(
            correct,
            Rate::Write,
            "Sets a tax of customers in a `country`, in `percent`, from some moment on. `with_tax_id` is charged or \
             reverse-charge. Nothing percent ends it.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<SetUsagePrice, PostUrl>(
            correct,
            Rate::Write,
            "Sets what `per` units of a provider's item cost in a `currency`, for what happens from some moment on. What has no \
             price is not billed; a price of nothing ends one.",
        )
        .with_problems(&["conflict"]),
    ]
}
