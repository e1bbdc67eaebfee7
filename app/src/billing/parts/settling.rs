//! What those who look after money can do, and what was done just now.

use domain::{billing::InvoiceReport, identity::ProofNeeded};
use leptos::prelude::*;

use crate::{
    billing::admin_api::{
        CheckInvoices, CreditInvoice, EndPlan, MarkPaid, SetTaxRate, SetUsagePrice, VoidInvoice,
    },
    flash::use_answer_of,
    frame::{ConfirmItIsYou, forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    ui::{FormAction, Tone, answered_with, newest, said_in_tone, times_done},
};

/// What was done, and how that looks.
type Said = (Tone, String);

/// The actions of the page; they outlive the forms.
#[derive(Clone, Copy)]
pub struct Settling {
    /// Notes that something is paid.
    pub paid: FormAction<MarkPaid>,
    /// Notes that something was never owed.
    pub void: FormAction<VoidInvoice>,
    /// Takes something back.
    pub credit: FormAction<CreditInvoice>,
    /// Ends a plan.
    pub end: FormAction<EndPlan>,
    /// Sets a tax.
    pub tax: FormAction<SetTaxRate>,
    /// Sets what usage costs.
    pub usage_price: FormAction<SetUsagePrice>,
    /// Computes everything anew.
    pub check: FormAction<CheckInvoices>,
    /// Proves it again.
    step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// What was done last, in words.
    words: Memo<Option<Said>>,
}

impl Settling {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let before = [
            use_answer_of::<MarkPaid>().map(|()| is_paid()),
            use_answer_of::<VoidInvoice>().map(|()| is_void()),
            use_answer_of::<CreditInvoice>().map(|number| is_credited(&number)),
            use_answer_of::<EndPlan>().map(|_| is_ended()),
            use_answer_of::<SetTaxRate>().map(|()| is_taxed()),
            use_answer_of::<SetUsagePrice>().map(|()| is_priced()),
            use_answer_of::<CheckInvoices>().map(|report| is_checked(&report)),
        ];
        let stale = [
            was_stale::<VoidInvoice>(),
            was_stale::<CreditInvoice>(),
            was_stale::<EndPlan>(),
            was_stale::<SetTaxRate>(),
            was_stale::<SetUsagePrice>(),
        ];
        let stale = RwSignal::new(stale.contains(&true));
        let paid = FormAction::<MarkPaid>::new();
        let void = FormAction::<VoidInvoice>::new();
        let credit = FormAction::<CreditInvoice>::new();
        let end = FormAction::<EndPlan>::new();
        let tax = FormAction::<SetTaxRate>::new();
        let usage_price = FormAction::<SetUsagePrice>::new();
        let check = FormAction::<CheckInvoices>::new();
        let words = newest(
            before.into_iter().flatten().next(),
            vec![
                answered_with(paid, |()| is_paid()),
                answered_with(void, |()| is_void()),
                answered_with(credit, |number| is_credited(number)),
                answered_with(end, |_| is_ended()),
                answered_with(tax, |()| is_taxed()),
                answered_with(usage_price, |()| is_priced()),
                answered_with(check, is_checked),
            ],
        );
        let step_up = FormAction::new();
        Self { paid, void, credit, end, tax, usage_price, check, step_up, stale, words }
    }

    /// The question for a fresh proof, once something was refused for want of one.
    pub fn question(&self, proof: &ProofNeeded) -> AnyView {
        let (settling, proof) = (*self, proof.clone());
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| settling.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=settling.step_up proof on_success/> }.into_any();
            settling.needs_proof().then(card)
        };
        ask.into_any()
    }

    fn needs_proof(&self) -> bool {
        let Self { void, credit, end, tax, usage_price, stale, .. } = *self;
        let refused = [is_stale(void), is_stale(credit), is_stale(end), is_stale(tax), is_stale(usage_price)];
        refused.contains(&true) || stale.get()
    }

    fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.void);
        forget_refusal(self.credit);
        forget_refusal(self.end);
        forget_refusal(self.tax);
        forget_refusal(self.usage_price);
    }

    /// Changes with everything after which the page shows something else.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.paid),
            times_done(self.void),
            times_done(self.credit),
            times_done(self.tax),
            times_done(self.usage_price),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// A sentence about what was done.
    pub fn said(&self) -> AnyView {
        said_in_tone(self.words)
    }
}

fn is_paid() -> Said {
    (Tone::Good, "The invoice is paid.".to_owned())
}

fn is_void() -> Said {
    (Tone::Good, "The invoice is void.".to_owned())
}

fn is_credited(number: &str) -> Said {
    (Tone::Good, format!("Credit note {number} is issued."))
}

fn is_ended() -> Said {
    (Tone::Good, "The plan ends with the month that is paid for.".to_owned())
}

fn is_taxed() -> Said {
    (Tone::Good, "The tax is set.".to_owned())
}

fn is_priced() -> Said {
    (Tone::Good, "The price is set.".to_owned())
}

fn is_checked(report: &InvoiceReport) -> Said {
    let InvoiceReport { documents, ok, wrong, missing, uncharged } = report;
    if *ok {
        let told = format!(
            "{documents} invoices and credit notes were computed anew. Each says what was recorded, no number is missing, and everything \
             was charged."
        );
        return (Tone::Good, told);
    }
    let list = |name: &str, all: &[String]| match all {
        [] => String::new(),
        all => format!(" {name}: {}.", all.join(", ")),
    };
    let found = [list("Different", wrong), list("Missing", missing), list("Not charged", uncharged)].concat();
    (Tone::Bad, format!("{documents} invoices and credit notes were computed anew.{found}"))
}

impl Default for Settling {
    fn default() -> Self {
        Self::new()
    }
}
