//! Letters about a change of address, about the copy of an account and about its end. None of them can be switched off.
//!
//! No letter names the other address: whoever reads one mailbox need not learn of the other.

use std::borrow::Cow;

use super::letters::{Words, letter};
use crate::platform::{Platform, letters::Letter, random::Token};

/// What a letter is about.
pub(super) enum AccountNews<'a> {
    /// To the new address: confirm it.
    ConfirmNew(&'a Token),
    /// To the owner of an address that somebody wants for another account.
    Wanted,
    /// To the old address, when a change was asked for.
    ChangeAsked(&'a Token),
    /// To the old address, when the change was made.
    Changed(&'a Token),
    /// To both addresses, when the old one was put back.
    PutBack,
    /// The account is deleted at this time, in the words of its owner's time zone.
    DeletionAsked(String),
    /// It was kept after all.
    Kept,
    /// A copy of everything about it can be taken away until this time.
    DataReady(String),
}

const CONFIRM_NEW: Words = Words {
    kind: "confirm-email",
    subject: "Confirm your new address",
    opening: Cow::Borrowed("Somebody, hopefully you, wants to use this address for their Gatehouse account."),
    action: "Use this address",
    closing: "The link works once, within 24 hours. If it was not you, do nothing: without the confirmation nothing \
              changes.",
};
const WANTED: Words = Words {
    kind: "address-wanted",
    subject: "You already have an account",
    opening: Cow::Borrowed(
        "Somebody, perhaps you, wanted to use this address for another Gatehouse account. It has an account already, \
         and an address can only have one.",
    ),
    action: "Sign in to the account of this address",
    closing: "If it was not you, nothing needs to be done: your account was not touched.",
};
const CHANGE_ASKED: Words = Words {
    kind: "email-change-asked",
    subject: "Your address is about to change",
    opening: Cow::Borrowed(
        "Somebody, hopefully you, asked to use another address for your Gatehouse account. It changes as soon as the \
         letter to the other address is confirmed.",
    ),
    action: "This was not me: stop it",
    closing: "The link stops the change; for 72 hours after the change it puts this address back. If it was not you, \
              whoever did this knows your password: set a new one at once. If it was you, nothing needs to be done here.",
};
const CHANGED: Words = Words {
    kind: "email-changed",
    subject: "Your address was changed",
    opening: Cow::Borrowed(
        "Your Gatehouse account uses another address now. Letters about it, and links for a new password, go there.",
    ),
    action: "This was not me: put this address back",
    closing: "The link works once, within 72 hours. It signs everybody out of the account and lets you choose a new \
              password. If it was you, nothing needs to be done.",
};
const PUT_BACK: Words = Words {
    kind: "email-put-back",
    subject: "The change of your address was undone",
    opening: Cow::Borrowed(
        "By a letter to its earlier address, a Gatehouse account got that address back. Everybody was signed out of it, \
         and its password does not work any more.",
    ),
    action: "Set a new password",
    closing: "Only who reads the letters of the earlier address can set one. If the change was yours and somebody else \
              undid it, ask the one who runs this site.",
};
const KEPT: Words = Words {
    kind: "account-kept",
    subject: "Your account stays",
    opening: Cow::Borrowed("You kept your Gatehouse account. It will not be deleted."),
    action: "See your account's security",
    closing: "If it was not you, set a new password at once: whoever did this knows yours.",
};

fn data_ready(until: &str) -> Words {
    Words {
        kind: "data-ready",
        subject: "The copy of your data is ready",
        opening: format!(
            "The copy of everything this site holds about you, which somebody, hopefully you, asked for, is ready. It can be \
             taken away until {until}, by whoever signs in to your account and proves once more that it is you."
        )
        .into(),
        action: "See your data",
        closing: "If it was not you, set a new password at once: whoever did this was in your account.",
    }
}

fn deletion_asked(due_at: &str) -> Words {
    Words {
        kind: "deletion-asked",
        subject: "Your account will be deleted",
        opening: format!(
            "Somebody, hopefully you, asked to delete your Gatehouse account. It is closed now, and everybody was signed \
             out of it. It is deleted for good on {due_at}; there will be no further letter."
        )
        .into(),
        action: "Sign in to keep the account",
        closing: "Until then you can come back: sign in and choose to keep it. After that nobody can bring it back. If \
                  it was not you, sign in, keep the account and set a new password: whoever did this knows yours.",
    }
}

/// Writes a letter.
pub(super) fn write(platform: &Platform, to: &str, news: &AccountNews<'_>) -> Letter {
    let (words, path) = match news {
        AccountNews::ConfirmNew(token) => (CONFIRM_NEW, format!("/confirm-email?token={}", token.reveal())),
        AccountNews::Wanted => (WANTED, "/login".to_owned()),
        AccountNews::ChangeAsked(token) => (CHANGE_ASKED, format!("/undo-email?token={}", token.reveal())),
        AccountNews::Changed(token) => (CHANGED, format!("/undo-email?token={}", token.reveal())),
        AccountNews::PutBack => (PUT_BACK, "/forgot-password".to_owned()),
        AccountNews::DeletionAsked(due_at) => (deletion_asked(due_at), "/login".to_owned()),
        AccountNews::Kept => (KEPT, "/account/security".to_owned()),
        AccountNews::DataReady(until) => (data_ready(until), "/account/profile".to_owned()),
    };
    letter(to, &words, &format!("{}{path}", platform.rules().public_url))
}
