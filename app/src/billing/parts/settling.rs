//! What those who look after money can do, and what was done just now.

use domain::billing::InvoiceReport;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    billing::admin_api::{CheckInvoices, CreditInvoice, MarkPaid, SetTaxRate, VoidInvoice},
    error::Problem,
    flash::use_answer_of,
    ui::{Banner, FormAction, Tone, times_done},
};

/// The actions of the page; they outlive the forms.
#[derive(Clone, Copy)]
pub struct Settling {
    /// Notes that something is paid.
    pub paid: FormAction<MarkPaid>,
    /// Notes that something was never owed.
    pub void: FormAction<VoidInvoice>,
    /// Takes something back.
    pub credit: FormAction<CreditInvoice>,
    /// Sets a tax.
    pub tax: FormAction<SetTaxRate>,
    /// Computes everything anew.
    pub check: FormAction<CheckInvoices>,
    /// What a plain post just before this page had done.
    before: StoredValue<Before>,
}

#[derive(Clone, Debug)]
struct Before {
    paid: bool,
    void: bool,
    credit: Option<String>,
    tax: bool,
    check: Option<InvoiceReport>,
}

impl Settling {
    /// Made once by the page.
    pub fn new() -> Self {
        let before = Before {
            paid: use_answer_of::<MarkPaid>().is_some(),
            void: use_answer_of::<VoidInvoice>().is_some(),
            credit: use_answer_of::<CreditInvoice>(),
            tax: use_answer_of::<SetTaxRate>().is_some(),
            check: use_answer_of::<CheckInvoices>(),
        };
        Self {
            paid: FormAction::new(),
            void: FormAction::new(),
            credit: FormAction::new(),
            tax: FormAction::new(),
            check: FormAction::new(),
            before: StoredValue::new(before),
        }
    }

    /// Changes with everything after which the page shows something else.
    pub fn count(&self) -> Signal<usize> {
        let counts = [
            times_done(self.paid),
            times_done(self.void),
            times_done(self.credit),
            times_done(self.tax),
            times_done(self.check),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Sentences about what was done on this page.
    pub fn said(&self) -> AnyView {
        let Self { paid, void, credit, tax, check, before } = *self;
        let count = self.count();
        let sentences = move || {
            let before = before.get_value();
            // What was done in the living page is newer than what a post before it had done.
            let is_new = count.get() > 0;
            let was = |done: bool| done && !is_new;
            let credited = credit.value().get().and_then(Result::ok).or(before.credit.filter(|_| !is_new));
            let report = check.value().get().and_then(Result::ok).or(before.check.filter(|_| !is_new));
            let good = [
                (is_done(paid) || was(before.paid)).then(|| "The invoice is paid.".to_owned()),
                (is_done(void) || was(before.void)).then(|| "The invoice is void.".to_owned()),
                credited.map(|number| format!("Credit note {number} is issued.")),
                (is_done(tax) || was(before.tax)).then(|| "The tax is set.".to_owned()),
            ];
            let good = good.into_iter().flatten().map(|title| (Tone::Good, title));
            let all = good.chain(report.map(|report| told(&report)));
            all.map(|(tone, title)| view! { <Banner tone title/> }.into_any()).collect_view()
        };
        view! {
            <div role="status" class="grid gap-2 empty:hidden">
                {sentences}
            </div>
        }
        .into_any()
    }
}

fn told(report: &InvoiceReport) -> (Tone, String) {
    let InvoiceReport { documents, ok, wrong, missing } = report;
    if *ok {
        return (
            Tone::Good,
            format!(
                "{documents} documents were computed anew. Each says what was recorded, and no number is missing."
            ),
        );
    }
    let list = |name: &str, all: &[String]| match all {
        [] => String::new(),
        all => format!(" {name}: {}.", all.join(", ")),
    };
    let found = [list("Different", wrong), list("Missing", missing)].concat();
    (Tone::Bad, format!("{documents} documents were computed anew.{found}"))
}

impl Default for Settling {
    fn default() -> Self {
        Self::new()
    }
}

fn is_done<S>(action: FormAction<S>) -> bool
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    action.value().with(|value| matches!(value, Some(Ok(_))))
}
