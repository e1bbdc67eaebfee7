//! Sets, changes and removes budgets.

use domain::spend::{Action, Limit, Period, Scope};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    spend::{
        api::{RemoveLimit, SetLimit},
        words,
    },
    ui::{
        Card, Field, Form, FormAction, Hidden, Select, SubmitButton, TextInput, Weight, answered, newest,
        said, times_done,
    },
};

/// The id of the card that changes a budget; the focus goes there when one was chosen.
pub const CHANGE: &str = "change";

/// The actions of the page; they outlive the forms, which are drawn anew when a budget has changed.
#[derive(Clone, Copy)]
pub struct Budgeting {
    /// Sets one.
    pub set: FormAction<SetLimit>,
    /// Changes the one that was chosen.
    pub change: FormAction<SetLimit>,
    /// Removes one.
    pub remove: FormAction<RemoveLimit>,
    /// What was done last, in words.
    words: Memo<Option<&'static str>>,
}

impl Budgeting {
    /// Made once by the page.
    pub fn new() -> Self {
        let before = [
            use_answer_of::<SetLimit>().map(|_| "The budget is set."),
            use_answer_of::<RemoveLimit>().map(|()| "The budget is removed."),
        ];
        let before = before.into_iter().flatten().next();
        let set = FormAction::new();
        let change = FormAction::new();
        let remove = FormAction::new();
        let words = newest(
            before,
            vec![
                answered(set, "The budget is set."),
                answered(change, "The budget is set."),
                answered(remove, "The budget is removed."),
            ],
        );
        Self { set, change, remove, words }
    }

    /// Changes with everything after which a budget is another one.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.set), times_done(self.change), times_done(self.remove)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// A sentence about what was done on this page.
    pub fn said(&self) -> AnyView {
        said(self.words)
    }
}

impl Default for Budgeting {
    fn default() -> Self {
        Self::new()
    }
}

/// Another cap for the budget that was chosen, and the way to remove it.
pub fn change_card(limit: &Limit, slug: &str, budgeting: Budgeting) -> AnyView {
    let title = format!("Change the budget “{}”", words::whose(limit));
    let (label, action) = (title.clone(), limit.action.name());
    let hidden = [
        ("limit", limit.id.to_string()),
        ("organization_id", slug.to_owned()),
        ("scope", limit.scope.name().to_owned()),
        ("subject", limit.subject.clone()),
        ("period", limit.period.name().to_owned()),
        ("rolling_days", limit.rolling_days.map(|days| days.to_string()).unwrap_or_default()),
    ];
    let hidden = hidden.into_iter().map(|(name, value)| view! { <Hidden name value/> }).collect_view();
    let (slug, id, cap) = (slug.to_owned(), limit.id.to_string(), limit.cap.to_string());
    view! {
        <section id=CHANGE tabindex="-1" aria-label=label>
            <Card title>
                <div class="grid gap-4">
                    <Form action=budgeting.change id="change-limit" known_by="limit">
                        {hidden}
                        <div class="grid max-w-xs gap-4">
                            <Field name="cap" label="Cap" hint=words::CAP_HINT>
                                <TextInput value=cap required=true maxlength=20 autocomplete="off"/>
                            </Field>
                            <Field name="action" label="At the cap">
                                <Select options=actions() value=action/>
                            </Field>
                        </div>
                        <SubmitButton pending_words="Saving…">"Save"</SubmitButton>
                    </Form>
                    <Form action=budgeting.remove>
                        <Hidden name="organization_id" value=slug/>
                        <Hidden name="id" value=id/>
                        <SubmitButton weight=Weight::Secondary pending_words="Removing…">
                            "Remove this budget"
                        </SubmitButton>
                    </Form>
                </div>
            </Card>
        </section>
    }
    .into_any()
}

/// One more budget.
pub fn new_limit_card(slug: &str, budgeting: Budgeting) -> AnyView {
    let scopes = Scope::ALL.map(|scope| (scope.name().to_owned(), words::scope(scope).to_owned())).to_vec();
    let periods =
        Period::ALL.map(|period| (period.name().to_owned(), period_words(period).to_owned())).to_vec();
    let slug = slug.to_owned();
    view! {
        <Card title="Set a budget" lead="One for each scope and period. Setting it again changes it.">
            <Form action=budgeting.set id="new-limit" known_by="new">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="new" value="true"/>
                <div class="budget grid max-w-xl gap-4">
                    <Field name="scope" label="Counts the calls of">
                        <Select options=scopes/>
                    </Field>
                    <Field name="subject" label="Which one" hint=words::SUBJECT_HINT>
                        <TextInput maxlength=100 autocomplete="off"/>
                    </Field>
                    <Field name="period" label="For">
                        <Select options=periods/>
                    </Field>
                    <Field name="rolling_days" label="How many days" hint=words::DAYS_HINT>
                        <TextInput kind="number"/>
                    </Field>
                    <Field name="cap" label="Cap" hint=words::CAP_HINT>
                        <TextInput required=true maxlength=20 autocomplete="off"/>
                    </Field>
                    <Field name="action" label="At the cap">
                        <Select options=actions()/>
                    </Field>
                </div>
                <SubmitButton pending_words="Setting…">"Set budget"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn actions() -> Vec<(String, String)> {
    Action::ALL.map(|action| (action.name().to_owned(), words::action(action).to_owned())).to_vec()
}

fn period_words(period: Period) -> &'static str {
    match period {
        Period::Month => "Each month",
        Period::Day => "Each day",
        Period::Rolling => "A number of days",
    }
}
