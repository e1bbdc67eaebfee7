//! What follows when a provider has said who somebody is: they are in, the provider is connected, or they have proved it
//! again.

use uuid::Uuid;

use super::{
    super::{
        ProviderRefusal,
        store::{self, NewIdentity, Row},
    },
    PROOF_MAX_AGE_S,
    back::{Errand, Returned},
    find, refused,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Purpose, SignInMethod, Tx},
    audit::{self, Deed, Refusal},
    identity::{
        Address,
        service::{self as identity, Door, FirstProof, Newcomer, Outcome, ProviderNews, Visit},
    },
    platform::{Platform, providers::Provider},
    sessions::{self, NewSession, service::Proved},
};

/// How a sign-in by a provider went on.
pub enum Arrived {
    /// As one by a password.
    As(Outcome),
    /// An account has this address already, and was not connected by its owner: they have to sign in to it first,
    /// and then connect this provider.
    Known {
        /// The provider.
        provider: String,
    },
}

/// Signs somebody in whom a provider has named. An address alone opens no account that its owner has confirmed.
///
/// # Errors
/// [`AppError::ProviderRefused`].
pub async fn sign_in(
    grant: &Grant<Anonymous>,
    returned: Returned,
    replaces: Option<Uuid>,
) -> Result<Arrived, AppError> {
    grant.demand(Purpose::SignIn)?;
    demand(&returned, Errand::SignIn)?;
    let platform = grant.platform();
    let provider = find(platform, &returned.provider)?;
    let identity =
        store::find(platform.db(), &provider.settings().issuer, &returned.somebody.subject).await?;
    let door = match &identity {
        Some(identity) => recognize(grant, provider, identity).await?,
        None => match welcome(grant, provider, &returned).await? {
            Some(door) => door,
            None => return Ok(Arrived::Known { provider: returned.provider }),
        },
    };
    let is_enough = provider.settings().replaces_second_factor;
    let proof = if is_enough { FirstProof::ProviderForBoth } else { FirstProof::Provider };
    let method = SignInMethod::Provider(returned.provider.clone());
    // Whoever was signed in there already has proved nothing now.
    let is_now = returned.somebody.is_recent(PROOF_MAX_AGE_S, platform.now());
    let proved = if is_now { Proved::Whole } else { Proved::InPart };
    let visit = Visit { method, proved, remember: false, next: returned.next.as_deref(), replaces };
    identity::open(door, platform, proof, &visit).await.map(Arrived::As)
}

fn demand(returned: &Returned, errand: Errand) -> Result<(), AppError> {
    if returned.errand == errand { Ok(()) } else { Err(AppError::NotAllowed) }
}

/// Holds the account that an identity belongs to.
async fn recognize(grant: &Grant<Anonymous>, provider: &Provider, identity: &Row) -> Result<Door, AppError> {
    let user = identity.user_id;
    let mut tx = grant.begin().await?;
    let Some(account) = sessions::service::hold(&mut tx, user).await? else {
        audit::note(&mut tx, Deed::SignInRefused { user: Some(user), reason: Refusal::Locked }).await?;
        tx.commit().await?;
        return Err(refused(ProviderRefusal::Locked));
    };
    // Only if its owner did not disconnect it this very moment.
    if !store::note_use(tx.conn(), identity.id, user, grant.platform().now()).await? {
        return Err(refused(ProviderRefusal::Stale));
    }
    tx.act_as(user);
    note_accepted(&mut tx, provider, user).await?;
    Ok(Door { tx, user, account })
}

/// Opens an account for somebody who has none; `None` where their address has one that is somebody's.
async fn welcome(
    grant: &Grant<Anonymous>,
    provider: &Provider,
    returned: &Returned,
) -> Result<Option<Door>, AppError> {
    let (platform, somebody) = (grant.platform(), &returned.somebody);
    let address = somebody.verified_email.as_deref().and_then(|email| Address::parse(email).ok());
    let address = address.ok_or_else(|| refused(ProviderRefusal::AddressNotVerified))?;
    let mut tx = grant.begin().await?;
    if !provider.settings().opens_accounts {
        let known = identity::is_known(&mut tx, &address).await?;
        return if known { Ok(None) } else { Err(refused(ProviderRefusal::NoAccount)) };
    }
    let name = somebody.name.as_deref().unwrap_or_default();
    let user = match identity::let_newcomer(&mut tx, platform, &address, name).await? {
        Newcomer::Let(user) => user,
        Newcomer::Known => return Ok(None),
        Newcomer::NotAdmitted(FieldIssue::DomainNotAllowed) => {
            return Err(refused(ProviderRefusal::DomainNotAllowed));
        }
        Newcomer::NotAdmitted(FieldIssue::InvitationNeeded) => {
            return Err(refused(ProviderRefusal::InvitationNeeded));
        }
        Newcomer::NotAdmitted(_) => return Err(refused(ProviderRefusal::RegistrationClosed)),
    };
    tx.act_as(user);
    if !connect(&mut tx, platform, provider, user, returned).await? {
        // Twenty times at the same moment: one of them was first.
        return Err(AppError::Busy { retry_after_s: 1 });
    }
    tell(&mut tx, platform, provider, user, ProviderNews::Opened).await?;
    note_accepted(&mut tx, provider, user).await?;
    let account = sessions::service::hold(&mut tx, user).await?.ok_or(AppError::SignInRequired)?;
    Ok(Some(Door { tx, user, account }))
}

/// Connects a provider with the account of the caller, who has proved that it is theirs before they left.
///
/// # Errors
/// [`AppError::ProviderRefused`], where the identity is somebody's already, or the session another one.
pub async fn link(grant: &Grant<Own>, returned: &Returned) -> Result<(), AppError> {
    demand(returned, Errand::Link)?;
    same_session(grant, returned)?;
    let (platform, user) = (grant.platform(), grant.user());
    let provider = find(platform, &returned.provider)?;
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if !connect(&mut tx, platform, provider, user, returned).await? {
        let issuer = &provider.settings().issuer;
        let reason = match store::find(tx.conn(), issuer, &returned.somebody.subject).await? {
            Some(identity) if identity.user_id == user => return Ok(()),
            Some(_) => ProviderRefusal::Taken,
            None => ProviderRefusal::Another,
        };
        return Err(refused(reason));
    }
    tell(&mut tx, platform, provider, user, ProviderNews::Connected).await?;
    tx.commit().await
}

/// Takes the word of a connected provider for a fresh proof, where there is no second factor. The session gets a new
/// secret; the answer is also the page they were going to.
///
/// # Errors
/// [`AppError::ProviderRefused`], where it is not the identity of the account, or the session another one.
pub async fn prove(grant: &Grant<Own>, returned: Returned) -> Result<(NewSession, Option<String>), AppError> {
    demand(&returned, Errand::Prove)?;
    same_session(grant, &returned)?;
    let (platform, user) = (grant.platform(), grant.user());
    let provider = find(platform, &returned.provider)?;
    let mut tx = grant.begin().await?;
    let account = sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let identity = store::find(tx.conn(), &provider.settings().issuer, &returned.somebody.subject).await?;
    let identity = identity.filter(|identity| identity.user_id == user);
    let identity = identity.ok_or_else(|| refused(ProviderRefusal::SomebodyElse))?;
    if account.second_factor || !store::note_use(tx.conn(), identity.id, user, platform.now()).await? {
        return Err(refused(ProviderRefusal::Stale));
    }
    let session = sessions::service::prove(&mut tx, platform, grant.person().session).await?;
    audit::note(&mut tx, Deed::SteppedUp { user }).await?;
    tx.commit().await?;
    Ok((session, returned.next))
}

/// What was begun in one session ends in it.
fn same_session(grant: &Grant<Own>, returned: &Returned) -> Result<(), AppError> {
    let same = returned.session == Some(grant.person().session);
    if same { Ok(()) } else { Err(refused(ProviderRefusal::Stale)) }
}

async fn connect(
    tx: &mut Tx,
    platform: &Platform,
    provider: &Provider,
    user: Uuid,
    returned: &Returned,
) -> Result<bool, AppError> {
    let somebody = &returned.somebody;
    let email = somebody.verified_email.as_deref().and_then(|email| Address::parse(email).ok());
    let new = NewIdentity {
        id: platform.new_id(),
        user,
        issuer: &provider.settings().issuer,
        subject: &somebody.subject,
        email: email.as_ref().map(Address::as_str),
        now: platform.now(),
    };
    store::insert(tx.conn(), &new).await
}

/// The letter to the owner and the entry in the trail, for a provider that was just connected.
async fn tell(
    tx: &mut Tx,
    platform: &Platform,
    provider: &Provider,
    user: Uuid,
    news: ProviderNews,
) -> Result<(), AppError> {
    let settings = provider.settings();
    identity::tell_of_provider(tx, platform, user, &settings.name, news).await?;
    audit::note(tx, Deed::ProviderConnected { user, provider: settings.id.clone() }).await
}

async fn note_accepted(tx: &mut Tx, provider: &Provider, user: Uuid) -> Result<(), AppError> {
    let provider = provider.settings().id.clone();
    audit::note(tx, Deed::ProviderAccepted { user, provider }).await
}
