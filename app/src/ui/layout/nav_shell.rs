//! The frame of the pages behind the door: navigation at the side, or behind a button on a telephone.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{Brand, Crumb, NavGroup, Person};
use crate::ui::{Avatar, Glyph, Icon, Menu, ReadOnly, Routing, ThemeToggle};

/// Where signing out is posted to. A plain form: the page is loaded anew, so nothing of the person stays in memory.
const SIGN_OUT: &str = "/api/v1/identity/sign-out";

/// The navigation, the person's menu, and the page.
#[component]
pub fn NavShell(
    /// Who is signed in; without one there is a link to the sign-in page.
    #[prop(optional_no_strip, into)]
    person: Option<Person>,
    /// The links this person may use.
    groups: Vec<NavGroup>,
    /// The pages above this one, outermost first.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// The page, beginning with a [`crate::ui::PageHeader`].
    children: Children,
) -> impl IntoView {
    let busy = move || Routing::is_under_way().then_some("true");
    view! {
        <div class="frame">
            <header class="topbar">
                <Brand/>
                <details class="drawer">
                    <summary class="btn btn-quiet btn-square" aria-label="Navigation">
                        <Icon glyph=Glyph::Menu/>
                    </summary>
                    <div class="drawer-panel">
                        {links(&groups, "Navigation")} {person_menu(person.clone(), "person-drawer")}
                    </div>
                </details>
            </header>
            <aside class="sidebar">
                <Brand/>
                {links(&groups, "Main")}
                {person_menu(person, "person-sidebar")}
            </aside>
            <main id="main" class="page" tabindex="-1" aria-busy=busy>
                {(!crumbs.is_empty()).then(|| breadcrumbs(crumbs))}
                {children()}
            </main>
        </div>
    }
    .into_any()
}

fn links(groups: &[NavGroup], label: &'static str) -> AnyView {
    let groups = groups
        .iter()
        .map(|group| {
            let items = group
                .items
                .iter()
                .copied()
                .map(|item| {
                    let path = use_location().pathname;
                    let here = move || path.with(|path| item.is_at(path)).then_some("page");
                    view! {
                        <li>
                            <a class="nav-link" href=item.href aria-current=here>
                                <Icon glyph=item.glyph/>
                                <span>{item.label}</span>
                            </a>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <div class="nav-group">
                    {group.title.map(|words| view! { <p class="nav-title">{words}</p> })}
                    <ul>{items}</ul>
                </div>
            }
        })
        .collect_view();
    view! {
        <nav class="nav" aria-label=label>
            {groups}
        </nav>
    }
    .into_any()
}

fn person_menu(person: Option<Person>, id: &'static str) -> AnyView {
    let Some(Person { name, email }) = person else {
        return view! {
            <div class="nav-foot">
                <a class="btn btn-primary btn-wide" href="/login">
                    "Sign in"
                </a>
                <ThemeToggle/>
            </div>
        }
        .into_any();
    };
    let button = view! {
        <Avatar name=name.clone()/>
        <span class="person-words">
            <span class="person-name">{name}</span>
            <span class="person-email">{email}</span>
        </span>
        <Icon glyph=Glyph::ChevronDown/>
    };
    view! {
        <div class="nav-foot">
            <Menu id button=button.into_any()>
                <a class="menu-item" href="/account/profile">
                    <Icon glyph=Glyph::User/>
                    "Profile"
                </a>
                <a class="menu-item" href="/account/security">
                    <Icon glyph=Glyph::Shield/>
                    "Security"
                </a>
                {(!ReadOnly::is_on()).then(what_changes_something)}
            </Menu>
        </div>
    }
    .into_any()
}

fn what_changes_something() -> AnyView {
    view! {
        <div class="menu-row">
            <ThemeToggle/>
        </div>
        <form method="post" action=SIGN_OUT>
            <button type="submit" class="menu-item">
                <Icon glyph=Glyph::SignOut/>
                "Sign out"
            </button>
        </form>
    }
    .into_any()
}

fn breadcrumbs(crumbs: Vec<Crumb>) -> AnyView {
    let rows = crumbs
        .into_iter()
        .map(|Crumb { href, label }| {
            view! {
                <li>
                    <a href=href>{label}</a>
                    <Icon glyph=Glyph::ChevronRight/>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="crumbs" aria-label="Breadcrumbs">
            <ol>{rows}</ol>
        </nav>
    }
    .into_any()
}
