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
    assert_eq!(idempotency::give_back(&ann, claim).await, Ok(true));
    let claim = claimed(&ann).await;
    create(ann.clone().with_claim(claim)).await.expect("creates");
    assert_eq!(idempotency::give_back(&ann, claim).await, Ok(false));
    idempotency::keep(&ann, claim, b"the answer").await.expect("keeps");
    let known = idempotency::claim(&ann, "one", REQUEST).await;
    assert!(matches!(known, Ok(Some(Known::Answered(answer))) if answer == b"the answer"));
}
