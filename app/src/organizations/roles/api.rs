//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(clippy::too_many_arguments, reason = "as many as the interface has inputs")]
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    organizations::roles::{
        Assignment, Explanation, Holder, MadeRole, MemberPermissions, Preview, Role, Template,
    },
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
        organizations::roles::{
            service::{self, NewRole, Trying},
            templates,
        },
    },
};

/// Every role.
#[server(prefix = "/api/v1", endpoint = "organizations/roles", input = GetUrl)]
pub async fn list_roles(#[server(default)] organization_id: String) -> Result<Page<Role>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    // Five, and at most a hundred: always one page.
    Ok(Page { items: service::roles(&grant).await?, next_cursor: None })
}

/// What roles are often made of.
#[server(prefix = "/api/v1", endpoint = "organizations/role-templates", input = GetUrl)]
pub async fn role_templates(#[server(default)] organization_id: String) -> Result<Page<Template>, Problem> {
    caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    Ok(Page { items: templates(), next_cursor: None })
}

/// To whom a role is given.
#[server(prefix = "/api/v1", endpoint = "organizations/role-assignments", input = GetUrl)]
pub async fn list_assignments(
    #[server(default)] organization_id: String,
    #[server(default)] role: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Assignment>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    Ok(service::assigned(&grant, &role, limit, cursor.as_deref()).await?)
}

/// Makes a role.
#[server(prefix = "/api/v1", endpoint = "organizations/create-role", input = PostUrl)]
pub async fn create_role(
    #[server(default)] organization_id: String,
    #[server(default)] name: String,
    description: Option<String>,
    #[server(default)] permissions: Vec<String>,
) -> Result<MadeRole, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::CreateRoles)?;
    let made = service::create(&grant, &NewRole { name, description, permissions }).await?;
    leptos_axum::redirect(&format!("/o/{organization_id}/roles?role={}&made=1", made.id), false);
    Ok(made)
}

/// Makes a role another one.
#[server(prefix = "/api/v1", endpoint = "organizations/update-role", input = PostUrl)]
pub async fn update_role(
    #[server(default)] organization_id: String,
    #[server(default)] role: String,
    version: Option<i64>,
    #[server(default)] name: String,
    description: Option<String>,
    #[server(default)] permissions: Vec<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateRoles)?;
    service::update(&grant, &role, version, &NewRole { name, description, permissions }).await?;
    leptos_axum::redirect(&format!("/o/{organization_id}/roles?role={}&saved=1", role.trim()), false);
    Ok(())
}

/// Deletes a role.
#[server(prefix = "/api/v1", endpoint = "organizations/delete-role", input = PostUrl)]
pub async fn delete_role(
    #[server(default)] organization_id: String,
    #[server(default)] role: String,
    assigned: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::DeleteRoles)?;
    service::delete(&grant, &role, assigned.as_deref()).await?;
    leptos_axum::redirect(&format!("/o/{organization_id}/roles?deleted=1"), false);
    Ok(())
}

/// Gives a role to a member or a group.
#[server(prefix = "/api/v1", endpoint = "organizations/assign-role", input = PostUrl)]
pub async fn assign_role(
    #[server(default)] organization_id: String,
    #[server(default)] role: String,
    user_id: Option<String>,
    group_id: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::AssignRoles)?;
    Ok(service::assign(&grant, &role, user_id.as_deref(), group_id.as_deref()).await?)
}

/// Takes a role from a member or a group.
#[server(prefix = "/api/v1", endpoint = "organizations/unassign-role", input = PostUrl)]
pub async fn unassign_role(
    #[server(default)] organization_id: String,
    #[server(default)] role: String,
    user_id: Option<String>,
    group_id: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::AssignRoles)?;
    Ok(service::unassign(&grant, &role, user_id.as_deref(), group_id.as_deref()).await?)
}

/// What a change of a role would come to.
#[server(prefix = "/api/v1", endpoint = "organizations/preview-role", input = GetUrl)]
pub async fn preview_role(
    #[server(default)] organization_id: String,
    role: Option<String>,
    act: Option<String>,
    #[server(default)] permissions: Vec<String>,
    user_id: Option<String>,
    group_id: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Preview, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    let typed = Trying { role, act, permissions, user_id, group_id, limit, cursor };
    Ok(service::preview(&grant, &typed).await?)
}

/// Members × permissions.
#[server(prefix = "/api/v1", endpoint = "organizations/permission-matrix", input = GetUrl)]
pub async fn permission_matrix(
    #[server(default)] organization_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<MemberPermissions>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    Ok(service::matrix(&grant, limit, cursor.as_deref()).await?)
}

/// Who may do something.
#[server(prefix = "/api/v1", endpoint = "organizations/who-can", input = GetUrl)]
pub async fn who_can(
    #[server(default)] organization_id: String,
    #[server(default)] permission: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Holder>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadRoles)?;
    Ok(service::who_can(&grant, &permission, limit, cursor.as_deref()).await?)
}

/// Why somebody may do something, or may not.
#[server(prefix = "/api/v1", endpoint = "organizations/explain", input = GetUrl)]
pub async fn explain(
    #[server(default)] organization_id: String,
    user_id: Option<String>,
    #[server(default)] permission: String,
) -> Result<Explanation, Problem> {
    let member = caller()?.in_organization(&organization_id).await?;
    Ok(service::explain(&member, user_id.as_deref(), &permission).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), questions(), changes(), assignments()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReadRoles);
    vec![
        Endpoint::of::<ListRoles, GetUrl>(
            need,
            Rate::Read,
            "Every role that can be given in the organization: what it allows, and how many members and groups have it.",
        ),
        Endpoint::of::<RoleTemplates, GetUrl>(
            need,
            Rate::Read,
            "What roles are often made of, to begin from.",
        ),
        Endpoint::of::<ListAssignments, GetUrl>(
            need,
            Rate::Read,
            "To which members and groups a role is given; `role` is a name such as ADMIN, or an id.",
        ),
    ]
}

#[cfg(feature = "ssr")]
fn questions() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReadRoles);
    vec![
        Endpoint::of::<PermissionMatrix, GetUrl>(need, Rate::Read, "What each member may do, page by page."),
        Endpoint::of::<WhoCan, GetUrl>(
            need,
            Rate::Read,
            "Who may do something (`permission`, such as members:invite), and by which roles and groups.",
        ),
        Endpoint::of::<Explain, GetUrl>(
            Need::Member,
            Rate::Read,
            "Why somebody may do something (`permission`), with each chain of group and role, or why they may not and who could \
             give it to them. Without `user_id` it is about the caller, whom it is always told; about others roles:read is \
             needed.",
        ),
        Endpoint::of::<PreviewRole, GetUrl>(
            need,
            Rate::Read,
            "Who would gain and who would lose what, if a role allowed `permissions` (`act` is change), were gone (delete), or \
             were given to or taken from a member or a group (assign, unassign). Nothing is changed.",
        ),
    ]
}

#[cfg(feature = "ssr")]
fn changes() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<CreateRole, PostUrl>(
            Need::Organization(Permission::CreateRoles),
            Rate::Write,
            "Makes a role that allows `permissions`, none of which the caller lacks.",
        )
        .with_problems(&["conflict", "quota-exceeded"]),
        Endpoint::of::<UpdateRole, PostUrl>(
            Need::Organization(Permission::UpdateRoles),
            Rate::Write,
            "Makes a role another one, as a whole. `version` is the one that was seen: where it has moved on, nothing is \
             changed.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<DeleteRole, PostUrl>(
            Need::Organization(Permission::DeleteRoles),
            Rate::Write,
            "Deletes a role. Where somebody has it, it stays, unless `assigned` is take: then it is taken from them.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn assignments() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::AssignRoles);
    vec![
        Endpoint::of::<AssignRole, PostUrl>(
            need,
            Rate::Write,
            "Gives a role to a member (`user_id`, an account or its address) or a group (`group_id`). It may not allow more than \
             the caller may do; to make an owner needs a fresh proof.",
        )
        .with_problems(&["conflict", "step-up-required"]),
        Endpoint::of::<UnassignRole, PostUrl>(
            need,
            Rate::Write,
            "Takes a role from a member or a group. The last owner stays one.",
        )
        .with_problems(&["conflict", "step-up-required"]),
    ]
}
