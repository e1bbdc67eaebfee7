//! Letters that tell the owner of an account what was changed of it, or who came in.

use std::time::Duration;

use uuid::Uuid;

use super::super::{
    letters::{self, About},
    store::{self, LinkPurpose, NewLink},
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    platform::{Platform, letters::outbox, random::Token, zones},
    sessions::{self, NewSession, known_devices::News},
};

/// How long the owner can say that a sign-in was not theirs.
const NOT_ME_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// What happened to a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorChange {
    /// It was turned on.
    On,
    /// It was turned off by its owner.
    Off,
    /// The authenticator is gone; the passkeys stay.
    PasskeysOnly,
    /// It was taken away by the one who runs the machine.
    Reset,
    /// It was taken away together with a change of address that was undone.
    Undone,
    /// A recovery code was used up; so many are left.
    CodeUsed {
        /// How many.
        left: i64,
    },
    /// New recovery codes took the place of the old ones.
    CodesReplaced,
}

/// What happened to the passkeys of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyNews {
    /// There is one more.
    Added,
    /// One was removed by its owner.
    Removed,
    /// One was removed by its owner, and the account has no second factor any more.
    LastRemoved,
    /// One was refused because its counter went back.
    Suspected,
    /// The ones that somebody else may have added were removed.
    Undone {
        /// How many.
        count: usize,
    },
}

/// What happened between an account and a sign-in provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderNews {
    /// It signs its owner in from now on.
    Connected,
    /// It does not any more.
    Disconnected,
    /// The account was opened by it.
    Opened,
}

/// What happened to the tokens of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenNews {
    /// There is one more API token.
    ApiTokenMade,
    /// All API tokens ended, because the account may have been in other hands.
    ApiTokensEnded {
        /// How many.
        count: u64,
    },
    /// A refresh token from the past was shown, and the script that it was of is signed out.
    RefreshTokenCopied,
}

/// An administrator who sees the site as the owner of an account does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Looking<'a> {
    /// Who.
    pub(crate) administrator: Uuid,
    /// Why, as they typed it.
    pub(crate) reason: &'a str,
    /// From when.
    pub(crate) from: Timestamp,
    /// Until when at the latest.
    pub(crate) until: Timestamp,
}

/// Tells the owner of an account that somebody looks at it, in the transaction that lets them.
pub(crate) async fn tell_of_look(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    looking: &Looking<'_>,
) -> Result<(), AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::NotFound)?;
    let by = store::by_id(tx.conn(), looking.administrator).await?.ok_or(AppError::SignInRequired)?;
    let [from, until] = [looking.from, looking.until].map(|at| zones::told(&account.time_zone, at));
    let about = About::Looking { by: &by.email, reason: looking.reason, from, until };
    outbox::put(platform, tx, letters::write(platform, &account.email, &about)).await?;
    Ok(())
}

/// What happened to the site that those who run it should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteNews {
    /// A webhook was paused, because its receiver wants nothing any more.
    WebhookGone {
        /// Which.
        webhook: Uuid,
    },
    /// A webhook was paused, because nothing had arrived for days.
    WebhookFailing {
        /// Which.
        webhook: Uuid,
    },
}

/// A budget of an organization that comes to its end.
#[derive(Clone, Debug)]
pub struct SpendNews<'a> {
    /// What the organization is called.
    pub organization: &'a str,
    /// The page where it can be raised.
    pub path: String,
    /// Whose calls it counts: `the project alpha`.
    pub budget: String,
    /// Which warning was crossed; none where a call was refused.
    pub percent: Option<i16>,
    /// Whether nothing is left; a call is refused also where it needs more than that.
    pub is_used_up: bool,
    /// What was spent, in dollars.
    pub spent: String,
    /// What calls that go on may still cost.
    pub held: String,
    /// The most that may be spent.
    pub cap: String,
    /// Whether calls are refused at the cap.
    pub blocks: bool,
    /// When it begins anew.
    pub resets_at: Timestamp,
}

/// Tells people of a budget that comes to its end, in the transaction of what happened.
pub async fn tell_of_spend(
    tx: &mut Tx,
    platform: &Platform,
    people: &[Uuid],
    news: &SpendNews<'_>,
) -> Result<(), AppError> {
    for person in people {
        // Whoever has left meanwhile need not know.
        let Some(account) = store::by_id(tx.conn(), *person).await? else { continue };
        let until = zones::told(&account.time_zone, news.resets_at);
        let letter = letters::write(platform, &account.email, &About::Spend { news, until });
        outbox::put(platform, tx, letter).await?;
    }
    Ok(())
}

/// An invoice of an organization: it is there, or should have been paid.
#[derive(Clone, Debug)]
pub struct InvoiceNews<'a> {
    /// What the organization is called.
    pub organization: &'a str,
    /// The page of the invoice.
    pub path: String,
    /// Its number.
    pub number: &'a str,
    /// What it comes to.
    pub total: String,
    /// The last day on which it is paid in time.
    pub due: String,
    /// Whether that has passed.
    pub is_overdue: bool,
}

/// Tells people of an invoice, in the transaction of what happened to it.
pub async fn tell_of_invoice(
    tx: &mut Tx,
    platform: &Platform,
    people: &[Uuid],
    news: &InvoiceNews<'_>,
) -> Result<(), AppError> {
    for person in people {
        // Whoever has left meanwhile need not know.
        let Some(account) = store::by_id(tx.conn(), *person).await? else { continue };
        outbox::put(platform, tx, letters::write(platform, &account.email, &About::Invoice(news))).await?;
    }
    Ok(())
}

/// Tells every administrator who can act, in the transaction of what happened.
pub async fn tell_administrators(tx: &mut Tx, platform: &Platform, news: SiteNews) -> Result<(), AppError> {
    for address in store::administrators(tx.conn()).await? {
        outbox::put(platform, tx, letters::write(platform, &address, &About::Site(news))).await?;
    }
    Ok(())
}

/// Tells the owner of an account about its tokens, in the transaction of what happened.
pub async fn tell_of_tokens(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    news: TokenNews,
) -> Result<(), AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let letter = letters::write(platform, &account.email, &About::Tokens(news));
    outbox::put(platform, tx, letter).await?;
    Ok(())
}

/// Tells the owner of an account about a sign-in provider, in the transaction of what happened. `provider` is a name that
/// needs no escaping.
pub async fn tell_of_provider(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    provider: &str,
    news: ProviderNews,
) -> Result<(), AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let letter = letters::write(platform, &account.email, &About::Provider { news, provider });
    outbox::put(platform, tx, letter).await?;
    Ok(())
}

/// Tells the owner of an account about a change of the second factor, in the transaction of the change.
pub async fn tell_of_factor(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    change: FactorChange,
) -> Result<(), AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let letter = letters::write(platform, &account.email, &About::SecondFactorChanged(change));
    outbox::put(platform, tx, letter).await?;
    Ok(())
}

/// Tells the owner of an account about its passkeys, in the transaction of what happened.
pub async fn tell_of_passkeys(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    news: PasskeyNews,
) -> Result<(), AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let letter = letters::write(platform, &account.email, &About::Passkeys(news));
    outbox::put(platform, tx, letter).await?;
    Ok(())
}

/// Tells the owner of a sign-in from a browser they were never in, in the transaction of the sign-in. The letter has a
/// link by which they say that it was not them.
pub(super) async fn tell_of_arrival(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    session: &NewSession,
) -> Result<(), AppError> {
    if session.arrival.as_ref().is_none_or(|arrival| arrival.news == News::Nothing) {
        return Ok(());
    }
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let now = platform.now();
    let token = Token::new();
    let link = NewLink {
        user,
        purpose: LinkPurpose::NotMe,
        password_hash: None,
        now,
        expires_at: now + NOT_ME_LIFETIME,
    };
    store::put_link(tx.conn(), &token.hash(), &link).await?;
    let device = sessions::describe(&tx.request().user_agent);
    let address = tx.request().address;
    let from = match platform.places().find(address) {
        Some(place) => format!("{address} ({place})"),
        None => address.to_string(),
    };
    let at = zones::told(&account.time_zone, now);
    let about = About::NewDevice { token: &token, device, from, at };
    outbox::put(platform, tx, letters::write(platform, &account.email, &about)).await?;
    Ok(())
}
