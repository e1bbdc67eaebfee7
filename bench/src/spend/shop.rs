//! An organization with eight budgets, put straight into the database.

use sqlx::{AssertSqlSafe, PgPool, Row as _};
use uuid::Uuid;

use crate::{Outcome, people};

/// What a call costs at most, in nano-dollars: a tenth of a cent.
pub(super) const CALL: i64 = 1_000_000;
/// How many budgets.
pub(super) const BUDGETS: u64 = 8;

/// The organization, and somebody in it.
pub(super) struct Shop {
    pub(super) organization: Uuid,
    pub(super) person: Uuid,
}

/// Budgets in which about two of three calls fit.
pub(super) async fn open(database: &PgPool, reservations: u64) -> Outcome<Shop> {
    people::seed(database, 1, 1).await?;
    let person: Uuid = sqlx::raw_sql("SELECT id FROM users WHERE email = 'measured-0@example.com'")
        .fetch_one(database)
        .await?
        .try_get(0)?;
    let organization = Uuid::new_v4();
    let cap = i64::try_from(reservations / BUDGETS * 2 / 3)? * CALL;
    let last = BUDGETS - 1;
    let script = format!(
        "BEGIN;
         SELECT set_config('app.organization_id', '{organization}', true), set_config('app.site', 'on', true);
         INSERT INTO organizations (id, slug, name, created_at)
         VALUES ('{organization}', 'measured-' || left('{organization}', 8), 'Measured', now());
         INSERT INTO audit_heads (chain, seq, hash) VALUES ('{organization}', 0, decode(repeat('00', 32), 'hex'));
         INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ('{organization}', '{person}', now());
         INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
         VALUES ('{organization}', 'OWNER', '{person}', now());
         INSERT INTO spend_budgets (id, organization_id, scope, subject, period, cap_nano, warn_at, action, created_at)
         SELECT gen_random_uuid(), '{organization}', 'project', 'p' || n, 'month', {cap}, '{{50,80,100}}', 'block', now()
         FROM generate_series(0, {last}) n;
         INSERT INTO spend_budgets (id, organization_id, scope, subject, period, cap_nano, warn_at, action, created_at)
         SELECT gen_random_uuid(), '{organization}', 'project', 'durable-' || n, 'month', 1000000000000000, '{{100}}', 'block', now()
         FROM generate_series(0, {last}) n;
         COMMIT;"
    );
    // Every part is ours: ids and numbers.
    sqlx::raw_sql(AssertSqlSafe(script)).execute(database).await?;
    Ok(Shop { organization, person })
}
