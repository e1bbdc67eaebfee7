//! `/o/<slug>/roles`: the roles, the one that is open, and the builder with its dry run. What is built is in the address: it is
//! tried out by a plain link, and saved by a form that holds exactly what was tried out.

use domain::{
    Page,
    identity::Viewer,
    organizations::{
        OrganizationDetail,
        groups::FoundGroup,
        roles::{Assignment, Preview, Role},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::Problem,
    frame::{ConfirmItIsYou, refused},
    organizations::{
        groups::api::find_groups,
        parts::{OrganizationFrame, frame::organization_in_address},
        roles::{
            api::{list_assignments, list_roles, preview_role},
            parts::{Draft, OPEN, Ruling, builder, open_role, role_list, verdict},
            words,
        },
    },
    ui::{Skeleton, browser},
};

/// The roles.
#[component]
pub fn RolesPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let draft = Memo::new(move |_| query.with(Draft::read));
    let ruling = Ruling::new();
    let (changes, deletions) = (ruling.changes(), ruling.deletions());
    let roles =
        Resource::new(move || (slug.get(), changes.get(), deletions.get()), |(slug, ..)| list_roles(slug));
    let groups = Resource::new(
        move || (slug.get(), draft.with(|draft| draft.find.clone())),
        |(slug, find)| async move { find_groups(slug, find, None, Some(100), None).await.ok() },
    );
    let detail = Resource::new(
        move || (slug.get(), draft.get(), changes.get()),
        |(slug, draft, _)| async move { (read_assigned(&slug, &draft).await, read_preview(&slug, &draft).await) },
    );
    follow(draft);
    let page = move |viewer: Viewer, _: OrganizationDetail| {
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| ruling.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=ruling.step_up proof on_success/> }.into_any();
            ruling.needs_proof().then(card)
        };
        let content = move || {
            let (slug, draft) = (slug.get(), draft.get());
            Suspend::new(async move {
                match (roles.await, groups.await, detail.await) {
                    (Ok(roles), groups, (assigned, preview)) => {
                        let groups = groups.unwrap_or(Page { items: Vec::new(), next_cursor: None });
                        let open =
                            draft.role.as_ref().and_then(|id| roles.items.iter().find(|it| it.role == *id));
                        let panel = panel(open, assigned, preview, &groups, &slug, &draft, &ruling);
                        view! { {panel} {role_list(&roles.items, &slug)} }.into_any()
                    }
                    (Err(problem), ..) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{words::LEAD}</p>
                {ruling.said()} {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Roles" changed=changes page/> }
}

type Asked<T> = Option<Result<T, Problem>>;

/// What is open: the builder, with what it comes to, or a role.
fn panel(
    open: Option<&Role>,
    assigned: Asked<Page<Assignment>>,
    preview: Asked<Preview>,
    groups: &Page<FoundGroup>,
    slug: &str,
    draft: &Draft,
    ruling: &Ruling,
) -> Option<AnyView> {
    let told = preview.map(|preview| match preview {
        Ok(preview) => verdict(preview, open, slug, draft, ruling),
        Err(problem) => refused(&problem),
    });
    let content = if draft.is_building() {
        view! { {told} {builder(open, slug, draft)} }.into_any()
    } else if told.is_some() {
        told.into_any()
    } else {
        match (open, assigned) {
            (Some(role), Some(Ok(page))) => open_role(role, page, groups, slug, draft, ruling),
            (_, Some(Err(problem))) => refused(&problem),
            _ => return None,
        }
    };
    let region = view! {
        <div id=OPEN tabindex="-1" role="region" aria-label="What is open" class="grid gap-6">
            {content}
        </div>
    };
    Some(region.into_any())
}

async fn read_assigned(slug: &str, draft: &Draft) -> Asked<Page<Assignment>> {
    if draft.is_building() || draft.is_tried() {
        return None;
    }
    Some(list_assignments(slug.to_owned(), draft.role.clone()?, None, draft.cursor.clone()).await)
}

async fn read_preview(slug: &str, draft: &Draft) -> Asked<Preview> {
    if !draft.is_tried() {
        return None;
    }
    let (act, permissions) = (draft.act(), draft.permissions.clone());
    let (role, cursor) = (draft.role.clone(), draft.cursor.clone());
    Some(
        preview_role(slug.to_owned(), role, Some(act.to_owned()), permissions, None, None, None, cursor)
            .await,
    )
}

/// Moves the focus to what was opened.
fn follow(draft: Memo<Draft>) {
    Effect::new(move |before: Option<Draft>| {
        let now = draft.get();
        if before.is_some_and(|before| before != now) && now != Draft::default() {
            browser::focus_soon(OPEN.into());
        }
        now
    });
}
