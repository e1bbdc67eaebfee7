//! The question before somebody is locked out or let in again: for what reason?
//!
//! It is in the address (`?lock=` or `?unlock=` with the account), so it opens without wasm and survives a refusal.

use domain::admin::UserRow;
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate, params::ParamsMap};
use uuid::Uuid;

use crate::{
    admin::api::{LockUser, UnlockUser},
    flash::use_answer_of,
    ui::{
        Address, Banner, Card, Field, Form, FormAction, Hidden, LinkButton, SubmitButton, TextInput, Tone,
        Weight, browser, use_toasts,
    },
};

/// What would be done, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Keep this account out.
    Lock(Uuid),
    /// Let it in again.
    Unlock(Uuid),
}

impl Question {
    /// The question in the page's address.
    pub fn asked_by(query: &ParamsMap) -> Option<Self> {
        let id = |name: &str| query.get_str(name).and_then(|text| Uuid::parse_str(text).ok());
        id("lock").map(Self::Lock).or_else(|| id("unlock").map(Self::Unlock))
    }

    /// The account.
    pub fn about(self) -> Uuid {
        let (Self::Lock(id) | Self::Unlock(id)) = self;
        id
    }
}

/// The two answers; they live longer than the card.
#[derive(Clone, Copy)]
pub struct Locking {
    /// Keep somebody out.
    pub lock: FormAction<LockUser>,
    /// Let somebody in.
    pub unlock: FormAction<UnlockUser>,
}

/// What was done by a plain post just before this page: its question is still in the address, and answered.
#[derive(Clone, Copy)]
pub struct Said {
    answered: Option<Question>,
}

impl Said {
    /// Looks for the outcome of a post to one of the two.
    pub fn after(_: Locking, question: Option<Question>) -> Self {
        let is_answered = use_answer_of::<LockUser>().is_some() | use_answer_of::<UnlockUser>().is_some();
        Self { answered: question.filter(|_| is_answered) }
    }

    /// The question, unless it was answered.
    pub fn still_open(self, question: Option<Question>) -> Option<Question> {
        question.filter(|question| self.answered != Some(*question))
    }

    /// A sentence about what was done.
    pub fn view(self) -> Option<AnyView> {
        let title = self.answered.map(done)?;
        Some(view! { <div role="status"><Banner tone=Tone::Good title/></div> }.into_any())
    }
}

fn done(question: Question) -> &'static str {
    match question {
        Question::Lock(_) => "The account is locked, and every session of it has ended.",
        Question::Unlock(_) => "The account is unlocked. Its owner can sign in again.",
    }
}

/// The card with the reason.
pub(super) fn question_card(
    question: Question,
    about: Option<&UserRow>,
    address: &Address,
    locking: Locking,
) -> AnyView {
    let whom = about.map_or_else(|| "this account".to_owned(), |row| row.email.clone());
    let back = address.href();
    let (navigate, toasts) = (use_navigate(), use_toasts());
    let on_success = {
        let back = back.clone();
        move |()| {
            toasts.show(done(question));
            navigate(&back, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    // What came of an earlier question says nothing about this one.
    locking.lock.value().set(None);
    locking.unlock.value().set(None);
    match question {
        Question::Lock(id) => {
            browser::focus_soon("lock-user-reason".into());
            let lead = "Every session ends at once, and signing in is refused until somebody unlocks it.";
            view! {
                <Card title=format!("Lock {whom}?") lead=lead>
                    <Form action=locking.lock on_success>
                        {reason(id)}
                        <div class="stack-actions">
                            <SubmitButton weight=Weight::Danger pending_words="Locking…">
                                "Lock the account"
                            </SubmitButton>
                            {never_mind(back)}
                        </div>
                    </Form>
                </Card>
            }
            .into_any()
        }
        Question::Unlock(id) => {
            browser::focus_soon("unlock-user-reason".into());
            view! {
                <Card title=format!("Unlock {whom}?") lead="Its owner can sign in again with the same password.">
                    <Form action=locking.unlock on_success>
                        {reason(id)}
                        <div class="stack-actions">
                            <SubmitButton pending_words="Unlocking…">"Unlock the account"</SubmitButton>
                            {never_mind(back)}
                        </div>
                    </Form>
                </Card>
            }
            .into_any()
        }
    }
}

/// The trail keeps it for years.
const REASON_HINT: &str =
    "It is written into the audit trail. Say it so that a colleague understands it next year.";

pub(super) fn reason(id: Uuid) -> AnyView {
    view! { <Hidden name="user_id" value=id.to_string()/> {reason_field("Reason")} }.into_any()
}

/// Why something is done to somebody.
pub(in crate::admin) fn reason_field(label: &'static str) -> AnyView {
    view! {
        <Field name="reason" label=label hint=REASON_HINT>
            <TextInput required=true maxlength=500 autocomplete="off"/>
        </Field>
    }
    .into_any()
}

fn never_mind(back: String) -> AnyView {
    view! {
        <LinkButton href=back weight=Weight::Quiet>
            "Cancel"
        </LinkButton>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &'static str, value: &str) -> ParamsMap {
        [(name, value.to_owned())].into_iter().collect()
    }

    #[test]
    fn only_a_well_formed_account_opens_a_question() {
        let id = Uuid::from_u128(7);
        assert_eq!(Question::asked_by(&query("lock", &id.to_string())), Some(Question::Lock(id)));
        assert_eq!(Question::asked_by(&query("unlock", &id.to_string())), Some(Question::Unlock(id)));
        assert_eq!(Question::asked_by(&query("lock", "<script>")), None);
    }

    #[test]
    fn an_answered_question_is_not_asked_again_but_another_one_is() {
        let (one, other) = (Question::Lock(Uuid::from_u128(1)), Question::Lock(Uuid::from_u128(2)));
        let said = Said { answered: Some(one) };
        assert_eq!(said.still_open(Some(one)), None);
        assert_eq!(said.still_open(Some(other)), Some(other));
    }
}
