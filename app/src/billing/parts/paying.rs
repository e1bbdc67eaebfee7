//! What can be done about ways to pay, and what was done just now.

use leptos::prelude::*;

use crate::{
    billing::methods_api::{AddPaymentMethod, OpenPortal, RemovePaymentMethod, SetDefaultPaymentMethod},
    flash::use_answer_of,
    ui::{FormAction, LinkButton, answered_with, newest, said, times_done},
};

const OPENED: &str = "A page of Stripe's is open for you. What you leave there never comes here.";
const CHOSEN: &str = "This is the one that is charged from now on.";
const REMOVED: &str = "It is taken away.";

/// The actions of the card; they outlive the forms, which are drawn anew when something has changed.
#[derive(Clone, Copy)]
pub struct Paying {
    /// Opens a page on which a card is left.
    pub add: FormAction<AddPaymentMethod>,
    /// Opens the page on which everything is looked after.
    pub portal: FormAction<OpenPortal>,
    /// Chooses which one is charged.
    pub choose: FormAction<SetDefaultPaymentMethod>,
    /// Takes one away.
    pub remove: FormAction<RemovePaymentMethod>,
    /// What was done last, in words.
    words: Memo<Option<String>>,
    /// Where it goes on, if it does.
    continue_at: Memo<Option<Option<String>>>,
}

impl Paying {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let (added, portal_opened) = (use_answer_of::<AddPaymentMethod>(), use_answer_of::<OpenPortal>());
        let chosen = use_answer_of::<SetDefaultPaymentMethod>().map(|()| CHOSEN.to_owned());
        let removed = use_answer_of::<RemovePaymentMethod>().map(|()| REMOVED.to_owned());
        let page = added.or(portal_opened).map(|page| page.continue_at);
        let opened = page.as_ref().map(|_| OPENED.to_owned());
        let add = FormAction::<AddPaymentMethod>::new();
        let portal = FormAction::<OpenPortal>::new();
        let choose = FormAction::<SetDefaultPaymentMethod>::new();
        let remove = FormAction::<RemovePaymentMethod>::new();
        let words = newest(
            opened.or(chosen).or(removed),
            vec![
                answered_with(add, |_| OPENED.to_owned()),
                answered_with(portal, |_| OPENED.to_owned()),
                answered_with(choose, |()| CHOSEN.to_owned()),
                answered_with(remove, |()| REMOVED.to_owned()),
            ],
        );
        let continue_at = newest(
            page.map(Some),
            vec![
                answered_with(add, |page| Some(page.continue_at.clone())),
                answered_with(portal, |page| Some(page.continue_at.clone())),
                answered_with(choose, |()| None),
                answered_with(remove, |()| None),
            ],
        );
        Self { add, portal, choose, remove, words, continue_at }
    }

    /// Changes with everything after which the card shows something else.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.choose), times_done(self.remove)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// A sentence about what was done, and the way to Stripe: a link, because a form must not lead to another site.
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

impl Default for Paying {
    fn default() -> Self {
        Self::new()
    }
}
