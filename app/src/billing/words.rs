//! The sentences of this room.

use domain::billing::{InvoiceHead, InvoiceState, LineKind};

use crate::ui::Tone;

pub(crate) const LEAD: &str = "The plan of this organization, what it gives, and what is owed for it.";
pub(crate) const PLANS_LEAD: &str = "What costs more is there at once and charged for the rest of the month. What costs less \
                                     comes when the month that is paid for has ended.";
pub(crate) const CANCEL_LEAD: &str =
    "The plan stays until the month that is paid for has ended. Then the free plan begins.";
pub(crate) const DETAILS_LEAD: &str =
    "What stands on invoices from the next one on. Those that are issued stay as they are.";
pub(crate) const EXCEEDED: &str = "There is more than this plan gives. All of it stays; nothing can be added until it is within \
                                   the limit.";
pub(crate) const NO_INVOICES: &str = "The first one is issued when a plan is taken that costs something.";
pub(crate) const ADMIN_LEAD: &str = "What organizations owe, and the taxes that stand on their invoices.";
pub(crate) const TAX_LEAD: &str =
    "From its day on, new invoices of customers in the country have it. Nothing percent ends a tax.";
pub(crate) const CHECK_LEAD: &str =
    "Computes every document anew from what was recorded, and looks for numbers that are missing.";

/// A plan with the seats beside its own.
pub(crate) fn with_seats(title: &str, extra_seats: i64) -> String {
    match extra_seats {
        0 => title.to_owned(),
        1 => format!("{title} with 1 more seat"),
        many => format!("{title} with {many} more seats"),
    }
}

/// Where a document stands, and what that looks like.
pub(crate) fn state(head: &InvoiceHead) -> (Tone, &'static str) {
    match head.state {
        InvoiceState::Draft => (Tone::Neutral, "Draft"),
        InvoiceState::Open if head.is_overdue => (Tone::Bad, "Overdue"),
        InvoiceState::Open => (Tone::Warning, "Open"),
        InvoiceState::Paid => (Tone::Good, "Paid"),
        InvoiceState::Void => (Tone::Neutral, "Void"),
        InvoiceState::Credited => (Tone::Neutral, "Credited"),
        InvoiceState::Issued => (Tone::Neutral, "Credit note"),
    }
}

/// What has happened at the moment in which a document ended.
pub(crate) fn ended(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Paid => "Paid",
        InvoiceState::Void => "Declared void",
        InvoiceState::Credited => "Credited",
        InvoiceState::Draft | InvoiceState::Open | InvoiceState::Issued => "Ended",
    }
}

/// What a line is for, in a word.
pub(crate) fn line(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Plan => "Plan",
        LineKind::Seats => "Seats",
        LineKind::Unused => "Unused",
        LineKind::Rest => "Rest of the month",
        LineKind::Usage => "Usage",
        LineKind::Credit => "Credit",
    }
}
