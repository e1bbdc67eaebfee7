//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    organizations::groups::{FoundGroup, Group, GroupMember, MadeGroup},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        access::{Need, Permission},
        organizations::groups::service,
    },
};

/// The tree, page by page.
#[server(prefix = "/api/v1", endpoint = "organizations/groups", input = GetUrl)]
pub async fn list_groups(
    #[server(default)] organization_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Group>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadGroups)?;
    Ok(service::groups(&grant, limit, cursor.as_deref()).await?)
}

/// Groups of one place of the tree, or with something in their name.
#[server(prefix = "/api/v1", endpoint = "organizations/find-groups", input = GetUrl)]
pub async fn find_groups(
    #[server(default)] organization_id: String,
    q: Option<String>,
    inside: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<FoundGroup>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadGroups)?;
    Ok(service::look_for(&grant, &service::Looking { q, inside, limit, cursor }).await?)
}

/// One group.
#[server(prefix = "/api/v1", endpoint = "organizations/group", input = GetUrl)]
pub async fn read_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
) -> Result<FoundGroup, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadGroups)?;
    Ok(service::group(&grant, &group_id).await?)
}

/// Makes a group.
#[server(prefix = "/api/v1", endpoint = "organizations/create-group", input = PostUrl)]
pub async fn create_group(
    #[server(default)] organization_id: String,
    #[server(default)] name: String,
    parent_id: Option<String>,
) -> Result<MadeGroup, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::CreateGroups)?;
    Ok(service::create(&grant, &name, parent_id.as_deref()).await?)
}

/// Calls a group otherwise.
#[server(prefix = "/api/v1", endpoint = "organizations/rename-group", input = PostUrl)]
pub async fn rename_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    #[server(default)] name: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateGroups)?;
    Ok(service::rename(&grant, &group_id, &name).await?)
}

/// Puts a group somewhere else in the tree.
#[server(prefix = "/api/v1", endpoint = "organizations/move-group", input = PostUrl)]
pub async fn move_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    parent_id: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateGroups)?;
    Ok(service::move_to(&grant, &group_id, parent_id.as_deref()).await?)
}

/// Deletes a group.
#[server(prefix = "/api/v1", endpoint = "organizations/delete-group", input = PostUrl)]
pub async fn delete_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    below: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::DeleteGroups)?;
    service::delete(&grant, &group_id, below.as_deref()).await?;
    leptos_axum::redirect(&format!("/o/{organization_id}/groups?deleted=1"), false);
    Ok(())
}

/// Who is in a group.
#[server(prefix = "/api/v1", endpoint = "organizations/group-members", input = GetUrl)]
pub async fn list_group_members(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<GroupMember>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadGroups)?;
    Ok(service::members(&grant, &group_id, limit, cursor.as_deref()).await?)
}

/// Puts a member into a group.
#[server(prefix = "/api/v1", endpoint = "organizations/add-to-group", input = PostUrl)]
pub async fn add_to_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    #[server(default)] user_id: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateGroups)?;
    Ok(service::add(&grant, &group_id, &user_id).await?)
}

/// Takes a member out of a group.
#[server(prefix = "/api/v1", endpoint = "organizations/remove-from-group", input = PostUrl)]
pub async fn remove_from_group(
    #[server(default)] organization_id: String,
    #[server(default)] group_id: String,
    #[server(default)] user_id: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateGroups)?;
    Ok(service::remove(&grant, &group_id, &user_id).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), tree(), people()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReadGroups);
    vec![
        Endpoint::of::<ListGroups, GetUrl>(
            need,
            Rate::Read,
            "Every group of the organization, page by page in the order they were made, with the one it is in (`parent_id`) \
             and how many are in it themselves.",
        ),
        Endpoint::of::<FindGroups, GetUrl>(
            need,
            Rate::Read,
            "Groups page by page, with what is above each: those with `q` in their name, and of one place of the tree \
             (`inside`: a group, or `top`).",
        ),
        Endpoint::of::<ReadGroup, GetUrl>(need, Rate::Read, "One group, and what is above it."),
        Endpoint::of::<ListGroupMembers, GetUrl>(need, Rate::Read, "Who is in a group itself, page by page."),
    ]
}

#[cfg(feature = "ssr")]
fn tree() -> Vec<Endpoint> {
    let update = Need::Organization(Permission::UpdateGroups);
    vec![
        Endpoint::of::<CreateGroup, PostUrl>(
            Need::Organization(Permission::CreateGroups),
            Rate::Write,
            "Makes a group, inside of another one (`parent_id`) or at the top of the tree.",
        )
        .with_problems(&["conflict", "quota-exceeded"]),
        Endpoint::of::<RenameGroup, PostUrl>(update, Rate::Write, "Calls a group otherwise.")
            .with_problems(&["conflict"]),
        Endpoint::of::<MoveGroup, PostUrl>(
            update,
            Rate::Write,
            "Puts a group with all that is below it into another one (`parent_id`), or at the top of the tree without one. \
             What its people lose and gain by it may not be more than the caller has.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<DeleteGroup, PostUrl>(
            Need::Organization(Permission::DeleteGroups),
            Rate::Write,
            "Deletes a group. Groups below it stand in the way, unless `below` is move: then they are lifted to where it was.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn people() -> Vec<Endpoint> {
    let update = Need::Organization(Permission::UpdateGroups);
    vec![
        Endpoint::of::<AddToGroup, PostUrl>(
            update,
            Rate::Write,
            "Puts a member into a group; `user_id` is an account or its address. What the group gives may not be more than the \
             caller has.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<RemoveFromGroup, PostUrl>(
            update,
            Rate::Write,
            "Takes a member out of a group; `user_id` is an account or its address.",
        )
        .with_problems(&["conflict"]),
    ]
}
