//! The lists of an organization with 10 and with 10,000 members: its members, the matrix, and who can. What counts is how much
//! they grow.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, PgPool};

use crate::{
    Outcome, Target,
    load::{Ask, closed},
    people,
    table::{Row, bound, ms, note, print},
};

/// How many members each of the two has, and how many groups.
const SIZES: [(&str, usize, usize); 2] = [("bench-small", 10, 10), ("bench-large", 10_000, 10_000)];
/// How many requests are under way at a time.
const LANES: usize = 2;
/// How long each is asked, in turns, so that both meet the same machine.
const TURN: Duration = Duration::from_secs(2);
const TURNS: usize = 4;
/// How much slower the larger one may be.
const GROWTH: f64 = 3.0;

/// What is asked: the words for the table, and the path before the organization.
const QUESTIONS: [(&str, &str); 4] = [
    ("members", "/api/v1/organizations/members?organization_id="),
    ("matrix", "/api/v1/organizations/permission-matrix?organization_id="),
    ("who can: many", "/api/v1/organizations/who-can?permission=members:read&organization_id="),
    ("who can: few", "/api/v1/organizations/who-can?permission=organization:delete&organization_id="),
];

/// # Errors
/// When the server or the database cannot be reached.
pub(crate) async fn measure(target: &Target) -> Outcome<bool> {
    let most = SIZES.iter().map(|(_, members, _)| *members).max().unwrap_or_default();
    people::seed(&target.database, most, 1).await?;
    for (slug, members, groups) in SIZES {
        seed(&target.database, slug, members, groups).await?;
    }
    sqlx::raw_sql("ANALYZE").execute(&target.database).await?;
    let mut rows = Vec::new();
    for (words, path) in QUESTIONS {
        rows.extend(compare(target, words, path).await?);
    }
    Ok(print("Organizations of 10 and of 10,000 members", &rows))
}

/// Everybody is a viewer by the group at the top, and in a group of their own far below; the first one owns it.
async fn seed(database: &PgPool, slug: &str, members: usize, groups: usize) -> Outcome {
    let script = format!(
        "SELECT set_config('app.site', 'on', true);
         SELECT set_config('app.organization_id', coalesce((SELECT id::text FROM organizations WHERE slug = '{slug}'), ''), true);
         DELETE FROM organizations WHERE slug = '{slug}';
         SELECT set_config('app.organization_id', gen_random_uuid()::text, true);
         INSERT INTO organizations (id, slug, name, created_at) VALUES (app_organization(), '{slug}', '{slug}', now());
         INSERT INTO organization_slugs (slug, organization_id) VALUES ('{slug}', app_organization());
         INSERT INTO audit_heads (chain, seq, hash) VALUES (app_organization(), 0, decode(repeat('00', 32), 'hex'));
         INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT app_organization(), u.id, now() FROM generate_series(0, {last}) n
              JOIN users u ON u.email = 'measured-' || n || '@example.com';
         CREATE TEMPORARY TABLE made ON COMMIT DROP AS
         SELECT n, gen_random_uuid() AS id FROM generate_series(1, {groups}) n;
         INSERT INTO groups (id, organization_id, parent_id, name, created_at)
         SELECT g.id, app_organization(), p.id, 'g' || g.n, now() FROM made g LEFT JOIN made p ON p.n = g.n / 10;
         INSERT INTO group_members (organization_id, group_id, user_id)
         SELECT app_organization(), g.id, u.id FROM generate_series(0, {last}) n
              JOIN users u ON u.email = 'measured-' || n || '@example.com' JOIN made g ON g.n = 1 + n % {groups};
         INSERT INTO role_assignments (organization_id, built_in, group_id, assigned_at)
         SELECT app_organization(), 'VIEWER', id, now() FROM made WHERE n < 10;
         INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
         SELECT app_organization(), 'OWNER', id, now() FROM users WHERE email = 'measured-0@example.com';",
        last = members - 1,
    );
    // Every part is ours: a number, or a name from above.
    sqlx::raw_sql(AssertSqlSafe(script)).execute(database).await?;
    Ok(())
}

/// Asks both in turns; answers how long each took, and how much longer the larger one.
async fn compare(target: &Target, words: &str, path: &str) -> Outcome<Vec<Row>> {
    let mut worst = [Vec::new(), Vec::new()];
    let mut refused = 0;
    for _ in 0..TURNS {
        for ((slug, ..), times) in SIZES.iter().zip(&mut worst) {
            // A few for each run of the program.
            let path: &'static str = format!("{path}{slug}").leak();
            let asks = Arc::new(vec![Ask::get(path, Some(people::cookie(0)))]);
            let run = closed(&target.client, LANES, TURN, asks).await;
            refused += run.answers.len() - run.count_of(200) + run.losses.len();
            times.push(run.percentile(200, 95));
        }
    }
    // The middle of the turns: one of them may have met something else on the machine.
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    let [small, large] = worst.each_mut().map(middle);
    let growth = large.as_secs_f64() / small.as_secs_f64().max(f64::EPSILON);
    Ok(vec![
        note(&format!("{words}: p95 of 10 members"), ms(small)),
        note(&format!("{words}: p95 of 10,000 members"), ms(large)),
        bound(&format!("{words}: growth"), format!("{growth:.1}×"), "≤ 3×", growth <= GROWTH),
        bound(&format!("{words}: all were answered"), format!("{refused} not"), "0", refused == 0),
    ])
}
