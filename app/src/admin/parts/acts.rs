//! What somebody may do to an account: a card for each act, with its reason. Only what the server would not refuse.

use domain::{
    access::{SiteAction, SiteRole, site_allows},
    admin::{Status, UserRow},
    identity::Viewer,
};
use leptos::prelude::*;
use uuid::Uuid;

use super::{
    eyes::{can_be_seen_as, eyes},
    filters::role_words,
    helping::Helping,
    people::is_offered,
    question::reason,
};
use crate::{
    admin::api::{LockUser, ResendVerificationOf, ResetSecondFactor, SetRoles, UnlockUser},
    ui::{Card, Checkbox, Form, FormAction, SubmitButton, Weight},
};

/// The cards for this viewer and this account.
pub(super) fn acts(viewer: &Viewer, user: &UserRow, helping: &Helping) -> AnyView {
    let offered = is_offered(viewer, user);
    let may = |action| site_allows(&viewer.roles, action);
    let cards = [
        (offered && user.status != Status::Locked && may(SiteAction::LockUser))
            .then(|| lock(user.id, helping.lock)),
        (offered && user.status == Status::Locked && may(SiteAction::UnlockUser))
            .then(|| unlock(user.id, helping.unlock)),
        (offered && user.second_factor && may(SiteAction::ResetSecondFactor))
            .then(|| factor(user.id, helping.factor)),
        (offered && user.status == Status::Unverified && may(SiteAction::ResendVerification))
            .then(|| letter(user.id, helping.letter)),
        may(SiteAction::SetRoles).then(|| roles(user, helping.roles)),
        (offered && can_be_seen_as(user) && may(SiteAction::Impersonate)).then(|| eyes(user, helping.eyes)),
    ];
    let cards: Vec<AnyView> = cards.into_iter().flatten().collect();
    view! {
        {helping.question(&viewer.step_up)}
        <div class="grid items-start gap-6 md:grid-cols-2 empty:hidden">{cards}</div>
    }
    .into_any()
}

fn lock(user: Uuid, action: FormAction<LockUser>) -> AnyView {
    let lead = "Every session ends at once, and signing in is refused until somebody unlocks it.";
    view! {
        <Card title="Lock the account" lead=lead>
            <Form action>
                {reason(user)}
                <SubmitButton weight=Weight::Danger pending_words="Locking…">
                    "Lock the account"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn unlock(user: Uuid, action: FormAction<UnlockUser>) -> AnyView {
    view! {
        <Card title="Unlock the account" lead="Its owner can sign in again with the same password.">
            <Form action>
                {reason(user)} <SubmitButton pending_words="Unlocking…">"Unlock the account"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn factor(user: Uuid, action: FormAction<ResetSecondFactor>) -> AnyView {
    let lead = "For somebody without phone and recovery codes. Make sure by another way that it is the owner who asks: the \
                password alone is enough afterwards. Every session ends, and the owner gets a letter.";
    view! {
        <Card title="Take the second factor away" lead=lead>
            <Form action>
                {reason(user)}
                <SubmitButton weight=Weight::Danger pending_words="Taking it away…">
                    "Take the second factor away"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn letter(user: Uuid, action: FormAction<ResendVerificationOf>) -> AnyView {
    view! {
        <Card title="Send the confirmation again" lead="The letter goes to the address of the account.">
            <Form action>
                {reason(user)} <SubmitButton pending_words="Sending…">"Send the letter again"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn roles(account: &UserRow, action: FormAction<SetRoles>) -> AnyView {
    let user = account.id;
    let lead = "They hold from the next request on. The last administrator stays one.";
    let boxes = SiteRole::ALL.into_iter().filter(|role| *role != SiteRole::User).map(|role| {
        let checked = account.roles.contains(&role);
        view! { <Checkbox name="roles[]" value=role.name() label=role_words(role) hint=means(role) checked/> }
    });
    let boxes = boxes.collect_view();
    view! {
        <Card title="Roles" lead=lead>
            <Form action>
                <fieldset class="grid gap-3">
                    <legend class="sr-only">"Roles"</legend>
                    {boxes}
                </fieldset>
                {reason(user)}
                <SubmitButton weight=Weight::Secondary pending_words="Saving…">
                    "Save the roles"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn means(role: SiteRole) -> &'static str {
    match role {
        SiteRole::Admin => "Runs the site: everything below, roles, settings and the audit trail.",
        SiteRole::Support => "Sees accounts and helps their owners; cannot touch staff.",
        SiteRole::BillingAdmin => "Sees and settles what is owed.",
        SiteRole::User => "Everybody.",
    }
}
