//! Letters that tell the owner of an account what was changed of it.

use uuid::Uuid;

use super::super::{
    letters::{self, About},
    store,
};
use crate::{
    AppError,
    access::Tx,
    platform::{Platform, letters::outbox},
};

/// What happened to a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorChange {
    /// It was turned on.
    On,
    /// It was turned off by its owner.
    Off,
    /// It was taken away by the one who runs the machine.
    Reset,
    /// A recovery code was used up; so many are left.
    CodeUsed {
        /// How many.
        left: i64,
    },
    /// New recovery codes took the place of the old ones.
    CodesReplaced,
}

/// What happened to the tokens of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenNews {
    /// There is one more API token.
    ApiTokenMade,
    /// All API tokens ended, because the password was reset.
    ApiTokensEnded {
        /// How many.
        count: u64,
    },
    /// A refresh token from the past was shown, and the script that it was of is signed out.
    RefreshTokenCopied,
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
