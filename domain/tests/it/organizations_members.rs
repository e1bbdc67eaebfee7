//! Members: invited, let in, given roles, removed, one by one and many at once: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Caller, Permission, Purpose},
    organizations::{
        BulkAction, BulkReport, Joined,
        service::{self, Pasting, Query},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::House,
    organizations::{ANN, BOB, arrives, create, get, issue, join, may, trail, user},
};

pub(crate) const EVE: &str = "eve@example.com";
const WEEK: Duration = Duration::from_hours(7 * 24);

/// An organization whose owner is Ann.
pub(crate) struct Scene {
    pub(crate) house: House,
    pub(crate) ann: Caller,
    pub(crate) id: Uuid,
}

impl Scene {
    pub(crate) async fn new(db: PgPool) -> Self {
        let house = House::new(db);
        let ann = house.person(ANN).await;
        let id = create(&ann, "Acme", Some("acme")).await.expect("makes").id;
        house.letters().await;
        Self { house, ann, id }
    }

    /// Somebody in it.
    pub(crate) async fn member(&self, email: &str, role: &str) -> Caller {
        let member = self.house.person(email).await;
        join(&self.house.db, self.id, user(&member), role).await;
        member
    }

    pub(crate) async fn invite(&self, by: &Caller, email: &str, role: &str) -> Result<bool, AppError> {
        let grant = may(by, self.id, Permission::InviteMembers).await?;
        service::invite(&grant, email, role).await.map(|invited| invited.renewed)
    }

    /// The token in the newest letter since the last call.
    pub(crate) async fn token(&self) -> String {
        let letters = self.house.letters().await;
        token_in(letters.last().expect("a letter"))
    }

    pub(crate) async fn accept(&self, by: &Caller, token: &str) -> Result<Joined, AppError> {
        service::accept_invitation(&by.signed_in().expect("in"), token).await
    }

    pub(crate) async fn set_roles(&self, by: &Caller, user: Uuid, roles: &[&str]) -> Result<(), AppError> {
        let grant = may(by, self.id, Permission::AssignRoles).await?;
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        service::set_member_roles(&grant, &user.to_string(), &roles).await
    }

    pub(crate) async fn remove(&self, by: &Caller, user: Uuid) -> Result<(), AppError> {
        let grant = may(by, self.id, Permission::RemoveMembers).await?;
        service::remove_member(&grant, &user.to_string()).await
    }

    pub(crate) async fn bulk(
        &self,
        by: &Caller,
        action: BulkAction,
        lines: &str,
        mode: &str,
    ) -> Result<BulkReport, AppError> {
        let grant = may(by, self.id, action.permission()).await?;
        let pasting = Pasting { lines: lines.into(), role: Some("VIEWER".into()), mode: Some(mode.into()) };
        service::bulk_members(&grant, action, &pasting).await
    }

    pub(crate) async fn roles(&self, of: Uuid) -> Vec<String> {
        let grant = may(&self.ann, self.id, Permission::ReadMembers).await.expect("hers");
        let page =
            service::members(&grant, Query { limit: Some(100), ..Query::default() }).await.expect("lists");
        let found = page.items.into_iter().find(|member| member.user_id == of);
        found.map(|member| member.roles.into_iter().map(|role| role.role).collect()).unwrap_or_default()
    }

    async fn waiting(&self) -> usize {
        let grant = may(&self.ann, self.id, Permission::ReadMembers).await.expect("hers");
        service::invitations(&grant, Some(100), None).await.expect("lists").items.len()
    }

    /// A role that the organization has made.
    pub(crate) async fn made_role(&self, name: &str, permissions: &[&str]) -> Uuid {
        let id = Uuid::from_u128(u128::from_be_bytes(std::array::from_fn(|at| {
            name.as_bytes().get(at).copied().unwrap_or(7)
        })));
        let permissions: Vec<String> = permissions.iter().map(|name| (*name).to_owned()).collect();
        let mut tx = self.house.db.begin().await.expect("begins");
        sqlx::query!(
            "SELECT set_config('app.organization_id', $1, true) AS organization",
            self.id.to_string()
        )
        .fetch_one(&mut *tx)
        .await
        .expect("enters");
        sqlx::query!(
            "INSERT INTO roles (id, organization_id, name, permissions, created_at) VALUES ($1, $2, $3, $4, now())",
            id,
            self.id,
            name,
            &permissions
        )
        .execute(&mut *tx)
        .await
        .expect("makes");
        tx.commit().await.expect("commits");
        id
    }
}

fn token_in(letter: &str) -> String {
    // A long link is broken in the encoding of the letter.
    let letter = letter.replace("=\r\n", "").replace("=3D", "=");
    let rest = letter.split_once("/invitations/").expect("a link").1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invitation_makes_one_member_of_the_address_it_was_sent_to(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    assert_eq!(scene.invite(&scene.ann, " Bob@EXAMPLE.com ", "DEVELOPER").await, Ok(false));
    let letter = scene.house.letters().await.remove(0);
    assert!(letter.contains("Acme") && letter.contains(ANN) && letter.contains("as Developer"), "{letter}");
    let token = token_in(&letter);
    let nobody = scene.house.nobody().anonymous(Purpose::Letter);
    for _ in 0..2 {
        let shown = service::invitation(&nobody, &token).await.expect("looking uses nothing up");
        assert_eq!((shown.organization.as_str(), shown.role.as_str()), ("Acme", "Developer"));
        assert_eq!((shown.email.as_str(), shown.invited_by.as_str()), ("Bob@example.com", ANN));
    }
    let eve = scene.house.person(EVE).await;
    assert_eq!(issue(scene.accept(&eve, &token).await, "token"), Some(FieldIssue::InvitedElsewhere));
    for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(scene.accept(&eve, wrong).await, Err(AppError::TokenRefused), "{wrong}");
        assert_eq!(service::invitation(&nobody, wrong).await.map(drop), Err(AppError::TokenRefused));
    }
    // Whoever had no account opens one, and comes back.
    let bob = scene.house.person(BOB).await;
    assert_eq!(scene.accept(&bob, &token).await.map(|joined| joined.slug), Ok("acme".to_owned()));
    assert_eq!(scene.roles(user(&bob)).await, ["DEVELOPER"]);
    assert_eq!(scene.accept(&bob, &token).await, Err(AppError::TokenRefused), "it works once");
    assert_eq!(scene.waiting().await, 0);
    assert_eq!(
        trail(&db, scene.id).await,
        ["organizations.created", "organizations.invited", "organizations.joined"]
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_who_accept_at_once_one_comes_in(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let bob = scene.house.person(BOB).await;
    scene.house.letters().await;
    scene.invite(&scene.ann, BOB, "VIEWER").await.expect("invites");
    let token = scene.token().await;
    let done = futures::future::join_all((0..20).map(|_| scene.accept(&bob, &token))).await;
    assert_eq!(done.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{done:?}");
    assert!(done.iter().all(|outcome| matches!(outcome, Ok(_) | Err(AppError::TokenRefused))), "{done:?}");
    let joined = trail(&db, scene.id).await.into_iter().filter(|action| action == "organizations.joined");
    assert_eq!(joined.count(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invitation_ends_after_a_week_when_it_is_repeated_and_when_it_is_taken_back(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.invite(&scene.ann, BOB, "VIEWER").await.expect("invites");
    let first = scene.token().await;
    scene.house.platform.clock().advance(Duration::from_secs(1));
    assert_eq!(scene.invite(&scene.ann, "BOB@example.com", "ADMIN").await, Ok(true), "the same one, renewed");
    let second = scene.token().await;
    assert_eq!(scene.waiting().await, 1);
    let bob = scene.house.person(BOB).await;
    assert_eq!(scene.accept(&bob, &first).await, Err(AppError::TokenRefused), "repeated");
    scene.house.platform.clock().advance(WEEK);
    let (ann, bob) = (arrives(&scene.house, ANN).await, arrives(&scene.house, BOB).await);
    assert_eq!(scene.accept(&bob, &second).await, Err(AppError::TokenRefused), "a week later");
    scene.house.letters().await;
    scene.invite(&ann, BOB, "VIEWER").await.expect("repeats");
    let third = scene.token().await;
    let grant = may(&ann, scene.id, Permission::ReadMembers).await.expect("hers");
    let waiting = service::invitations(&grant, None, None).await.expect("lists").items.remove(0);
    assert!(!waiting.expired && waiting.invited_by.as_deref() == Some(ANN));
    let revoke = async || {
        let grant = may(&ann, scene.id, Permission::InviteMembers).await?;
        service::revoke_invitation(&grant, &waiting.id.to_string()).await
    };
    revoke().await.expect("takes it back");
    assert_eq!(revoke().await, Err(AppError::NotFound));
    assert_eq!(scene.accept(&bob, &third).await, Err(AppError::TokenRefused), "taken back");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_invites_above_themselves_neither_when_it_is_sent_nor_when_it_is_taken(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "ADMIN").await;
    scene.house.letters().await;
    assert_eq!(scene.invite(&bob, EVE, "OWNER").await, Err(AppError::NotAllowed));
    for (role, refusal) in [("", FieldIssue::Required), ("KING", FieldIssue::NotAnOption)] {
        assert_eq!(issue(scene.invite(&bob, EVE, role).await, "role"), Some(refusal));
    }
    assert_eq!(issue(scene.invite(&bob, "eve", "VIEWER").await, "email"), Some(FieldIssue::NotAnAddress));
    assert_eq!(issue(scene.invite(&bob, ANN, "VIEWER").await, "email"), Some(FieldIssue::AlreadyAMember));
    assert_eq!(scene.waiting().await, 0);
    scene.invite(&bob, EVE, "ADMIN").await.expect("as much as he has");
    let token = scene.token().await;
    let eve = scene.house.person(EVE).await;
    scene.set_roles(&scene.ann, user(&bob), &["DEVELOPER"]).await.expect("lowers him");
    assert_eq!(scene.accept(&eve, &token).await, Err(AppError::TokenRefused), "he has it no more");
    scene.set_roles(&scene.ann, user(&bob), &["ADMIN"]).await.expect("raises him");
    scene.remove(&scene.ann, user(&bob)).await.expect("removes him");
    assert_eq!(scene.accept(&eve, &token).await, Err(AppError::TokenRefused), "he is gone");
    assert_eq!(get(&eve, "acme").await, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_is_not_flooded_with_invitations(db: PgPool) {
    let scene = Scene::new(db).await;
    for _ in 0..5 {
        scene.invite(&scene.ann, BOB, "VIEWER").await.expect("invites");
    }
    let flooded = scene.invite(&scene.ann, BOB, "VIEWER").await;
    assert!(matches!(flooded, Err(AppError::TooManyRequests { .. })), "{flooded:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn roles_are_given_and_taken_up_to_ones_own(db: PgPool) {
    let scene = Scene::new(db).await;
    let (bob, eve) = (scene.member(BOB, "ADMIN").await, scene.member(EVE, "VIEWER").await);
    let (a, b, e) = (user(&scene.ann), user(&bob), user(&eve));
    scene.set_roles(&bob, e, &["DEVELOPER", "BILLING"]).await.expect("gives");
    assert_eq!(scene.roles(e).await, ["BILLING", "DEVELOPER"]);
    assert_eq!(
        scene.set_roles(&bob, e, &["OWNER"]).await,
        Err(AppError::NotAllowed),
        "gives more than he has"
    );
    assert_eq!(
        scene.set_roles(&bob, a, &["VIEWER"]).await,
        Err(AppError::NotAllowed),
        "takes more than he has"
    );
    assert_eq!(scene.remove(&bob, a).await, Err(AppError::NotAllowed), "nor so");
    assert_eq!(scene.set_roles(&eve, b, &["VIEWER"]).await, Err(AppError::NotAllowed));
    assert_eq!(issue(scene.set_roles(&scene.ann, e, &[]).await, "roles"), Some(FieldIssue::Required));
    assert_eq!(
        issue(scene.set_roles(&scene.ann, e, &["KING"]).await, "roles"),
        Some(FieldIssue::NotAnOption)
    );
    assert_eq!(scene.set_roles(&scene.ann, Uuid::nil(), &["VIEWER"]).await, Err(AppError::NotFound));
    assert_eq!(
        issue(scene.set_roles(&scene.ann, a, &["ADMIN"]).await, "roles"),
        Some(FieldIssue::LastOwner),
        "not even of oneself"
    );
    scene.set_roles(&scene.ann, b, &["OWNER", "ADMIN"]).await.expect("another owner");
    scene.set_roles(&bob, a, &["ADMIN"]).await.expect("who is no more the last");
    scene.remove(&bob, a).await.expect("and can be removed");
    assert_eq!(issue(scene.remove(&bob, b).await, "user_id"), Some(FieldIssue::Yourself));
    assert_eq!(scene.remove(&bob, a).await, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_owners_who_lower_each_other_one_stays(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "OWNER").await;
    let (a, b) = (user(&scene.ann), user(&bob));
    let (one, two) =
        tokio::join!(scene.set_roles(&scene.ann, b, &["VIEWER"]), scene.set_roles(&bob, a, &["VIEWER"]));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn to_make_somebody_an_owner_needs_a_fresh_proof_and_is_not_done_to_ones_own(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let bob = scene.member(BOB, "VIEWER").await;
    let own = get(&scene.ann, "ann").await.expect("hers").id;
    join(&db, own, user(&bob), "VIEWER").await;
    let grant = may(&scene.ann, own, Permission::AssignRoles).await.expect("hers");
    let raised = service::set_member_roles(&grant, &user(&bob).to_string(), &["OWNER".into()]).await;
    assert_eq!(issue(raised, "roles"), Some(FieldIssue::Personal));
    let grant = may(&scene.ann, own, Permission::InviteMembers).await.expect("hers");
    let invited = service::invite(&grant, EVE, "OWNER").await;
    assert_eq!(issue(invited, "role"), Some(FieldIssue::Personal));
    scene.house.platform.clock().advance(Duration::from_mins(6));
    let stale = AppError::StepUpRequired { max_age_s: 300 };
    assert_eq!(scene.set_roles(&scene.ann, user(&bob), &["OWNER"]).await, Err(stale.clone()));
    assert_eq!(scene.invite(&scene.ann, EVE, "OWNER").await, Err(stale));
    scene.set_roles(&scene.ann, user(&bob), &["ADMIN"]).await.expect("anything else does not");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn roles_that_the_organization_has_made_are_given_by_their_id(db: PgPool) {
    let scene = Scene::new(db).await;
    let (bob, eve) = (scene.member(BOB, "ADMIN").await, scene.member(EVE, "VIEWER").await);
    let role = scene.made_role("Greeter", &["members:read", "members:invite", "members:fly"]).await;
    let above = scene.made_role("Ender", &["organization:delete"]).await;
    scene.set_roles(&bob, user(&eve), &[&role.to_string()]).await.expect("gives");
    assert_eq!(scene.set_roles(&bob, user(&eve), &[&above.to_string()]).await, Err(AppError::NotAllowed));
    let me = domain::identity::service::me(&eve.signed_in().expect("in")).await.expect("tells");
    let acme = me.organizations.iter().find(|it| it.slug == "acme").expect("hers");
    assert_eq!(acme.roles, ["Greeter"], "people read its name");
    assert_eq!(
        get(&eve, "acme").await,
        Err(AppError::NotAllowed),
        "it allows what it names and nothing else"
    );
    let offered = async |caller: &Caller| {
        let grant = may(caller, scene.id, Permission::ReadMembers).await.expect("may");
        let roles = service::assignable_roles(&grant).await.expect("lists");
        roles.into_iter().map(|role| role.name).collect::<Vec<_>>()
    };
    assert_eq!(
        offered(&scene.ann).await,
        ["Owner", "Admin", "Developer", "Billing", "Viewer", "Ender", "Greeter"]
    );
    assert_eq!(offered(&bob).await, ["Admin", "Developer", "Billing", "Viewer", "Greeter"]);
    assert_eq!(offered(&eve).await, ["Greeter"]);
    scene.house.letters().await;
    scene.invite(&eve, "new@example.com", &role.to_string()).await.expect("her own role");
    let token = scene.token().await;
    let new = scene.house.person("new@example.com").await;
    scene.accept(&new, &token).await.expect("comes in");
    assert_eq!(scene.roles(user(&new)).await, [role.to_string()]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn members_are_found_by_address_name_and_role_page_after_page(db: PgPool) {
    let scene = Scene::new(db).await;
    for number in 0..5 {
        let role = if number < 2 { "BILLING" } else { "VIEWER" };
        scene.member(&format!("p{number}@example.com"), role).await;
    }
    let grant = may(&scene.ann, scene.id, Permission::ReadMembers).await.expect("hers");
    let find = async |query: Query| {
        let page = service::members(&grant, query).await.expect("lists");
        (page.items.into_iter().map(|member| member.email).collect::<Vec<_>>(), page.next_cursor)
    };
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let (some, next) = find(Query { limit: Some(4), cursor, ..Query::default() }).await;
        all.extend(some);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(all.len(), 6);
    assert!(all.iter().all(|email| all.iter().filter(|other| *other == email).count() == 1), "{all:?}");
    assert_eq!(find(Query { q: Some("P3@".into()), ..Query::default() }).await.0, ["p3@example.com"]);
    assert_eq!(find(Query { q: Some("%".into()), ..Query::default() }).await.0.len(), 0, "no wildcard");
    let billing = Query { role: Some("BILLING".into()), ..Query::default() };
    let mut found = find(billing).await.0;
    found.sort_unstable();
    assert_eq!(found, ["p0@example.com", "p1@example.com"]);
    for (field, query) in [
        ("role", Query { role: Some("KING".into()), ..Query::default() }),
        ("limit", Query { limit: Some(0), ..Query::default() }),
        ("limit", Query { limit: Some(101), ..Query::default() }),
        ("cursor", Query { cursor: Some("next".into()), ..Query::default() }),
        ("q", Query { q: Some("x".repeat(255)), ..Query::default() }),
    ] {
        assert!(issue(service::members(&grant, query).await, field).is_some(), "{field}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_list_is_done_wholly_or_not_at_all(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let lines = format!(
        "one@example.com\ntwo@example.com,ADMIN\nno address\n{ANN}\nthree@example.com,KING\nONE@example.com"
    );
    let report = scene.bulk(&scene.ann, BulkAction::Invite, &lines, "all-or-nothing").await.expect("reads");
    assert_eq!((report.applied, report.good, report.refused), (false, 2, 4));
    let problems: Vec<_> = report.lines.iter().map(|line| (line.line, line.problem.as_deref())).collect();
    assert_eq!(
        problems,
        [
            (1, None),
            (2, None),
            (3, Some("not-an-address")),
            (4, Some("already-a-member")),
            (5, Some("not-an-option")),
            (6, Some("already-done")),
        ]
    );
    assert_eq!((scene.waiting().await, scene.house.letters().await.len()), (0, 0), "nothing was done");
    assert_eq!(trail(&db, scene.id).await, ["organizations.created"]);
    let report = scene.bulk(&scene.ann, BulkAction::Invite, &lines, "each").await.expect("reads");
    assert_eq!((report.applied, report.good, report.refused), (true, 2, 4));
    assert_eq!((scene.waiting().await, scene.house.letters().await.len()), (2, 2), "the good ones were");
    let good = "four@example.com\n\nfive@example.com";
    let report = scene.bulk(&scene.ann, BulkAction::Invite, good, "").await.expect("reads");
    assert_eq!((report.applied, report.good, report.refused), (true, 2, 0));
    let batches = batches(&db, scene.id).await;
    assert_eq!(
        batches.iter().filter(|batch| **batch == report.batch_id.to_string()).count(),
        2,
        "{batches:?}"
    );
}

async fn batches(db: &PgPool, organization: Uuid) -> Vec<String> {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!(
        "SELECT set_config('app.organization_id', $1, true) AS organization",
        organization.to_string()
    )
    .fetch_one(&mut *tx)
    .await
    .expect("enters");
    let found = sqlx::query_scalar!(
        "SELECT detail->>'batch' FROM audit_entries WHERE organization_id = $1 AND detail->>'batch' IS NOT NULL",
        organization
    );
    found.fetch_all(&mut *tx).await.expect("entries").into_iter().flatten().collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_list_gives_roles_and_removes_under_the_same_rules(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "ADMIN").await;
    let eve = scene.member(EVE, "VIEWER").await;
    let lines = format!("email,role\n{ANN},VIEWER\n{EVE},OWNER\nnobody@example.com\n{BOB},DEVELOPER");
    let report = scene.bulk(&bob, BulkAction::SetRole, &lines, "each").await.expect("reads");
    let problems: Vec<_> = report.lines.iter().map(|line| line.problem.as_deref()).collect();
    assert_eq!(problems, [Some("above-yourself"), Some("above-yourself"), Some("not-a-member"), None]);
    assert_eq!(scene.roles(user(&bob)).await, ["DEVELOPER"]);
    assert_eq!(scene.roles(user(&eve)).await, ["VIEWER"]);
    let denied = scene.bulk(&bob, BulkAction::Remove, EVE, "each").await;
    assert_eq!(denied, Err(AppError::NotAllowed), "he is no admin any more");
    let lines = format!("{EVE}\n{ANN}\n{BOB}");
    let report = scene.bulk(&scene.ann, BulkAction::Remove, &lines, "each").await.expect("reads");
    let problems: Vec<_> = report.lines.iter().map(|line| line.problem.as_deref()).collect();
    assert_eq!(problems, [None, Some("yourself"), None]);
    assert_eq!(get(&scene.ann, "acme").await.expect("hers").members, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn five_hundred_lines_are_done_and_ten_thousand_refused(db: PgPool) {
    let scene = Scene::new(db).await;
    let lines = |count: usize| {
        let all: Vec<_> = (0..count).map(|n| format!("p{n}@example.com")).collect();
        all.join("\n")
    };
    for count in [501, 10_000] {
        let refused = scene.bulk(&scene.ann, BulkAction::Invite, &lines(count), "each").await;
        assert_eq!(issue(refused, "lines"), Some(FieldIssue::TooManyLines { max: 500 }), "{count}");
    }
    assert_eq!(
        issue(scene.bulk(&scene.ann, BulkAction::Invite, " \n", "each").await, "lines"),
        Some(FieldIssue::Required)
    );
    assert_eq!(
        issue(scene.bulk(&scene.ann, BulkAction::Invite, EVE, "some").await, "mode"),
        Some(FieldIssue::NotAnOption)
    );
    assert_eq!(scene.waiting().await, 0);
    let report =
        scene.bulk(&scene.ann, BulkAction::Invite, &lines(500), "all-or-nothing").await.expect("reads");
    assert_eq!((report.applied, report.good, report.lines.len()), (true, 500, 500));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_comes_into_what_is_about_to_be_deleted(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.house.person(BOB).await;
    scene.house.letters().await;
    scene.invite(&scene.ann, BOB, "VIEWER").await.expect("invites");
    let token = scene.token().await;
    let grant = may(&scene.ann, scene.id, Permission::DeleteOrganization).await.expect("hers");
    service::delete(&grant, "acme").await.expect("asks");
    assert_eq!(issue(scene.accept(&bob, &token).await, "token"), Some(FieldIssue::AboutToEnd));
    service::keep(&grant).await.expect("keeps");
    scene.accept(&bob, &token).await.expect("the letter is good again");
}
