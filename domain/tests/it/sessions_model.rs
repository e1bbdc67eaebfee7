//! Sessions as a state machine against a naive model that remembers every cookie it ever gave away.

use std::time::Duration;

use domain::{
    Timestamp,
    access::{Actor, Purpose},
    identity::service::{self, Outcome, SignIn},
    platform::{Parts, Platform, clock::Clock, limiter::Limiter, redis::Redis, testing},
    sessions::service as sessions,
};
use proptest::{prelude::*, test_runner::TestRunner};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    own_thread::OwnThread,
};

/// What happens to somebody's sessions. `usize` is one of the cookies given so far.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    SignIn {
        remember: bool,
    },
    Use(usize),
    SignOut(usize),
    /// Ends the session of the second in the one of the first.
    End(usize, usize),
    EndOthers(usize),
    /// Gives the session another cookie.
    Prove(usize),
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    const HALF_HOUR: u64 = 30 * 60;
    const DAY: u64 = 24 * 3600;
    let edge = prop_oneof![Just(60), Just(HALF_HOUR), Just(DAY), Just(7 * DAY), Just(30 * DAY)];
    let wait = prop_oneof![
        4 => 1..90_u64,
        3 => HALF_HOUR / 2..HALF_HOUR,
        1 => 1..DAY,
        3 => (edge, 0..3_u64).prop_map(|(edge, past)| edge + past - 1),
    ];
    prop_oneof![
        5 => wait.prop_map(Step::Wait),
        6 => any::<bool>().prop_map(|remember| Step::SignIn { remember }),
        4 => (0..14_usize).prop_map(Step::Use),
        1 => (0..14_usize).prop_map(Step::SignOut),
        2 => (0..14_usize, 0..14_usize).prop_map(|(by, which)| Step::End(by, which)),
        1 => (0..14_usize).prop_map(Step::EndOthers),
        2 => (0..14_usize).prop_map(Step::Prove),
        1 => Just(Step::Sweep),
    ]
}

/// Somebody with one session, for long.
fn alone() -> impl Strategy<Value = Vec<Step>> {
    let others = step().prop_filter("one is enough", |step| !matches!(step, Step::SignIn { .. }));
    (any::<bool>(), prop::collection::vec(others, 1..12)).prop_map(|(remember, mut steps)| {
        steps.insert(0, Step::SignIn { remember });
        steps
    })
}

/// Somebody who signs in everywhere.
fn crowded() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![4 => any::<bool>().prop_map(|remember| Step::SignIn { remember }), 2 => step()];
    prop::collection::vec(step, 12..24)
}

/// The rule as a person would tell it.
struct Naive {
    cookie: usize,
    begun: Timestamp,
    seen: Timestamp,
    remembered: bool,
}

impl Naive {
    fn is_live(&self, now: Timestamp) -> bool {
        if self.remembered {
            now - self.begun < time::Duration::days(30) && now - self.seen < time::Duration::days(7)
        } else {
            now - self.begun < time::Duration::days(1) && now - self.seen < time::Duration::minutes(30)
        }
    }
}

/// Somebody with their cookies, and what the model knows of them.
struct Run {
    house: House,
    email: String,
    cookies: Vec<String>,
    live: Vec<Naive>,
}

impl Run {
    fn now(&self) -> Timestamp {
        self.house.platform.now()
    }

    /// Where the model has the session of this cookie.
    fn at(&self, cookie: usize) -> Option<usize> {
        self.live.iter().position(|session| session.cookie == cookie)
    }

    /// Shows a cookie: what comes of it is what the model says.
    async fn show(&mut self, cookie: usize) -> Result<Option<domain::access::Caller>, TestCaseError> {
        let (Some(text), at, now) = (self.cookies.get(cookie), self.at(cookie), self.now()) else {
            return Ok(None);
        };
        let caller = self.house.with_cookie(text).await;
        let is_somebody = matches!(caller.actor(), Actor::Person(_));
        prop_assert_eq!(is_somebody, at.is_some(), "cookie {} of {:?}", cookie, self.email);
        if let Some(session) = at.and_then(|at| self.live.get_mut(at))
            && now - session.seen > time::Duration::minutes(1)
        {
            session.seen = now;
        }
        Ok(is_somebody.then_some(caller))
    }

    async fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        // No two things happen at the same moment: which of two is older would be anybody's guess.
        self.house.platform.clock().advance(Duration::from_millis(10));
        if let Step::Wait(seconds) = step {
            self.house.platform.clock().advance(Duration::from_secs(seconds));
        }
        let now = self.now();
        self.live.retain(|session| session.is_live(now));
        match step {
            Step::Wait(_) => {}
            Step::Sweep => drop(sessions::sweep(&self.house.platform).await),
            Step::SignIn { remember } => self.sign_in(remember).await,
            Step::Use(cookie) => drop(self.show(cookie).await?),
            Step::SignOut(cookie) => {
                let Some(caller) = self.show(cookie).await? else { return Ok(()) };
                sessions::sign_out(&caller.signed_in().expect("in")).await.expect("signs out");
                self.live.retain(|session| session.cookie != cookie);
            }
            Step::End(by, which) => {
                let (Some(caller), Some(which)) = (self.show(by).await?, self.at(which)) else {
                    return Ok(());
                };
                let grant = caller.signed_in().expect("in");
                let list = sessions::list(&grant).await.expect("lists");
                prop_assert_eq!(list.len(), self.live.len());
                // Whoever has proved it long ago is asked first.
                let Ok(fresh) = caller.stepped_up() else { return Ok(()) };
                let begun = self.live.remove(which).begun;
                let device = list.iter().find(|device| device.created_at == begun);
                sessions::end(&fresh, device.expect("listed").id).await.expect("ends");
            }
            Step::EndOthers(cookie) => {
                let Some(caller) = self.show(cookie).await? else { return Ok(()) };
                let Ok(fresh) = caller.stepped_up() else { return Ok(()) };
                sessions::end_others(&fresh).await.expect("ends");
                self.live.retain(|session| session.cookie == cookie);
            }
            Step::Prove(cookie) => {
                let Some(caller) = self.show(cookie).await? else { return Ok(()) };
                let grant = caller.signed_in().expect("in");
                let renewed = Box::pin(service::step_up(&grant, Some(PASSWORD.into()), None)).await;
                self.cookies.push(renewed.expect("proves").token.reveal());
                let (newest, at) = (self.cookies.len() - 1, self.at(cookie).expect("live"));
                self.live[at].cookie = newest;
                self.live[at].seen = now;
            }
        }
        Ok(())
    }

    async fn sign_in(&mut self, remember: bool) {
        let typed =
            SignIn { email: self.email.clone(), password: PASSWORD.into(), remember, ..SignIn::default() };
        let grant = self.house.nobody().anonymous(Purpose::SignIn);
        let outcome = Box::pin(service::sign_in(&grant, typed)).await;
        let Ok(Outcome::SignedIn { session, .. }) = outcome else { panic!("signs in") };
        self.cookies.push(session.token.reveal());
        let now = self.now();
        if self.live.len() == 10 {
            // The one unused the longest, and of those the oldest.
            let oldest = (0..10).min_by_key(|at| (self.live[*at].seen, self.live[*at].begun)).expect("ten");
            self.live.remove(oldest);
        }
        self.live.push(Naive { cookie: self.cookies.len() - 1, begun: now, seen: now, remembered: remember });
    }
}

async fn check(db: PgPool, email: String, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let parts = testing::parts(db, Clock::system().now());
    // How often somebody may try is another rule.
    let limiter = Limiter::new(Redis::absent(), parts.clock.clone(), 1000);
    let house = House::on(Platform::new(Parts { limiter, ..parts }));
    // A confirmed account like the first one.
    sqlx::query!(
        "INSERT INTO users (id, email, email_verified_at, password_hash, display_name, created_at)
         SELECT $1, $2, email_verified_at, password_hash, display_name, created_at FROM users WHERE email = $3",
        house.platform.new_id(),
        email,
        FIRST,
    )
    .execute(&house.db)
    .await
    .expect("an account");
    let mut run = Run { house, email, cookies: Vec::new(), live: Vec::new() };
    for step in steps {
        run.take(step).await?;
    }
    let now = run.now();
    run.live.retain(|session| session.is_live(now));
    for cookie in 0..run.cookies.len() {
        run.show(cookie).await?;
    }
    Ok(())
}

const FIRST: &str = "first@example.com";

/// Runs so many cases, each with a person of its own; what sweeps up must not meet another case's clock.
async fn run(db: PgPool, cases: u32, steps: impl Strategy<Value = Vec<Step>> + Send + 'static) {
    House::new(db.clone()).account(FIRST).await;
    let cases = tokio::task::spawn_blocking(move || {
        let own = OwnThread::new(&db);
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let number = std::cell::Cell::new(0);
        TestRunner::new(config).run(&steps, |steps| {
            number.set(number.get() + 1);
            own.wait(check(own.db.clone(), format!("model-{}@example.com", number.get()), steps))
        })
    });
    if let Err(failure) = cases.await.expect("runs") {
        panic!("{failure}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn sessions_do_what_a_list_of_all_their_cookies_would(db: PgPool) {
    run(db, 4500, prop::collection::vec(step(), 1..10)).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_session_does_what_its_owner_would_expect(db: PgPool) {
    run(db, 5000, alone()).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_many_sessions_the_ten_used_last_stay(db: PgPool) {
    run(db, 500, crowded()).await;
}
