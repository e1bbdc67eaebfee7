//! The ways to sign-in providers: OpenID Connect (Core 1.0, Discovery 1.0) and GitHub's OAuth 2.0.
//!
//! Promise: only hosts that the operator named are asked; nothing a provider says is believed before its signature, its
//! issuer, its audience and the nonce of this very sign-in were compared; a provider that is away costs its own sign-ins
//! and nothing else.

mod discovery;
mod github;
mod id_token;
mod kept;
mod keys;
mod provider;
mod settings;

use std::{fmt, sync::Arc};

pub use self::{
    provider::{Attempt, Provider, Redemption, Somebody},
    settings::{ProviderKind, ProviderSettings},
};
use super::outbound::{Outbound, OutboundProblem};

/// Why a provider has proved nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderProblem {
    /// It could not be asked.
    #[error("its {what} {problem}")]
    Away {
        /// For what.
        what: &'static str,
        /// Why not.
        problem: OutboundProblem,
    },
    /// It is not well itself.
    #[error("its {what} answered {status}")]
    Unwell {
        /// What was asked.
        what: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// What it said is refused.
    #[error("{0}")]
    Refused(&'static str),
}

impl ProviderProblem {
    /// Whether the same can succeed in a moment.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Away { .. } | Self::Unwell { .. })
    }
}

/// Every provider that the operator configured. Cheap to clone.
#[derive(Clone, Default)]
pub struct Providers(Arc<[Provider]>);

impl Providers {
    /// For these settings, in their order. Nothing is asked before the first sign-in.
    #[must_use]
    pub fn new(settings: Vec<ProviderSettings>, outbound: &Outbound) -> Self {
        Self(settings.into_iter().map(|settings| Provider::new(settings, outbound.clone())).collect())
    }

    /// The one with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings().id == id)
    }

    /// The one of this issuer.
    #[must_use]
    pub fn of_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings().issuer == issuer)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|provider| &provider.settings().id)).finish()
    }
}
