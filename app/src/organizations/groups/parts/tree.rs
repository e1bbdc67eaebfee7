//! The tree, which opens and closes without wasm; with wasm a group can be dragged onto another one.

use std::collections::HashMap;

use domain::organizations::groups::Group;
use leptos::{ev::DragEvent, prelude::*};
use uuid::Uuid;

use super::{Arranging, order};
use crate::{
    organizations::groups::words,
    ui::{Address, Badge, Card, EmptyState, Field, Form, Glyph, Hidden, Select, SubmitButton, TextInput},
};

/// How deep the page is nested at most. What is below that stands in one list.
const DEEPEST: usize = 30;

/// What every row needs.
struct Drawing<'a> {
    children: HashMap<Option<Uuid>, Vec<&'a Group>>,
    slug: &'a str,
    address: &'a Address,
    arranging: Arranging,
}

/// The card with the tree.
pub fn tree(groups: &[Group], slug: &str, address: &Address, arranging: &Arranging) -> AnyView {
    if groups.is_empty() {
        return view! {
            <Card title="The tree">
                <EmptyState glyph=Glyph::Users title="No groups yet" text=words::EMPTY/>
            </Card>
        }
        .into_any();
    }
    let drawing = Drawing { children: order::children(groups), slug, address, arranging: *arranging };
    let rows = level(&drawing, None, 0);
    view! {
        <Card title="The tree" lead=words::DRAG>
            {rows} {top(slug, arranging)}
        </Card>
    }
    .into_any()
}

fn level(drawing: &Drawing<'_>, parent: Option<Uuid>, depth: usize) -> AnyView {
    let groups = drawing.children.get(&parent).map(Vec::as_slice).unwrap_or_default();
    let rows = groups.iter().map(|group| row(drawing, group, depth)).collect_view();
    let class = if depth == 0 { "grid gap-1" } else { "grid gap-1 pl-6" };
    view! { <ul class=class>{rows}</ul> }.into_any()
}

fn row(drawing: &Drawing<'_>, group: &Group, depth: usize) -> AnyView {
    let has_below = drawing.children.contains_key(&Some(group.id));
    let line = line(drawing, group);
    if !has_below {
        return view! { <li class="py-1">{line}</li> }.into_any();
    }
    let below =
        if depth < DEEPEST { level(drawing, Some(group.id), depth + 1) } else { everything_below(drawing, group) };
    view! {
        <li>
            <details open>
                <summary class="cursor-pointer py-1">{line}</summary>
                {below}
            </details>
        </li>
    }
    .into_any()
}

fn everything_below(drawing: &Drawing<'_>, group: &Group) -> AnyView {
    let below = |id| drawing.children.get(&Some(id)).into_iter().flatten().copied();
    let (mut rows, mut waiting) = (Vec::new(), below(group.id).collect::<Vec<_>>());
    while let Some(next) = waiting.pop() {
        rows.push(view! { <li class="py-1">{line(drawing, next)}</li> });
        waiting.extend(below(next.id));
    }
    view! { <ul class="grid gap-1 pl-6">{rows.collect_view()}</ul> }.into_any()
}

fn line(drawing: &Drawing<'_>, group: &Group) -> AnyView {
    let id = group.id.to_string();
    let is_open = drawing.address.get("group").as_deref() == Some(&id);
    let href = drawing.address.with("cursor", "").with("group", &id).href();
    let people = match group.members {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    let (arranging, slug) = (drawing.arranging, drawing.slug.to_owned());
    let (dragged, target) = (id.clone(), id);
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
            on:dragover=move |event| allow(&event, arranging)
            on:drop=on_drop
        >
            <a href=href class="wrap-anywhere" aria-current=is_open.then_some("true")>
                {group.name.clone()}
            </a>
            <Badge text=people/>
        </span>
    }
    .into_any()
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
            on:dragover=move |event| allow(&event, arranging)
            on:drop=on_drop
        >
            "Drop a group here to put it at the top."
        </p>
    }
    .into_any()
}

fn allow(event: &DragEvent, arranging: Arranging) {
    if arranging.is_dragging() {
        event.prevent_default();
    }
}

/// The choice of a group, with its path; the first one is none.
pub(super) fn choices(none: &str, paths: Vec<(Uuid, String)>) -> Vec<(String, String)> {
    let named = paths.into_iter().map(|(id, path)| (id.to_string(), path));
    std::iter::once((String::new(), none.to_owned())).chain(named).collect()
}

/// Makes a group.
pub fn create_form(groups: &[Group], slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.create;
    let options = choices("At the top", order::paths(groups));
    view! {
        <Card title="Make a group">
            <Form action>
                <Hidden name="organization_id" value=slug/>
                <div class="grid max-w-xl gap-4">
                    <Field name="name" label="Name">
                        <TextInput maxlength=100 required=true autocomplete="off"/>
                    </Field>
                    <Field name="parent_id" label="Inside of">
                        <Select options/>
                    </Field>
                </div>
                <SubmitButton pending_words="Making…">"Make group"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
