//! Registration by invitation: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Caller, Purpose, SiteAction},
    admin::service,
    identity::{
        Invitation,
        service::{self as identity, Registration},
    },
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD, token_in};

const ANN: &str = "ann@example.com";
const WEEK: Duration = Duration::from_hours(7 * 24);

/// A house whose administrator lets people in by invitation.
async fn house(db: &PgPool) -> (House, Caller) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let settings = root.may(SiteAction::ChangeSettings).expect("may");
    service::update_settings(&settings, "invited", "", "Only whom we know").await.expect("saves");
    (house, root)
}

async fn invite(root: &Caller, email: &str) -> Result<(), AppError> {
    service::invite_user(&root.may(SiteAction::InviteUser).expect("may"), email, None).await
}

async fn waiting(root: &Caller) -> Vec<Invitation> {
    let grant = root.may(SiteAction::ReadSettings).expect("may");
    service::invitations(&grant, None, None).await.expect("lists").items
}

async fn register(house: &House, email: &str, invitation: Option<&str>) -> Result<(), AppError> {
    let typed = Registration {
        email: email.into(),
        password: PASSWORD.into(),
        invitation: invitation.map(str::to_owned),
        ..Registration::default()
    };
    let grant = house.nobody().anonymous(Purpose::Register);
    identity::register(&grant, typed).await.map(drop)
}

/// The token in the only letter since the last call.
async fn invitation(house: &House) -> String {
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "one letter");
    // A long link is broken in the encoding of the letter.
    let letter = letters[0].replace("=\r\n", "").replace("=3D", "=");
    assert!(letter.contains("/register?invitation="), "{letter}");
    token_in(&letter.replace("?invitation=", "?token="))
}

fn issue(result: Result<(), AppError>) -> Option<FieldIssue> {
    result.expect_err("refused").of_field("email").map(|problem| problem.issue.clone())
}

async fn accounts(db: &PgPool) -> i64 {
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM users"#).fetch_one(db).await.expect("counts")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invitation_opens_one_account_for_the_address_it_was_sent_to(db: PgPool) {
    let (house, root) = house(&db).await;
    assert_eq!(issue(register(&house, ANN, None).await), Some(FieldIssue::InvitationNeeded));
    invite(&root, " Ann@EXAMPLE.com ").await.expect("invites");
    let token = invitation(&house).await;
    assert_eq!(waiting(&root).await.len(), 1);
    assert_eq!(
        issue(register(&house, ANN, None).await),
        Some(FieldIssue::InvitationNeeded),
        "not without its link"
    );
    assert_eq!(
        issue(register(&house, "bob@example.com", Some(&token)).await),
        Some(FieldIssue::InvitedElsewhere)
    );
    for wrong in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(register(&house, ANN, Some(wrong)).await, Err(AppError::TokenRefused));
    }
    register(&house, ANN, Some(&token)).await.expect("is let in");
    assert_eq!(waiting(&root).await, []);
    let confirm = house.token().await;
    identity::verify_email(&house.nobody().anonymous(Purpose::Letter), &confirm).await.expect("confirms");
    house.cookie_of(ANN).await;
    assert_eq!(register(&house, ANN, Some(&token)).await, Err(AppError::TokenRefused), "it works once");
    assert_eq!(accounts(&db).await, 2);
    let trail: Vec<String> = house.trail("identity").await.into_iter().map(|(action, _)| action).collect();
    assert!(trail.contains(&"identity.invitation-taken".to_owned()), "{trail:?}");
    assert!(!format!("{:?}", house.trail("admin").await).contains("example"), "the trail holds no address");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_ten_who_use_a_link_at_once_one_is_let_in(db: PgPool) {
    let (house, root) = house(&db).await;
    invite(&root, ANN).await.expect("invites");
    let token = invitation(&house).await;
    let tries = (0..10).map(|_| register(&house, ANN, Some(&token)));
    let done = futures::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{done:?}");
    assert!(done.iter().all(|outcome| matches!(outcome, Ok(()) | Err(AppError::TokenRefused))), "{done:?}");
    assert_eq!(house.letters().await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_a_week_or_when_it_is_taken_back_or_repeated_a_link_works_no_more(db: PgPool) {
    let (house, root) = house(&db).await;
    invite(&root, ANN).await.expect("invites");
    let first = invitation(&house).await;
    house.platform.clock().advance(Duration::from_secs(1));
    invite(&root, "ANN@example.com").await.expect("invites again");
    let second = invitation(&house).await;
    let listed = waiting(&root).await;
    assert_eq!(listed.len(), 1, "one for each address");
    assert!(listed[0].sent_at > listed[0].created_at && !listed[0].expired);
    assert_eq!(listed[0].invited_by.as_deref(), Some("root@example.com"));
    assert_eq!(register(&house, ANN, Some(&first)).await, Err(AppError::TokenRefused));

    house.platform.clock().advance(WEEK);
    assert_eq!(register(&house, ANN, Some(&second)).await, Err(AppError::TokenRefused), "expired");
    let cookie = house.cookie_of("root@example.com").await;
    let root = house.with_cookie(&cookie).await;
    assert!(waiting(&root).await[0].expired, "it stays in the list, to be repeated");
    invite(&root, ANN).await.expect("invites once more");
    let third = invitation(&house).await;
    let id = waiting(&root).await[0].id.to_string();
    let grant = root.may(SiteAction::InviteUser).expect("may");
    service::revoke_invitation(&grant, &id).await.expect("takes it back");
    assert_eq!(service::revoke_invitation(&grant, &id).await, Err(AppError::NotFound));
    assert_eq!(register(&house, ANN, Some(&third)).await, Err(AppError::TokenRefused), "taken back");
    assert_eq!(accounts(&db).await, 1);
    let trail: Vec<(String, String)> = house.trail("admin").await;
    let actions: Vec<&str> = trail.iter().map(|(action, _)| action.as_str()).collect();
    let invited = "admin.user-invited";
    let told = ["admin.settings-changed", invited, invited, invited, "admin.invitation-revoked"];
    assert_eq!(actions, told);
    let again: Vec<bool> = trail.iter().map(|(_, detail)| detail.contains(r#""again":true"#)).collect();
    assert_eq!(again, [false, false, true, true, false]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_is_invited_who_has_an_account_or_may_not_have_one(db: PgPool) {
    let (house, root) = house(&db).await;
    assert_eq!(issue(invite(&root, "ann").await), Some(FieldIssue::NotAnAddress));
    assert_eq!(issue(invite(&root, "ROOT@example.com").await), Some(FieldIssue::HasAccount));
    let settings = root.may(SiteAction::ChangeSettings).expect("may");
    service::update_settings(&settings, "invited", "example.org", "Only us").await.expect("saves");
    assert_eq!(issue(invite(&root, ANN).await), Some(FieldIssue::DomainNotAllowed));
    service::update_settings(&settings, "closed", "", "Moving house").await.expect("saves");
    assert_eq!(issue(invite(&root, ANN).await), Some(FieldIssue::RegistrationClosed));
    assert!(house.letters().await.is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn closed_doors_stay_closed_for_who_was_invited_and_open_ones_ask_for_nothing(db: PgPool) {
    let (house, root) = house(&db).await;
    invite(&root, ANN).await.expect("invites");
    let token = invitation(&house).await;
    let settings = root.may(SiteAction::ChangeSettings).expect("may");
    service::update_settings(&settings, "closed", "", "Moving house").await.expect("saves");
    assert_eq!(issue(register(&house, ANN, Some(&token)).await), Some(FieldIssue::RegistrationClosed));
    service::update_settings(&settings, "open", "", "We are there").await.expect("saves");
    register(&house, "bob@example.com", Some("no link at all")).await.expect("needs none");
    house.letters().await;
    register(&house, ANN, None).await.expect("needs none");
    assert_eq!(waiting(&root).await.len(), 1, "whoever typed the address has not shown that it is theirs");
    let letter = house.nobody().anonymous(Purpose::Letter);
    identity::verify_email(&letter, &house.token().await).await.expect("confirms");
    assert_eq!(waiting(&root).await, [], "what was sent to the address is done with");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_is_not_flooded_with_invitations(db: PgPool) {
    let (_house, root) = house(&db).await;
    for _ in 0..5 {
        invite(&root, ANN).await.expect("invites");
    }
    assert!(matches!(invite(&root, ANN).await, Err(AppError::TooManyRequests { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_supporter_invites_nobody(db: PgPool) {
    let house = House::new(db);
    let helper = house.staff("help@example.com", "{SUPPORT,USER}").await;
    assert_eq!(helper.may(SiteAction::InviteUser).map(drop), Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_month_after_its_end_an_invitation_is_forgotten(db: PgPool) {
    let (house, root) = house(&db).await;
    invite(&root, ANN).await.expect("invites");
    let kept = async || {
        identity::sweep(&house.platform).await.expect("sweeps");
        sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM invitations"#)
            .fetch_one(&db)
            .await
            .expect("counts")
    };
    house.platform.clock().advance(WEEK + Duration::from_hours(30 * 24));
    assert_eq!(kept().await, 1);
    house.platform.clock().advance(Duration::from_secs(1));
    assert_eq!(kept().await, 0);
}
