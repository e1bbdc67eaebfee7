//! The form of the policy: all of it at once, as it is kept.

use domain::{Timestamp, organizations::policy::Policy};
use leptos::prelude::*;

use crate::{
    organizations::policy::api::SetPolicy,
    ui::{Banner, Card, Checkbox, Field, Form, FormAction, Hidden, Select, SubmitButton, TextInput, Tone},
};

const HOUR: i32 = 60 * 60;
const DAY: i32 = 24 * HOUR;
const METHODS_HINT: &str =
    "Without any tick every way is allowed. A session that was begun by another way is asked to sign in anew.";
const DOMAINS_HINT: &str = "Such as example.com, with commas between them. Empty: anybody can be invited.";
const FROM_HINT: &str = "Until then members without one are let in, and have the time to set one up. Empty: at once.";

/// The cards with the form.
pub fn policy_form(policy: Policy, slug: &str, action: FormAction<SetPolicy>) -> AnyView {
    let Policy { version, domains, .. } = &policy;
    let domains = domains.join(", ");
    view! {
        <Form action>
            <Hidden name="organization_id" value=slug/>
            <Hidden name="version" value=version.to_string()/>
            {second_factor(&policy)}
            {sessions(&policy)}
            {methods(&policy)}
            <Card title="Invitations">
                <div class="max-w-xl">
                    <Field name="domains" label="Domains whose addresses may be invited" hint=DOMAINS_HINT>
                        <TextInput value=domains autocomplete="off"/>
                    </Field>
                </div>
            </Card>
            <SubmitButton pending_words="Saving…">"Save the policy"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn second_factor(policy: &Policy) -> AnyView {
    let options = [("optional", "Not asked"), ("required", "Every member needs one")];
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let chosen = if policy.second_factor_from.is_some() { "required" } else { "optional" };
    let from = policy.second_factor_from.map(minute);
    let without = policy.without_second_factor;
    let notice = (without > 0).then(|| {
        let title = match without {
            1 => "1 member has no second factor.".to_owned(),
            many => format!("{many} members have no second factor."),
        };
        view! { <Banner tone=Tone::Info title/> }
    });
    view! {
        <Card title="Second factor">
            <div class="grid max-w-xl gap-4">
                {notice}
                <Field name="second_factor" label="A second factor is">
                    <Select options value=chosen/>
                </Field>
                <Field name="second_factor_from" label="From when on (UTC)" hint=FROM_HINT>
                    <TextInput kind="datetime-local" value=from.unwrap_or_default()/>
                </Field>
            </div>
        </Card>
    }
    .into_any()
}

/// As `<input type="datetime-local">` has it: `2026-11-21T12:03`.
fn minute(at: Timestamp) -> String {
    at.rfc3339().chars().take(16).collect()
}

fn sessions(policy: &Policy) -> AnyView {
    let ages = spans(&[(HOUR, "an hour"), (8 * HOUR, "8 hours"), (DAY, "a day"), (7 * DAY, "7 days"), (30 * DAY, "30 days")], policy.session_age_s);
    let rests = spans(&[(HOUR / 2, "half an hour"), (HOUR, "an hour"), (8 * HOUR, "8 hours"), (DAY, "a day"), (7 * DAY, "7 days")], policy.session_idle_s);
    let chosen = |value: Option<i32>| value.map(|it| it.to_string()).unwrap_or_default();
    view! {
        <Card title="Sessions" lead="Whoever is past them proves who they are again, and goes on.">
            <div class="grid max-w-xl gap-4">
                <Field name="session_age_s" label="The last proof is at most so old">
                    <Select options=ages value=chosen(policy.session_age_s)/>
                </Field>
                <Field name="session_idle_s" label="A session lies unused at most so long">
                    <Select options=rests value=chosen(policy.session_idle_s)/>
                </Field>
            </div>
        </Card>
    }
    .into_any()
}

/// The choices, and what is kept if it is none of them.
fn spans(known: &[(i32, &str)], kept: Option<i32>) -> Vec<(String, String)> {
    let other = kept.filter(|kept| !known.iter().any(|(span, _)| span == kept));
    let other = other.map(|span| (span.to_string(), format!("{span} seconds")));
    let known = known.iter().map(|(span, words)| (span.to_string(), (*words).to_owned()));
    std::iter::once((String::new(), "As the site has it".to_owned())).chain(known).chain(other).collect()
}

fn methods(policy: &Policy) -> AnyView {
    let boxes = policy
        .offers
        .iter()
        .map(|offer| {
            let checked = policy.methods.contains(&offer.method);
            view! { <Checkbox name="methods[]" value=offer.method.name() label=offer.name.clone() checked/> }
        })
        .collect_view();
    view! {
        <Card title="Ways to sign in" lead=METHODS_HINT>
            <fieldset>
                <legend class="sr-only">"Allowed ways to sign in"</legend>
                <div class="grid gap-3">{boxes}</div>
            </fieldset>
        </Card>
    }
    .into_any()
}
