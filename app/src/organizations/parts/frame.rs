//! What every page of an organization stands in: its name, the way to the others, and the pages it has.

use domain::{identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use crate::{
    frame::{Inside, refused},
    organizations::{api::get_organization, words},
    spend::{api::list_limits, parts::spend_banner},
    ui::{Banner, Glyph, Icon, Menu, MenuLink, PageHeader, Skeleton, Tab, Tabs, TimeText, Tone},
};

/// The pages of an organization: what comes behind its address, the words, and the permission without which a page is hidden.
const PAGES: [(&str, &str, &str); 11] = [
    ("", "Overview", "organization:read"),
    ("/members", "Members", "members:read"),
    ("/groups", "Groups", "groups:read"),
    ("/roles", "Roles", "roles:read"),
    ("/access", "Access", "organization:read"),
    ("/policy", "Policy", "policy:read"),
    ("/limits", "Budgets", "spend:read"),
    ("/usage", "Usage", "spend:read"),
    ("/billing", "Billing", "billing:read"),
    ("/audit", "Audit trail", "audit:read"),
    ("/settings", "Settings", "organization:read"),
];

/// A page of the organization in the address (`/o/:slug/…`). Whoever does not belong to it finds nothing there.
#[component]
pub fn OrganizationFrame(
    /// What the page is called; without it the organization's name stands alone.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// Changes when the organization, or what the person may do in it, changed.
    #[prop(optional, into)]
    changed: Option<Signal<usize>>,
    /// The page for this person in this organization. Runs again when one of them changed: make resources and actions outside
    /// of it.
    #[prop(into)]
    page: Callback<(Viewer, OrganizationDetail), AnyView>,
) -> impl IntoView {
    let slug = organization_in_address();
    let organization = Resource::new(
        move || (slug.get(), changed.map(|changed| changed.get())),
        |(slug, _)| get_organization(slug),
    );
    // Whoever may not read it sees no banner.
    let limits = Resource::new(
        move || (slug.get(), changed.map(|changed| changed.get())),
        |(slug, _)| list_limits(slug),
    );
    let inner = move |viewer: Viewer| {
        let content = move || {
            let (viewer, title) = (viewer.clone(), title.map(|title| title.get()));
            Suspend::new(async move {
                match (organization.await, limits.await) {
                    (Ok(organization), limits) => {
                        let banner = limits.ok().and_then(|limits| spend_banner(&limits, &organization.slug));
                        framed(title, &viewer, organization, banner, page)
                    }
                    (Err(problem), _) => {
                        let title = title.unwrap_or_else(|| "Organization".to_owned());
                        view! { <PageHeader title/> {refused(&problem)} }.into_any()
                    }
                }
            })
        };
        view! {
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <Inside page=inner/> }
}

/// The slug in the address of the page.
pub fn organization_in_address() -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|all| all.get("slug")).unwrap_or_default())
}

fn framed(
    title: Option<String>,
    viewer: &Viewer,
    organization: OrganizationDetail,
    banner: Option<AnyView>,
    page: Callback<(Viewer, OrganizationDetail), AnyView>,
) -> AnyView {
    let heading = match title {
        Some(title) => format!("{title} · {}", organization.name),
        None => organization.name.clone(),
    };
    let ends = organization.deletes_at.map(|at| {
        view! {
            <Banner tone=Tone::Warning title="This organization is about to be deleted.">
                <p>"It is deleted for good on " <TimeText at/> ". " {words::ABOUT_TO_END}</p>
            </Banner>
        }
    });
    let tabs = tabs(&organization);
    let switcher = switcher(viewer, &organization);
    let content = page.run((viewer.clone(), organization));
    view! {
        <PageHeader title=heading actions=switcher/>
        {tabs}
        <div class="stack">{ends} {banner} {content}</div>
    }
    .into_any()
}

fn tabs(organization: &OrganizationDetail) -> AnyView {
    let base = format!("/o/{}", organization.slug);
    let tabs = PAGES.iter().filter(|(_, _, permission)| organization.may(permission));
    let tabs =
        tabs.map(|(below, label, _)| Tab { href: format!("{base}{below}"), label: (*label).to_owned() });
    let path = use_location().pathname;
    let current = Signal::derive(move || path.with(|path| tab_of(path)));
    view! { <Tabs label="Organization" tabs=tabs.collect() current/> }.into_any()
}

/// The tab of an address: `/o/acme/billing` for one of its invoices as well.
fn tab_of(path: &str) -> String {
    let upper: Vec<_> = path.split('/').take(4).collect();
    upper.join("/").trim_end_matches('/').to_owned()
}

/// A menu of the person's organizations, on the native `<details>`.
fn switcher(viewer: &Viewer, organization: &OrganizationDetail) -> AnyView {
    let button = view! {
        <span class="btn btn-secondary">
            <span>"Switch"</span>
            <Icon glyph=Glyph::ChevronDown/>
        </span>
    };
    let here = organization.id;
    let links = viewer.organizations.iter().filter(|it| it.id != here).map(|it| {
        let (href, name) = (format!("/o/{}", it.slug), it.name.clone());
        view! { <MenuLink href>{name}</MenuLink> }
    });
    let links = links.collect_view();
    view! {
        <Menu id="organizations" label="Switch to another organization" button=button.into_any()>
            {links}
            <MenuLink href="/orgs">"All of mine"</MenuLink>
        </Menu>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::tab_of;

    #[test]
    fn a_page_below_another_one_is_in_the_tab_of_that() {
        for path in ["/o/acme/billing", "/o/acme/billing/", "/o/acme/billing/invoices/2026-000001"] {
            assert_eq!(tab_of(path), "/o/acme/billing");
        }
        assert_eq!((tab_of("/o/acme"), tab_of("/o/acme/")), ("/o/acme".to_owned(), "/o/acme".to_owned()));
    }
}
