//! What can be done about a plan, and what was done just now.

use domain::billing::{PlanChanged, When};
use leptos::prelude::*;

use crate::{
    billing::api::{CancelPlan, ChangePlan, ResumePlan, SetDetails},
    flash::use_answer_of,
    ui::{Banner, FormAction, Tone, times_done},
};

/// The actions of the page; they outlive the forms, which are drawn anew when the plan has changed.
#[derive(Clone, Copy)]
pub struct Changing {
    /// Takes another plan.
    pub change: FormAction<ChangePlan>,
    /// Ends it with the period.
    pub cancel: FormAction<CancelPlan>,
    /// Keeps it.
    pub resume: FormAction<ResumePlan>,
    /// Changes to whom invoices are written.
    pub details: FormAction<SetDetails>,
    /// What a plain post just before this page had done.
    before: StoredValue<(Option<PlanChanged>, Option<PlanChanged>, Option<PlanChanged>, bool)>,
}

impl Changing {
    /// Made once by the page.
    pub fn new() -> Self {
        let before = (
            use_answer_of::<ChangePlan>(),
            use_answer_of::<CancelPlan>(),
            use_answer_of::<ResumePlan>(),
            use_answer_of::<SetDetails>().is_some(),
        );
        Self {
            change: FormAction::new(),
            cancel: FormAction::new(),
            resume: FormAction::new(),
            details: FormAction::new(),
            before: StoredValue::new(before),
        }
    }

    /// Changes with everything after which the page shows something else.
    pub fn count(&self) -> Signal<usize> {
        let counts = [
            times_done(self.change),
            times_done(self.cancel),
            times_done(self.resume),
            times_done(self.details),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Sentences about what was done on this page.
    pub fn said(&self) -> AnyView {
        let Self { change, cancel, resume, details, before } = *self;
        let count = self.count();
        let sentences = move || {
            let (changed, ended, kept, saved) = before.get_value();
            // What was done in the living page is newer than what a post before it had done.
            let is_new = count.get() > 0;
            let changed = change.value().get().and_then(Result::ok).or(changed.filter(|_| !is_new));
            let ended = cancel.value().get().and_then(Result::ok).or(ended.filter(|_| !is_new));
            let kept = resume.value().get().and_then(Result::ok).or(kept.filter(|_| !is_new));
            let saved = details.value().with(|value| matches!(value, Some(Ok(())))) || saved && !is_new;
            let all = [
                changed.map(|changed| told(&changed)),
                ended.map(|_| "The plan ends with the month that is paid for.".to_owned()),
                kept.map(|_| "The plan goes on.".to_owned()),
                saved.then(|| "The details are saved.".to_owned()),
            ];
            all.into_iter().flatten().map(|title| view! { <Banner tone=Tone::Good title/> }).collect_view()
        };
        view! {
            <div role="status" class="grid gap-2 empty:hidden">
                {sentences}
            </div>
        }
        .into_any()
    }
}

fn told(changed: &PlanChanged) -> String {
    match (changed.when, &changed.invoice) {
        (When::PeriodEnd, _) => "The change comes when the month that is paid for has ended.".to_owned(),
        (When::Now, Some(number)) => format!("The plan is changed. Invoice {number} is issued for it."),
        (When::Now, None) => "The plan is changed.".to_owned(),
    }
}

impl Default for Changing {
    fn default() -> Self {
        Self::new()
    }
}
