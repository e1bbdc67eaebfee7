//! The letters of this room: what they say, in text and HTML.
//!
//! Links begin with the configured public address, never with the `Host` of a request.

use super::service::FactorChange;
use crate::platform::{Platform, letters::Letter, random::Token};

/// What a letter is about.
pub(super) enum About<'a> {
    /// Confirm the address of a new account.
    Verify(&'a Token),
    /// Somebody tried to open an account for an address that has one.
    AlreadyRegistered,
    /// Set a new password.
    Reset(&'a Token),
    /// Choose the password of an account that was registered more than once.
    ChoosePassword(&'a Token),
    /// The password was changed or reset.
    PasswordChanged,
    /// The second factor was changed.
    SecondFactorChanged(FactorChange),
}

/// Writes a letter.
pub(super) fn write(platform: &Platform, to: &str, about: &About<'_>) -> Letter {
    let site = platform.rules().public_url.as_str();
    match about {
        About::Verify(token) => {
            let link = format!("{site}/verify-email?token={}", token.reveal());
            letter(
                to,
                "verify-email",
                "Confirm your address",
                &Parts {
                    opening: "Somebody, hopefully you, opened a Gatehouse account with this address.",
                    action: Some(("Confirm this address", &link)),
                    closing: "The link works once, within 24 hours. If it was not you, do nothing: without the confirmation \
                          the account stays closed.",
                },
            )
        }
        About::AlreadyRegistered => {
            let link = format!("{site}/login");
            letter(
                to,
                "already-registered",
                "You already have an account",
                &Parts {
                    opening: "Somebody, perhaps you, tried to open a Gatehouse account with this address. It has one already.",
                    action: Some(("Sign in", &link)),
                    closing: "If you forgot your password, ask for a new one on the sign-in page. If it was not you, nothing \
                          needs to be done: your account was not touched.",
                },
            )
        }
        About::Reset(token) => {
            let link = format!("{site}/reset-password?token={}", token.reveal());
            letter(
                to,
                "reset-password",
                "Set a new password",
                &Parts {
                    opening: "Somebody, hopefully you, asked for a new password for your Gatehouse account.",
                    action: Some(("Set a new password", &link)),
                    closing: "The link works once, within 30 minutes, and signs you out everywhere. If it was not you, do \
                          nothing: your password stays as it is.",
                },
            )
        }
        About::ChoosePassword(token) => {
            let link = format!("{site}/reset-password?token={}", token.reveal());
            letter(
                to,
                "choose-password",
                "Choose your password",
                &Parts {
                    opening: "Somebody, hopefully you, asked again to confirm this address for a Gatehouse account. The \
                          address was registered more than once, perhaps not each time by you, so the passwords typed \
                          then do not count.",
                    action: Some(("Confirm this address and choose a password", &link)),
                    closing: "The link works once, within 30 minutes. If it was not you, do nothing: without the \
                          confirmation the account stays closed.",
                },
            )
        }
        About::PasswordChanged => {
            let link = format!("{site}/forgot-password");
            letter(
                to,
                "password-changed",
                "Your password was changed",
                &Parts {
                    opening: "The password of your Gatehouse account was changed, and you were signed out everywhere else.",
                    action: Some(("This was not me", &link)),
                    closing: "If it was you, nothing needs to be done.",
                },
            )
        }
        About::SecondFactorChanged(change) => {
            let link = format!("{site}/account/security");
            letter(
                to,
                "second-factor-changed",
                "Your second factor was changed",
                &Parts {
                    opening: &changed_factor(*change),
                    action: Some(("See your account's security", &link)),
                    closing: "If it was not you, set a new password at once: whoever did this knows yours.",
                },
            )
        }
    }
}

fn changed_factor(change: FactorChange) -> String {
    match change {
        FactorChange::On => "The second factor of your Gatehouse account was turned on. Sign-ins now ask for a code of \
                             your authenticator."
            .into(),
        FactorChange::Off => "The second factor of your Gatehouse account was turned off. Sign-ins now ask for the \
                              password only."
            .into(),
        FactorChange::Reset => "The second factor of your Gatehouse account was taken away by the one who runs this \
                                site. Sign-ins now ask for the password only, until you set up an authenticator."
            .into(),
        FactorChange::CodeUsed { left } => {
            format!("Somebody signed in to your Gatehouse account with a recovery code. Codes left: {left}.")
        }
        FactorChange::CodesReplaced => {
            "The recovery codes of your Gatehouse account were replaced. The old ones do not work any more.".into()
        }
    }
}

struct Parts<'a> {
    opening: &'a str,
    action: Option<(&'a str, &'a str)>,
    closing: &'a str,
}

fn letter(to: &str, kind: &'static str, subject: &str, parts: &Parts<'_>) -> Letter {
    let (text_action, html_action) = match parts.action {
        None => (String::new(), String::new()),
        // Only our own sentences and links stand here: nothing a stranger typed needs escaping.
        Some((label, link)) => (
            format!("{label}:\n{link}\n\n"),
            format!("<p><a href=\"{link}\">{label}</a></p>\n<p>{link}</p>\n"),
        ),
    };
    Letter {
        to: to.to_owned(),
        kind,
        subject: format!("{subject} · Gatehouse"),
        text: format!("{}\n\n{text_action}{}\n", parts.opening, parts.closing),
        html: format!(
            "<!doctype html>\n<html lang=\"en\"><body>\n<p>{}</p>\n{html_action}<p>{}</p>\n</body></html>\n",
            parts.opening, parts.closing
        ),
    }
}
