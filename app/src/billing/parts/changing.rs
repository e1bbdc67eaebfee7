//! What can be done about a plan, and what was done just now.

use domain::billing::{PlanChanged, When};
use leptos::prelude::*;

use crate::{
    billing::api::{CancelPlan, ChangePlan, ResumePlan, SetDetails},
    flash::use_answer_of,
    ui::{FormAction, LinkButton, answered_with, newest, said, times_done},
};

const ENDS: &str = "The plan ends with the month that is paid for.";
const STAYS: &str = "The plan goes on.";
const SAVED: &str = "The details are saved.";

/// The actions of the page; they outlive the forms, which are drawn anew when the plan has changed.
#[derive(Clone, Copy)]
pub struct Changing {
    /// Takes another plan.
    pub change: FormAction<ChangePlan>,
    /// Takes another plan that is paid by card.
    pub by_card: FormAction<ChangePlan>,
    /// Ends it with the period.
    pub cancel: FormAction<CancelPlan>,
    /// Keeps it.
    pub resume: FormAction<ResumePlan>,
    /// Changes to whom invoices are written.
    pub details: FormAction<SetDetails>,
    /// What was done last, in words.
    words: Memo<Option<String>>,
    /// Where that is paid, if it has to be.
    continue_at: Memo<Option<Option<String>>>,
}

impl Changing {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let changed = use_answer_of::<ChangePlan>();
        let before = [
            changed.as_ref().map(told),
            use_answer_of::<CancelPlan>().map(|_| ENDS.to_owned()),
            use_answer_of::<ResumePlan>().map(|_| STAYS.to_owned()),
            use_answer_of::<SetDetails>().map(|()| SAVED.to_owned()),
        ];
        let change = FormAction::<ChangePlan>::new();
        let by_card = FormAction::<ChangePlan>::new();
        let cancel = FormAction::<CancelPlan>::new();
        let resume = FormAction::<ResumePlan>::new();
        let details = FormAction::<SetDetails>::new();
        let words = newest(
            before.into_iter().flatten().next(),
            vec![
                answered_with(change, told),
                answered_with(by_card, told),
                answered_with(cancel, |_| ENDS.to_owned()),
                answered_with(resume, |_| STAYS.to_owned()),
                answered_with(details, |()| SAVED.to_owned()),
            ],
        );
        // Where nothing is to be paid any more, nothing leads there.
        let continue_at = newest(
            changed.map(|changed| changed.continue_at),
            vec![
                answered_with(change, |changed| changed.continue_at.clone()),
                answered_with(by_card, |changed| changed.continue_at.clone()),
                answered_with(cancel, |_| None),
                answered_with(resume, |_| None),
                answered_with(details, |()| None),
            ],
        );
        Self { change, by_card, cancel, resume, details, words, continue_at }
    }

    /// Changes with everything after which the page shows something else.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.change),
            times_done(self.by_card),
            times_done(self.cancel),
            times_done(self.resume),
            times_done(self.details),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// A sentence about what was done, and the way to where it is paid: a link, because a form must not lead to another site.
    pub fn said(&self) -> AnyView {
        let (sentence, address) = (said(self.words), self.continue_at);
        let link = move || {
            address.get().flatten().map(|href| view! { <LinkButton href>"Continue at Stripe"</LinkButton> })
        };
        view! {
            {sentence}
            <div class="empty:hidden">{link}</div>
        }
        .into_any()
    }
}

fn told(changed: &PlanChanged) -> String {
    match (changed.when, &changed.invoice) {
        (When::PeriodEnd, _) => "The change comes when the month that is paid for has ended.".to_owned(),
        (When::Now, Some(number)) => format!("The plan is changed. Invoice {number} is issued for it."),
        (When::Now, None) => "The plan is changed.".to_owned(),
        (When::OncePaid, _) => "The plan is there as soon as it is paid, which you do at Stripe.".to_owned(),
    }
}

impl Default for Changing {
    fn default() -> Self {
        Self::new()
    }
}
