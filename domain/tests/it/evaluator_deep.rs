//! The evaluator where groups stand ten thousand deep: a page of members is no hundred times one of them.

use domain::{
    access::Permission,
    organizations::roles::{
        MemberPermissions,
        service::{self, Trying},
    },
};
use sqlx::PgPool;

use crate::{house::House, rows_read::rows_read, team::Team};

/// An organization with so many groups, each in the one before, a role at the top and a hundred members at the bottom.
async fn deep(db: PgPool, count: i32) -> Team {
    others(&db).await;
    let team = Team::new(db).await;
    let mut tx = team.tx().await;
    sqlx::query!(
        "WITH made AS (SELECT n, gen_random_uuid() AS id FROM generate_series(1, $2::integer) n)
         INSERT INTO groups (id, organization_id, parent_id, name, created_at)
         SELECT g.id, $1::uuid, p.id, g.n::text, now() FROM made g LEFT JOIN made p ON p.n = g.n - 1",
        team.id,
        count,
    )
    .execute(&mut *tx)
    .await
    .expect("a tree");
    sqlx::raw_sql(
        "INSERT INTO users (id, email, email_verified_at, display_name, created_at)
         SELECT gen_random_uuid(), n || '@' || app_organization()::text, now(), 'deep', now() FROM generate_series(1, 100) n;
         INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT app_organization(), id, now() FROM users WHERE email LIKE '%@' || app_organization()::text;
         INSERT INTO group_members (organization_id, group_id, user_id)
         SELECT app_organization(), g.id, m.user_id
         FROM memberships m JOIN users u ON u.id = m.user_id AND u.display_name = 'deep'
              JOIN groups g ON g.organization_id = app_organization() AND g.id NOT IN (
                  SELECT parent_id FROM groups WHERE organization_id = app_organization() AND parent_id IS NOT NULL)
         WHERE m.organization_id = app_organization();
         INSERT INTO role_assignments (organization_id, built_in, group_id, assigned_at)
         SELECT app_organization(), 'BILLING', id, now() FROM groups
         WHERE organization_id = app_organization() AND name = '1'",
    )
    .execute(&mut *tx)
    .await
    .expect("members and a role");
    tx.commit().await.expect("commits");
    team
}

/// Ten thousand rows of another organization: a table of one page would be read whole for each question, and rightly.
async fn others(db: &PgPool) {
    let others = Team::of(House::new(db.clone()), "others").await;
    let mut tx = others.tx().await;
    sqlx::raw_sql(
        "INSERT INTO users (id, email, email_verified_at, display_name, created_at)
         SELECT gen_random_uuid(), n || '@others.example.com', now(), 'other', now() FROM generate_series(1, 100) n;
         INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT app_organization(), id, now() FROM users WHERE display_name = 'other';
         INSERT INTO groups (id, organization_id, name, created_at)
         SELECT gen_random_uuid(), app_organization(), n::text, now() FROM generate_series(1, 100) n;
         INSERT INTO group_members (organization_id, group_id, user_id)
         SELECT app_organization(), g.id, u.id FROM groups g, users u
         WHERE g.organization_id = app_organization() AND u.display_name = 'other'",
    )
    .execute(&mut *tx)
    .await
    .expect("others");
    tx.commit().await.expect("commits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_page_of_members_costs_little_more_than_one_member_however_deep_they_are(db: PgPool) {
    let team = deep(db, 10_000).await;
    sqlx::raw_sql("ANALYZE").execute(&team.house.db).await.expect("counts");
    let grant = team.may(&team.owner, Permission::ReadRoles).await;
    let preview = Trying { role: Some("BILLING".into()), act: Some("unassign".into()), ..Trying::default() };
    let mut costs = Vec::new();
    for limit in [1_u16, 100] {
        let before = rows_read(&team.house.db).await;
        let rows = service::matrix(&grant, Some(limit), None).await.expect("a page");
        let who = service::who_can(&grant, "billing:update", Some(limit), None).await.expect("a page");
        costs.push(rows_read(&team.house.db).await - before);
        assert_eq!((rows.items.len(), who.items.len()), (usize::from(limit), usize::from(limit)));
        // The owner is among the hundred and one.
        assert!(rows.items.iter().all(holds_billing));
        assert!(who.items.iter().all(|it| !it.ways.is_empty() && it.ways[0].groups.len() <= 30));
    }
    assert!(costs[0] > 10_000, "one of them is deep: {costs:?}");
    assert!(costs[1] < costs[0] * 5, "{costs:?}");
    let top = sqlx::query_scalar!(
        "SELECT group_id FROM role_assignments WHERE organization_id = $1 AND group_id IS NOT NULL",
        team.id
    )
    .fetch_one(&mut *team.tx().await)
    .await
    .expect("the top");
    let typed = Trying { group_id: top.map(|id| id.to_string()), ..preview };
    let told = service::preview(&grant, &typed).await.expect("tries out");
    assert_eq!((told.gaining, told.losing), (0, 100));
}

fn holds_billing(row: &MemberPermissions) -> bool {
    row.permissions.iter().any(|name| name == "billing:update")
}
