//! The frame of the pages behind the door: who is in, and which links they may use.

use domain::{
    access::{SiteAction, site_allows},
    identity::Viewer,
};
use leptos::prelude::*;

use super::turned_away;
use crate::{
    identity::api::me,
    ui::{Glyph, NavGroup, NavItem, NavShell, Person, ReadOnly, Skeleton, browser, tell_time_as},
};

/// A page behind the door. Whoever is not in is sent to the door and comes back after.
#[component]
pub fn Inside(
    /// Changes when the person themselves changed, such as their name.
    #[prop(optional, into)]
    changed: Option<Signal<usize>>,
    /// The page for this person. Runs again when they changed: make resources and actions outside of it.
    #[prop(into)]
    page: Callback<(Viewer,), AnyView>,
) -> impl IntoView {
    let viewer = Resource::new(move || changed.map(|changed| changed.get()), |_| me());
    // `strict`: the page is drawn once; a second walk would draw every form twice.
    view! {
        <Transition strict=true fallback=|| view! { <Skeleton lines=6/> }>
            {move || Suspend::new(async move {
                match viewer.await {
                    Ok(viewer) => {
                        tell_time_as(viewer.local_time.clone());
                        let content = page.run((viewer.clone(),));
                        inside(&viewer, content)
                    }
                    Err(problem) => turned_away(&problem),
                }
            })}
        </Transition>
    }
}

/// The frame around the content, for a page that found out by itself who is there. It tells the time as they read it
/// (`tell_time_as`) before it makes the content.
pub fn inside(viewer: &Viewer, content: AnyView) -> AnyView {
    // The look has begun or ended meanwhile, in another tab or by itself: the document is about somebody else.
    if viewer.impersonated_by.is_some() != ReadOnly::is_on() {
        browser::reload();
    }
    let person = Person { name: called(viewer).to_owned(), email: viewer.email.clone() };
    view! {
        <NavShell person=Some(person) groups=links_of(viewer)>
            {content}
        </NavShell>
    }
    .into_any()
}

/// The display name, or the address where there is none.
pub fn called(viewer: &Viewer) -> &str {
    if viewer.display_name.is_empty() { &viewer.email } else { &viewer.display_name }
}

/// The links a person may use: the menu hides what the server refuses.
fn links_of(viewer: &Viewer) -> Vec<NavGroup> {
    let item = |href, label, glyph| NavItem { href, label, glyph };
    let mut groups = vec![
        NavGroup {
            title: None,
            items: vec![item("/", "Start", Glyph::Home), item("/orgs", "Organizations", Glyph::Users)],
        },
        NavGroup {
            title: Some("Your account"),
            items: vec![
                item("/account/profile", "Profile", Glyph::User),
                item("/account/security", "Security", Glyph::Shield),
                item("/account/tokens", "API tokens", Glyph::Key),
                item("/settings", "Settings", Glyph::Settings),
            ],
        },
    ];
    let staff: Vec<NavItem> = [
        (SiteAction::ReadUsers, item("/admin/users", "People", Glyph::Users)),
        (SiteAction::ReadOrganizations, item("/admin/organizations", "All organizations", Glyph::Gate)),
        (SiteAction::ReadAudit, item("/admin/audit-logs", "Audit trail", Glyph::List)),
        (SiteAction::ReadWebhooks, item("/admin/webhooks", "Webhooks", Glyph::Send)),
        (SiteAction::ReadBilling, item("/admin/billing", "Invoices", Glyph::List)),
        (SiteAction::ReadSettings, item("/admin/settings", "Site settings", Glyph::Settings)),
    ]
    .into_iter()
    .filter(|(action, _)| site_allows(&viewer.roles, *action))
    .map(|(_, item)| item)
    .collect();
    if !staff.is_empty() {
        groups.push(NavGroup { title: Some("Administration"), items: staff });
    }
    groups
}
