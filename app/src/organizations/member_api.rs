//! The endpoints of members and of those who are invited. Each names the access it needs, calls the service, and does nothing
//! else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    organizations::{BulkReport, InvitationRow, InvitationShown, InvitedPerson, Joined, MemberRow, RoleRef},
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
        AppError, FieldIssue,
        access::{Need, Permission, Purpose},
        organizations::{
            BulkAction,
            service::{self, Pasting, Query},
        },
    },
};

/// Who belongs to it.
#[server(prefix = "/api/v1", endpoint = "organizations/members", input = GetUrl)]
pub async fn list_members(
    #[server(default)] organization_id: String,
    q: Option<String>,
    role: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<MemberRow>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadMembers)?;
    Ok(service::members(&grant, Query { q, role, limit, cursor }).await?)
}

/// What the caller could give.
#[server(prefix = "/api/v1", endpoint = "organizations/assignable-roles", input = GetUrl)]
pub async fn assignable_roles(#[server(default)] organization_id: String) -> Result<Page<RoleRef>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadMembers)?;
    Ok(Page { items: service::assignable_roles(&grant).await?, next_cursor: None })
}

/// Gives a member other roles.
#[server(prefix = "/api/v1", endpoint = "organizations/set-member-roles", input = PostUrl)]
pub async fn set_member_roles(
    #[server(default)] organization_id: String,
    #[server(default)] user_id: String,
    #[server(default)] roles: Vec<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::AssignRoles)?;
    Ok(service::set_member_roles(&grant, &user_id, &roles).await?)
}

/// Removes a member.
#[server(prefix = "/api/v1", endpoint = "organizations/remove-member", input = PostUrl)]
pub async fn remove_member(
    #[server(default)] organization_id: String,
    #[server(default)] user_id: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::RemoveMembers)?;
    Ok(service::remove_member(&grant, &user_id).await?)
}

/// Does the same with many.
#[server(prefix = "/api/v1", endpoint = "organizations/bulk-members", input = PostUrl)]
pub async fn bulk_members(
    #[server(default)] organization_id: String,
    #[server(default)] action: String,
    #[server(default)] lines: String,
    role: Option<String>,
    mode: Option<String>,
) -> Result<BulkReport, Problem> {
    let member = caller()?.in_organization(&organization_id).await?;
    member.may(Permission::ReadMembers)?;
    let action =
        BulkAction::parse(&action).ok_or_else(|| AppError::invalid("action", FieldIssue::NotAnOption))?;
    let grant = member.may(action.permission())?;
    Ok(service::bulk_members(&grant, action, &Pasting { lines, role, mode }).await?)
}

/// Invites somebody.
#[server(prefix = "/api/v1", endpoint = "organizations/invite", input = PostUrl)]
pub async fn invite(
    #[server(default)] organization_id: String,
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<InvitedPerson, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::InviteMembers)?;
    Ok(service::invite(&grant, &email, &role).await?)
}

/// Who is invited.
#[server(prefix = "/api/v1", endpoint = "organizations/invitations", input = GetUrl)]
pub async fn list_invitations(
    #[server(default)] organization_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<InvitationRow>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadMembers)?;
    Ok(service::invitations(&grant, limit, cursor.as_deref()).await?)
}

/// Takes an invitation back.
#[server(prefix = "/api/v1", endpoint = "organizations/revoke-invitation", input = PostUrl)]
pub async fn revoke_invitation(
    #[server(default)] organization_id: String,
    #[server(default)] invitation_id: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::InviteMembers)?;
    Ok(service::revoke_invitation(&grant, &invitation_id).await?)
}

/// What the letter of an invitation leads to.
#[server(prefix = "/api/v1", endpoint = "organizations/invitation", input = GetUrl)]
pub async fn read_invitation(#[server(default)] token: String) -> Result<InvitationShown, Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    Ok(service::invitation(&grant, &token).await?)
}

/// Comes in.
#[server(prefix = "/api/v1", endpoint = "organizations/accept-invitation", input = PostUrl)]
pub async fn accept_invitation(#[server(default)] token: String) -> Result<Joined, Problem> {
    let grant = caller()?.signed_in()?;
    let joined = service::accept_invitation(&grant, &token).await?;
    leptos_axum::redirect(&format!("/o/{}?joined=1", joined.slug), false);
    Ok(joined)
}

/// Who may call what of this.
#[cfg(feature = "ssr")]
#[must_use]
pub(super) fn endpoints() -> Vec<Endpoint> {
    [members(), invitations()].concat()
}

#[cfg(feature = "ssr")]
fn members() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ListMembers, GetUrl>(
            Need::Organization(Permission::ReadMembers),
            Rate::Read,
            "Who belongs to an organization, the oldest accounts first: by part of an address or name (`q`) and by a role \
             that they were given themselves.",
        ),
        Endpoint::of::<AssignableRoles, GetUrl>(
            Need::Organization(Permission::ReadMembers),
            Rate::Read,
            "The roles that the caller could give: none that allows more than they may do themselves.",
        ),
        Endpoint::of::<SetMemberRoles, PostUrl>(
            Need::Organization(Permission::AssignRoles),
            Rate::Write,
            "Gives a member roles in place of those they have: names such as ADMIN, and ids of roles that the organization has \
             made. To make somebody an owner needs a fresh proof.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<RemoveMember, PostUrl>(
            Need::Organization(Permission::RemoveMembers),
            Rate::Write,
            "Removes a member who may do no more than the caller.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<BulkMembers, PostUrl>(
            Need::Organization(Permission::ReadMembers),
            Rate::Write,
            "Does the same (`action`: invite, set-role, remove) with up to 500 `lines`: an address on each, and its role behind a \
             comma, else `role`. `mode` is all-or-nothing, or each.",
        ),
    ]
}

#[cfg(feature = "ssr")]
fn invitations() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<Invite, PostUrl>(
            Need::Organization(Permission::InviteMembers),
            Rate::Write,
            "Invites an address by a letter, or once more: then the new link alone works. It is good once, for 7 days, and for \
             that address.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<ListInvitations, GetUrl>(
            Need::Organization(Permission::ReadMembers),
            Rate::Read,
            "The invitations that nobody has taken yet, the newest first.",
        ),
        Endpoint::of::<RevokeInvitation, PostUrl>(
            Need::Organization(Permission::InviteMembers),
            Rate::Write,
            "Takes an invitation back: its link works no more.",
        ),
        Endpoint::of::<ReadInvitation, GetUrl>(
            Need::Nothing(Purpose::Letter),
            Rate::SignIn,
            "What the link of an invitation leads to. Looking at it uses nothing up.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<AcceptInvitation, PostUrl>(
            Need::SignedIn,
            Rate::Write,
            "Makes the caller a member of the organization that invited their address.",
        )
        .with_problems(&["token-refused", "conflict", "quota-exceeded"]),
    ]
}
