//! Invoices and credit notes, as they are read. Shared with the browser.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Minor, Money, Span};
use crate::Timestamp;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// What is owed.
    Invoice,
    /// What is taken back of an invoice.
    CreditNote,
}

impl DocumentKind {
    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit-note",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invoice, Self::CreditNote].into_iter().find(|kind| kind.name() == name)
    }

    /// The word at the head of the document.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Invoice => "Invoice",
            Self::CreditNote => "Credit note",
        }
    }
}

/// Where a document stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum InvoiceState {
    /// It is being written, and has no number yet.
    Draft,
    /// It is issued, and not paid yet.
    Open,
    /// It is paid.
    Paid,
    /// It was issued by mistake, and nobody owes it. It keeps its number.
    Void,
    /// Stripe has given up to be paid for it. It can still be paid, or be declared void.
    Uncollectible,
    /// All of it was taken back by credit notes.
    Credited,
    /// A credit note that is issued; there is nothing more to do.
    Issued,
}

impl InvoiceState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Open, Self::Paid, Self::Void, Self::Uncollectible, Self::Credited, Self::Issued];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
            Self::Credited => "credited",
            Self::Issued => "issued",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Who writes a document, or to whom it is written: as it was when the document was issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Party {
    /// The name of a company or a person.
    pub name: String,
    /// Street, place and so on, in lines.
    pub address: String,
    /// Two letters of ISO 3166.
    pub country: String,
    /// The number by which tax offices know it.
    pub tax_id: String,
    /// An address for questions.
    pub email: String,
    /// What the customer wanted to read on it; how to pay, where it is the supplier.
    #[serde(default)]
    pub note: String,
}

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvoiceHead {
    /// The document.
    pub id: Uuid,
    /// Whose it is.
    pub organization_id: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// Its number: one of ours, or the one that Stripe gave it.
    pub number: String,
    /// By what it is paid: `invoice`, or `stripe` where it is one of Stripe's.
    pub provider: String,
    /// Where it stands.
    pub state: InvoiceState,
    /// To whom it is written.
    pub customer: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is overdue: the midnight (UTC) after the last day to pay. Null for a credit note.
    pub due_at: Option<Timestamp>,
    /// Whether that has passed, and it is not paid.
    pub is_overdue: bool,
    /// What it comes to.
    pub total: Money,
    /// What was taken back of it by credit notes.
    pub credited: Money,
}

impl InvoiceHead {
    /// The last day on which it is paid in time, in UTC like every day of a document: `21 Nov 2026`.
    #[must_use]
    pub fn due_on(&self) -> Option<String> {
        let last = (self.due_at? - Duration::from_secs(1)).to_string();
        Some(last.split_once(',').map_or(last.clone(), |(day, _)| day.to_owned()))
    }
}

/// A document, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Invoice {
    /// What lists say of it.
    pub head: InvoiceHead,
    /// Who writes it.
    pub supplier: Party,
    /// To whom.
    pub customer: Party,
    /// What for.
    pub lines: Vec<InvoiceLine>,
    /// What it comes to without taxes.
    pub net: Money,
    /// Its taxes.
    pub taxes: Vec<TaxLine>,
    /// Of which invoice a credit note takes back something, by its number.
    pub credits: Option<String>,
    /// Why, for a credit note.
    pub reason: Option<String>,
    /// When it was paid, credited or declared void.
    pub ended_at: Option<Timestamp>,
    /// When it was paid, also where that was taken back since.
    pub paid_at: Option<Timestamp>,
    /// The reference of its payment, such as that of a transfer.
    pub reference: Option<String>,
}

impl Invoice {
    /// All taxes together.
    #[must_use]
    pub fn tax(&self) -> Money {
        let sum = Minor::sum(self.taxes.iter().map(|tax| tax.amount.minor));
        Money::new(sum.unwrap_or_default(), self.net.currency)
    }
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// A month of a plan.
    Plan,
    /// A month of seats beside those of the plan.
    Seats,
    /// What is left of a period that was paid for, and is not used.
    Unused,
    /// What is left of a period, by another plan or with more seats.
    Rest,
    /// What was used.
    Usage,
    /// What Stripe charges besides what is sold here.
    Other,
    /// What a credit note takes back.
    Credit,
}

impl LineKind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Plan, Self::Seats, Self::Unused, Self::Rest, Self::Usage, Self::Other, Self::Credit];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Seats => "seats",
            Self::Unused => "unused",
            Self::Rest => "rest",
            Self::Usage => "usage",
            Self::Other => "other",
            Self::Credit => "credit",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvoiceLine {
    /// What for.
    pub kind: LineKind,
    /// In words.
    pub description: String,
    /// How many.
    pub quantity: i64,
    /// What one costs; null where the amount is no multiple of anything.
    pub unit: Option<Money>,
    /// What they cost together.
    pub amount: Money,
    /// For which time.
    pub covers: Option<Span>,
}

/// A tax of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TaxLine {
    /// What it is called.
    pub name: String,
    /// How much, in thousandths of a percent.
    pub rate: i32,
    /// Of what.
    pub base: Money,
    /// What it comes to.
    pub amount: Money,
    /// What there is to say about it, such as why nothing is charged.
    pub note: Option<String>,
}

/// What came of computing all issued documents anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvoiceReport {
    /// How many were looked at.
    pub documents: i64,
    /// Whether each says what was recorded, no number is missing, and everything was charged.
    pub ok: bool,
    /// The numbers of those that do not.
    pub wrong: Vec<String>,
    /// Numbers that no document has.
    pub missing: Vec<String>,
    /// Changes that cost something and are on no invoice: each an organization's id and a number of its log.
    pub uncharged: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::Currency;

    #[test]
    fn an_invoice_is_to_be_paid_by_the_day_before_it_is_overdue() {
        let head = |due_at: Option<&str>| InvoiceHead {
            id: Uuid::nil(),
            organization_id: Uuid::nil(),
            kind: DocumentKind::Invoice,
            number: "2026-000001".into(),
            provider: "invoice".into(),
            state: InvoiceState::Open,
            customer: "Acme".into(),
            issued_at: Timestamp::parse("2026-11-01T22:30:00Z").expect("valid"),
            due_at: due_at.and_then(Timestamp::parse),
            is_overdue: false,
            total: Money::new(Minor::ZERO, Currency::EUR),
            credited: Money::new(Minor::ZERO, Currency::EUR),
        };
        assert_eq!(head(Some("2026-11-16T00:00:00Z")).due_on().as_deref(), Some("15 Nov 2026"));
        assert_eq!(head(Some("2027-01-01T00:00:00Z")).due_on().as_deref(), Some("31 Dec 2026"));
        assert_eq!(head(None).due_on(), None);
    }

    #[test]
    fn names_are_read_back_and_are_those_of_the_wire() {
        for state in InvoiceState::ALL {
            assert_eq!(InvoiceState::parse(state.name()), Some(state));
            assert_eq!(serde_json::to_value(state).expect("written"), state.name());
        }
        for kind in LineKind::ALL {
            assert_eq!(LineKind::parse(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("written"), kind.name());
        }
        for kind in [DocumentKind::Invoice, DocumentKind::CreditNote] {
            assert_eq!(DocumentKind::parse(kind.name()), Some(kind));
        }
    }
}
