//! Organizations: one for everybody, made, renamed, given away, left and deleted: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Caller, Grant, Organization, Permission, Purpose},
    identity::service as identity,
    organizations::{
        MadeOrganization, OrganizationDetail,
        service::{self, Change},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::{House, PASSWORD};

pub(crate) const ANN: &str = "ann@example.com";
pub(crate) const BOB: &str = "bob@example.com";
const DAY: Duration = Duration::from_hours(24);

/// A grant of somebody in an organization.
pub(crate) async fn may(
    caller: &Caller,
    organization: impl ToString,
    permission: Permission,
) -> Result<Grant<Organization>, AppError> {
    caller.in_organization(&organization.to_string()).await?.may(permission)
}

/// Somebody who has just signed in.
pub(crate) async fn arrives(house: &House, email: &str) -> Caller {
    let cookie = house.cookie_of(email).await;
    house.with_cookie(&cookie).await
}

pub(crate) fn user(caller: &Caller) -> Uuid {
    caller.signed_in().expect("in").user()
}

pub(crate) async fn create(
    caller: &Caller,
    name: &str,
    slug: Option<&str>,
) -> Result<MadeOrganization, AppError> {
    service::create(&caller.signed_in().expect("in"), name, slug, None).await
}

pub(crate) async fn get(
    caller: &Caller,
    organization: impl ToString,
) -> Result<OrganizationDetail, AppError> {
    service::get(&may(caller, organization, Permission::ReadOrganization).await?).await
}

/// Makes somebody a member without a letter.
pub(crate) async fn join(db: &PgPool, organization: Uuid, user: Uuid, role: &str) {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!(
        "SELECT set_config('app.organization_id', $1, true) AS organization",
        organization.to_string()
    )
    .fetch_one(&mut *tx)
    .await
    .expect("enters");
    sqlx::query!(
        "INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING",
        organization,
        user
    )
    .execute(&mut *tx)
    .await
    .expect("joins");
    sqlx::query!(
        "INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at) VALUES ($1, $3, $2, now())",
        organization,
        user,
        role
    )
    .execute(&mut *tx)
    .await
    .expect("gets a role");
    tx.commit().await.expect("commits");
}

/// What was refused about a field.
pub(crate) fn issue<T: std::fmt::Debug>(outcome: Result<T, AppError>, field: &str) -> Option<FieldIssue> {
    outcome.expect_err("refused").of_field(field).map(|problem| problem.issue.clone())
}

async fn slugs(caller: &Caller) -> Vec<(String, bool)> {
    let found = service::list(&caller.signed_in().expect("in")).await.expect("lists");
    found.into_iter().map(|it| (it.slug, it.personal)).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn everybody_has_an_organization_of_their_own_from_the_moment_their_account_is_theirs(db: PgPool) {
    let house = House::new(db.clone());
    house.register("ann.lee@example.com", PASSWORD).await;
    assert_eq!(count(&db).await, 0, "an address that nobody has confirmed is nobody's yet");
    let token = house.token().await;
    identity::verify_email(&house.nobody().anonymous(Purpose::Letter), &token).await.expect("confirms");
    let ann = arrives(&house, "ann.lee@example.com").await;
    assert_eq!(slugs(&ann).await, [("ann-lee".to_owned(), true)]);
    let own = get(&ann, "ann-lee").await.expect("hers");
    assert_eq!((own.name.as_str(), own.personal, own.members), ("Ann", true, 1));
    assert_eq!(own.roles.iter().map(|role| role.role.as_str()).collect::<Vec<_>>(), ["OWNER"]);
    let me = identity::me(&ann.signed_in().expect("in")).await.expect("tells");
    assert_eq!(
        (me.organizations[0].slug.as_str(), &me.organizations[0].roles),
        ("ann-lee", &vec!["OWNER".to_owned()])
    );
    // Somebody with the same name before the @ has another slug.
    let other = house.person("ann.lee@example.org").await;
    let theirs = slugs(&other).await;
    assert!(theirs.len() == 1 && theirs[0].0.starts_with("ann-lee-"), "{theirs:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_first_administrator_has_one_also_with_an_account_that_was_there(db: PgPool) {
    let house = House::new(db.clone());
    let link =
        identity::invite_first_administrator(&Grant::system(&house.platform, "test")).await.expect("makes");
    let token = link.expect("a link").split("token=").nth(1).expect("a token").to_owned();
    house.register(ANN, PASSWORD).await;
    house.letters().await;
    let grant = house.nobody().anonymous(Purpose::Bootstrap);
    let session = identity::bootstrap(&grant, &token, ANN, PASSWORD).await.expect("begins");
    let ann = house.with_cookie(&session.token.reveal()).await;
    assert_eq!(slugs(&ann).await, [("ann".to_owned(), true)]);
}

async fn count(db: &PgPool) -> i64 {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!("SELECT set_config('app.site', 'on', true) AS site")
        .fetch_one(&mut *tx)
        .await
        .expect("reads");
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM organizations"#)
        .fetch_one(&mut *tx)
        .await
        .expect("counts")
}

/// As if the version before this one had opened the accounts.
async fn take_all_away(db: &PgPool) {
    let take = "ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY; DELETE FROM organizations;
                ALTER TABLE organizations FORCE ROW LEVEL SECURITY";
    sqlx::raw_sql(take).execute(db).await.expect("takes");
    assert_eq!(count(db).await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_migration_gives_one_to_everybody_who_was_there(db: PgPool) {
    let house = House::new(db.clone());
    for email in ["Ann.Lee+x@example.com", "admin@example.com", "a@example.com", "admin@example.org"] {
        house.account(email).await;
    }
    house.register("later@example.com", PASSWORD).await;
    take_all_away(&db).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let path = std::fs::read_dir(folder)
        .expect("migrations")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().ends_with("_organizations_personal.sql"))
        .expect("the migration");
    let script = std::fs::read_to_string(path).expect("text");
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&db).await.expect("migrates");
    assert_eq!(count(&db).await, 4, "whoever has not confirmed an address has none");
    let ann = arrives(&house, "Ann.Lee+x@example.com").await;
    let own = slugs(&ann).await;
    assert!(own.len() == 1 && own[0].0.starts_with("ann-lee-x-") && own[0].1, "{own:?}");
    let change = Change { name: Some("Lee".into()), ..Change::default() };
    let grant = may(&ann, &own[0].0, Permission::UpdateOrganization).await.expect("hers");
    service::update(&grant, &change).await.expect("it has a trail as well");
    assert_eq!(service::sweep(&house.platform).await, Ok(0), "nobody is without one");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_came_while_the_version_before_ran_gets_one_with_the_next_sweep(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    take_all_away(&db).await;
    assert_eq!(slugs(&ann).await, []);
    assert!(service::sweep(&house.platform).await.expect("sweeps") >= 1);
    assert_eq!(slugs(&ann).await.len(), 1);
    assert_eq!(service::sweep(&house.platform).await, Ok(0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_slug_is_one_organizations_alone_and_no_word_of_the_site(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = create(&ann, "Acme Inc.", None).await.expect("makes");
    assert_eq!(made.slug, "acme-inc");
    assert_eq!(issue(create(&ann, "Acme", Some("ACME-Inc")).await, "slug"), Some(FieldIssue::Taken));
    let again = create(&ann, "Acme, Inc", None).await.expect("makes");
    assert!(again.slug.starts_with("acme-inc-"), "{}", again.slug);
    let admin = create(&ann, "Admin", None).await.expect("makes");
    assert!(admin.slug.starts_with("admin-"), "{}", admin.slug);
    for (slug, refusal) in [
        ("admin", FieldIssue::Reserved),
        ("new", FieldIssue::Reserved),
        ("019ab3c4-0000-7000-8000-000000000000", FieldIssue::Reserved),
        ("a", FieldIssue::TooShort { min: 2 }),
        ("ac me", FieldIssue::NotASlug),
        ("-acme", FieldIssue::NotASlug),
        (&"a".repeat(41), FieldIssue::TooLong { max: 40 }),
    ] {
        assert_eq!(issue(create(&ann, "Acme", Some(slug)).await, "slug"), Some(refusal), "{slug}");
    }
    for (name, refusal) in [
        ("", FieldIssue::Required),
        ("  ", FieldIssue::Required),
        ("a\u{202e}b", FieldIssue::ControlCharacter),
        (&"a".repeat(101), FieldIssue::TooLong { max: 100 }),
    ] {
        assert_eq!(issue(create(&ann, name, None).await, "name"), Some(refusal), "{name}");
    }
    let at_once = (0..8).map(|_| create(&ann, "Race", Some("race")));
    let done = futures::future::join_all(at_once).await;
    assert_eq!(done.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{done:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_person_owns_twenty_at_most_beside_their_own(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    for number in 0..service::MOST_OWNED - 1 {
        create(&ann, &format!("Team {number}"), None).await.expect("makes");
    }
    let (one, two) = tokio::join!(create(&ann, "Last", None), create(&ann, "One too many", None));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let most = FieldIssue::TooMany { max: service::MOST_OWNED };
    assert_eq!(issue(create(&ann, "More", None).await, "name"), Some(most));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_former_slug_leads_there_for_a_while_and_is_nobody_elses(db: PgPool) {
    let house = House::new(db);
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    let rename = async |slug: &str| {
        let grant = may(&ann, made.id, Permission::UpdateOrganization).await.expect("hers");
        service::update(&grant, &Change { slug: Some(slug.into()), ..Change::default() }).await
    };
    assert_eq!(rename("acme-2").await, Ok("acme-2".to_owned()));
    assert_eq!(get(&ann, "acme").await.expect("the former one").slug, "acme-2");
    assert_eq!(issue(create(&bob, "Acme", Some("acme")).await, "slug"), Some(FieldIssue::Taken));
    assert_eq!(issue(rename("bob").await, "slug"), Some(FieldIssue::Taken), "somebody's own");
    assert_eq!(rename("acme").await, Ok("acme".to_owned()), "whose it was takes it back");
    assert_eq!(rename("acme-3").await, Ok("acme-3".to_owned()));
    house.platform.clock().advance(90 * DAY);
    service::sweep(&house.platform).await.expect("sweeps");
    let bob = arrives(&house, BOB).await;
    assert_eq!(create(&bob, "Acme", Some("acme")).await.expect("free by now").slug, "acme");
    let ann = arrives(&house, ANN).await;
    assert_eq!(get(&ann, "acme").await, Err(AppError::NotFound));
    assert_eq!(get(&ann, "acme-3").await.expect("hers").id, made.id);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_hoards_slugs_by_renaming(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = create(&ann, "Acme", None).await.expect("makes");
    for number in 0..6 {
        let grant = may(&ann, made.id, Permission::UpdateOrganization).await.expect("hers");
        let change = Change { slug: Some(format!("acme-{number}")), ..Change::default() };
        let outcome = service::update(&grant, &change).await;
        assert_eq!(outcome.is_ok(), number < 5, "{number}: {outcome:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_of_strangers_looks_like_one_that_does_not_exist(db: PgPool) {
    let house = House::new(db);
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    for name in [made.id.to_string(), "acme".into(), "nobodys".into(), Uuid::nil().to_string(), String::new()]
    {
        for permission in Permission::ALL {
            assert_eq!(may(&bob, &name, *permission).await.map(drop), Err(AppError::NotFound), "{name}");
        }
        assert_eq!(service::leave(&bob.signed_in().expect("in"), &name).await, Err(AppError::NotFound));
    }
    assert_eq!(slugs(&bob).await.len(), 1, "and it is in no list");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_owner_stays_and_of_two_who_leave_at_once_one_is_refused(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    let (as_ann, as_bob) = (ann.signed_in().expect("in"), bob.signed_in().expect("in"));
    assert_eq!(issue(service::leave(&as_ann, "acme").await, "organization_id"), Some(FieldIssue::LastOwner));
    assert_eq!(issue(service::leave(&as_ann, "ann").await, "organization_id"), Some(FieldIssue::Personal));
    for _ in 0..10 {
        for person in [&ann, &bob] {
            let roles = may(person, made.id, Permission::ReadOrganization).await;
            if roles.is_err() {
                join(&db, made.id, user(person), "OWNER").await;
            }
        }
        let (one, two) = tokio::join!(service::leave(&as_ann, "acme"), service::leave(&as_bob, "acme"));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_owner_who_cannot_act_is_none_on_whom_others_count(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    join(&db, made.id, user(&bob), "OWNER").await;
    for state in ["locked_at = now()", "deletion_due_at = now()"] {
        let out = format!("UPDATE users SET {state} WHERE email = '{BOB}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(out)).execute(&db).await.expect("is out");
        let refused = service::leave(&ann.signed_in().expect("in"), "acme").await;
        assert_eq!(issue(refused, "organization_id"), Some(FieldIssue::LastOwner), "{state}");
        sqlx::raw_sql("UPDATE users SET locked_at = NULL, deletion_due_at = NULL")
            .execute(&db)
            .await
            .expect("is in");
    }
    service::leave(&ann.signed_in().expect("in"), "acme").await.expect("leaves");
    assert_eq!(get(&ann, "acme").await, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_member_becomes_the_owner_and_who_was_stays_as_an_admin(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    let transfer = async |email: &str| {
        let grant = may(&ann, "acme", Permission::TransferOrganization).await?;
        service::transfer(&grant, None, Some(email)).await
    };
    assert_eq!(issue(transfer(BOB).await, "email"), Some(FieldIssue::NotAMember));
    assert_eq!(issue(transfer("").await, "email"), Some(FieldIssue::Required));
    assert_eq!(issue(transfer(ANN).await, "email"), Some(FieldIssue::Yourself));
    join(&db, made.id, user(&bob), "VIEWER").await;
    assert_eq!(
        may(&bob, "acme", Permission::TransferOrganization).await.map(drop),
        Err(AppError::NotAllowed)
    );
    house.letters().await;
    transfer(" Bob@example.com").await.expect("gives it away");
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2, "both are told");
    let roles = async |caller: &Caller| {
        let roles = get(caller, "acme").await.expect("a member").roles;
        roles.into_iter().map(|role| role.role).collect::<Vec<_>>()
    };
    assert_eq!(roles(&bob).await, ["OWNER", "VIEWER"]);
    assert_eq!(roles(&ann).await, ["ADMIN"]);
    assert_eq!(transfer(BOB).await, Err(AppError::NotAllowed));
    let own = may(&ann, "ann", Permission::TransferOrganization).await.expect("hers");
    assert_eq!(issue(service::transfer(&own, None, Some(ANN)).await, "email"), Some(FieldIssue::Personal));
    house.platform.clock().advance(Duration::from_mins(6));
    let stale = may(&bob, "acme", Permission::TransferOrganization).await.map(drop);
    assert_eq!(stale, Err(AppError::StepUpRequired { max_age_s: 300 }));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_deleted_can_only_be_read_and_kept_for_two_weeks(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    let delete = async |caller: &Caller, slug: &str, typed: &str| {
        service::delete(&may(caller, slug, Permission::DeleteOrganization).await?, typed).await
    };
    assert_eq!(issue(delete(&ann, "acme", "").await, "confirm_slug"), Some(FieldIssue::Required));
    assert_eq!(issue(delete(&ann, "acme", "acne").await, "confirm_slug"), Some(FieldIssue::NotTheSame));
    assert_eq!(issue(delete(&ann, "ann", "ann").await, "confirm_slug"), Some(FieldIssue::Personal));
    house.letters().await;
    delete(&ann, "acme", " acme ").await.expect("asks");
    assert!(house.letters().await[0].contains("An organization will be deleted"));
    assert_eq!(issue(delete(&ann, "acme", "acme").await, "confirm_slug"), Some(FieldIssue::AlreadyDone));
    for permission in Permission::ALL {
        let is_open = permission.verb() == "read" || *permission == Permission::DeleteOrganization;
        let outcome = may(&ann, made.id, *permission).await.map(drop);
        assert_eq!(outcome.is_ok(), is_open, "{permission:?} {outcome:?}");
        if !is_open {
            assert_eq!(issue(outcome, "organization_id"), Some(FieldIssue::AboutToEnd));
        }
    }
    assert!(get(&ann, "acme").await.expect("readable").deletes_at.is_some());
    house.platform.clock().advance(14 * DAY - Duration::from_secs(1));
    assert_eq!(service::delete_due(&house.platform).await, Ok(0), "not a moment before");
    let ann = arrives(&house, ANN).await;
    let keep = async || service::keep(&may(&ann, "acme", Permission::DeleteOrganization).await?).await;
    keep().await.expect("keeps");
    assert_eq!(issue(keep().await, "organization_id"), Some(FieldIssue::AlreadyDone));
    house.platform.clock().advance(DAY);
    assert_eq!(service::delete_due(&house.platform).await, Ok(0), "it was kept");
    let ann = arrives(&house, ANN).await;
    delete(&ann, "acme", "acme").await.expect("asks again");
    house.platform.clock().advance(14 * DAY);
    let workers = (0..4).map(|_| service::delete_due(&house.platform));
    let done = futures::future::join_all(workers).await;
    assert_eq!(done.iter().map(|count| count.as_ref().expect("works")).sum::<u64>(), 1);
    let ann = arrives(&house, ANN).await;
    assert_eq!(get(&ann, made.id).await, Err(AppError::NotFound));
    assert_eq!(create(&ann, "Acme", Some("acme")).await.expect("the slug is free").slug, "acme");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_end_of_an_account_is_refused_to_a_last_owner_and_takes_their_own_organization_along(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let made = create(&ann, "Acme", Some("acme")).await.expect("makes");
    let end = async |caller: &Caller, email: &str| {
        identity::delete_account(&caller.stepped_up().expect("fresh"), email).await
    };
    let named = FieldIssue::LastOwnerOf { organization: "acme".into() };
    assert_eq!(issue(end(&ann, ANN).await, "confirm_email"), Some(named.clone()));
    assert!(named.sentence().contains("acme"));
    join(&db, made.id, user(&bob), "OWNER").await;
    // Whoever is on their way out is no owner for the other.
    let (one, two) = tokio::join!(end(&ann, ANN), end(&bob, BOB));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let (gone, left) = if one.is_ok() { (ANN, BOB) } else { (BOB, ANN) };
    house.platform.clock().advance(14 * DAY);
    assert_eq!(identity::delete_due(&house.platform).await, Ok(1));
    let stays = arrives(&house, left).await;
    let acme = get(&stays, "acme").await.expect("goes on");
    assert_eq!(acme.members, 1);
    assert_eq!(count(&db).await, 2, "of {gone} nothing is left");
    let trail = trail(&db, made.id).await;
    assert!(trail.contains(&"organizations.member-deleted".to_owned()), "{trail:?}");
}

/// What the trail of an organization says, the oldest first.
pub(crate) async fn trail(db: &PgPool, organization: Uuid) -> Vec<String> {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!(
        "SELECT set_config('app.organization_id', $1, true) AS organization",
        organization.to_string()
    )
    .fetch_one(&mut *tx)
    .await
    .expect("enters");
    sqlx::query_scalar!(
        "SELECT action FROM audit_entries WHERE organization_id = $1 ORDER BY seq",
        organization
    )
    .fetch_all(&mut *tx)
    .await
    .expect("entries")
}
