//! Another key of the vault: against a real database.

use domain::{
    access::{Grant, Purpose},
    admin::reseal::{COLUMNS, reseal_all},
    identity::service as identity,
    platform::{
        Parts, Platform, testing,
        vault::{Keyring, Resealed, Vault},
    },
    tokens::service::{Credentials, issue, keep_signing_key},
};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    second_factor::{code, enrolled},
};

pub(crate) const OLD: &str = "1:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=";
pub(crate) const NEW: &str = "2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The platform of a process with these keys.
pub(crate) fn with_keys(db: &PgPool, at: domain::Timestamp, keys: &str) -> Platform {
    let vault = Vault::new(Keyring::parse(keys).expect("a ring"));
    Platform::new(Parts { vault, ..testing::parts(db.clone(), at) })
}

async fn reseal(platform: &Platform) -> Resealed {
    reseal_all(&Grant::system(platform, "test")).await.expect("seals")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_sealing_anew_the_older_key_can_go(db: PgPool) {
    let mut house = House::new(db.clone());
    let (_, totp, _) = enrolled(&house).await;
    keep_signing_key(&Grant::system(&house.platform, "test")).await.expect("a key");
    let script = Credentials {
        email: "ann@example.com".into(),
        password: PASSWORD.into(),
        code: Some(code(&house, &totp)),
        captcha: None,
    };
    issue(&house.nobody().anonymous(Purpose::SignIn), script).await.expect("a family");
    let letter = house.nobody().anonymous(Purpose::Letter);
    identity::forgot_password(&letter, "ann@example.com", None).await.expect("a request");
    house.register("bob@example.com", PASSWORD).await;
    let now = house.platform.now();

    assert_eq!(reseal(&with_keys(&db, now, OLD)).await, Resealed::default(), "all under the active key");
    let both = with_keys(&db, now, &format!("{OLD}\n{NEW}"));
    let found = reseal(&both).await;
    assert!(found.done >= 5 && found.closed == 0, "{found:?}");
    assert_eq!(reseal(&both).await, Resealed::default(), "once is enough");

    // The old key is gone, and everything opens.
    house.platform = with_keys(&db, now, NEW);
    let letters = house.letters().await;
    assert!(letters.len() >= 2, "{letters:?}");
    house.platform.clock().advance(std::time::Duration::from_mins(1));
    let script = Credentials {
        email: "ann@example.com".into(),
        password: PASSWORD.into(),
        code: Some(code(&house, &totp)),
        captcha: None,
    };
    issue(&house.nobody().anonymous(Purpose::SignIn), script)
        .await
        .expect("authenticator and signing key open");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_value_that_opens_with_no_key_is_counted_and_left_alone(db: PgPool) {
    let house = House::new(db.clone());
    enrolled(&house).await;
    let before = sqlx::query_scalar!("SELECT sealed FROM authenticators").fetch_one(&db).await.expect("one");
    let stranger = with_keys(&db, house.platform.now(), NEW);
    let found = reseal(&stranger).await;
    assert!(found.done == 0 && found.closed >= 1, "{found:?}");
    let after = sqlx::query_scalar!("SELECT sealed FROM authenticators").fetch_one(&db).await.expect("one");
    assert_eq!(before, after);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_sealed_column_is_known(db: PgPool) {
    let mut known: Vec<_> = COLUMNS.iter().map(|column| column.table.to_owned()).collect();
    known.sort();
    let found = sqlx::query_scalar!(
        r#"SELECT table_name::text AS "name!" FROM information_schema.columns
           WHERE table_schema = 'public' AND column_name LIKE '%sealed%' ORDER BY 1"#
    )
    .fetch_all(&db)
    .await
    .expect("columns");
    assert_eq!(found, known);
}
