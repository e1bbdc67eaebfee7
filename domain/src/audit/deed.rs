//! The closed list of what the trail can say. A deed names its object and never holds a secret or an address.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access::{Network, SiteRole},
    identity::RegistrationPolicy,
    webhooks::WebhookState,
};

/// Why a sign-in was refused. The caller is never told; the trail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No account has this address.
    UnknownAddress,
    /// The password is not the account's.
    WrongPassword,
    /// The account is locked.
    Locked,
    /// The address was never confirmed.
    NotVerified,
    /// A code that is wrong, old or used.
    WrongCode,
    /// No account has this passkey, or not any more.
    UnknownPasskey,
    /// The answer of a passkey is wrong, late, or of another browser.
    WrongPasskey,
}

impl Refusal {
    fn name(self) -> &'static str {
        match self {
            Self::UnknownAddress => "unknown-address",
            Self::WrongPassword => "wrong-password",
            Self::Locked => "locked",
            Self::NotVerified => "not-verified",
            Self::WrongCode => "wrong-code",
            Self::UnknownPasskey => "unknown-passkey",
            Self::WrongPasskey => "wrong-passkey",
        }
    }
}

/// What somebody who is signed in gave to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password of the account.
    Password,
    /// A code of the authenticator.
    Code,
    /// A passkey.
    Passkey,
}

impl Proof {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Passkey => "passkey",
        }
    }
}

/// What proved a sign-in besides the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Nothing: the account has no second factor.
    None,
    /// A code of the authenticator.
    Code,
    /// A recovery code.
    RecoveryCode,
    /// A passkey.
    Passkey,
    /// A passkey, in place of the password as well.
    PasskeyAlone,
    /// The provider, whose word stands for both by the operator's choice.
    Provider,
    /// A browser in which the second factor was proved in the last thirty days, and that its owner trusts.
    TrustedDevice,
}

impl Factor {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Code => "code",
            Self::RecoveryCode => "recovery-code",
            Self::Passkey => "passkey",
            Self::PasskeyAlone => "passkey-alone",
            Self::Provider => "provider",
            Self::TrustedDevice => "trusted-device",
        }
    }
}

/// Something worth remembering.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is the id, number or reason of what the line above it names")]
pub enum Deed {
    /// An account was opened, not yet confirmed.
    Registered { user: Uuid },
    /// Somebody tried to open an account for an address that has one.
    RegisteredAgain { user: Uuid },
    /// The address was confirmed.
    AddressVerified { user: Uuid },
    /// The first administrator came in by the one-time link.
    Bootstrapped { user: Uuid, is_new: bool },
    /// The command line made a one-time link.
    BootstrapLinkMade,
    /// Somebody was refused.
    SignInRefused { user: Option<Uuid>, reason: Refusal },
    /// The password was right; the second factor is asked.
    PasswordAccepted { user: Uuid },
    /// Somebody is in.
    SignedIn { user: Uuid, session: Uuid, factor: Factor },
    /// Sign-ins of an account from one network are refused for a while.
    LockedOut { user: Option<Uuid>, network: Network },
    /// One network tries the addresses of many accounts.
    StuffingSuspected { network: Network, accounts: u32 },
    /// The owner said that a sign-in was not theirs.
    SignInDisowned { user: Uuid },
    /// A browser skips the second factor from now on.
    DeviceTrusted { user: Uuid, device: Uuid },
    /// A browser was forgotten by its owner.
    DeviceForgotten { user: Uuid, device: Uuid },
    /// Somebody left.
    SignedOut { user: Uuid },
    /// One session was ended by its owner.
    SessionEnded { user: Uuid, session: Uuid },
    /// Other sessions were ended by their owner.
    SessionsEnded { user: Uuid, count: u64 },
    /// A session ended because its browser signed in anew.
    SessionReplaced { session: Uuid },
    /// A wrong proof was given by somebody who is signed in.
    ProofRefused { user: Uuid, proof: Proof },
    /// A fresh proof was given.
    SteppedUp { user: Uuid },
    /// Accounts that nobody confirmed were deleted.
    UnconfirmedForgotten { count: u64 },
    /// A letter to reset the password was asked for.
    ResetAsked { user: Uuid },
    /// A letter to confirm the address was asked for again.
    ConfirmationAsked { user: Uuid },
    /// The password was set by the link of a letter.
    PasswordReset { user: Uuid },
    /// The password was changed by its owner.
    PasswordChanged { user: Uuid },
    /// A change of the address was asked for.
    AddressChangeAsked { user: Uuid },
    /// The address was changed by the link of a letter.
    AddressChanged { user: Uuid },
    /// A change of the address was cancelled, or the old address put back, by a letter to the old address.
    AddressChangeUndone { user: Uuid, was_confirmed: bool },
    /// The owner asked for the deletion of the account.
    DeletionAsked { user: Uuid },
    /// The owner came back and kept the account.
    AccountKept { user: Uuid },
    /// The account is gone.
    AccountDeleted { user: Uuid },
    /// Name, language or theme changed.
    ProfileChanged { user: Uuid, fields: Vec<&'static str> },
    /// Setting up an authenticator began.
    AuthenticatorStarted { user: Uuid },
    /// The second factor is on.
    AuthenticatorConfirmed { user: Uuid },
    /// The second factor is off.
    AuthenticatorRemoved { user: Uuid },
    /// A passkey was added.
    PasskeyAdded { user: Uuid, passkey: Uuid },
    /// A passkey got another name.
    PasskeyRenamed { user: Uuid, passkey: Uuid },
    /// A passkey was removed.
    PasskeyRemoved { user: Uuid, passkey: Uuid },
    /// A passkey was refused because its counter went back: there may be a copy of it.
    PasskeySuspected { user: Uuid, passkey: Uuid },
    /// A recovery code was used up.
    RecoveryCodeUsed { user: Uuid, left: i64 },
    /// New recovery codes replaced the old ones.
    RecoveryCodesMade { user: Uuid },
    /// The one who runs the machine, or somebody who looks after people and says why, took a second factor away.
    SecondFactorReset { user: Uuid, reason: Option<String> },
    /// Site roles were given or taken.
    RolesSet { user: Uuid, before: Vec<SiteRole>, after: Vec<SiteRole>, reason: String },
    /// The letter that confirms an address was sent again by somebody who looks after people.
    VerificationResent { user: Uuid, reason: String },
    /// An account was locked.
    UserLocked { user: Uuid, reason: String },
    /// An account was unlocked.
    UserUnlocked { user: Uuid, reason: String },
    /// Who may open an account was changed.
    SettingsChanged { before: RegistrationPolicy, after: RegistrationPolicy, reason: String },
    /// Somebody checked the chain.
    ChainVerified { entries: i64, ok: bool },
    /// A script signed in with address and password.
    TokensIssued { user: Uuid, family: Uuid, second_factor: bool },
    /// A script got its next tokens.
    TokensRefreshed { user: Uuid, family: Uuid },
    /// A script signed out.
    TokensRevoked { user: Uuid, family: Uuid },
    /// A refresh token from the past was shown; its family ended.
    RefreshTokenCopied { user: Uuid, family: Uuid },
    /// An API token was made.
    ApiTokenMade { user: Uuid, token: Uuid, scopes: Vec<String> },
    /// An API token got a new secret.
    ApiTokenRotated { user: Uuid, token: Uuid, overlap_s: u64 },
    /// An API token was ended by its owner.
    ApiTokenEnded { user: Uuid, token: Uuid },
    /// All API tokens of an account ended with its password.
    ApiTokensEnded { user: Uuid, count: u64 },
    /// A provider named somebody, and was believed.
    ProviderAccepted { user: Uuid, provider: String },
    /// What a provider said was not believed.
    ProviderRefused { provider: String, reason: &'static str },
    /// A provider was connected with an account.
    ProviderConnected { user: Uuid, provider: String },
    /// A provider was disconnected from an account.
    ProviderDisconnected { user: Uuid, provider: String },
    /// A key that signs access tokens was made.
    SigningKeyMade { key: Uuid },
    /// Keys that signed access tokens were deleted.
    SigningKeysForgotten { count: u64 },
    /// Old entries were removed under a sealed checkpoint, up to this number.
    EntriesRemoved { through: i64, count: u64 },
    /// Somebody took a copy of the trail, or of what of it matched.
    AuditExported { format: &'static str, filters: Value },
    /// Values under older keys of the vault were sealed with the active one.
    ValuesResealed { count: u64 },
    /// Events are sent to one more place.
    WebhookMade { webhook: Uuid, actions: Vec<String> },
    /// Address, description or choice of events changed, or it was paused or resumed by somebody.
    WebhookChanged { webhook: Uuid, fields: Vec<&'static str>, state: WebhookState },
    /// A webhook got a new secret.
    WebhookSecretRotated { webhook: Uuid, overlap_s: u64 },
    /// A webhook was removed.
    WebhookRemoved { webhook: Uuid },
    /// A webhook was paused because of its answers.
    WebhookPaused { webhook: Uuid, state: WebhookState },
    /// A test was sent to a webhook.
    WebhookTested { webhook: Uuid, delivery: Uuid },
    /// Deliveries of a webhook are sent once more.
    WebhookReplayed { webhook: Uuid, count: u64 },
}

impl Deed {
    /// The stable name, `<room>.<what>`.
    #[expect(clippy::too_many_lines, reason = "one line for each deed")]
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "identity.registered",
            Self::RegisteredAgain { .. } => "identity.registered-again",
            Self::AddressVerified { .. } => "identity.address-verified",
            Self::Bootstrapped { .. } => "identity.bootstrapped",
            Self::BootstrapLinkMade => "identity.bootstrap-link-made",
            Self::SignInRefused { .. } => "identity.sign-in-refused",
            Self::PasswordAccepted { .. } => "identity.password-accepted",
            Self::SignedIn { .. } => "identity.signed-in",
            Self::LockedOut { .. } => "identity.locked-out",
            Self::StuffingSuspected { .. } => "identity.stuffing-suspected",
            Self::SignInDisowned { .. } => "identity.sign-in-disowned",
            Self::DeviceTrusted { .. } => "sessions.device-trusted",
            Self::DeviceForgotten { .. } => "sessions.device-forgotten",
            Self::SignedOut { .. } => "identity.signed-out",
            Self::ProofRefused { .. } => "identity.proof-refused",
            Self::SteppedUp { .. } => "identity.stepped-up",
            Self::UnconfirmedForgotten { .. } => "identity.unconfirmed-forgotten",
            Self::ResetAsked { .. } => "identity.reset-asked",
            Self::ConfirmationAsked { .. } => "identity.confirmation-asked",
            Self::PasswordReset { .. } => "identity.password-reset",
            Self::PasswordChanged { .. } => "identity.password-changed",
            Self::AddressChangeAsked { .. } => "identity.address-change-asked",
            Self::AddressChanged { .. } => "identity.address-changed",
            Self::AddressChangeUndone { .. } => "identity.address-change-undone",
            Self::DeletionAsked { .. } => "identity.deletion-asked",
            Self::AccountKept { .. } => "identity.account-kept",
            Self::AccountDeleted { .. } => "identity.account-deleted",
            Self::ProfileChanged { .. } => "identity.profile-changed",
            Self::SessionEnded { .. } => "sessions.ended",
            Self::SessionReplaced { .. } => "sessions.replaced",
            Self::SessionsEnded { .. } => "sessions.others-ended",
            Self::AuthenticatorStarted { .. } => "second-factor.started",
            Self::AuthenticatorConfirmed { .. } => "second-factor.confirmed",
            Self::AuthenticatorRemoved { .. } => "second-factor.removed",
            Self::PasskeyAdded { .. } => "second-factor.passkey-added",
            Self::PasskeyRenamed { .. } => "second-factor.passkey-renamed",
            Self::PasskeyRemoved { .. } => "second-factor.passkey-removed",
            Self::PasskeySuspected { .. } => "second-factor.passkey-suspected",
            Self::RecoveryCodeUsed { .. } => "second-factor.recovery-code-used",
            Self::RecoveryCodesMade { .. } => "second-factor.recovery-codes-made",
            Self::SecondFactorReset { .. } => "admin.second-factor-reset",
            Self::RolesSet { .. } => "admin.roles-set",
            Self::VerificationResent { .. } => "admin.verification-resent",
            Self::UserLocked { .. } => "admin.user-locked",
            Self::UserUnlocked { .. } => "admin.user-unlocked",
            Self::SettingsChanged { .. } => "admin.settings-changed",
            Self::ChainVerified { .. } => "audit.chain-verified",
            Self::TokensIssued { .. } => "tokens.issued",
            Self::TokensRefreshed { .. } => "tokens.refreshed",
            Self::TokensRevoked { .. } => "tokens.revoked",
            Self::RefreshTokenCopied { .. } => "tokens.refresh-token-copied",
            Self::ApiTokenMade { .. } => "tokens.api-token-made",
            Self::ApiTokenRotated { .. } => "tokens.api-token-rotated",
            Self::ApiTokenEnded { .. } => "tokens.api-token-ended",
            Self::ApiTokensEnded { .. } => "tokens.api-tokens-ended",
            Self::ProviderAccepted { .. } => "federation.accepted",
            Self::ProviderRefused { .. } => "federation.refused",
            Self::ProviderConnected { .. } => "federation.connected",
            Self::ProviderDisconnected { .. } => "federation.disconnected",
            Self::SigningKeyMade { .. } => "tokens.signing-key-made",
            Self::SigningKeysForgotten { .. } => "tokens.signing-keys-forgotten",
            Self::EntriesRemoved { .. } => "audit.entries-removed",
            Self::AuditExported { .. } => "audit.exported",
            Self::ValuesResealed { .. } => "admin.values-resealed",
            Self::WebhookMade { .. } => "webhooks.made",
            Self::WebhookChanged { .. } => "webhooks.changed",
            Self::WebhookSecretRotated { .. } => "webhooks.secret-rotated",
            Self::WebhookRemoved { .. } => "webhooks.removed",
            Self::WebhookPaused { .. } => "webhooks.paused",
            Self::WebhookTested { .. } => "webhooks.tested",
            Self::WebhookReplayed { .. } => "webhooks.replayed",
        }
    }

    /// What it was done to.
    #[expect(clippy::too_many_lines, reason = "one line for each deed")]
    pub(super) fn target(&self) -> Option<String> {
        let user = match self {
            Self::BootstrapLinkMade
            | Self::UnconfirmedForgotten { .. }
            | Self::StuffingSuspected { .. }
            | Self::SettingsChanged { .. }
            | Self::ChainVerified { .. }
            | Self::EntriesRemoved { .. }
            | Self::AuditExported { .. }
            | Self::SigningKeysForgotten { .. }
            | Self::ValuesResealed { .. } => return None,
            Self::ProviderRefused { provider, .. } => return Some(format!("provider:{provider}")),
            Self::SigningKeyMade { key } => return Some(format!("signing-key:{key}")),
            Self::ApiTokenMade { token, .. }
            | Self::ApiTokenRotated { token, .. }
            | Self::ApiTokenEnded { token, .. } => return Some(format!("token:{token}")),
            Self::WebhookMade { webhook, .. }
            | Self::WebhookChanged { webhook, .. }
            | Self::WebhookSecretRotated { webhook, .. }
            | Self::WebhookRemoved { webhook }
            | Self::WebhookPaused { webhook, .. }
            | Self::WebhookTested { webhook, .. }
            | Self::WebhookReplayed { webhook, .. } => return Some(format!("webhook:{webhook}")),
            Self::SignInRefused { user, .. } | Self::LockedOut { user, .. } => (*user)?,
            Self::SessionEnded { session, .. } | Self::SessionReplaced { session } => {
                return Some(format!("session:{session}"));
            }
            Self::Registered { user }
            | Self::RegisteredAgain { user }
            | Self::AddressVerified { user }
            | Self::Bootstrapped { user, .. }
            | Self::PasswordAccepted { user }
            | Self::SignedIn { user, .. }
            | Self::SignInDisowned { user }
            | Self::DeviceTrusted { user, .. }
            | Self::DeviceForgotten { user, .. }
            | Self::SignedOut { user }
            | Self::SessionsEnded { user, .. }
            | Self::ProofRefused { user, .. }
            | Self::SteppedUp { user }
            | Self::ResetAsked { user }
            | Self::ConfirmationAsked { user }
            | Self::PasswordReset { user }
            | Self::PasswordChanged { user }
            | Self::AddressChangeAsked { user }
            | Self::AddressChanged { user }
            | Self::AddressChangeUndone { user, .. }
            | Self::DeletionAsked { user }
            | Self::AccountKept { user }
            | Self::AccountDeleted { user }
            | Self::ProfileChanged { user, .. }
            | Self::AuthenticatorStarted { user }
            | Self::AuthenticatorConfirmed { user }
            | Self::AuthenticatorRemoved { user }
            | Self::PasskeyAdded { user, .. }
            | Self::PasskeyRenamed { user, .. }
            | Self::PasskeyRemoved { user, .. }
            | Self::PasskeySuspected { user, .. }
            | Self::RecoveryCodeUsed { user, .. }
            | Self::RecoveryCodesMade { user }
            | Self::SecondFactorReset { user, .. }
            | Self::RolesSet { user, .. }
            | Self::VerificationResent { user, .. }
            | Self::UserLocked { user, .. }
            | Self::UserUnlocked { user, .. }
            | Self::TokensIssued { user, .. }
            | Self::TokensRefreshed { user, .. }
            | Self::TokensRevoked { user, .. }
            | Self::RefreshTokenCopied { user, .. }
            | Self::ApiTokensEnded { user, .. }
            | Self::ProviderAccepted { user, .. }
            | Self::ProviderConnected { user, .. }
            | Self::ProviderDisconnected { user, .. } => *user,
        };
        Some(format!("user:{user}"))
    }

    /// What else there is to know.
    pub(super) fn detail(&self) -> Value {
        match self {
            Self::SignInRefused { reason, .. } => json!({ "reason": reason.name() }),
            Self::ProofRefused { proof, .. } => json!({ "proof": proof.name() }),
            Self::SignedIn { session, factor, .. } => {
                json!({ "session": session, "second_factor": factor.name() })
            }
            Self::LockedOut { network, .. } => json!({ "network": network.to_string() }),
            Self::StuffingSuspected { network, accounts } => {
                json!({ "network": network.to_string(), "accounts": accounts })
            }
            Self::DeviceTrusted { device, .. } | Self::DeviceForgotten { device, .. } => {
                json!({ "device": device })
            }
            Self::PasskeyAdded { passkey, .. }
            | Self::PasskeyRenamed { passkey, .. }
            | Self::PasskeyRemoved { passkey, .. }
            | Self::PasskeySuspected { passkey, .. } => json!({ "passkey": passkey }),
            Self::ProviderRefused { reason, .. } => json!({ "reason": reason }),
            Self::ProviderAccepted { provider, .. }
            | Self::ProviderConnected { provider, .. }
            | Self::ProviderDisconnected { provider, .. } => json!({ "provider": provider }),
            Self::Bootstrapped { is_new, .. } => json!({ "new_account": is_new }),
            Self::SessionsEnded { count, .. }
            | Self::UnconfirmedForgotten { count }
            | Self::ApiTokensEnded { count, .. }
            | Self::SigningKeysForgotten { count }
            | Self::WebhookReplayed { count, .. }
            | Self::ValuesResealed { count } => json!({ "count": count }),
            Self::TokensIssued { family, second_factor, .. } => {
                json!({ "family": family, "second_factor": second_factor })
            }
            Self::AddressChangeUndone { was_confirmed, .. } => json!({ "was_confirmed": was_confirmed }),
            Self::TokensRefreshed { family, .. }
            | Self::TokensRevoked { family, .. }
            | Self::RefreshTokenCopied { family, .. } => json!({ "family": family }),
            Self::ApiTokenMade { scopes, .. } => json!({ "scopes": scopes }),
            Self::ApiTokenRotated { overlap_s, .. } | Self::WebhookSecretRotated { overlap_s, .. } => {
                json!({ "overlap_s": overlap_s })
            }
            Self::WebhookMade { actions, .. } => json!({ "actions": actions }),
            Self::WebhookChanged { fields, state, .. } => json!({ "fields": fields, "state": state }),
            Self::WebhookPaused { state, .. } => json!({ "state": state }),
            Self::WebhookTested { delivery, .. } => json!({ "delivery": delivery }),
            Self::ProfileChanged { fields, .. } => json!({ "fields": fields }),
            Self::RecoveryCodeUsed { left, .. } => json!({ "left": left }),
            Self::UserLocked { reason, .. }
            | Self::UserUnlocked { reason, .. }
            | Self::VerificationResent { reason, .. }
            | Self::SecondFactorReset { reason: Some(reason), .. } => json!({ "reason": reason }),
            Self::RolesSet { before, after, reason, .. } => {
                json!({ "before": before, "after": after, "reason": reason })
            }
            Self::SettingsChanged { before, after, reason } => {
                json!({ "before": before, "after": after, "reason": reason })
            }
            Self::ChainVerified { entries, ok } => json!({ "entries": entries, "ok": ok }),
            Self::EntriesRemoved { through, count } => json!({ "through": through, "count": count }),
            Self::AuditExported { format, filters } => json!({ "format": format, "filters": filters }),
            _ => json!({}),
        }
    }
}
