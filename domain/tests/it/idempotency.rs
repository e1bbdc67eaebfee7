//! A try to carry out a request whose time is over does nothing any more.

use std::time::Duration;

use domain::{
    AppError,
    access::{
        Caller,
        idempotency::{self, Claim, Known},
    },
    tokens::service::{self as tokens, NewApiToken},
};
use sqlx::PgPool;

use crate::house::House;

const REQUEST: &[&[u8]] = &[b"/api/v1/tokens/create", b"name=late"];

async fn claimed(caller: &Caller) -> Claim {
    match idempotency::claim(caller, "one", REQUEST).await {
        Ok(Some(Known::New(claim))) => claim,
        other => panic!("{other:?}"),
    }
}

async fn create(caller: Caller) -> Result<(), AppError> {
    let typed =
        NewApiToken { name: "late".into(), scopes: vec!["identity:read".into()], ..NewApiToken::default() };
    tokens::create(&caller.stepped_up().expect("fresh"), &typed, &["identity"]).await.map(drop)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_takes_the_place_of_a_try_that_was_given_up_on_is_the_only_one(db: PgPool) {
    let house = House::new(db);
    let ann = house.person("ann@example.com").await;
    let first = claimed(&ann).await;
    assert!(matches!(idempotency::claim(&ann, "one", REQUEST).await, Err(AppError::Conflict { .. })));
    house.platform.clock().advance(Duration::from_mins(2));
    let second = claimed(&ann).await;
    let late = create(ann.clone().with_claim(first)).await;
    assert!(matches!(late, Err(AppError::Conflict { .. })), "{late:?}");
    assert_eq!(house.api_tokens().await, 0, "nothing of it is kept");
    assert_eq!(create(ann.clone().with_claim(second)).await, Ok(()));
    house.platform.clock().advance(Duration::from_mins(2));
    let third = idempotency::claim(&ann, "one", REQUEST).await;
    assert!(matches!(third, Err(AppError::Conflict { .. })), "carried out, whatever became of the answer");
    assert_eq!(house.api_tokens().await, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_key_is_given_back_only_when_nothing_was_done(db: PgPool) {
    let house = House::new(db);
    let ann = house.person("ann@example.com").await;
    let claim = claimed(&ann).await;
    idempotency::give_back(&ann, claim).await.expect("gives it back");
    let claim = claimed(&ann).await;
    create(ann.clone().with_claim(claim)).await.expect("creates");
    idempotency::give_back(&ann, claim).await.expect("answers");
    assert!(matches!(idempotency::claim(&ann, "one", REQUEST).await, Err(AppError::Conflict { .. })));
    idempotency::keep(&ann, claim, b"the answer").await.expect("keeps");
    let known = idempotency::claim(&ann, "one", REQUEST).await;
    assert!(matches!(known, Ok(Some(Known::Answered(answer))) if answer == b"the answer"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_key_belongs_to_the_session_it_came_with(db: PgPool) {
    let house = House::new(db);
    let ann = house.person("ann@example.com").await;
    let claim = claimed(&ann).await;
    create(ann.clone().with_claim(claim)).await.expect("creates");
    idempotency::keep(&ann, claim, b"a secret").await.expect("keeps");
    let cookie = house.cookie_of("ann@example.com").await;
    let elsewhere = house.with_cookie(&cookie).await;
    let known = idempotency::claim(&elsewhere, "one", REQUEST).await;
    assert!(matches!(known, Ok(Some(Known::New(_)))), "{known:?}");
    assert_eq!(format!("{:?}", Known::Answered(b"a secret".to_vec())), "Answered");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_has_so_many_keys_and_no_more(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person("ann@example.com").await;
    sqlx::query!(
        "INSERT INTO idempotency_keys (user_id, key_hash, request_hash, claim, claimed_until, created_at)
         SELECT u.id, sha256(n::text::bytea), sha256('x'), gen_random_uuid(), $2, $2
         FROM users u, generate_series(2, $1::bigint) n",
        idempotency::MOST,
        house.platform.now().get(),
    )
    .execute(&db)
    .await
    .expect("fills");
    let last = claimed(&ann).await;
    let refused = idempotency::claim(&ann, "two", REQUEST).await.map(drop);
    assert!(matches!(refused, Err(AppError::TooManyRequests { .. })), "{refused:?}");
    idempotency::give_back(&ann, last).await.expect("gives it back");
    assert!(idempotency::claim(&ann, "two", REQUEST).await.is_ok());
}
