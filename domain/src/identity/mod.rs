//! Register, verify, sign in, reset, profile.
//!
//! Promise: nobody learns here which addresses have accounts, not by an answer and not by its time; opening a link
//! consumes nothing; and a second factor survives every reset.

/// What a network under suspicion has to give before it may try again.
pub mod captcha;

mod data;
mod model;
mod next;
mod policy;
mod strength;

#[cfg(feature = "server")]
mod account_letters;
#[cfg(feature = "server")]
mod credentials;
#[cfg(feature = "server")]
mod letters;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub(crate) mod store;

#[cfg(feature = "server")]
pub(crate) use letters::{Words, letter};

pub use data::{DataExport, ReadyExport};
pub use model::{
    Address, DisplayName, ImpersonatedBy, MemberOf, Password, ProfileChange, ProofKind, ProofNeeded,
    Registered, RegisteredState, ResetLink, SignInState, SignedIn, Theme, UndoneEmail, UndoneState, Viewer,
};
pub use next::safe_next;
pub use policy::{Admission, DOMAINS_MAX, Invitation, Registering, RegistrationNotice, RegistrationPolicy};
pub use strength::{Strength, strength};
