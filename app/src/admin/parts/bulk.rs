//! Locks several people at once: ticks in the table, one reason, and a line for each about what came of it.

use std::collections::BTreeMap;

use domain::admin::{LockLine, LockOutcome, LockReport, UserRow};
use leptos::prelude::*;
use uuid::Uuid;

use super::question::reason_field;
use crate::{
    admin::api::LockUsers,
    flash::use_answer_of,
    ui::{Banner, Card, Form, FormAction, SubmitButton, Tone, Weight},
};

/// The addresses of the accounts on the page.
type Names = BTreeMap<Uuid, String>;

/// The action and what a plain post before this page had come to; they live longer than the table.
#[derive(Clone, Copy)]
pub struct Bulk {
    /// Lock those who are ticked.
    pub lock: FormAction<LockUsers>,
    before: StoredValue<Option<LockReport>>,
}

impl Bulk {
    /// Made once by the page.
    pub fn new() -> Self {
        Self { lock: FormAction::new(), before: StoredValue::new(use_answer_of::<LockUsers>()) }
    }

    fn report(self) -> Option<LockReport> {
        match self.lock.value().get() {
            Some(answer) => answer.ok(),
            None => self.before.get_value(),
        }
    }
}

impl Default for Bulk {
    fn default() -> Self {
        Self::new()
    }
}

/// The tick of one person; an empty place of the same width for those who are not offered.
pub(super) fn tick(is_offered: bool, person: &UserRow) -> AnyView {
    if !is_offered {
        return view! { <span class="inline-block size-5 shrink-0"></span> }.into_any();
    }
    let (id, label) = (person.id.to_string(), format!("Select {}", person.email));
    view! { <input type="checkbox" class="check-box shrink-0" name="user_ids[]" value=id aria-label=label/> }
        .into_any()
}

/// The table inside of its form, the reason below, and what came of the last try above.
pub(super) fn bulk_form(bulk: Bulk, names: Names, table: AnyView) -> AnyView {
    let lead = "Tick people in the table. Each is locked on their own; who cannot be locked is named, and the others are.";
    view! {
        <div role="status" class="empty:hidden">
            {move || bulk.report().map(|report| told(&report, &names))}
        </div>
        <Form action=bulk.lock>
            {table}
            <Card title="Lock several people" lead=lead>
                <div class="grid gap-4">
                    {reason_field("Reason for all")}
                    <div class="stack-actions">
                        <SubmitButton weight=Weight::Danger pending_words="Locking…">
                            "Lock the selected people"
                        </SubmitButton>
                    </div>
                </div>
            </Card>
        </Form>
    }
    .into_any()
}

fn told(report: &LockReport, names: &Names) -> AnyView {
    let locked = report.items.iter().filter(|line| line.outcome == LockOutcome::Locked).count();
    let (tone, title) = match (locked, report.items.len()) {
        (done, all) if done == all => (Tone::Good, format!("Locked: {done} of {all}.")),
        (done, all) => (Tone::Warning, format!("Locked: {done} of {all}. The others stay as they were.")),
    };
    let lines = report.items.iter().map(|line| view! { <li>{sentence(line, names)}</li> }).collect_view();
    view! {
        <Banner tone title>
            <ul>{lines}</ul>
        </Banner>
    }
    .into_any()
}

fn sentence(line: &LockLine, names: &Names) -> String {
    let name = Uuid::parse_str(&line.user_id).ok().and_then(|id| names.get(&id));
    let words = match line.outcome {
        LockOutcome::Locked => "locked, and every session has ended",
        LockOutcome::AlreadyLocked => "was locked before",
        LockOutcome::Yourself => "not locked: this is you",
        LockOutcome::NotAllowed => "not locked: only an administrator may",
        LockOutcome::NotFound => "not locked: there is no such account",
        LockOutcome::Failed => "not locked: something went wrong, try again",
    };
    format!("{}: {words}.", name.unwrap_or(&line.user_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_address_where_the_page_knows_it() {
        let id = Uuid::from_u128(7);
        let line = LockLine { user_id: id.to_string(), outcome: LockOutcome::AlreadyLocked };
        let names = Names::from([(id, "ann@example.com".to_owned())]);
        assert_eq!(sentence(&line, &names), "ann@example.com: was locked before.");
        assert_eq!(sentence(&line, &Names::new()), format!("{id}: was locked before."));
    }
}
