//! The clock tells nobody which addresses have accounts.

use std::time::{Duration, Instant};

use domain::{
    AppError,
    access::Purpose,
    identity::service::{self, Registration},
    platform::{
        Platform,
        hasher::{HasherSettings, PasswordHasher},
        strikes::Strikes,
        testing,
    },
};
use sqlx::PgPool;

use crate::house::House;

const PAIRS: usize = 100;
/// Four standard deviations: an honest run is beyond it once in 16,000; skipping the decoy lands beyond twelve.
const BOUND: f64 = 4.0;

/// A house that hashes as in earnest: what a guesser can see is judged against the noise of the real work.
fn house(db: PgPool) -> House {
    let mut house = House::new(db.clone());
    let mut parts = testing::parts(db, house.platform.now());
    parts.hasher = PasswordHasher::new(HasherSettings::standard(1));
    // So many tries of one network would be locked out.
    parts.strikes = Strikes::new(parts.redis.clone(), parts.clock.clone(), 1000);
    house.platform = Platform::new(parts);
    house
}

/// How many standard deviations the ranks of `a` lie from those of `b` (Mann and Whitney, normal approximation).
#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
fn deviations(a: &[Duration], b: &[Duration]) -> f64 {
    let won: usize = a.iter().map(|x| b.iter().filter(|y| x > *y).count()).sum();
    let (n, m) = (a.len() as f64, b.len() as f64);
    (won as f64 - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

/// Runs both sorts of try in turns, each as often first as second, so that whatever else the machine does falls on
/// both alike.
async fn compare(known: impl AsyncFn(usize), unknown: impl AsyncFn(usize)) -> f64 {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for n in 0..PAIRS {
        if n % 2 == 0 {
            a.push(time(known(n)).await);
            b.push(time(unknown(n)).await);
        } else {
            b.push(time(unknown(n)).await);
            a.push(time(known(n)).await);
        }
    }
    deviations(&a, &b)
}

async fn time(work: impl Future<Output = ()>) -> Duration {
    let begun = Instant::now();
    work.await;
    begun.elapsed()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sign_in_takes_as_long_for_an_unknown_address(db: PgPool) {
    let house = house(db);
    house.account("ann@example.com").await;
    let wrong = async |email: &str| {
        // So much later that no captcha is asked: what is compared is the work of a look at the password.
        house.platform.clock().advance(Duration::from_hours(1));
        assert_eq!(
            house.sign_in(email, "not the password at all").await.err(),
            Some(AppError::WrongCredentials)
        );
    };
    let z = compare(async |_| wrong("ann@example.com").await, async |_| wrong("bob@example.com").await).await;
    assert!(z.abs() < BOUND, "{z} standard deviations apart");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_registration_takes_as_long_for_a_taken_address(db: PgPool) {
    let cheap = House::new(db.clone());
    for n in 0..PAIRS {
        cheap.register(&format!("taken{n}@example.com"), crate::house::PASSWORD).await;
    }
    let house = house(db);
    let register = async |email: String| {
        let typed =
            Registration { email, password: "eleven blue umbrellas".into(), ..Registration::default() };
        let grant = house.nobody().anonymous(Purpose::Register);
        service::register(&grant, typed).await.expect("the same answer");
    };
    let z = compare(
        async |n| register(format!("taken{n}@example.com")).await,
        async |n| register(format!("free{n}@example.com")).await,
    )
    .await;
    assert!(z.abs() < BOUND, "{z} standard deviations apart");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn asking_for_a_letter_takes_as_long_for_an_unknown_address(db: PgPool) {
    // Nothing is hashed here, so there is no noise to hide in.
    let house = House::new(db);
    for n in 0..PAIRS {
        house.register(&format!("taken{n}@example.com"), crate::house::PASSWORD).await;
    }
    let grant = house.nobody().anonymous(Purpose::Letter);
    let forgot = async |email: String| service::forgot_password(&grant, &email, None).await.expect("always");
    let resend = async |email: String| service::resend_verification(&grant, &email).await.expect("always");
    let (known, unknown) = (|n| format!("taken{n}@example.com"), |n| format!("spare{n}@example.com"));
    for (what, z) in [
        ("forgot", compare(async |n| forgot(known(n)).await, async |n| forgot(unknown(n)).await).await),
        ("resend", compare(async |n| resend(known(n)).await, async |n| resend(unknown(n)).await).await),
    ] {
        assert!(z.abs() < BOUND, "{what}: {z} standard deviations apart");
    }
}
