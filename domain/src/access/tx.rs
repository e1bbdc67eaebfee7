//! The transaction in which a grant acts. Only a grant begins one.

use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::{RequestFacts, idempotency};
use crate::{AppError, platform::log::WhileDoing};

/// A transaction that knows who acts in it, so that audit entries cannot name anybody else.
pub struct Tx {
    pub(super) inner: Transaction<'static, Postgres>,
    pub(super) actor: Option<Uuid>,
    pub(super) request: RequestFacts,
    /// The organization whose rows it may touch.
    pub(super) organization: Option<Uuid>,
}

impl Tx {
    /// The connection, for a `store`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> Option<Uuid> {
        self.actor
    }

    /// Names the one who acts, once a sign-in has found out who it is.
    pub(crate) fn act_as(&mut self, user: Uuid) {
        self.actor = Some(user);
    }

    /// Lets it read what somebody belongs to, once it is known whose account it is about.
    pub(crate) async fn reads_as(&mut self, user: Uuid) -> Result<(), AppError> {
        sqlx::query!("SELECT set_config('app.user_id', $1, true) AS person", user.to_string())
            .fetch_one(&mut *self.inner)
            .await
            .while_doing("telling the database whose memberships are read")?;
        Ok(())
    }

    /// Lets it touch the rows of an organization from here on: one that is just made or joined, or that was found to be the
    /// caller's.
    pub(crate) async fn enter(&mut self, organization: Uuid) -> Result<(), AppError> {
        sqlx::query!(
            "SELECT set_config('app.organization_id', $1, true) AS organization",
            organization.to_string()
        )
        .fetch_one(&mut *self.inner)
        .await
        .while_doing("telling the database which organization")?;
        self.organization = Some(organization);
        Ok(())
    }

    /// The organization whose rows it may touch.
    ///
    /// # Errors
    /// [`AppError::Internal`] where it may touch none: something was done in the wrong transaction.
    pub fn organization(&self) -> Result<Uuid, AppError> {
        if self.organization.is_none() {
            tracing::error!("a transaction outside of organizations was used for one");
        }
        self.organization.ok_or(AppError::Internal)
    }

    /// The request it is done for.
    #[must_use]
    pub fn request(&self) -> &RequestFacts {
        &self.request
    }

    /// Makes everything done in it true at once.
    ///
    /// # Errors
    /// [`AppError::Busy`] when the database went away; whether it was done is then unknown. [`AppError::Conflict`] for a
    /// request with a key whose time is over.
    pub async fn commit(mut self) -> Result<(), AppError> {
        if let Some(claim) = self.request.claim {
            idempotency::take_effect(&mut self.inner, claim).await?;
        }
        self.inner.commit().await.while_doing("committing a transaction")
    }
}
