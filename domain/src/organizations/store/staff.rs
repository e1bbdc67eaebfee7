//! Organizations as those see them who look after the site.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{Owner, StaffOrganization};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Which organizations to read.
pub(in crate::organizations) struct Filter {
    pub(in crate::organizations) pattern: Option<String>,
    /// Whether they are somebody's own.
    pub(in crate::organizations) personal: Option<bool>,
    pub(in crate::organizations) before: Option<Uuid>,
    pub(in crate::organizations) limit: i64,
}

/// Those that match in name, slug or an owner's address, the newest first.
pub(in crate::organizations) async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
) -> Result<Vec<StaffOrganization>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT o.id, o.slug, o.name, o.personal_of IS NOT NULL AS "personal!", o.created_at, o.deletes_at,
                  (SELECT count(*) FROM memberships m WHERE m.organization_id = o.id) AS "members!",
                  ARRAY(SELECT u.id FROM role_assignments a JOIN users u ON u.id = a.user_id
                        WHERE a.organization_id = o.id AND a.built_in = 'OWNER' ORDER BY u.id) AS "owner_ids!",
                  ARRAY(SELECT u.email FROM role_assignments a JOIN users u ON u.id = a.user_id
                        WHERE a.organization_id = o.id AND a.built_in = 'OWNER' ORDER BY u.id) AS "owner_emails!"
           FROM organizations o
           WHERE ($1::text IS NULL OR o.name ILIKE $1 OR o.slug ILIKE $1
                  OR EXISTS (SELECT FROM role_assignments a JOIN users u ON u.id = a.user_id
                             WHERE a.organization_id = o.id AND a.built_in = 'OWNER' AND u.email ILIKE $1))
             AND ($2::boolean IS NULL OR (o.personal_of IS NOT NULL) = $2)
             AND ($3::uuid IS NULL OR o.id < $3)
           ORDER BY o.id DESC LIMIT $4"#,
        filter.pattern,
        filter.personal,
        filter.before,
        filter.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing organizations")?;
    let told = rows.into_iter().map(|row| StaffOrganization {
        id: row.id,
        slug: row.slug,
        name: row.name,
        personal: row.personal,
        members: row.members,
        owners: row
            .owner_ids
            .into_iter()
            .zip(row.owner_emails)
            .map(|(user_id, email)| Owner { user_id, email })
            .collect(),
        created_at: row.created_at.into(),
        deletes_at: row.deletes_at.map(Timestamp::from),
    });
    Ok(told.collect())
}
