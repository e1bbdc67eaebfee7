//! What an organization asks of its members, of whatever they come in with; and how sessions know how they were begun.

use std::time::Duration;

use domain::{
    AppError, FieldIssue, Timestamp,
    access::{Actor, Caller, Permission, PolicyNeed, Purpose, Scopes, SignInMethod, Via},
    identity::{
        Address,
        service::{self as identity, Outcome},
    },
    organizations::policy::{
        Policy,
        service::{self, NewPolicy},
    },
    second_factor::service::{self as second_factor, Trust},
    sessions::Cookies,
    tokens::service::{self as tokens, Credentials},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::{House, PASSWORD},
    passkeys,
    second_factor::{code, enrolled},
    team::{Team, person, problem},
};

const HOUR: Duration = Duration::from_hours(1);
const ANN: &str = "ann@example.com";

async fn policy(team: &Team) -> Policy {
    service::policy(&team.may(&team.owner, Permission::ReadPolicy).await).await.expect("a policy")
}

async fn set(team: &Team, by: &Caller, typed: NewPolicy) -> Result<(), AppError> {
    let version = Some(policy(team).await.version);
    let grant = team.may(by, Permission::UpdatePolicy).await;
    service::set(&grant, &NewPolicy { version, ..typed }).await
}

fn required(from: Option<Timestamp>) -> NewPolicy {
    NewPolicy {
        second_factor: Some("required".into()),
        second_factor_from: from.map(Timestamp::rfc3339),
        ..NewPolicy::default()
    }
}

fn by(methods: &[&str]) -> NewPolicy {
    NewPolicy { methods: methods.iter().map(|it| (*it).to_owned()).collect(), ..NewPolicy::default() }
}

/// The same person with something different.
fn other(team: &Team, caller: &Caller, change: impl FnOnce(&mut domain::access::Person)) -> Caller {
    let mut person = person(&team.house, team.user(caller));
    change(&mut person);
    team.house.caller(Actor::Person(person))
}

fn second_factor() -> AppError {
    AppError::OrganizationPolicy { needs: PolicyNeed::SecondFactor, methods: Vec::new() }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_a_second_factor_nobody_comes_in_once_it_is_required(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", Some("ADMIN")).await;
    let refused = set(&team, &team.owner, required(None)).await;
    assert_eq!(problem(refused), ("second_factor".into(), FieldIssue::LocksYouOut));
    let owner = other(&team, &team.owner, |person| person.second_factor = true);
    assert_eq!(policy(&team).await.without_second_factor, 2);

    let from = team.house.platform.now() + HOUR * 24;
    set(&team, &team.owner, required(Some(from))).await.expect("a grace locks out nobody");
    assert!(team.member(&ann).await.is_ok());
    team.house.platform.clock().advance(HOUR * 25);
    assert_eq!(team.member(&ann).await.err(), Some(second_factor()));
    // A script of somebody without one is no way around it.
    for via in [Via::AccessToken, Via::ApiToken(Scopes::stored(vec!["*:read".into()]))] {
        let script = other(&team, &ann, |person| person.via = via);
        assert_eq!(team.member(&script).await.err(), Some(second_factor()));
    }
    let with_one = other(&team, &ann, |person| person.second_factor = true);
    assert!(team.member(&with_one).await.is_ok());
    let owner = other(&team, &owner, |person| person.second_factor = true);
    let grant = team.may(&owner, Permission::UpdatePolicy).await;
    let none = NewPolicy { version: Some(1), ..NewPolicy::default() };
    service::set(&grant, &none).await.expect("asks nothing any more");
    assert!(team.member(&ann).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_counts_by_what_it_was_begun(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", Some("VIEWER")).await;
    let refused = set(&team, &team.owner, by(&["passkey"])).await;
    assert_eq!(problem(refused), ("methods".into(), FieldIssue::LocksYouOut));
    set(&team, &team.owner, by(&["password", "passkey"])).await.expect("sets");
    let needs = |methods: Vec<SignInMethod>| {
        Some(AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, methods })
    };
    let allowed = vec![SignInMethod::Passkey, SignInMethod::Password];
    for method in [None, Some(SignInMethod::Provider("passkey".into())), Some(SignInMethod::ApiToken)] {
        let came = other(&team, &ann, |person| person.sitting.method = method);
        assert_eq!(team.member(&came).await.err(), needs(allowed.clone()));
    }
    for method in [SignInMethod::Password, SignInMethod::Passkey] {
        let came = other(&team, &ann, |person| person.sitting.method = Some(method));
        assert!(team.member(&came).await.is_ok());
    }
    set(&team, &team.owner, NewPolicy::default()).await.expect("sets");
    assert!(team.member(&other(&team, &ann, |person| person.sitting.method = None)).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_way_to_sign_in_that_is_not_known_any_more_lets_nobody_in(db: PgPool) {
    let team = Team::new(db).await;
    set(&team, &team.owner, by(&["password"])).await.expect("sets");
    let mut tx = team.tx().await;
    sqlx::raw_sql("UPDATE organization_policies SET methods = '{carrier-pigeon}'")
        .execute(&mut *tx)
        .await
        .expect("another version had it");
    tx.commit().await.expect("commits");
    let needs = AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, methods: Vec::new() };
    assert_eq!(team.member(&team.owner).await.err(), Some(needs));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_every_allowed_way_in_is_gone_an_owner_comes_in_to_change_that_and_for_nothing_else(
    db: PgPool,
) {
    let team = Team::new(db).await;
    let admin = team.joins("ann", Some("ADMIN")).await;
    set(&team, &team.owner, by(&["password"])).await.expect("sets");
    let kept = async |methods: &[&str]| {
        let methods: Vec<String> = methods.iter().map(|it| (*it).to_owned()).collect();
        let mut tx = team.tx().await;
        sqlx::query!("UPDATE organization_policies SET methods = $1", &methods)
            .execute(&mut *tx)
            .await
            .expect("the site had this provider");
        tx.commit().await.expect("commits");
    };
    let shut = |methods: &[&str]| {
        let methods = methods.iter().filter_map(|name| SignInMethod::parse(name)).collect();
        Some(AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, methods })
    };
    kept(&["provider:gone", "passkey"]).await;
    assert_eq!(team.member(&team.owner).await.err(), shut(&["provider:gone", "passkey"]), "one way is left");

    kept(&["api-token", "provider:gone"]).await;
    assert_eq!(team.member(&admin).await.err(), shut(&["api-token", "provider:gone"]), "owners alone");
    let script = other(&team, &team.owner, |person| {
        person.via = Via::ApiToken(Scopes::stored(vec!["*:read".into()]));
    });
    assert_eq!(team.member(&script).await.err(), shut(&["api-token", "provider:gone"]), "no script");
    assert_eq!(team.has(&team.owner).await, ["organization:read", "policy:read", "policy:update"]);
    let member = team.member(&team.owner).await.expect("a member");
    assert_eq!(member.may(Permission::ReadMembers).err(), Some(AppError::NotAllowed));

    set(&team, &team.owner, by(&["password"])).await.expect("opens it again");
    assert!(team.member(&admin).await.is_ok() && team.has(&team.owner).await.len() > 3);
    let mut tx = team.tx().await;
    let past = sqlx::query_scalar!(
        r#"SELECT detail ->> 'past' AS "past?" FROM audit_entries
           WHERE organization_id = $1 AND action = 'organizations.policy-changed' ORDER BY seq"#,
        team.id,
    )
    .fetch_all(&mut *tx)
    .await
    .expect("a trail");
    assert_eq!(past, [None, Some(r#"["api-token","provider:gone"]"#.to_owned())]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_that_is_too_old_for_the_organization_proves_itself_again(db: PgPool) {
    let team = Team::new(db).await;
    let typed = NewPolicy { session_age_s: Some("3600".into()), ..NewPolicy::default() };
    set(&team, &team.owner, typed).await.expect("sets");
    let ann = team.joins("ann", Some("VIEWER")).await;
    let user = team.user(&ann);
    let begun = person(&team.house, user);
    team.house.platform.clock().advance(HOUR + Duration::from_secs(1));
    let now = team.house.platform.now();
    let came = |change: &dyn Fn(&mut domain::access::Person)| {
        let mut person = begun.clone();
        change(&mut person);
        team.house.caller(Actor::Person(person))
    };
    let old = Some(AppError::StepUpRequired { max_age_s: 3600 });
    assert_eq!(team.member(&came(&|_| ())).await.err(), old);
    assert_eq!(team.member(&came(&|person| person.via = Via::AccessToken)).await.err(), old);
    assert!(team.member(&came(&|person| person.proved_at = now)).await.is_ok(), "a fresh proof is enough");
    let token = Via::ApiToken(Scopes::stored(vec!["*:read".into()]));
    assert!(
        team.member(&came(&|person| person.via = token.clone())).await.is_ok(),
        "it has an end of its own"
    );
}

/// Somebody who has really signed in, in the organization.
async fn signed_in(team: &Team) -> (Uuid, String) {
    let user = team.house.account(ANN).await;
    team.put(user, Some("VIEWER")).await;
    (user, team.house.cookie_of(ANN).await)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_that_lay_unused_stays_out_until_a_proof_whatever_else_it_did(db: PgPool) {
    let team = Team::new(db).await;
    let typed = NewPolicy { session_idle_s: Some("1800".into()), ..NewPolicy::default() };
    set(&team, &team.owner, typed).await.expect("sets");
    team.house.account(ANN).await;
    let user = team.house.account("bob@example.com").await;
    team.put(user, Some("VIEWER")).await;
    let typed = identity::SignIn {
        email: "bob@example.com".into(),
        password: PASSWORD.into(),
        remember: true,
        ..identity::SignIn::default()
    };
    let Ok(Outcome::SignedIn { session, .. }) =
        identity::sign_in(&team.house.nobody().anonymous(Purpose::SignIn), typed).await
    else {
        panic!("signs in")
    };
    let cookie = session.token.reveal();
    for _ in 0..3 {
        team.house.platform.clock().advance(HOUR / 3);
        assert!(team.member(&team.house.with_cookie(&cookie).await).await.is_ok(), "used all the time");
    }
    team.house.platform.clock().advance(HOUR);
    let idle = Some(AppError::StepUpRequired { max_age_s: 1800 });
    // The first request notes that the session was used; that does not open the door to the second.
    for _ in 0..3 {
        assert_eq!(team.member(&team.house.with_cookie(&cookie).await).await.err(), idle);
    }
    let grant = team.house.with_cookie(&cookie).await.any_session().expect("a session");
    let renewed = identity::step_up(&grant, Some(PASSWORD.into()), None).await.expect("proves");
    let cookie = renewed.token.reveal();
    assert!(team.member(&team.house.with_cookie(&cookie).await).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_that_rests_too_long_stays_out_as_well(db: PgPool) {
    let team = Team::new(db).await;
    let typed = NewPolicy { session_idle_s: Some("1800".into()), ..NewPolicy::default() };
    set(&team, &team.owner, typed).await.expect("sets");
    signed_in(&team).await;
    let typed = Credentials { email: ANN.into(), password: PASSWORD.into(), code: None, captcha: None };
    let anonymous = |purpose| team.house.nobody().anonymous(purpose);
    let pair = tokens::issue(&anonymous(Purpose::SignIn), typed).await.expect("issues");
    let bearer = async |text: &str| {
        let person =
            tokens::resolve_bearer(&team.house.platform, text).await.expect("resolves").expect("somebody");
        assert_eq!(person.sitting.method, Some(SignInMethod::Password));
        team.house.caller(Actor::Person(person))
    };
    assert!(team.member(&bearer(&pair.access_token).await).await.is_ok());
    team.house.platform.clock().advance(HOUR);
    let pair = tokens::refresh(&anonymous(Purpose::Refresh), &pair.refresh_token).await.expect("refreshes");
    let refused = team.member(&bearer(&pair.access_token).await).await;
    assert_eq!(refused.err(), Some(AppError::StepUpRequired { max_age_s: 1800 }));
}

async fn begun_by(house: &House) -> Vec<Option<String>> {
    sqlx::query_scalar!("SELECT begun_by FROM sessions ORDER BY created_at")
        .fetch_all(&house.db)
        .await
        .expect("sessions")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_keeps_by_what_it_was_begun_also_across_the_second_factor(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let password = Some("password".to_owned());
    assert_eq!(begun_by(&house).await, std::slice::from_ref(&password));
    let Ok(Outcome::SecondFactor { pending }) = house.sign_in(ANN, PASSWORD).await else { panic!("asks") };
    let caller = house.with_cookies(Cookies { session: None, pending: Some(pending.reveal()) }).await;
    let half_way = caller.half_way().expect("half way");
    second_factor::verify(&half_way, &code(&house, &totp), Trust::No).await.expect("in");
    assert_eq!(begun_by(&house).await, [password.clone(), password]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_begun_by_a_passkey_says_so(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = passkeys::keyed(&house, ANN).await;
    assert!(matches!(passkeys::sign_in(&house, &mut key).await, Ok(Outcome::SignedIn { .. })));
    assert!(begun_by(&house).await.contains(&Some("passkey".to_owned())));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_addresses_of_allowed_domains_are_admitted(db: PgPool) {
    let team = Team::new(db).await;
    let admits = async |address: &str| {
        let mut tx = team.tx().await;
        let address = Address::parse(address).expect("an address");
        service::admits(&mut tx, team.id, &address).await.expect("answers")
    };
    assert!(admits("ann@anywhere.example").await);
    let domains = Some("Example.com, example.org".to_owned());
    set(&team, &team.owner, NewPolicy { domains, ..NewPolicy::default() }).await.expect("sets");
    assert_eq!(policy(&team).await.domains, ["example.com", "example.org"]);
    assert!(admits("ann@EXAMPLE.com").await && admits("ann@example.org").await);
    for no in ["ann@sub.example.com", "ann@evil-example.com", "ann@example.net"] {
        assert!(!admits(no).await, "{no}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_cannot_be_read_is_named_all_at_once(db: PgPool) {
    let team = Team::new(db).await;
    let typed = NewPolicy {
        second_factor: Some("maybe".into()),
        session_age_s: Some("soon".into()),
        session_idle_s: Some("60".into()),
        methods: vec!["provider:nobody".into()],
        domains: Some("*.example.com".into()),
        ..NewPolicy::default()
    };
    let Err(AppError::InvalidInput { errors }) = set(&team, &team.owner, typed).await else {
        panic!("refused")
    };
    let told: Vec<_> = errors.into_iter().map(|it| (it.field, it.issue)).collect();
    let expected = [
        ("second_factor", FieldIssue::NotAnOption),
        ("session_age_s", FieldIssue::Unreadable),
        ("session_idle_s", FieldIssue::OutOfRange { min: 1800, max: 2_592_000 }),
        ("methods", FieldIssue::NotAnOption),
        ("domains", FieldIssue::NotADomain),
    ];
    assert_eq!(told, expected.map(|(field, issue)| (field.to_owned(), issue)));
    let late = NewPolicy { second_factor_from: Some("someday".into()), ..required(None) };
    let refused = set(&team, &team.owner, late).await;
    assert_eq!(problem(refused), ("second_factor_from".into(), FieldIssue::Unreadable));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_policy_is_changed_by_who_may_after_a_fresh_proof_and_never_unseen(db: PgPool) {
    let team = Team::new(db).await;
    let viewer = team.joins("ann", Some("VIEWER")).await;
    let member = team.member(&viewer).await.expect("a member");
    assert_eq!(member.may(Permission::ReadPolicy).err(), Some(AppError::NotAllowed));
    assert_eq!(member.may(Permission::UpdatePolicy).err(), Some(AppError::NotAllowed));
    set(&team, &team.owner, by(&["password"])).await.expect("sets");
    let grant = team.may(&team.owner, Permission::UpdatePolicy).await;
    let old = NewPolicy { version: Some(0), ..NewPolicy::default() };
    assert_eq!(problem(service::set(&grant, &old).await), ("version".into(), FieldIssue::MovedOn));
    let token = other(&team, &team.owner, |person| {
        person.via = Via::ApiToken(Scopes::stored(vec!["organizations:write".into()]));
        person.sitting.method = Some(SignInMethod::ApiToken);
    });
    let methods = vec![SignInMethod::Password];
    let needs = AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, methods };
    assert_eq!(team.member(&token).await.err(), Some(needs), "no way that is allowed");
    set(&team, &team.owner, by(&["password", "api-token"])).await.expect("sets");
    let member = team.member(&token).await.expect("a member");
    // A token that lies in a file proves nothing.
    assert_eq!(member.may(Permission::UpdatePolicy).err(), Some(AppError::NotAllowed));
    team.house.platform.clock().advance(Duration::from_mins(6));
    let member = team.member(&team.owner).await.expect("a member");
    assert_eq!(member.may(Permission::UpdatePolicy).err(), Some(AppError::StepUpRequired { max_age_s: 300 }));
}
