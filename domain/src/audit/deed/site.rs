//! What concerns the site and the people on it, and the words of its details.

use serde_json::Value;
use uuid::Uuid;

use super::deeds;
use crate::{
    Timestamp,
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

deeds! {
    /// What concerns the site and the people on it.
    Deed, of the site:
    /// An account was opened, not yet confirmed.
    Registered { user: Uuid } = "identity.registered" on "user" user;
    /// Somebody tried to open an account for an address that has one.
    RegisteredAgain { user: Uuid } = "identity.registered-again" on "user" user;
    /// The address was confirmed.
    AddressVerified { user: Uuid } = "identity.address-verified" on "user" user;
    /// The first administrator came in by the one-time link.
    Bootstrapped { user: Uuid, is_new: bool }
        = "identity.bootstrapped" on "user" user { "new_account": is_new };
    /// The command line made a one-time link.
    BootstrapLinkMade = "identity.bootstrap-link-made";
    /// Somebody was refused.
    SignInRefused { user: Option<Uuid>, reason: Refusal }
        = "identity.sign-in-refused" on "user" user { "reason": reason.name() };
    /// The password was right; the second factor is asked.
    PasswordAccepted { user: Uuid } = "identity.password-accepted" on "user" user;
    /// Somebody is in.
    SignedIn { user: Uuid, session: Uuid, factor: Factor }
        = "identity.signed-in" on "user" user { "session": session, "second_factor": factor.name() };
    /// Sign-ins of an account from one network are refused for a while.
    LockedOut { user: Option<Uuid>, network: Network }
        = "identity.locked-out" on "user" user { "network": network.to_string() };
    /// One network tries the addresses of many accounts.
    StuffingSuspected { network: Network, accounts: u32 }
        = "identity.stuffing-suspected" { "network": network.to_string(), "accounts": accounts };
    /// The owner said that a sign-in was not theirs.
    SignInDisowned { user: Uuid } = "identity.sign-in-disowned" on "user" user;
    /// A browser skips the second factor from now on.
    DeviceTrusted { user: Uuid, device: Uuid }
        = "sessions.device-trusted" on "user" user { "device": device };
    /// A browser was forgotten by its owner.
    DeviceForgotten { user: Uuid, device: Uuid }
        = "sessions.device-forgotten" on "user" user { "device": device };
    /// Somebody left.
    SignedOut { user: Uuid } = "identity.signed-out" on "user" user;
    /// One session was ended by its owner.
    SessionEnded { user: Uuid, session: Uuid } = "sessions.ended" on "session" session;
    /// Other sessions were ended by their owner.
    SessionsEnded { user: Uuid, count: u64 } = "sessions.others-ended" on "user" user { "count": count };
    /// A session ended because its browser signed in anew.
    SessionReplaced { session: Uuid } = "sessions.replaced" on "session" session;
    /// A wrong proof was given by somebody who is signed in.
    ProofRefused { user: Uuid, proof: Proof }
        = "identity.proof-refused" on "user" user { "proof": proof.name() };
    /// A fresh proof was given.
    SteppedUp { user: Uuid } = "identity.stepped-up" on "user" user;
    /// Accounts that nobody confirmed were deleted.
    UnconfirmedForgotten { count: u64 } = "identity.unconfirmed-forgotten" { "count": count };
    /// A letter to reset the password was asked for.
    ResetAsked { user: Uuid } = "identity.reset-asked" on "user" user;
    /// A letter to confirm the address was asked for again.
    ConfirmationAsked { user: Uuid } = "identity.confirmation-asked" on "user" user;
    /// The password was set by the link of a letter.
    PasswordReset { user: Uuid } = "identity.password-reset" on "user" user;
    /// The password was changed by its owner.
    PasswordChanged { user: Uuid } = "identity.password-changed" on "user" user;
    /// A change of the address was asked for.
    AddressChangeAsked { user: Uuid } = "identity.address-change-asked" on "user" user;
    /// The address was changed by the link of a letter.
    AddressChanged { user: Uuid } = "identity.address-changed" on "user" user;
    /// A change of the address was cancelled, or the old address put back, by a letter to the old address.
    AddressChangeUndone { user: Uuid, was_confirmed: bool }
        = "identity.address-change-undone" on "user" user { "was_confirmed": was_confirmed };
    /// The owner asked for the deletion of the account.
    DeletionAsked { user: Uuid } = "identity.deletion-asked" on "user" user;
    /// The owner came back and kept the account.
    AccountKept { user: Uuid } = "identity.account-kept" on "user" user;
    /// The account is gone.
    AccountDeleted { user: Uuid } = "identity.account-deleted" on "user" user;
    /// A copy of everything the site holds about somebody was asked for.
    DataExportAsked { user: Uuid, operation: Uuid }
        = "identity.data-export-asked" on "user" user { "operation": operation };
    /// It is ready.
    DataExported { user: Uuid, operation: Uuid }
        = "identity.data-exported" on "user" user { "operation": operation };
    /// It was taken away.
    DataDownloaded { user: Uuid, operation: Uuid }
        = "identity.data-downloaded" on "user" user { "operation": operation };
    /// Name, language or theme changed.
    ProfileChanged { user: Uuid, fields: Vec<&'static str> }
        = "identity.profile-changed" on "user" user { "fields": fields };
    /// Setting up an authenticator began.
    AuthenticatorStarted { user: Uuid } = "second-factor.started" on "user" user;
    /// The second factor is on.
    AuthenticatorConfirmed { user: Uuid } = "second-factor.confirmed" on "user" user;
    /// The second factor is off.
    AuthenticatorRemoved { user: Uuid } = "second-factor.removed" on "user" user;
    /// A passkey was added.
    PasskeyAdded { user: Uuid, passkey: Uuid }
        = "second-factor.passkey-added" on "user" user { "passkey": passkey };
    /// A passkey got another name.
    PasskeyRenamed { user: Uuid, passkey: Uuid }
        = "second-factor.passkey-renamed" on "user" user { "passkey": passkey };
    /// A passkey was removed.
    PasskeyRemoved { user: Uuid, passkey: Uuid }
        = "second-factor.passkey-removed" on "user" user { "passkey": passkey };
    /// A passkey was refused because its counter went back: there may be a copy of it.
    PasskeySuspected { user: Uuid, passkey: Uuid }
        = "second-factor.passkey-suspected" on "user" user { "passkey": passkey };
    /// A recovery code was used up.
    RecoveryCodeUsed { user: Uuid, left: i64 }
        = "second-factor.recovery-code-used" on "user" user { "left": left };
    /// New recovery codes replaced the old ones.
    RecoveryCodesMade { user: Uuid } = "second-factor.recovery-codes-made" on "user" user;
    /// The one who runs the machine, or somebody who looks after people and says why, took a second factor away.
    SecondFactorReset { user: Uuid, reason: Option<String> }
        = "admin.second-factor-reset" on "user" user { "reason": reason };
    /// Site roles were given or taken.
    RolesSet { user: Uuid, before: Vec<SiteRole>, after: Vec<SiteRole>, reason: String }
        = "admin.roles-set" on "user" user { "before": before, "after": after, "reason": reason };
    /// The letter that confirms an address was sent again by somebody who looks after people.
    VerificationResent { user: Uuid, reason: String }
        = "admin.verification-resent" on "user" user { "reason": reason };
    /// An account was locked.
    UserLocked { user: Uuid, reason: String } = "admin.user-locked" on "user" user { "reason": reason };
    /// An account was unlocked.
    UserUnlocked { user: Uuid, reason: String } = "admin.user-unlocked" on "user" user { "reason": reason };
    /// An address was invited to open an account, or once more.
    UserInvited { invitation: Uuid, again: bool, reason: Option<String> }
        = "admin.user-invited" on "invitation" invitation { "again": again, "reason": reason };
    /// An invitation was taken back.
    InvitationRevoked { invitation: Uuid } = "admin.invitation-revoked" on "invitation" invitation;
    /// An invitation was used up for an account.
    InvitationTaken { invitation: Uuid, user: Uuid }
        = "identity.invitation-taken" on "invitation" invitation { "user": user };
    /// A long operation was asked to end.
    OperationCancelAsked { user: Uuid, operation: Uuid, kind: String }
        = "operations.cancel-asked" on "user" user { "operation": operation, "kind": kind };
    /// It ended so, and what it had done is cleared away.
    OperationCancelled { user: Uuid, operation: Uuid, kind: String }
        = "operations.cancelled" on "user" user { "operation": operation, "kind": kind };
    /// A step of a long operation failed too often.
    OperationFailed { user: Uuid, operation: Uuid, kind: String, reason: &'static str }
        = "operations.failed" on "user" user { "operation": operation, "kind": kind, "reason": reason };
    /// A failed operation was asked to go on.
    OperationRetried { user: Uuid, operation: Uuid, kind: String }
        = "operations.retried" on "user" user { "operation": operation, "kind": kind };
    /// An administrator began to see the site as somebody else does.
    ImpersonationBegun { user: Uuid, look: Uuid, until: Timestamp, reason: String }
        = "admin.impersonation-begun" on "user" user { "impersonation": look, "until": until, "reason": reason };
    /// An administrator was shown something as somebody else sees it.
    Looked { user: Uuid, look: Uuid, path: String }
        = "admin.looked" on "user" user { "impersonation": look, "path": path };
    /// An administrator sees with their own eyes again.
    ImpersonationEnded { user: Uuid, look: Uuid, why: &'static str }
        = "admin.impersonation-ended" on "user" user { "impersonation": look, "why": why };
    /// Who may open an account was changed.
    SettingsChanged { before: RegistrationPolicy, after: RegistrationPolicy, reason: String }
        = "admin.settings-changed" { "before": before, "after": after, "reason": reason };
    /// Somebody checked the chain.
    ChainVerified { entries: i64, ok: bool, organization: Option<Uuid> }
        = "audit.chain-verified" { "entries": entries, "ok": ok, "organization": organization };
    /// A script signed in with address and password.
    TokensIssued { user: Uuid, family: Uuid, second_factor: bool }
        = "tokens.issued" on "user" user { "family": family, "second_factor": second_factor };
    /// A script got its next tokens.
    TokensRefreshed { user: Uuid, family: Uuid } = "tokens.refreshed" on "user" user { "family": family };
    /// A script signed out.
    TokensRevoked { user: Uuid, family: Uuid } = "tokens.revoked" on "user" user { "family": family };
    /// A refresh token from the past was shown; its family ended.
    RefreshTokenCopied { user: Uuid, family: Uuid }
        = "tokens.refresh-token-copied" on "user" user { "family": family };
    /// An API token was made.
    ApiTokenMade { user: Uuid, token: Uuid, scopes: Vec<String> }
        = "tokens.api-token-made" on "token" token { "scopes": scopes };
    /// An API token got a new secret.
    ApiTokenRotated { user: Uuid, token: Uuid, overlap_s: u64 }
        = "tokens.api-token-rotated" on "token" token { "overlap_s": overlap_s };
    /// An API token was ended by its owner.
    ApiTokenEnded { user: Uuid, token: Uuid } = "tokens.api-token-ended" on "token" token;
    /// All API tokens of an account ended with its password.
    ApiTokensEnded { user: Uuid, count: u64 } = "tokens.api-tokens-ended" on "user" user { "count": count };
    /// A provider named somebody, and was believed.
    ProviderAccepted { user: Uuid, provider: String }
        = "federation.accepted" on "user" user { "provider": provider };
    /// What a provider said was not believed.
    ProviderRefused { provider: String, reason: &'static str }
        = "federation.refused" on "provider" provider { "reason": reason };
    /// A provider was connected with an account.
    ProviderConnected { user: Uuid, provider: String }
        = "federation.connected" on "user" user { "provider": provider };
    /// A provider was disconnected from an account.
    ProviderDisconnected { user: Uuid, provider: String }
        = "federation.disconnected" on "user" user { "provider": provider };
    /// A key that signs access tokens was made.
    SigningKeyMade { key: Uuid } = "tokens.signing-key-made" on "signing-key" key;
    /// Keys that signed access tokens were deleted.
    SigningKeysForgotten { count: u64 } = "tokens.signing-keys-forgotten" { "count": count };
    /// Old entries were removed under a sealed checkpoint, up to this number.
    EntriesRemoved { through: i64, count: u64 }
        = "audit.entries-removed" { "through": through, "count": count };
    /// Somebody took a copy of the trail, or of what of it matched.
    AuditExported { format: &'static str, filters: Value }
        = "audit.exported" { "format": format, "filters": filters };
    /// Values under older keys of the vault were sealed with the active one.
    ValuesResealed { count: u64 } = "admin.values-resealed" { "count": count };
    /// Events are sent to one more place.
    WebhookMade { webhook: Uuid, actions: Vec<String> }
        = "webhooks.made" on "webhook" webhook { "actions": actions };
    /// Address, description or choice of events changed, or it was paused or resumed by somebody.
    WebhookChanged { webhook: Uuid, fields: Vec<&'static str>, state: WebhookState }
        = "webhooks.changed" on "webhook" webhook { "fields": fields, "state": state };
    /// A webhook got a new secret.
    WebhookSecretRotated { webhook: Uuid, overlap_s: u64 }
        = "webhooks.secret-rotated" on "webhook" webhook { "overlap_s": overlap_s };
    /// A webhook was removed.
    WebhookRemoved { webhook: Uuid } = "webhooks.removed" on "webhook" webhook;
    /// A webhook was paused because of its answers.
    WebhookPaused { webhook: Uuid, state: WebhookState }
        = "webhooks.paused" on "webhook" webhook { "state": state };
    /// A test was sent to a webhook.
    WebhookTested { webhook: Uuid, delivery: Uuid }
        = "webhooks.tested" on "webhook" webhook { "delivery": delivery };
    /// Deliveries of a webhook are sent once more.
    WebhookReplayed { webhook: Uuid, count: u64 }
        = "webhooks.replayed" on "webhook" webhook { "count": count };
}
