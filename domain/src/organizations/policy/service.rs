//! The rules of policies.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    MethodOffer, Policy,
    store::{self, Kept},
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Asks, Grant, Organization, Permission, Person, PolicyNeed, SignInMethod},
    audit::{self, RoleDeed},
    identity::{Address, RegistrationPolicy},
    organizations::roles::service::given,
    platform::Platform,
};

/// The bounds of how old a proof may be, in seconds: an hour and a year.
pub const AGE_S: (i32, i32) = (60 * 60, 365 * 24 * 60 * 60);
/// The bounds of how long a session may lie unused, in seconds: half an hour, twice what an access token lives, and 30 days.
pub const IDLE_S: (i32, i32) = (30 * 60, 30 * 24 * 60 * 60);

/// What the policy shall be, as a whole and as typed. What is empty is not asked.
#[derive(Clone, Debug, Default)]
pub struct NewPolicy {
    /// `required`, or `optional`, which is what is meant when nobody says.
    pub second_factor: Option<String>,
    /// From when on it is required; from now on, when nobody says.
    pub second_factor_from: Option<String>,
    /// How old the last proof may be, in seconds.
    pub session_age_s: Option<String>,
    /// How long a session may lie unused, in seconds.
    pub session_idle_s: Option<String>,
    /// By what a session may be begun.
    pub methods: Vec<String>,
    /// Whose addresses may be invited: domains with commas, spaces or lines between them.
    pub domains: Option<String>,
    /// The version that was seen.
    pub version: Option<i64>,
}

/// What is asked at the moment.
pub async fn policy(grant: &Grant<Organization>) -> Result<Policy, AppError> {
    grant.demand(Permission::ReadPolicy)?;
    let mut tx = grant.begin().await?;
    let kept = store::find(tx.conn(), grant.organization()).await?;
    let without_second_factor = store::without_second_factor(tx.conn(), grant.organization()).await?;
    tx.commit().await?;
    Ok(Policy {
        second_factor_from: kept.second_factor_from.map(Timestamp::from),
        session_age_s: kept.session_age_s,
        session_idle_s: kept.session_idle_s,
        methods: kept.methods.iter().filter_map(|name| SignInMethod::parse(name)).collect(),
        domains: kept.domains,
        version: kept.version,
        offers: offers(grant.platform()),
        without_second_factor,
    })
}

fn offers(platform: &Platform) -> Vec<MethodOffer> {
    let offer = |method, name: &str| MethodOffer { method, name: name.to_owned() };
    let providers = platform.providers().iter().map(|provider| {
        let settings = provider.settings();
        offer(SignInMethod::Provider(settings.id.clone()), &settings.name)
    });
    [offer(SignInMethod::Password, "Password"), offer(SignInMethod::Passkey, "Passkey")]
        .into_iter()
        .chain(providers)
        .chain([offer(SignInMethod::ApiToken, "API token")])
        .collect()
}

/// Changes what is asked, as a whole; true for the next request of every member. Where nothing would be different nothing is
/// done.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for a version that has moved on, and for what would shut
/// out the caller.
pub async fn set(grant: &Grant<Organization>, typed: &NewPolicy) -> Result<(), AppError> {
    grant.demand(Permission::UpdatePolicy)?;
    let (platform, now) = (grant.platform(), grant.platform().now());
    let version = typed.version.ok_or_else(|| AppError::invalid("version", FieldIssue::Required))?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let before = store::find(tx.conn(), grant.organization()).await?;
    let after = read(platform, typed, &before, now)?;
    if before.version != version {
        return Err(conflict("version", FieldIssue::MovedOn));
    }
    keep_author_in(&after, grant.person(), now)?;
    let fields = differences(&before, &after);
    if fields.is_empty() {
        return Ok(());
    }
    store::put(tx.conn(), grant.organization(), &after, now).await?;
    audit::note(&mut tx, RoleDeed::PolicyChanged { fields }).await?;
    tx.commit().await
}

/// Whether somebody with this address may be invited.
pub async fn admits(
    conn: &mut PgConnection,
    organization: Uuid,
    address: &Address,
) -> Result<bool, AppError> {
    let domains = store::find(conn, organization).await?.domains;
    let domain = address.as_str().rsplit('@').next().unwrap_or_default().to_lowercase();
    Ok(domains.is_empty() || domains.contains(&domain))
}

/// Reads all of it, or names every problem at once.
fn read(platform: &Platform, typed: &NewPolicy, before: &Kept, now: Timestamp) -> Result<Kept, AppError> {
    let mut problems = Vec::new();
    let mut note = |field: &str, issue| problems.push(FieldProblem::new(field, issue));
    let second_factor_from = second_factor(typed, before, now).unwrap_or_else(|(field, issue)| {
        note(field, issue);
        None
    });
    let mut span = |field, text: Option<&str>, bounds| {
        seconds(text, bounds).unwrap_or_else(|issue| {
            note(field, issue);
            None
        })
    };
    let session_age_s = span("session_age_s", typed.session_age_s.as_deref(), AGE_S);
    let session_idle_s = span("session_idle_s", typed.session_idle_s.as_deref(), IDLE_S);
    let methods = methods(platform, &typed.methods).unwrap_or_else(|issue| {
        note("methods", issue);
        Vec::new()
    });
    let domains = typed.domains.as_deref().unwrap_or_default();
    let domains = RegistrationPolicy::read_domains(domains).unwrap_or_else(|issue| {
        note("domains", issue);
        Vec::new()
    });
    if problems.is_empty() {
        let version = before.version;
        Ok(Kept { second_factor_from, session_age_s, session_idle_s, methods, domains, version })
    } else {
        Err(AppError::InvalidInput { errors: problems })
    }
}

type Moment = Option<time::OffsetDateTime>;

fn second_factor(
    typed: &NewPolicy,
    before: &Kept,
    now: Timestamp,
) -> Result<Moment, (&'static str, FieldIssue)> {
    match given(typed.second_factor.as_deref()) {
        None | Some("optional") => return Ok(None),
        Some("required") => {}
        Some(_) => return Err(("second_factor", FieldIssue::NotAnOption)),
    }
    match given(typed.second_factor_from.as_deref()) {
        // What is required already stays so, whatever else is changed.
        None => Ok(before.second_factor_from.filter(|from| *from <= now.get()).or(Some(now.get()))),
        Some(text) => match Timestamp::typed(text) {
            Some(from) => Ok(Some(from.get())),
            None => Err(("second_factor_from", FieldIssue::Unreadable)),
        },
    }
}

fn seconds(text: Option<&str>, (min, max): (i32, i32)) -> Result<Option<i32>, FieldIssue> {
    let Some(text) = given(text) else { return Ok(None) };
    let count: i64 = text.parse().map_err(|_| FieldIssue::Unreadable)?;
    let in_bounds = i32::try_from(count).ok().filter(|count| (min..=max).contains(count));
    in_bounds.map(Some).ok_or(FieldIssue::OutOfRange { min: min.into(), max: max.into() })
}

fn methods(platform: &Platform, typed: &[String]) -> Result<Vec<String>, FieldIssue> {
    let offers = offers(platform);
    let mut names: Vec<String> = Vec::new();
    for name in typed.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let offered = offers.iter().any(|offer| offer.method.name() == name);
        if !offered {
            return Err(FieldIssue::NotAnOption);
        }
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Refuses what its own author could not come in by now. Whoever has a grace has the time to do what is asked.
fn keep_author_in(after: &Kept, author: &Person, now: Timestamp) -> Result<(), AppError> {
    let seconds = |count: i32| u64::try_from(count).ok().map(Duration::from_secs);
    let asks = Asks {
        second_factor_from: after.second_factor_from.map(Timestamp::from),
        age: after.session_age_s.and_then(seconds),
        idle: None,
        methods: after.methods.iter().filter_map(|name| SignInMethod::parse(name)).collect(),
    };
    match asks.admit(author, now) {
        Ok(()) => Ok(()),
        Err(AppError::OrganizationPolicy { needs: PolicyNeed::SecondFactor, .. }) => {
            Err(conflict("second_factor", FieldIssue::LocksYouOut))
        }
        Err(AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, .. }) => {
            Err(conflict("methods", FieldIssue::LocksYouOut))
        }
        Err(other) => Err(other),
    }
}

fn differences(before: &Kept, after: &Kept) -> Vec<&'static str> {
    let all = [
        ("second_factor", before.second_factor_from != after.second_factor_from),
        ("session_age_s", before.session_age_s != after.session_age_s),
        ("session_idle_s", before.session_idle_s != after.session_idle_s),
        ("methods", before.methods != after.methods),
        ("domains", before.domains != after.domains),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

fn conflict(field: &str, issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, issue)] }
}
