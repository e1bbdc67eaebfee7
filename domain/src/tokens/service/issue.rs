//! Signs a script in by address and password, with the rules, the work and the answers of the sign-in page.

use zeroize::Zeroizing;

use super::{
    super::{
        TokenPair,
        family::{self, ABSOLUTE},
        jwt::{self, Claims, LIFETIME},
        store::families::{self as store, NewFamily},
    },
    keys::{self, Signer},
};
use crate::{
    AppError,
    access::{Anonymous, Grant, Purpose, Tx},
    audit::{self, Deed, Refusal},
    identity::service::{Door, knock},
    platform::{Platform, log::WhileDoing, random, vault::Column},
    second_factor,
};
use uuid::Uuid;

/// In how many places scripts can be signed in to one account; the one unused the longest ends when there is one more.
const MOST_FAMILIES: i64 = 50;
/// What the keys of families are sealed for.
pub(super) const SEAL: &str = "refresh-family";
/// Where the keys of refresh families are sealed.
pub const SEALED_FAMILIES: Column = Column { table: "refresh_families", record: "id", purpose: SEAL };

/// What a script sends.
pub struct Credentials {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The code of the authenticator, for an account that has one.
    pub code: Option<String>,
    /// What came back of a challenge.
    pub captcha: Option<String>,
}

/// Signs a script in.
///
/// # Errors
/// As `identity::service::sign_in`; [`AppError::SecondFactorRequired`] without a code for an account that has an
/// authenticator, after a right password; [`AppError::CodeRefused`]; [`AppError::NotAllowed`] where the operator wants no
/// script to sign in so.
pub async fn issue(grant: &Grant<Anonymous>, typed: Credentials) -> Result<TokenPair, AppError> {
    grant.demand(Purpose::SignIn)?;
    let platform = grant.platform();
    // Before anything is looked at: it says nothing about anybody.
    if !platform.rules().tokens_by_password {
        return Err(AppError::NotAllowed);
    }
    let Door { mut tx, user, account } =
        knock(grant, &typed.email, &typed.password, typed.captcha.as_deref()).await?;
    if account.second_factor {
        tx = prove_code(tx, platform, user, typed.code.as_deref()).await?;
    }
    let id = platform.new_id();
    let key = Zeroizing::new(random::bytes::<32>());
    let now = platform.now();
    let sealed = platform.vault().seal(SEAL, id, key.as_slice());
    let row = NewFamily { id, user, sealed, now, expires_at: now + ABSOLUTE };
    let request = tx.request().clone();
    store::insert(tx.conn(), &row, &request).await?;
    store::end_unused(tx.conn(), user, id, MOST_FAMILIES - 1).await?;
    let deed = Deed::TokensIssued { user, family: id, second_factor: account.second_factor };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    // Only now: what makes the first key has a transaction of its own, and must not wait for a connection behind this one.
    let signer = keys::signer(platform).await?;
    pair(platform, &signer, &Member { family: id, user, key: key.as_slice(), counter: 0 })
}

/// Asks for the code inside the transaction; what is refused is committed with its entry in the trail.
async fn prove_code(mut tx: Tx, platform: &Platform, user: Uuid, code: Option<&str>) -> Result<Tx, AppError> {
    let (deed, refusal) = match code.filter(|code| !code.trim().is_empty()) {
        None => (Deed::PasswordAccepted { user }, AppError::SecondFactorRequired),
        Some(code) => match second_factor::service::use_code(&mut tx, platform, user, code).await {
            Ok(()) => return Ok(tx),
            Err(AppError::CodeRefused) => {
                (Deed::SignInRefused { user: Some(user), reason: Refusal::WrongCode }, AppError::CodeRefused)
            }
            Err(other) => return Err(other),
        },
    };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Err(refusal)
}

/// A place in a family for which tokens are written.
pub(super) struct Member<'a> {
    pub(super) family: Uuid,
    pub(super) user: Uuid,
    pub(super) key: &'a [u8],
    pub(super) counter: u64,
}

/// The tokens for this place.
pub(super) fn pair(platform: &Platform, signer: &Signer, member: &Member<'_>) -> Result<TokenPair, AppError> {
    let site = &platform.rules().public_url;
    let claims = Claims::new(site, member.user, member.family, platform.new_id(), platform.now());
    let access_token = jwt::write(&signer.key, signer.kid, &claims).while_doing("signing an access token")?;
    let refresh_token = family::write(member.key, member.family, member.counter).ok_or_else(|| {
        tracing::error!(family.id = %member.family, "the key of a family of refresh tokens is none");
        AppError::Internal
    })?;
    let expires_in = u32::try_from(LIFETIME.as_secs()).unwrap_or(u32::MAX);
    Ok(TokenPair { access_token, token_type: "Bearer".to_owned(), expires_in, refresh_token })
}
