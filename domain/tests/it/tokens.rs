//! API tokens: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, Person, Purpose, SiteAction, Verb, Via},
    identity::service as identity,
    tokens::{
        MadeToken,
        service::{self, NewApiToken},
    },
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

const ANN: &str = "ann@example.com";
const ROOMS: [&str; 2] = ["audit", "identity"];
const DAY: Duration = Duration::from_hours(24);

fn typed(name: &str, scopes: &[&str]) -> NewApiToken {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    NewApiToken { name: name.into(), scopes, ..NewApiToken::default() }
}

async fn make(caller: &Caller, typed: &NewApiToken) -> Result<MadeToken, AppError> {
    service::create(&caller.stepped_up().expect("fresh"), typed, &ROOMS).await
}

async fn made(caller: &Caller) -> MadeToken {
    make(caller, &typed("backup", &["identity:read"])).await.expect("makes")
}

async fn bearer(house: &House, token: &str) -> Option<Person> {
    service::resolve_bearer(&house.platform, token).await.expect("resolves")
}

async fn fresh(house: &House) -> Caller {
    let cookie = house.cookie_of(ANN).await;
    house.with_cookie(&cookie).await
}

fn issues(error: Option<AppError>) -> Vec<(String, FieldIssue)> {
    let Some(AppError::InvalidInput { errors }) = error else { panic!("invalid input, not {error:?}") };
    errors.into_iter().map(|problem| (problem.field, problem.issue)).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_acts_as_its_owner_within_its_scopes(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    let person = bearer(&house, &made.token).await.expect("somebody");
    assert!(matches!(person.via, Via::ApiToken(_)));
    let caller = house.caller(Actor::Person(person));
    assert_eq!(caller.check_scope("identity", Verb::Read), Ok(()));
    assert_eq!(caller.check_scope("identity", Verb::Write), Err(AppError::NotAllowed));
    assert_eq!(caller.check_scope("audit", Verb::Read), Err(AppError::NotAllowed));
    assert_eq!(ann.check_scope("audit", Verb::Write), Ok(()), "a session has no scopes");
    let viewer = identity::me(&caller.signed_in().expect("signed in")).await.expect("a viewer");
    assert_eq!(viewer.email, ANN);
    assert!(!format!("{made:?}").contains(&made.token));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_is_never_a_fresh_proof_nor_a_browser(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    let caller = house.caller(Actor::Person(bearer(&house, &made.token).await.expect("somebody")));
    assert_eq!(caller.stepped_up().map(drop), Err(AppError::NotAllowed));
    assert_eq!(caller.check_browser(), Err(AppError::NotAllowed));
    assert_eq!(ann.check_browser(), Ok(()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_may_no_more_than_its_owner_at_this_moment(db: PgPool) {
    let house = House::new(db);
    let boss = house.staff(ANN, "{ADMIN,USER}").await;
    let made = make(&boss, &typed("audit", &["audit:read"])).await.expect("makes");
    let may = async || {
        let person = bearer(&house, &made.token).await.expect("somebody");
        house.caller(Actor::Person(person)).may(SiteAction::ReadAudit).map(drop)
    };
    assert_eq!(may().await, Ok(()));
    sqlx::query!("UPDATE users SET roles = '{USER}'").execute(&house.db).await.expect("demotes");
    assert_eq!(may().await, Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_the_hash_of_a_secret_is_kept(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    let dump = sqlx::query_scalar!(r#"SELECT t::text AS "row!" FROM api_tokens t"#);
    let dump = dump.fetch_one(&house.db).await.expect("a row");
    assert!(!dump.contains(&made.token[18..]), "{dump}");
    let list = service::list(&ann.signed_in().expect("signed in")).await.expect("lists");
    assert!(made.token.starts_with(&list[0].starts_with) && list[0].starts_with.len() == 18);
    let entries = format!("{:?}", house.trail("tokens").await);
    assert!(entries.contains("identity:read") && !entries.contains(&made.token[18..]));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_never_a_token_is_nobody(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    let other = make(&ann, &typed("other", &["*:read"])).await.expect("makes");
    // The beginning of one with the secret of another, and a check that fits neither.
    let crossed = format!("{}{}", &made.token[..18], &other.token[18..]);
    for wrong in ["", "gate_", "x", &made.token[..66], &made.token.to_lowercase(), &crossed] {
        assert!(bearer(&house, wrong).await.is_none(), "{wrong}");
    }
    assert!(bearer(&house, &other.token).await.is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_ends_at_its_end_when_it_is_ended_and_while_its_owner_is_locked(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let short = NewApiToken { expires_in_days: Some("1".into()), ..typed("short", &["*:read"]) };
    let short = make(&ann, &short).await.expect("makes");
    let long = made(&ann).await;
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&house.db).await.expect("locks");
    assert!(bearer(&house, &long.token).await.is_none());
    sqlx::query!("UPDATE users SET locked_at = NULL").execute(&house.db).await.expect("unlocks");
    assert!(bearer(&house, &long.token).await.is_some() && bearer(&house, &short.token).await.is_some());
    house.platform.clock().advance(DAY);
    assert!(bearer(&house, &short.token).await.is_none());
    let grant = fresh(&house).await.signed_in().expect("signed in");
    let list = service::list(&grant).await.expect("lists");
    // Made in the same millisecond, they have no order.
    let mut expired: Vec<_> = list.iter().map(|token| (token.name.as_str(), token.expired)).collect();
    expired.sort_unstable();
    assert_eq!(expired, [("backup", false), ("short", true)]);
    assert_eq!(service::end(&grant, long.id).await, Ok(()));
    assert_eq!(service::end(&grant, long.id).await, Err(AppError::NotFound));
    assert!(bearer(&house, &long.token).await.is_none());
    house.platform.clock().advance(DAY * 30);
    assert_eq!(service::sweep(&house.platform).await, Ok(1), "a month later the expired one is forgotten");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_strangers_token_cannot_be_seen_renewed_or_ended(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    house.letters().await;
    let bob = house.person("bob@example.com").await;
    let grant = bob.signed_in().expect("signed in");
    assert!(service::list(&grant).await.expect("lists").is_empty());
    assert_eq!(service::end(&grant, made.id).await, Err(AppError::NotFound));
    let grant = bob.stepped_up().expect("fresh");
    assert_eq!(service::rotate(&grant, made.id, None).await.err(), Some(AppError::NotFound));
    assert!(bearer(&house, &made.token).await.is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_a_rotation_both_secrets_work_for_the_overlap(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let first = made(&ann).await;
    let second = service::rotate(&ann.stepped_up().expect("fresh"), first.id, None).await.expect("rotates");
    assert_eq!(second.id, first.id);
    assert_eq!(second.token[..18], first.token[..18], "it is found by the same beginning");
    house.platform.clock().advance(Duration::from_secs(86_399));
    assert!(bearer(&house, &first.token).await.is_some() && bearer(&house, &second.token).await.is_some());
    house.platform.clock().advance(Duration::from_secs(1));
    assert!(bearer(&house, &first.token).await.is_none() && bearer(&house, &second.token).await.is_some());
    let grant = fresh(&house).await.stepped_up().expect("fresh");
    let third = service::rotate(&grant, first.id, Some("0")).await.expect("rotates");
    assert!(bearer(&house, &second.token).await.is_none(), "no overlap was asked for");
    assert!(bearer(&house, &third.token).await.is_some());
    for (overlap, issue) in [
        ("-1", FieldIssue::OutOfRange { min: 0, max: 604_800 }),
        ("604801", FieldIssue::OutOfRange { min: 0, max: 604_800 }),
        ("soon", FieldIssue::Unreadable),
    ] {
        let refused = service::rotate(&grant, first.id, Some(overlap)).await.err();
        assert_eq!(issues(refused), [("overlap_s".to_owned(), issue)]);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_with_an_end_gets_as_long_a_life_again_and_the_old_secret_keeps_its_end(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let typed = NewApiToken { expires_in_days: Some("10".into()), ..typed("ci", &["*:read"]) };
    let first = make(&ann, &typed).await.expect("makes");
    house.platform.clock().advance(DAY * 9 + DAY / 2);
    let grant = fresh(&house).await.stepped_up().expect("fresh");
    let second = service::rotate(&grant, first.id, Some("604800")).await.expect("rotates");
    house.platform.clock().advance(DAY / 2);
    assert!(bearer(&house, &first.token).await.is_none(), "its own end came before that of the overlap");
    house.platform.clock().advance(DAY * 9);
    assert!(bearer(&house, &second.token).await.is_some());
    house.platform.clock().advance(DAY / 2);
    assert!(bearer(&house, &second.token).await.is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_field_of_a_new_token_is_judged(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let nothing = make(&ann, &NewApiToken::default()).await.err();
    let required = |field: &str| (field.to_owned(), FieldIssue::Required);
    assert_eq!(issues(nothing), [required("name"), required("scopes")]);
    let unknown = make(&ann, &typed("x", &["audit:read", "spend:read"])).await.err();
    assert_eq!(issues(unknown), [("scopes".to_owned(), FieldIssue::NotAnOption)]);
    for (at, issue) in
        [("yesterday", FieldIssue::Unreadable), ("2001-01-01T00:00:00Z", FieldIssue::NotInFuture)]
    {
        let typed = NewApiToken { expires_at: Some(at.into()), ..typed("x", &["*:read"]) };
        assert_eq!(issues(make(&ann, &typed).await.err()), [("expires_at".to_owned(), issue)]);
    }
    for days in ["0", "3661"] {
        let typed = NewApiToken { expires_in_days: Some(days.into()), ..typed("x", &["*:read"]) };
        let issue = FieldIssue::OutOfRange { min: 1, max: 3660 };
        assert_eq!(issues(make(&ann, &typed).await.err()), [("expires_in_days".to_owned(), issue)]);
    }
    let empty = Some(String::new());
    let typed = NewApiToken { expires_at: empty.clone(), expires_in_days: empty, ..typed("x", &["*:read"]) };
    assert!(make(&ann, &typed).await.is_ok(), "an empty field of a form is none");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_has_more_than_fifty_tokens_not_even_by_asking_twice_at_once(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    for _ in 0..49 {
        made(&ann).await;
    }
    let typed = typed("one more", &["*:read"]);
    let (one, other) = tokio::join!(make(&ann, &typed), make(&ann, &typed));
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    let [AppError::Conflict { errors }] = &refused[..] else { panic!("one of two is refused: {refused:?}") };
    assert_eq!(errors[0].issue, FieldIssue::TooMany { max: 50 });
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_use_is_noted_to_the_minute(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    let grant = ann.signed_in().expect("signed in");
    let last = async || service::list(&grant).await.expect("lists")[0].last_used_at;
    assert_eq!(last().await, None);
    bearer(&house, &made.token).await;
    let first = last().await.expect("noted");
    house.platform.clock().advance(Duration::from_secs(59));
    bearer(&house, &made.token).await;
    assert_eq!(last().await, Some(first), "one write a minute");
    house.platform.clock().advance(Duration::from_secs(1));
    bearer(&house, &made.token).await;
    assert_eq!(last().await, Some(house.platform.now()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_changed_password_leaves_tokens_alone_and_a_reset_ends_them_and_says_so(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let made = made(&ann).await;
    assert!(house.letters().await[0].contains("Subject: A new API token"), "the owner is told");
    let grant = ann.signed_in().expect("signed in");
    identity::change_password(&grant, PASSWORD, "twelve red bicycles").await.expect("changes");
    assert!(bearer(&house, &made.token).await.is_some());
    house.letters().await;
    let forgetful = house.nobody().anonymous(Purpose::Letter);
    identity::forgot_password(&forgetful, ANN, None).await.expect("asks");
    let token = house.token().await;
    identity::reset_password(&forgetful, &token, "nine quiet typewriters").await.expect("resets");
    assert!(bearer(&house, &made.token).await.is_none());
    let letters = house.letters().await;
    assert!(letters.iter().any(|letter| letter.contains("Your API tokens were ended")), "{letters:?}");
    let ended = ("tokens.api-tokens-ended".to_owned(), r#"{"count":1}"#.to_owned());
    assert!(house.trail("tokens").await.contains(&ended));
}

#[test]
fn the_offers_name_every_room_twice_and_reading_everything_once() {
    let offers = service::offers(&["second-factor"]);
    let names: Vec<_> = offers.iter().map(|offer| offer.name.as_str()).collect();
    assert_eq!(names, ["*:read", "second-factor:read", "second-factor:write"]);
    assert_eq!(offers[2].allows, "Change second factor");
}
