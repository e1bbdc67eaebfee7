//! The field for a password that is chosen now, with its rules and a meter.

use domain::identity::{Password, strength};
use leptos::prelude::*;

use crate::{
    identity::words,
    ui::{Field, PasswordInput, Strength},
};

/// A field named `password` for a new password. The meter judges in the page and decides nothing: the server does.
#[component]
pub fn NewPasswordField(
    /// The label.
    #[prop(default = "Password")]
    label: &'static str,
) -> impl IntoView {
    let measure: fn(&str) -> Strength = judged;
    let fewest = u16::try_from(Password::MIN).ok();
    view! {
        <Field name="password" label hint=words::PASSWORD_RULES>
            <PasswordInput autocomplete="new-password" minlength=fewest.unwrap_or_default() measure/>
        </Field>
    }
}

fn judged(typed: &str) -> Strength {
    let found = strength(typed);
    Strength { score: found.step(), words: found.word() }
}
