//! Roles of an organization's own are made, changed and deleted.

use std::collections::HashMap;

use super::{
    super::{
        MOST_ROLES, MadeRole, Role,
        store::{self, Content, Counted, Listed},
        title,
    },
    typed::{above_yourself, conflict, given, is_built_in_name, line, name, permissions, read_id},
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{BuiltInRole, Grant, Organization, Permission, Permissions},
    audit::{self, RoleDeed},
    billing::{Entitlement, service::entitled},
    organizations::service::Counter,
};

/// The longest name, in characters.
const LONGEST_NAME: u32 = 60;
/// The longest description, in characters.
const LONGEST: u32 = 200;

/// What a role shall be, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewRole {
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it allows: names of permissions.
    pub permissions: Vec<String>,
}

/// Every role: those that every organization has, the strongest first, then its own by name.
pub async fn roles(grant: &Grant<Organization>) -> Result<Vec<Role>, AppError> {
    grant.demand(Permission::ReadRoles)?;
    let mut tx = grant.begin().await?;
    let own = store::list(tx.conn(), grant.organization()).await?;
    let counts = store::counts(tx.conn(), grant.organization()).await?;
    tx.commit().await?;
    let counts: HashMap<&str, &Counted> = counts.iter().map(|row| (row.role.as_str(), row)).collect();
    let count = |role: &str| counts.get(role).map_or((0, 0), |row| (row.members, row.groups));
    let built_in = BuiltInRole::ALL.into_iter().map(|role| {
        let (name, description) = title(role);
        let (members, groups) = count(role.name());
        Role {
            role: role.name().to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            permissions: role.permissions().names(),
            built_in: true,
            version: 1,
            members,
            groups,
        }
    });
    let made = own.into_iter().map(|row| {
        let role = row.id.to_string();
        let (members, groups) = count(&role);
        let known = known(&row);
        let Listed { name, description, version, .. } = row;
        Role {
            role,
            name,
            description,
            permissions: known.names(),
            built_in: false,
            version,
            members,
            groups,
        }
    });
    Ok(built_in.chain(made).collect())
}

/// What the program still knows of what was kept.
fn known(row: &Listed) -> Permissions {
    Permissions::named(row.permissions.iter().map(String::as_str))
}

/// A role, read.
struct Read {
    name: String,
    description: String,
    permissions: Permissions,
}

impl Read {
    fn content<'a>(&'a self, names: &'a [String]) -> Content<'a> {
        Content { name: &self.name, description: &self.description, permissions: names }
    }
}

/// Reads all of it, or names every problem at once.
fn read(typed: &NewRole) -> Result<Read, AppError> {
    let called = name("name", &typed.name, LONGEST_NAME);
    let about = line(typed.description.as_deref().unwrap_or_default(), LONGEST);
    match (called, about, permissions(&typed.permissions)) {
        (Ok(name), Ok(description), Ok(permissions)) => Ok(Read { name, description, permissions }),
        (called, about, allowed) => {
            let of_name = called.err().and_then(|error| error.of_field("name").cloned());
            let others = [
                about.err().map(|issue| FieldProblem::new("description", issue)),
                allowed.err().map(|issue| FieldProblem::new("permissions", issue)),
            ];
            Err(AppError::InvalidInput {
                errors: of_name.into_iter().chain(others.into_iter().flatten()).collect(),
            })
        }
    }
}

/// Makes a role. Nobody has it yet.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::Conflict`] for a name that is taken, for more than the caller may do, and for one
/// too many; [`AppError::QuotaExceeded`] for more than the plan gives.
pub async fn create(grant: &Grant<Organization>, typed: &NewRole) -> Result<MadeRole, AppError> {
    grant.demand(Permission::CreateRoles)?;
    let role = read(typed)?;
    let (id, now) = (grant.platform().new_id(), grant.platform().now());
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    if !own.include(role.permissions) {
        return Err(above_yourself("permissions"));
    }
    if store::count(tx.conn(), grant.organization()).await? >= i64::from(MOST_ROLES) {
        return Err(conflict("name", FieldIssue::TooMany { max: MOST_ROLES }));
    }
    entitled(&mut tx, &Counter, Entitlement::CustomRoles, 1).await?;
    if is_built_in_name(&role.name) {
        return Err(conflict("name", FieldIssue::Taken));
    }
    let names = role.permissions.names();
    store::insert(tx.conn(), grant.organization(), id, &role.content(&names), now).await?;
    audit::note(&mut tx, RoleDeed::RoleMade { role: id, permissions: names }).await?;
    tx.commit().await?;
    Ok(MadeRole { id })
}

/// Makes a role another one, as a whole; who has it may do the new at once. `version` is the one that was seen. Where nothing
/// would be different nothing is done.
///
/// # Errors
/// As [`create`]; [`AppError::NotFound`]; [`AppError::Conflict`] for a version that has moved on, and for a role that allows, or
/// would allow, more than the caller may do; [`AppError::StepUpRequired`] to add what only owners may do.
pub async fn update(
    grant: &Grant<Organization>,
    role: &str,
    version: Option<i64>,
    typed: &NewRole,
) -> Result<(), AppError> {
    grant.demand(Permission::UpdateRoles)?;
    let id = own_role(role)?;
    let version = version.ok_or_else(|| AppError::invalid("version", FieldIssue::Required))?;
    let role = read(typed)?;
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    let before = store::find(tx.conn(), grant.organization(), id).await?.ok_or(AppError::NotFound)?;
    if before.version != version {
        return Err(conflict("version", FieldIssue::MovedOn));
    }
    let had = known(&before);
    if !own.include(had.and(role.permissions)) {
        return Err(above_yourself("permissions"));
    }
    // Somebody may have the role: this is a way to give.
    if role.permissions.without(had).are_owners() {
        grant.demand_fresh()?;
    }
    if is_built_in_name(&role.name) {
        return Err(conflict("name", FieldIssue::Taken));
    }
    let fields: Vec<&'static str> = [
        ("name", before.name != role.name),
        ("description", before.description != role.description),
        ("permissions", had != role.permissions),
    ]
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(name, _)| name)
    .collect();
    if fields.is_empty() {
        return Ok(());
    }
    let names = role.permissions.names();
    store::change(tx.conn(), grant.organization(), id, &role.content(&names)).await?;
    let deed = RoleDeed::RoleChanged { role: id, fields, before: had.names(), after: names };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

/// Deletes a role. Who has it stands in the way, unless it is taken from them (`assigned` is `take`).
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`]; [`AppError::Conflict`] for a role that somebody has, or that allows more
/// than the caller may do.
pub async fn delete(grant: &Grant<Organization>, role: &str, assigned: Option<&str>) -> Result<(), AppError> {
    grant.demand(Permission::DeleteRoles)?;
    let id = own_role(role)?;
    let takes = match given(assigned) {
        None | Some("refuse") => false,
        Some("take") => true,
        Some(_) => return Err(AppError::invalid("assigned", FieldIssue::NotAnOption)),
    };
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    let before = store::find(tx.conn(), grant.organization(), id).await?.ok_or(AppError::NotFound)?;
    if !own.include(known(&before)) {
        return Err(above_yourself("role"));
    }
    let count = store::assignments(tx.conn(), grant.organization(), id).await?;
    if count > 0 && !takes {
        return Err(conflict("assigned", FieldIssue::InUse));
    }
    store::delete(tx.conn(), grant.organization(), id).await?;
    audit::note(&mut tx, RoleDeed::RoleDeleted { role: id, assignments: count.unsigned_abs() }).await?;
    tx.commit().await
}

/// Those that every organization has cannot be changed.
fn own_role(typed: &str) -> Result<uuid::Uuid, AppError> {
    if BuiltInRole::parse(typed.trim()).is_some() {
        return Err(AppError::invalid("role", FieldIssue::NotAnOption));
    }
    read_id("role", typed)
}
