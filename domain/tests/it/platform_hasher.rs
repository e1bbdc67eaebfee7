//! Passwords: nobody learns from the time whether an account exists, and a crowd is told to come back.

use std::time::{Duration, Instant};

use domain::{
    AppError,
    platform::hasher::{HasherSettings, PasswordHasher, Verified},
};

/// Large enough for the time to be the hash's: some ten milliseconds.
fn settings() -> HasherSettings {
    HasherSettings { workers: 1, queue: 4, memory_kib: 8 * 1024, iterations: 3, lanes: 2 }
}

async fn time_of_one(hasher: &PasswordHasher, phc: Option<&str>) -> Duration {
    let begun = Instant::now();
    let answer = hasher.verify("a wrong password".into(), phc.map(str::to_owned)).await;
    assert_eq!(answer, Ok(Verified::No));
    begun.elapsed()
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_known_one() {
    let hasher = PasswordHasher::new(settings());
    let phc = hasher.hash("the right password".into()).await.expect("hashes");
    // In turns, and the shortest of each: other tests use the same cores meanwhile.
    let (mut known, mut unknown) = (Duration::MAX, Duration::MAX);
    for _ in 0..15 {
        known = known.min(time_of_one(&hasher, Some(&phc)).await);
        unknown = unknown.min(time_of_one(&hasher, None).await);
    }
    assert!(unknown < known * 2 && known < unknown * 2, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn a_hash_made_with_other_parameters_asks_to_be_made_again() {
    let old = PasswordHasher::new(HasherSettings { iterations: 2, ..settings() });
    let new = PasswordHasher::new(settings());
    let phc = old.hash("the right password".into()).await.expect("hashes");
    let verify = |password: &str, phc: &str| new.verify(password.into(), Some(phc.to_owned()));
    assert_eq!(verify("the right password", &phc).await, Ok(Verified::YesButRehash));
    assert_eq!(verify("a wrong password", &phc).await, Ok(Verified::No));
    let phc = new.hash("the right password".into()).await.expect("hashes");
    assert_eq!(verify("the right password", &phc).await, Ok(Verified::Yes));
}

#[tokio::test]
async fn a_crowd_is_told_at_once_to_come_back_and_the_others_are_served() {
    let hasher = PasswordHasher::new(settings());
    let begun = Instant::now();
    let answers = futures::future::join_all((0..40).map(|_| hasher.hash("password".into()))).await;
    let served = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused =
        answers.iter().filter(|answer| matches!(answer, Err(AppError::Busy { retry_after_s: 1.. })));
    assert_eq!(served + refused.count(), 40);
    // One being worked on, four waiting, and what was finished while the crowd arrived.
    assert!((4..20).contains(&served), "{served} served");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_stored_hash_that_cannot_be_read_is_our_fault_and_lets_nobody_in() {
    let hasher = PasswordHasher::new(settings());
    for phc in ["", "plain text", "$argon2id$v=19$m=99999999,t=3,p=2$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(
            hasher.verify("password".into(), Some(phc.into())).await,
            Err(AppError::Internal),
            "{phc}"
        );
    }
}
