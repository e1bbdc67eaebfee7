//! The start page for somebody who is in: what is left to set up, where they are signed in, what they look after.

use domain::{
    access::{SiteAction, site_allows},
    identity::Viewer,
    second_factor::State,
    sessions::Device,
};
use leptos::prelude::*;

use crate::{
    frame::called,
    ui::{Card, Check, Checklist, Glyph, LinkButton, PageHeader, TimeText},
};

/// Fewer recovery codes than this are not a way back for long.
const FEW_CODES: i64 = 3;

/// The start page for somebody who is in.
#[component]
pub fn Dashboard(
    /// Who it is.
    viewer: Viewer,
    /// Where their second factor stands.
    factor: State,
    /// Where they are signed in, the newest first.
    sessions: Vec<Device>,
) -> impl IntoView {
    let title = format!("Welcome, {}", called(&viewer));
    let checks = checks(&viewer, &factor);
    let all_done = checks.iter().all(|check| check.done);
    let lead = if all_done {
        "Your account is fully set up."
    } else {
        "A few steps make your account safe and easy to find."
    };
    view! {
        <PageHeader title lead/>
        <div class="stack">
            {(!all_done).then(|| view! { <Checklist title="Set up your account" checks/> })}
            <div class="grid gap-6 md:grid-cols-2">{devices(&sessions)} {staff(&viewer)}</div>
        </div>
    }
}

/// A few steps, each derived from how things really are.
fn checks(viewer: &Viewer, factor: &State) -> Vec<Check> {
    let check = |title: &str, text: &str, href: &str, done| Check {
        title: title.into(),
        text: text.into(),
        href: href.into(),
        done,
    };
    vec![
        check(
            "Choose a display name",
            "So that colleagues know who you are.",
            "/account/profile",
            !viewer.display_name.is_empty(),
        ),
        check(
            "Turn on the second factor",
            "A code from your phone, or a passkey, keeps out whoever learns your password.",
            "/2fa/setup",
            factor.enabled,
        ),
        check(
            "Keep recovery codes",
            "They let you in on the day the phone is gone.",
            if factor.authenticator { "/2fa/setup" } else { "/account/passkeys" },
            factor.enabled && factor.recovery_codes_left >= FEW_CODES,
        ),
    ]
}

fn devices(sessions: &[Device]) -> AnyView {
    let count = match sessions.len() {
        1 => "You are signed in on this device only.".to_owned(),
        many => format!("You are signed in on {many} devices."),
    };
    let newest = sessions.iter().find(|device| !device.current).map(|device| {
        view! {
            <p>"Newest other: " {device.device.clone()} ", last seen " <TimeText at=device.last_seen_at/></p>
        }
    });
    view! {
        <Card title="Devices">
            <div class="grid justify-items-start gap-4">
                <p>{count}</p>
                {newest}
                <LinkButton href="/account/security" icon=Glyph::Device>
                    "Review devices"
                </LinkButton>
            </div>
        </Card>
    }
    .into_any()
}

/// Only for those who look after the site.
fn staff(viewer: &Viewer) -> Vec<AnyView> {
    let mut cards = Vec::new();
    if site_allows(&viewer.roles, SiteAction::ReadUsers) {
        let card = view! {
            <Card title="People">
                <div class="grid justify-items-start gap-4">
                    <p>"Who has an account, who is locked, and who was here last."</p>
                    <LinkButton href="/admin/users" icon=Glyph::Users>
                        "Look after people"
                    </LinkButton>
                </div>
            </Card>
        };
        cards.push(card.into_any());
    }
    if site_allows(&viewer.roles, SiteAction::ReadAudit) {
        let card = view! {
            <Card title="Audit trail">
                <div class="grid justify-items-start gap-4">
                    <p>"Every act on this server, in a chain that shows when somebody tampered with it."</p>
                    <LinkButton href="/admin/audit-logs" icon=Glyph::List>
                        "Read the trail"
                    </LinkButton>
                </div>
            </Card>
        };
        cards.push(card.into_any());
    }
    cards
}

#[cfg(test)]
mod tests {
    use domain::{
        identity::{ProofNeeded, Theme},
        values::LocalTime,
    };

    use super::*;

    fn viewer() -> Viewer {
        Viewer {
            id: uuid::Uuid::nil(),
            email: "person@example.com".into(),
            email_verified: true,
            pending_email: None,
            display_name: String::new(),
            locale: "en".into(),
            theme: Theme::System,
            time_zone: "UTC".into(),
            local_time: LocalTime::default(),
            roles: Vec::new(),
            second_factor: false,
            has_password: true,
            step_up: ProofNeeded::of(false, false, true),
            organizations: Vec::new(),
            impersonated_by: None,
        }
    }

    fn state(enabled: bool, recovery_codes_left: i64) -> State {
        let authenticator = enabled;
        State {
            enabled,
            authenticator,
            passkeys: 0,
            passkeys_possible: true,
            recovery_codes_left,
            setup: None,
        }
    }

    #[test]
    fn a_step_is_done_only_when_it_really_is() {
        let off = state(false, 0);
        let done: Vec<bool> = checks(&viewer(), &off).iter().map(|check| check.done).collect();
        assert_eq!(done, [false, false, false]);
        let used_up = state(true, 2);
        let done: Vec<bool> = checks(&viewer(), &used_up).iter().map(|check| check.done).collect();
        assert_eq!(done, [false, true, false]);
    }

    #[test]
    fn a_plain_user_sees_no_card_of_administration() {
        assert!(staff(&viewer()).is_empty());
    }
}
