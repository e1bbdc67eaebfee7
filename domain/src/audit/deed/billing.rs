//! What is done about plans and invoices.

use uuid::Uuid;

use super::deeds;
use crate::{Timestamp, billing::Money};

deeds! {
    /// What is done about the plan and the invoices of an organization.
    BillingDeed, of an organization:
    /// Another plan or other seats were taken, at once.
    PlanChanged { organization: Uuid, plan: String, extra_seats: i64 }
        = "billing.plan-changed" on "organization" organization { "plan": plan, "extra_seats": extra_seats };
    /// A smaller plan or fewer seats come with the period's end.
    PlanChangeScheduled { organization: Uuid, plan: String, extra_seats: i64, at: Timestamp }
        = "billing.plan-change-scheduled" on "organization" organization
            { "plan": plan, "extra_seats": extra_seats, "at": at };
    /// Something is to be done at Stripe, which tells what comes of it.
    AskedAtStripe { organization: Uuid, act: &'static str, plan: String, extra_seats: i64 }
        = "billing.asked-at-stripe" on "organization" organization
            { "act": act, "plan": plan, "extra_seats": extra_seats };
    /// Stripe did not do it.
    RefusedAtStripe { organization: Uuid, act: String, problem: String }
        = "billing.refused-at-stripe" on "organization" organization { "act": act, "problem": problem };
    /// What was to come with the period's end does not.
    PlanKept { organization: Uuid, plan: String }
        = "billing.plan-kept" on "organization" organization { "plan": plan };
    /// A plan ends with its month although nobody of the organization has cancelled it.
    PlanEnded { organization: Uuid, plan: String, at: Timestamp, reason: String }
        = "billing.plan-ended" on "organization" organization { "plan": plan, "at": at, "reason": reason };
    /// A period ended, and the next one began.
    Renewed { organization: Uuid, plan: String, extra_seats: i64 }
        = "billing.renewed" on "organization" organization { "plan": plan, "extra_seats": extra_seats };
    /// To whom invoices are written was changed.
    DetailsChanged { organization: Uuid, fields: Vec<&'static str> }
        = "billing.details-changed" on "organization" organization { "fields": fields };
    /// A page of Stripe's was opened, on which a card is left or everything is looked after.
    PaymentPageOpened { organization: Uuid, page: &'static str }
        = "billing.payment-page-opened" on "organization" organization { "page": page };
    /// Another way to pay is charged.
    DefaultPaymentMethodSet { organization: Uuid, payment_method: String }
        = "billing.default-payment-method-set" on "organization" organization { "payment_method": payment_method };
    /// A way to pay was taken away.
    PaymentMethodRemoved { organization: Uuid, payment_method: String }
        = "billing.payment-method-removed" on "organization" organization { "payment_method": payment_method };
    /// An invoice was issued.
    InvoiceIssued { invoice: Uuid, number: String, total: Money }
        = "billing.invoice-issued" on "invoice" invoice { "number": number, "total": total };
    /// Somebody said that an invoice is paid, or Stripe was paid for it.
    InvoicePaid { invoice: Uuid, number: String, reference: Option<String> }
        = "billing.invoice-paid" on "invoice" invoice { "number": number, "reference": reference };
    /// Somebody said that an invoice was never owed.
    InvoiceVoided { invoice: Uuid, number: String, reason: String }
        = "billing.invoice-voided" on "invoice" invoice { "number": number, "reason": reason };
    /// Stripe waits no longer for an invoice to be paid.
    InvoiceGivenUp { invoice: Uuid, number: String }
        = "billing.invoice-given-up" on "invoice" invoice { "number": number };
    /// Something of an invoice was taken back.
    InvoiceCredited { invoice: Uuid, number: String, by: String, reason: String }
        = "billing.invoice-credited" on "invoice" invoice { "number": number, "by": by, "reason": reason };
    /// Somebody was told that an invoice should have been paid.
    OverdueTold { invoice: Uuid, number: String }
        = "billing.overdue-told" on "invoice" invoice { "number": number };
}

deeds! {
    /// What is done about the prices, the taxes and the books of the site.
    BillingSiteDeed, of the site:
    /// A tax was set.
    TaxRateSet { tax: Uuid, country: String, name: String, rate: i32, from: Timestamp }
        = "billing.tax-rate-set" on "tax" tax { "country": country, "name": name, "rate": rate, "from": from };
    /// What usage costs was set.
    UsagePriceSet { price: Uuid, provider: String, item: String, unit: String, told: String, from: Timestamp }
        = "billing.usage-price-set" on "usage-price" price
            { "provider": provider, "item": item, "unit": unit, "price": told, "from": from };
    /// Every document was computed anew.
    InvoicesChecked { documents: i64, ok: bool }
        = "billing.invoices-checked" { "documents": documents, "ok": ok };
}
