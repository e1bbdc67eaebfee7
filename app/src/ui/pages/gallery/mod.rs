//! Every part in every state on one page, for the eye and for the accessibility checks. Only in the development
//! profile; elsewhere the address leads nowhere.

pub mod controls;
pub mod doors;
pub mod forms;
pub mod lists;
pub mod words;

use leptos::prelude::*;

use super::NotFoundPage;
use crate::ui::{Crumb, Glyph, NavGroup, NavItem, NavShell, PageHeader, Person, browser};

/// The gallery of parts.
#[component]
pub fn GalleryPage() -> impl IntoView {
    if browser::is_development() {
        view! { <Gallery/> }.into_any()
    } else {
        view! { <NotFoundPage/> }.into_any()
    }
}

#[component]
fn Gallery() -> impl IntoView {
    let person = Person { name: "Ada Byron".into(), email: "ada@example.com".into() };
    let crumbs = vec![Crumb { href: "/".into(), label: "Home".into() }];
    view! {
        <NavShell person groups=navigation() crumbs>
            <PageHeader
                title="Parts"
                lead="Every building block of the interface, in every state it can be in."
                actions=view! { <a class="btn btn-primary" href="#forms">"To the forms"</a> }.into_any()
            />
            <div class="stack">
                <controls::Controls/>
                <words::Words/>
                <forms::Forms/>
                <lists::Lists/>
                <doors::Doors/>
            </div>
        </NavShell>
    }
}

fn navigation() -> Vec<NavGroup> {
    let item = |href, label, glyph| NavItem { href, label, glyph };
    vec![
        NavGroup {
            title: None,
            items: vec![item("/", "Home", Glyph::Home), item("/dev/ui", "Parts", Glyph::Gate)],
        },
        NavGroup {
            title: Some("Administration"),
            items: vec![
                item("/admin/users", "People", Glyph::Users),
                item("/admin/audit-logs", "Audit log", Glyph::List),
                item("/settings", "Settings", Glyph::Settings),
            ],
        },
    ]
}
