//! One place of the tree, or what was looked for. Each group opens by a link; with wasm it can be dragged onto another one.

use domain::{
    Page,
    organizations::{groups::FoundGroup, roles::GroupName},
};
use leptos::{ev::DragEvent, prelude::*};
use uuid::Uuid;

use super::{Arranging, places::places};
use crate::{
    organizations::groups::words,
    ui::{
        Address, Badge, Card, EmptyState, Field, FilterBar, Form, Glyph, Hidden, Pagination, Select,
        SubmitButton, TextInput,
    },
};

/// What is open, what is listed, and what can be chosen.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The group that is open.
    pub open: Option<&'a FoundGroup>,
    /// Of all groups, or of those that were looked for, as many as one page has.
    pub choices: &'a Page<FoundGroup>,
    /// The name of the organization in addresses.
    pub slug: &'a str,
    /// The address of the page.
    pub address: &'a Address,
}

/// What looks for groups. The group that is open stays open, so that a place for it can be found.
pub fn search(shown: &Shown<'_>) -> AnyView {
    let address = shown.address;
    let q = address.get("q").unwrap_or_default();
    let reset = (!q.is_empty()).then(|| address.with("q", "").with("from", "").href());
    let open = address.get("group").map(|group| view! { <Hidden name="group" value=group/> });
    view! {
        <FilterBar action=format!("/o/{}/groups", shown.slug) label="Groups" reset>
            {open}
            <Field name="q" label="Find a group">
                <TextInput kind="search" value=q maxlength=100/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

/// The card with the groups of this place, or those that were found.
pub fn tree(page: Page<FoundGroup>, shown: &Shown<'_>, arranging: &Arranging) -> AnyView {
    let Page { items, next_cursor } = page;
    let address = shown.address;
    let looks = address.get("q").is_some();
    let title = match shown.open {
        _ if looks => "Found".to_owned(),
        Some(group) => format!("Groups in {}", group.name),
        None => "The tree".to_owned(),
    };
    // A later page may have become empty: it says nothing about the first.
    if items.is_empty() && address.get("from").is_none() {
        return nothing(title, looks, shown);
    }
    let summary = match items.len() {
        1 => "1 group on this page".to_owned(),
        many => format!("{many} groups on this page"),
    };
    let first = address.get("from").map(|_| address.with("from", "").href());
    let next = next_cursor.map(|cursor| address.with("from", &cursor).href());
    let mut items = items;
    items.sort_by_cached_key(|group| group.name.to_lowercase());
    let rows = items.iter().map(|group| row(group, shown, looks, arranging)).collect_view();
    let top = top(shown.slug, arranging);
    view! {
        <Card title lead=words::DRAG>
            <ul class="grid gap-1">{rows}</ul>
            {top}
            <Pagination first next summary/>
        </Card>
    }
    .into_any()
}

fn nothing(title: String, looks: bool, shown: &Shown<'_>) -> AnyView {
    let (glyph, empty, text) = match shown.open {
        _ if looks => (Glyph::Search, "No group found", words::NOT_FOUND),
        Some(_) => (Glyph::Users, "No groups in it", words::NONE_INSIDE),
        None => (Glyph::Users, "No groups yet", words::EMPTY),
    };
    view! {
        <Card title>
            <EmptyState glyph title=empty text/>
        </Card>
    }
    .into_any()
}

fn row(group: &FoundGroup, shown: &Shown<'_>, looks: bool, arranging: &Arranging) -> AnyView {
    let path = (looks && !group.above.is_empty())
        .then(|| view! { <p class="table-sub wrap-anywhere">{group.path()}</p> });
    view! { <li class="py-1">{line(group, shown, arranging)} {path}</li> }.into_any()
}

fn line(group: &FoundGroup, shown: &Shown<'_>, arranging: &Arranging) -> AnyView {
    let arranging = *arranging;
    let id = group.id.to_string();
    let is_open = shown.open.is_some_and(|open| open.id == group.id);
    let people = match group.members {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let below = match group.groups {
        0 => None,
        1 => Some("1 group".to_owned()),
        many => Some(format!("{many} groups")),
    };
    let below = below.map(|text| view! { <Badge text/> });
    let (dragged, target, slug) = (id.clone(), id, shown.slug.to_owned());
    let on_start = move |event: DragEvent| {
        event.stop_propagation();
        arranging.drag(dragged.clone());
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        event.stop_propagation();
        arranging.put_down(&slug, Some(target.clone()));
    };
    view! {
        <span
            class="inline-flex items-center gap-2"
            draggable="true"
            on:dragstart=on_start
            on:dragover=move |event| allow(&event, &arranging)
            on:drop=on_drop
        >
            <a
                href=href(group.id, shown.address)
                class="wrap-anywhere"
                aria-current=is_open.then_some("true")
            >
                {group.name.clone()}
            </a>
            <Badge text=people/>
            {below}
        </span>
    }
    .into_any()
}

/// Where a group is open.
fn href(group: Uuid, address: &Address) -> String {
    address.with("q", "").with("from", "").with("cursor", "").with("group", &group.to_string()).href()
}

/// The way from the top to the group that is open.
pub(super) fn way(group: &FoundGroup, address: &Address) -> Option<AnyView> {
    if group.above.is_empty() {
        return None;
    }
    let step = |(at, above): (usize, &GroupName)| {
        let href = href(above.id, address);
        let between = if at == 0 { "In " } else { " › " };
        view! {
            {between}
            <a href=href class="wrap-anywhere">
                {above.name.clone()}
            </a>
        }
    };
    let steps = group.above.iter().enumerate().map(step).collect_view();
    Some(view! { <p>{steps}</p> }.into_any())
}

/// Where a group is dropped that shall stand at the top.
fn top(slug: &str, arranging: &Arranging) -> AnyView {
    let (arranging, slug) = (*arranging, slug.to_owned());
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        arranging.put_down(&slug, None);
    };
    view! {
        <p
            class="field-hint mt-2 py-2"
            data-needs-wasm
            on:dragover=move |event| allow(&event, &arranging)
            on:drop=on_drop
        >
            "Drop a group here to put it at the top."
        </p>
    }
    .into_any()
}

fn allow(event: &DragEvent, arranging: &Arranging) {
    if arranging.is_dragging() {
        event.prevent_default();
    }
}

/// The choice of a group, with its path; the first one is the top of the tree. Not the one that is moved.
pub(super) fn choices(shown: &Shown<'_>, moved: Option<Uuid>) -> Vec<(String, String)> {
    let places = places(shown.open, &shown.choices.items).into_iter().filter(|(id, _)| Some(*id) != moved);
    let named = places.map(|(id, path)| (id.to_string(), path));
    std::iter::once((String::new(), "At the top".to_owned())).chain(named).collect()
}

/// What is said beside a choice that does not hold every group.
pub(super) fn more(shown: &Shown<'_>) -> Option<AnyView> {
    let has_more = shown.choices.next_cursor.is_some() || shown.address.get("q").is_some();
    has_more.then(|| view! { <p class="field-hint">{words::MORE}</p> }.into_any())
}

/// Makes a group, where nobody says otherwise inside of the one that is open.
pub fn create_form(shown: &Shown<'_>, arranging: &Arranging) -> AnyView {
    let action = arranging.create;
    let options = choices(shown, None);
    let inside = shown.open.map(|group| group.id.to_string()).unwrap_or_default();
    let (slug, more) = (shown.slug.to_owned(), more(shown));
    view! {
        <Card title="Make a group">
            <Form action>
                <Hidden name="organization_id" value=slug/>
                <div class="grid max-w-xl gap-4">
                    <Field name="name" label="Name">
                        <TextInput maxlength=100 required=true autocomplete="off"/>
                    </Field>
                    <Field name="parent_id" label="Inside of">
                        <Select options value=inside/>
                    </Field>
                    {more}
                </div>
                <SubmitButton pending_words="Making…">"Make group"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
