//! The letters of this room: what they say, in text and HTML.
//!
//! Links begin with the configured public address, never with the `Host` of a request.

use std::borrow::Cow;

use super::service::{FactorChange, InvoiceNews, PasskeyNews, ProviderNews, SiteNews, SpendNews, TokenNews};
use crate::platform::{Platform, letters::Letter, random::Token};

/// What a letter is about.
pub(super) enum About<'a> {
    /// Confirm the address of a new account.
    Verify(&'a Token),
    /// Somebody tried to open an account for an address that has one.
    AlreadyRegistered,
    /// Open an account, because an administrator wants them to.
    Invitation {
        /// Of the link that lets them.
        token: &'a Token,
        /// Until when it works.
        until: &'a str,
    },
    /// Set a new password.
    Reset(&'a Token),
    /// Choose the password of an account that was registered more than once.
    ChoosePassword(&'a Token),
    /// The password was changed or reset.
    PasswordChanged,
    /// The second factor was changed.
    SecondFactorChanged(FactorChange),
    /// Somebody signed in from a browser the owner was never in.
    NewDevice {
        /// Of the link that says that it was not the owner.
        token: &'a Token,
        /// Browser and system.
        device: String,
        /// The address it came from, with its place where that is known.
        from: String,
        /// When, in the words of the owner's time zone.
        at: String,
    },
    /// Something happened to the passkeys.
    Passkeys(PasskeyNews),
    /// An administrator sees the site as the owner does.
    Looking {
        /// Their address.
        by: &'a str,
        /// Why, as they typed it.
        reason: &'a str,
        /// From when, in the words of the owner's time zone.
        from: String,
        /// Until when at the latest, likewise.
        until: String,
    },
    /// Something happened to the tokens of scripts.
    Tokens(TokenNews),
    /// Something happened to the site.
    Site(SiteNews),
    /// A budget of an organization comes to its end.
    Spend {
        /// Which, and how it stands.
        news: &'a SpendNews<'a>,
        /// When it begins anew, in the words of the reader's time zone.
        until: String,
    },
    /// An invoice of an organization is there, or should have been paid.
    Invoice(&'a InvoiceNews<'a>),
    /// Something happened between the account and a sign-in provider.
    Provider {
        /// What.
        news: ProviderNews,
        /// What it is called, in letters, digits and a few harmless signs.
        provider: &'a str,
    },
}

/// What a letter says around its link; other rooms have letters of their own.
pub(crate) struct Words {
    pub(crate) kind: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) opening: Cow<'static, str>,
    pub(crate) action: &'static str,
    pub(crate) closing: &'static str,
}

const VERIFY: Words = Words {
    kind: "verify-email",
    subject: "Confirm your address",
    opening: Cow::Borrowed("Somebody, hopefully you, opened a Gatehouse account with this address."),
    action: "Confirm this address",
    closing: "The link works once, within 24 hours. If it was not you, do nothing: without the confirmation the account \
              stays closed.",
};
const ALREADY_REGISTERED: Words = Words {
    kind: "already-registered",
    subject: "You already have an account",
    opening: Cow::Borrowed(
        "Somebody, perhaps you, tried to open a Gatehouse account with this address. It has one already.",
    ),
    action: "Sign in",
    closing: "If you forgot your password, ask for a new one on the sign-in page. If it was not you, nothing needs to be \
              done: your account was not touched.",
};
const RESET: Words = Words {
    kind: "reset-password",
    subject: "Set a new password",
    opening: Cow::Borrowed("Somebody, hopefully you, asked for a new password for your Gatehouse account."),
    action: "Set a new password",
    closing: "The link works once, within 30 minutes, and signs you out everywhere. If it was not you, do nothing: your \
              password stays as it is.",
};
const CHOOSE_PASSWORD: Words = Words {
    kind: "choose-password",
    subject: "Choose your password",
    opening: Cow::Borrowed(
        "Somebody, hopefully you, asked again to confirm this address for a Gatehouse account. The address was registered \
         more than once, perhaps not each time by you, so the passwords typed then do not count.",
    ),
    action: "Confirm this address and choose a password",
    closing: "The link works once, within 30 minutes. If it was not you, do nothing: without the confirmation the account \
              stays closed.",
};
const PASSWORD_CHANGED: Words = Words {
    kind: "password-changed",
    subject: "Your password was changed",
    opening: Cow::Borrowed(
        "The password of your Gatehouse account was changed, and you were signed out everywhere else.",
    ),
    action: "This was not me",
    closing: "If it was you, nothing needs to be done.",
};

fn invitation(until: &str) -> Words {
    Words {
        kind: "invitation",
        subject: "You are invited",
        opening: format!(
            "An administrator of this Gatehouse site invites you to open an account with this address. The invitation is good \
             until {until}."
        )
        .into(),
        action: "Open an account",
        closing: "The link works once, and for this address alone. If you do not want an account, do nothing.",
    }
}

fn new_device(device: &str, from: &str, at: &str) -> Words {
    Words {
        kind: "new-device",
        subject: "New sign-in to your account",
        opening: format!(
            "Somebody signed in to your Gatehouse account from a browser that was not used for it before: {device}, from \
             the address {from}, {at}."
        )
        .into(),
        action: "This was not me",
        closing: "If it was you, nothing needs to be done. The link signs everybody out, makes the password worthless and \
                  lets you set a new one; it works once, within seven days.",
    }
}

fn second_factor_changed(change: FactorChange) -> Words {
    Words {
        kind: "second-factor-changed",
        subject: "Your second factor was changed",
        opening: changed_factor(change),
        action: "See your account's security",
        closing: "If it was not you, set a new password at once: whoever did this knows yours.",
    }
}

fn passkeys(news: PasskeyNews) -> Words {
    let (kind, subject, opening) = match news {
        PasskeyNews::Added => (
            "passkey-added",
            "A new passkey",
            "A passkey was added to your Gatehouse account. Whoever holds it can sign in without your password, and \
             sign-ins with the password ask for a second factor."
                .into(),
        ),
        PasskeyNews::Removed => (
            "passkey-removed",
            "A passkey was removed",
            "A passkey of your Gatehouse account was removed. It opens nothing any more.".into(),
        ),
        PasskeyNews::LastRemoved => (
            "passkey-removed",
            "Your last passkey was removed",
            "The last passkey of your Gatehouse account was removed, and with it the second factor was turned off. \
             Sign-ins now ask for the password only."
                .into(),
        ),
        PasskeyNews::Suspected => (
            "passkey-suspected",
            "A passkey was refused",
            "A passkey of your Gatehouse account was used, and refused: its device counts its uses, and the count went \
             back, as it would with a copy. To be safe, remove it and add a new one."
                .into(),
        ),
        PasskeyNews::Undone { count } => (
            "passkey-removed",
            "Passkeys were removed",
            format!(
                "The passkeys that were added to your Gatehouse account since it was somebody else's were removed \
                 ({count}). They open nothing any more."
            )
            .into(),
        ),
    };
    let closing =
        "If it was not you, remove the passkeys you do not know there, and set a new password at once.";
    Words { kind, subject, opening, action: "See your passkeys", closing }
}

fn tokens(news: TokenNews) -> Words {
    let (kind, subject, opening) = match news {
        TokenNews::ApiTokenMade => (
            "api-token-made",
            "A new API token",
            "A new API token was made for your Gatehouse account. Whoever has it can act in your name, within its scopes."
                .into(),
        ),
        TokenNews::ApiTokensEnded { count } => (
            "api-tokens-ended",
            "Your API tokens were ended",
            format!(
                "The API tokens of your Gatehouse account ended ({count}), because somebody else who was in it could have \
                 made them. Scripts that used them need new ones."
            )
            .into(),
        ),
        TokenNews::RefreshTokenCopied => (
            "refresh-token-copied",
            "A script was signed out",
            "A script that signs in to your Gatehouse account sent a refresh token that had been replaced before. Somebody \
             may have copied it, so the script was signed out and has to sign in again."
                .into(),
        ),
    };
    let closing =
        "If you do not know what this is about, end what you do not know there, and change your password.";
    Words { kind, subject, opening, action: "See your tokens", closing }
}

fn provider_news(news: ProviderNews, name: &str) -> Words {
    let (kind, subject, opening, closing) = match news {
        ProviderNews::Connected => (
            "provider-connected",
            "A new way to sign in",
            format!("{name} was connected with your Gatehouse account and can sign you in from now on."),
            "If it was not you, disconnect it there at once and set a new password: whoever did this knows yours.",
        ),
        ProviderNews::Disconnected => (
            "provider-disconnected",
            "A way to sign in is gone",
            format!("{name} was disconnected from your Gatehouse account and does not sign you in any more."),
            "If it was not you, set a new password at once: whoever did this can sign in to your account.",
        ),
        ProviderNews::Opened => (
            "provider-opened",
            "Your new account",
            format!(
                "A Gatehouse account was opened for this address, because {name} says that it is yours. {name} signs you in."
            ),
            "If it was not you, somebody else can use your account there: secure that first.",
        ),
    };
    Words { kind, subject, opening: opening.into(), action: "See how you sign in", closing }
}

fn looked_at(by: &str, reason: &str, from: &str, until: &str) -> Words {
    Words {
        kind: "looked-at",
        subject: "Somebody who runs the site looks at your account",
        opening: format!(
            "{by}, who runs this Gatehouse, sees it as you do since {from}, until {until} at the latest. The reason they gave: \
             {reason}"
        )
        .into(),
        action: "See your account's security",
        closing: "They see your pages, and can neither change anything nor see a password, a code or a token. What they \
                  look at is written down. If you did not expect this, ask them, or somebody else who runs the site.",
    }
}

fn site_news(news: SiteNews) -> Words {
    let opening = match news {
        SiteNews::WebhookGone { .. } => {
            "A webhook of your Gatehouse was paused: its receiver answered that it is gone (410)."
        }
        SiteNews::WebhookFailing { .. } => {
            "A webhook of your Gatehouse was paused: for five days nothing that was sent to it has arrived."
        }
    };
    Words {
        kind: "webhook-paused",
        subject: "A webhook was paused",
        opening: opening.into(),
        action: "See what its receiver answered",
        closing: "When you resume it within a month, what happened meanwhile is sent. What had been given up before that is \
                  listed as failed: send it once more from there. Remove the webhook if nobody needs it any more. You get \
                  this letter because you are an administrator.",
    }
}

fn spend(news: &SpendNews<'_>, until: &str) -> Words {
    let SpendNews { organization, budget, percent, is_used_up, spent, held, cap, blocks, .. } = news;
    let stands = format!(
        "{spent} of {cap} are spent, and {held} are held for calls that go on. It begins anew on {until}."
    );
    let (kind, subject, opening) = match percent {
        Some(percent) => (
            "spend-warning",
            "A budget comes to its end",
            format!("{percent} % of the budget of {budget}, in {organization}, are spent: {stands}"),
        ),
        None => (
            "spend-cap-reached",
            if *is_used_up { "A budget is used up" } else { "A budget has refused a call" },
            format!("The budget of {budget}, in {organization}, had not enough left for a call: {stands}"),
        ),
    };
    let closing = if *blocks {
        "Calls that need more than is left are refused until then, unless the budget is raised. You get this letter because you \
         may change it."
    } else {
        "You get this letter because you may change the budget."
    };
    Words { kind, subject, opening: opening.into(), action: "See the budgets", closing }
}

fn invoice(news: &InvoiceNews<'_>) -> Words {
    let InvoiceNews { organization, number, total, due, is_overdue, .. } = news;
    // What an organization is called is what somebody typed; it stands in quotes.
    let opening = format!("Invoice {number} for “{organization}” comes to {total}.");
    let action = "See the invoice";
    if *is_overdue {
        return Words {
            kind: "invoice-overdue",
            subject: "An invoice is overdue",
            opening: format!("{opening} It was to be paid by {due}, and is still open.").into(),
            action,
            closing: "If it was paid in the last days, nothing needs to be done. Where an invoice is open 30 days after its day, \
                      the plan ends with its month.",
        };
    }
    Words {
        kind: "invoice-issued",
        subject: "You have an invoice",
        opening: format!("{opening} It is to be paid by {due}.").into(),
        action,
        closing: "How to pay stands on the invoice. You get this letter because you may change how the organization pays, or \
                  because your address was named for its invoices.",
    }
}

/// Writes a letter.
pub(super) fn write(platform: &Platform, to: &str, about: &About<'_>) -> Letter {
    let (words, path) = match about {
        About::Verify(token) => (VERIFY, format!("/verify-email?token={}", token.reveal())),
        About::Invitation { token, until } => {
            (invitation(until), format!("/register?invitation={}", token.reveal()))
        }
        About::AlreadyRegistered => (ALREADY_REGISTERED, "/login".to_owned()),
        About::Reset(token) => (RESET, format!("/reset-password?token={}", token.reveal())),
        About::ChoosePassword(token) => {
            (CHOOSE_PASSWORD, format!("/reset-password?token={}", token.reveal()))
        }
        About::PasswordChanged => (PASSWORD_CHANGED, "/forgot-password".to_owned()),
        About::SecondFactorChanged(change) => {
            (second_factor_changed(*change), "/account/security".to_owned())
        }
        About::NewDevice { token, device, from, at } => {
            (new_device(device, from, at), format!("/not-me?token={}", token.reveal()))
        }
        About::Passkeys(news) => (passkeys(*news), "/account/passkeys".to_owned()),
        About::Looking { by, reason, from, until } => {
            (looked_at(by, reason, from, until), "/account/security".to_owned())
        }
        About::Tokens(news) => (tokens(*news), "/account/tokens".to_owned()),
        About::Site(news @ (SiteNews::WebhookGone { webhook } | SiteNews::WebhookFailing { webhook })) => {
            (site_news(*news), format!("/admin/webhooks/{webhook}"))
        }
        About::Spend { news, until } => (spend(news, until), news.path.clone()),
        About::Invoice(news) => (invoice(news), news.path.clone()),
        About::Provider { news, provider } => {
            (provider_news(*news, provider), "/account/security".to_owned())
        }
    };
    letter(to, &words, &format!("{}{path}", platform.rules().public_url))
}

fn changed_factor(change: FactorChange) -> Cow<'static, str> {
    match change {
        FactorChange::On => "The second factor of your Gatehouse account was turned on. Sign-ins now ask for a code of \
                             your authenticator."
            .into(),
        FactorChange::Off => "The second factor of your Gatehouse account was turned off. Sign-ins now ask for the \
                              password only."
            .into(),
        FactorChange::PasskeysOnly => "The authenticator of your Gatehouse account was removed. Sign-ins now ask for a \
                                       passkey."
            .into(),
        FactorChange::Reset => "The second factor of your Gatehouse account, with its passkeys, was taken away by the one \
                                who runs this site. Sign-ins now ask for the password only, until you set up another one."
            .into(),
        FactorChange::Undone => "The second factor of your Gatehouse account was taken away, because it was set up when \
                                 the account may have been in other hands. Sign-ins ask for the password only, until you \
                                 set up an authenticator."
            .into(),
        FactorChange::CodeUsed { left } => {
            format!("Somebody signed in to your Gatehouse account with a recovery code. Codes left: {left}.").into()
        }
        FactorChange::CodesReplaced => {
            "The recovery codes of your Gatehouse account were replaced. The old ones do not work any more.".into()
        }
    }
}

/// A letter of one link. Only our own sentences and links stand here, and in an opening what somebody typed, such as the
/// reason of an act.
pub(crate) fn letter(to: &str, words: &Words, link: &str) -> Letter {
    let Words { kind, subject, opening, action, closing } = words;
    let escaped = opening.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Letter {
        to: to.to_owned(),
        kind,
        subject: format!("{subject} · Gatehouse"),
        text: format!("{opening}\n\n{action}:\n{link}\n\n{closing}\n"),
        html: format!(
            "<!doctype html>\n<html lang=\"en\"><body>\n<p>{escaped}</p>\n\
             <p><a href=\"{link}\">{action}</a></p>\n<p>{link}</p>\n<p>{closing}</p>\n</body></html>\n"
        ),
    }
}
