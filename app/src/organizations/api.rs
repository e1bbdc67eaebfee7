//! The endpoints of organizations themselves. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    audit::Entry,
    organizations::{MadeOrganization, MyOrganization, OrganizationDetail, StaffOrganization},
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
        access::{Need, Permission, SiteAction},
        audit::service as audit,
        organizations::service::{self, Change, StaffQuery},
    },
};

/// The caller's organizations.
#[server(prefix = "/api/v1", endpoint = "organizations/list", input = GetUrl)]
pub async fn list_organizations() -> Result<Page<MyOrganization>, Problem> {
    let grant = caller()?.signed_in()?;
    // As many as somebody belongs to: one page, for the menu that leads from one to the other.
    Ok(Page { items: service::list(&grant).await?, next_cursor: None })
}

/// Makes one.
#[server(prefix = "/api/v1", endpoint = "organizations/create", input = PostUrl)]
pub async fn create_organization(
    #[server(default)] name: String,
    slug: Option<String>,
    time_zone: Option<String>,
) -> Result<MadeOrganization, Problem> {
    let grant = caller()?.signed_in()?;
    let made = service::create(&grant, &name, slug.as_deref(), time_zone.as_deref()).await?;
    leptos_axum::redirect(&format!("/o/{}", made.slug), false);
    Ok(made)
}

/// One of them.
#[server(prefix = "/api/v1", endpoint = "organizations/get", input = GetUrl)]
pub async fn get_organization(
    #[server(default)] organization_id: String,
) -> Result<OrganizationDetail, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadOrganization)?;
    Ok(service::get(&grant).await?)
}

/// Changes what it is called.
#[server(prefix = "/api/v1", endpoint = "organizations/update", input = PostUrl)]
pub async fn update_organization(
    #[server(default)] organization_id: String,
    name: Option<String>,
    slug: Option<String>,
    time_zone: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdateOrganization)?;
    let slug = service::update(&grant, &Change { name, slug, time_zone }).await?;
    leptos_axum::redirect(&format!("/o/{slug}/settings?saved=1"), false);
    Ok(())
}

/// Deletes it, two weeks later.
#[server(prefix = "/api/v1", endpoint = "organizations/delete", input = PostUrl)]
pub async fn delete_organization(
    #[server(default)] organization_id: String,
    #[server(default)] confirm_slug: String,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::DeleteOrganization)?;
    Ok(service::delete(&grant, &confirm_slug).await?)
}

/// Keeps it after all.
#[server(prefix = "/api/v1", endpoint = "organizations/keep", input = PostUrl)]
pub async fn keep_organization(#[server(default)] organization_id: String) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::DeleteOrganization)?;
    Ok(service::keep(&grant).await?)
}

/// Gives it another owner.
#[server(prefix = "/api/v1", endpoint = "organizations/transfer", input = PostUrl)]
pub async fn transfer_organization(
    #[server(default)] organization_id: String,
    user_id: Option<String>,
    email: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::TransferOrganization)?;
    Ok(service::transfer(&grant, user_id.as_deref(), email.as_deref()).await?)
}

/// Leaves it.
#[server(prefix = "/api/v1", endpoint = "organizations/leave", input = PostUrl)]
pub async fn leave_organization(#[server(default)] organization_id: String) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    service::leave(&grant, &organization_id).await?;
    leptos_axum::redirect("/orgs?left=1", false);
    Ok(())
}

/// What happened in it.
#[server(prefix = "/api/v1", endpoint = "organizations/audit", input = GetUrl)]
#[expect(clippy::too_many_arguments, reason = "each is a filter of the interface")]
pub async fn organization_audit(
    #[server(default)] organization_id: String,
    actor: Option<String>,
    action: Option<String>,
    target: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Entry>, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadAudit)?;
    let query = audit::Query { actor, action, target, from, to, limit, cursor };
    Ok(audit::entries_of_organization(&grant, query).await?)
}

/// Every organization of the site.
#[server(prefix = "/api/v1", endpoint = "admin/organizations", input = GetUrl)]
pub async fn all_organizations(
    q: Option<String>,
    kind: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<StaffOrganization>, Problem> {
    let grant = caller()?.may(SiteAction::ReadOrganizations)?;
    Ok(service::organizations(&grant, StaffQuery { q, kind, limit, cursor }).await?)
}

/// Who may call what of this.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [own(), of_one(), ends(), vec![all()], super::member_api::endpoints()].concat()
}

#[cfg(feature = "ssr")]
fn own() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ListOrganizations, GetUrl>(
            Need::SignedIn,
            Rate::Read,
            "Every organization of the caller with their roles in it, their own first.",
        ),
        Endpoint::of::<CreateOrganization, PostUrl>(
            Need::SignedIn,
            Rate::Write,
            "Makes an organization of which the caller is the owner. Without a slug one is made of its name, without a time \
             zone it has the caller's.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<LeaveOrganization, PostUrl>(
            Need::SignedIn,
            Rate::Write,
            "Leaves an organization (id or slug). Its last owner cannot, and nobody leaves their own.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn of_one() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<GetOrganization, GetUrl>(
            Need::Organization(Permission::ReadOrganization),
            Rate::Read,
            "An organization (id or slug), and what the caller may do in it.",
        ),
        Endpoint::of::<UpdateOrganization, PostUrl>(
            Need::Organization(Permission::UpdateOrganization),
            Rate::Write,
            "Changes name, slug or time zone; what is not given stays. A former slug leads there for 90 days.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<OrganizationAudit, GetUrl>(
            Need::Organization(Permission::ReadAudit),
            Rate::Read,
            "What happened in an organization, the newest first: by `actor` (id or address), `action` (one, or all of a \
             room), `target`, and time (`from`, `to`).",
        ),
    ]
}

#[cfg(feature = "ssr")]
fn ends() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<TransferOrganization, PostUrl>(
            Need::Organization(Permission::TransferOrganization),
            Rate::Write,
            "Makes another member (`user_id` or `email`) the owner in the caller's place, who is an administrator of it then.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<DeleteOrganization, PostUrl>(
            Need::Organization(Permission::DeleteOrganization),
            Rate::Write,
            "Deletes an organization in 14 days; `confirm_slug` is its slug. Until then it can be read, and kept.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<KeepOrganization, PostUrl>(
            Need::Organization(Permission::DeleteOrganization),
            Rate::Write,
            "Keeps an organization that was about to be deleted.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn all() -> Endpoint {
    Endpoint::of::<AllOrganizations, GetUrl>(
        Need::Site(SiteAction::ReadOrganizations),
        Rate::Read,
        "Every organization with its owners, the newest first: by part of a name, a slug or an owner's address (`q`), and by \
         `kind` (personal, shared).",
    )
}
