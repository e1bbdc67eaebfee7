//! The longer sentences of this room.

/// At the door, for an address that has an account which is not connected.
pub(crate) const KNOWN: &str = "There is an account with this address already. Sign in to it with its password; on the \
    page that follows you can connect the provider.";
/// Above the ways to sign in.
pub(crate) const WAYS_LEAD: &str = "A connected provider signs you in without your password. A second factor is asked all \
    the same.";
/// Before a provider is connected.
pub(crate) const CONNECT: &str = "Connect another one. You sign in there once, and come back here.";
/// When a provider was connected.
pub(crate) const CONNECTED: &str = "It is connected, and can sign you in from now on.";
/// When a provider was disconnected.
pub(crate) const DISCONNECTED: &str = "It is disconnected, and does not sign you in any more.";
/// When a fresh proof has come in between.
pub(crate) const PROVED: &str = "Confirmed. Now choose the provider once more.";
/// In the place of a password.
pub(crate) const NO_PASSWORD: &str = "Your account has no password: a provider or a passkey signs you in.";
/// The same, where no provider can confirm it.
pub(crate) const NO_PROOF: &str = "Your account has no password, and your provider does not say when you signed in there, so it \
    cannot confirm that it is you now.";
/// What somebody without a password can do.
pub(crate) const SET_PASSWORD: &str =
    "With one you could also sign in without them. The link comes by a letter to your address.";
