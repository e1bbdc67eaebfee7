//! The tables `organizations` and `organization_slugs`; members, invitations and what the site sees have files of their own.

pub(super) mod invitations;
pub(super) mod members;
pub(super) mod staff;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{MadeOrganization, MyOrganization, RoleRef};
use crate::{AppError, Timestamp, access::BuiltInRole, platform::log::WhileDoing};

/// A role as the rows of two tables tell it: what it is called in the API, and by people.
pub(super) fn role_ref(role: String, name: Option<String>) -> RoleRef {
    let name = match BuiltInRole::parse(&role) {
        Some(built_in) => called(built_in).to_owned(),
        None => name.unwrap_or_default(),
    };
    RoleRef { role, name }
}

/// How people call a role that every organization has.
pub(super) fn called(role: BuiltInRole) -> &'static str {
    match role {
        BuiltInRole::Owner => "Owner",
        BuiltInRole::Admin => "Admin",
        BuiltInRole::Developer => "Developer",
        BuiltInRole::Billing => "Billing",
        BuiltInRole::Viewer => "Viewer",
    }
}

/// The roles of somebody, of two columns that go side by side.
pub(super) fn role_refs(roles: Vec<String>, names: Vec<String>) -> Vec<RoleRef> {
    roles.into_iter().zip(names).map(|(role, name)| role_ref(role, Some(name))).collect()
}

/// Takes a slug for an organization; answers whether nobody else has it, or had it not long ago.
pub(super) async fn take_slug(
    conn: &mut PgConnection,
    organization: Uuid,
    slug: &str,
) -> Result<bool, AppError> {
    let own = sqlx::query!(
        "UPDATE organization_slugs SET until = NULL WHERE slug = $2 AND organization_id = $1",
        organization,
        slug,
    )
    .execute(&mut *conn)
    .await
    .while_doing("taking a former slug back")?;
    if own.rows_affected() == 1 {
        return Ok(true);
    }
    let new = sqlx::query!(
        "INSERT INTO organization_slugs (slug, organization_id) VALUES ($2, $1) ON CONFLICT (slug) DO NOTHING",
        organization,
        slug,
    )
    .execute(conn)
    .await
    .while_doing("taking a slug")?;
    Ok(new.rows_affected() == 1)
}

/// Lets a slug lead to its organization until it is forgotten.
pub(super) async fn leave_slug(
    conn: &mut PgConnection,
    organization: Uuid,
    slug: &str,
    until: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE organization_slugs SET until = $3 WHERE slug = $2 AND organization_id = $1",
        organization,
        slug,
        until.get(),
    )
    .execute(conn)
    .await
    .while_doing("leaving a slug")?;
    Ok(())
}

/// Forgets slugs that were left long ago.
pub(super) async fn forget_slugs(conn: &mut PgConnection, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM organization_slugs WHERE until <= $1", now.get())
        .execute(conn)
        .await
        .while_doing("forgetting former slugs")?;
    Ok(done.rows_affected())
}

/// An organization that is made. Its slug has been taken.
pub(super) struct NewOrganization<'a> {
    pub(super) id: Uuid,
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    pub(super) personal_of: Option<Uuid>,
    pub(super) time_zone: &'a str,
    pub(super) now: Timestamp,
}

pub(super) async fn insert(conn: &mut PgConnection, new: &NewOrganization<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO organizations (id, slug, name, personal_of, time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        new.id,
        new.slug,
        new.name,
        new.personal_of,
        new.time_zone,
        new.now.get(),
    )
    .execute(conn)
    .await
    .while_doing("making an organization")?;
    Ok(())
}

/// Every organization of somebody, their own first, then by name.
pub(super) async fn list_of(conn: &mut PgConnection, user: Uuid) -> Result<Vec<MyOrganization>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.slug, o.name, o.personal_of IS NOT DISTINCT FROM $1 AS "personal!", o.deletes_at, m.joined_at,
                  ARRAY(SELECT coalesce(a.built_in, a.role_id::text) FROM role_assignments a
                        WHERE a.organization_id = o.id AND a.user_id = $1 ORDER BY a.built_in, a.role_id) AS "roles!",
                  ARRAY(SELECT coalesce(r.name, '') FROM role_assignments a
                        LEFT JOIN roles r ON r.organization_id = o.id AND r.id = a.role_id
                        WHERE a.organization_id = o.id AND a.user_id = $1 ORDER BY a.built_in, a.role_id) AS "names!"
           FROM memberships m JOIN organizations o ON o.id = m.organization_id
           WHERE m.user_id = $1
           ORDER BY o.personal_of IS NOT DISTINCT FROM $1 DESC, lower(o.name), o.id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing the organizations of somebody")?;
    let told = rows.into_iter().map(|row| MyOrganization {
        id: row.id,
        slug: row.slug,
        name: row.name,
        personal: row.personal,
        roles: role_refs(row.roles, row.names),
        joined_at: row.joined_at.into(),
        deletes_at: row.deletes_at.map(Timestamp::from),
    });
    Ok(told.collect())
}

/// How many organizations somebody owns beside their own.
pub(super) async fn count_owned(conn: &mut PgConnection, user: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM role_assignments a JOIN organizations o ON o.id = a.organization_id
           WHERE a.user_id = $1 AND a.built_in = 'OWNER' AND o.personal_of IS NULL"#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("counting the organizations of somebody")
}

/// How far ahead somebody has made organizations.
pub(super) async fn makes_until(conn: &mut PgConnection, user: Uuid) -> Result<Option<Timestamp>, AppError> {
    let until = sqlx::query_scalar!("SELECT until FROM organization_makers WHERE user_id = $1", user)
        .fetch_optional(conn)
        .await
        .while_doing("reading how many organizations somebody has made")?;
    Ok(until.map(Timestamp::from))
}

pub(super) async fn note_made(conn: &mut PgConnection, user: Uuid, until: Timestamp) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO organization_makers (user_id, until) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET until = excluded.until",
        user,
        until.get(),
    )
    .execute(conn)
    .await
    .while_doing("counting an organization that somebody makes")?;
    Ok(())
}

/// Forgets those who are not ahead any more.
pub(super) async fn forget_makers(conn: &mut PgConnection, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM organization_makers WHERE until <= $1", now.get())
        .execute(conn)
        .await
        .while_doing("forgetting who has made organizations")?;
    Ok(done.rows_affected())
}

/// An organization.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) personal_of: Option<Uuid>,
    pub(super) time_zone: String,
    pub(super) created_at: time::OffsetDateTime,
    pub(super) deletes_at: Option<time::OffsetDateTime>,
}

impl Row {
    pub(super) fn made(&self) -> MadeOrganization {
        MadeOrganization { id: self.id, slug: self.slug.clone() }
    }
}

/// The organization that the transaction is in.
pub(super) async fn find(conn: &mut PgConnection, organization: Uuid) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, slug, name, personal_of, time_zone, created_at, deletes_at FROM organizations WHERE id = $1",
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading an organization")
}

/// Gives it other words.
pub(super) async fn change(
    conn: &mut PgConnection,
    organization: Uuid,
    name: &str,
    slug: &str,
    time_zone: &str,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE organizations SET name = $2, slug = $3, time_zone = $4 WHERE id = $1",
        organization,
        name,
        slug,
        time_zone,
    )
    .execute(conn)
    .await
    .while_doing("changing an organization")?;
    Ok(())
}

/// Marks it for deletion, or takes the mark away; answers whether that was anything new.
pub(super) async fn mark(
    conn: &mut PgConnection,
    organization: Uuid,
    deletes_at: Option<Timestamp>,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE organizations SET deletes_at = $2
         WHERE id = $1 AND (deletes_at IS NULL) <> ($2::timestamptz IS NULL)",
        organization,
        deletes_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("marking an organization for deletion")?;
    Ok(done.rows_affected() == 1)
}

/// Deletes it with everything that hangs on it.
pub(super) async fn delete(conn: &mut PgConnection, organization: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM organizations WHERE id = $1", organization)
        .execute(conn)
        .await
        .while_doing("deleting an organization")?;
    Ok(())
}

/// Organizations after this one whose time has come.
pub(super) async fn due_after(
    conn: &mut PgConnection,
    after: Uuid,
    now: Timestamp,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT id FROM organizations WHERE deletes_at <= $2 AND id > $1 ORDER BY id LIMIT 1",
        after,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for organizations to delete")
}

/// Locks one whose time has come, unless another process has it, or it was kept.
pub(super) async fn hold_due(
    conn: &mut PgConnection,
    organization: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    let held = sqlx::query!(
        "SELECT id FROM organizations WHERE id = $1 AND deletes_at <= $2 FOR UPDATE SKIP LOCKED",
        organization,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding an organization to delete")?;
    Ok(held.is_some())
}

/// Somebody whose account is theirs, as far as an organization of their own needs to know.
pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) email: String,
    pub(super) display_name: String,
    pub(super) time_zone: String,
}

pub(super) async fn person(conn: &mut PgConnection, user: Uuid) -> Result<Option<Person>, AppError> {
    sqlx::query_as!(Person, "SELECT id, email, display_name, time_zone FROM users WHERE id = $1", user)
        .fetch_optional(conn)
        .await
        .while_doing("reading whose organization it is")
}

/// People without an organization of their own, because the version before this one gave none. Locked, so that of two
/// processes one gives it.
pub(super) async fn without_own(conn: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT u.id FROM users u
         WHERE u.email_verified_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM organizations o WHERE o.personal_of = u.id)
         ORDER BY u.id LIMIT $1 FOR NO KEY UPDATE OF u SKIP LOCKED",
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for people without an organization")
}
