//! The name of every deed, in one list, for those who choose among them. Shared with the browser.

/// Every action the trail can name, in the order of their rooms.
pub const ACTIONS: &[&str] = &[
    "admin.impersonation-begun",
    "admin.impersonation-ended",
    "admin.invitation-revoked",
    "admin.looked",
    "admin.roles-set",
    "admin.second-factor-reset",
    "admin.settings-changed",
    "admin.user-invited",
    "admin.user-locked",
    "admin.user-unlocked",
    "admin.values-resealed",
    "admin.verification-resent",
    "audit.chain-verified",
    "audit.entries-removed",
    "audit.exported",
    "billing.details-changed",
    "billing.invoice-credited",
    "billing.invoice-issued",
    "billing.invoice-paid",
    "billing.invoice-voided",
    "billing.invoices-checked",
    "billing.overdue-told",
    "billing.plan-change-scheduled",
    "billing.plan-changed",
    "billing.plan-kept",
    "billing.renewed",
    "billing.tax-rate-set",
    "federation.accepted",
    "federation.connected",
    "federation.disconnected",
    "federation.refused",
    "identity.account-deleted",
    "identity.account-kept",
    "identity.address-change-asked",
    "identity.address-change-undone",
    "identity.address-changed",
    "identity.address-verified",
    "identity.bootstrap-link-made",
    "identity.bootstrapped",
    "identity.confirmation-asked",
    "identity.data-downloaded",
    "identity.data-export-asked",
    "identity.data-exported",
    "identity.deletion-asked",
    "identity.invitation-taken",
    "identity.locked-out",
    "identity.password-accepted",
    "identity.password-changed",
    "identity.password-reset",
    "identity.profile-changed",
    "identity.proof-refused",
    "identity.registered",
    "identity.registered-again",
    "identity.reset-asked",
    "identity.sign-in-disowned",
    "identity.sign-in-refused",
    "identity.signed-in",
    "identity.signed-out",
    "identity.stepped-up",
    "identity.stuffing-suspected",
    "identity.unconfirmed-forgotten",
    "operations.cancel-asked",
    "operations.cancelled",
    "operations.failed",
    "operations.retried",
    "organizations.created",
    "second-factor.confirmed",
    "second-factor.passkey-added",
    "second-factor.passkey-removed",
    "second-factor.passkey-renamed",
    "second-factor.passkey-suspected",
    "second-factor.recovery-code-used",
    "second-factor.recovery-codes-made",
    "second-factor.removed",
    "second-factor.started",
    "sessions.device-forgotten",
    "sessions.device-trusted",
    "sessions.ended",
    "sessions.others-ended",
    "sessions.replaced",
    "tokens.api-token-ended",
    "tokens.api-token-made",
    "tokens.api-token-rotated",
    "tokens.api-tokens-ended",
    "tokens.issued",
    "tokens.refresh-token-copied",
    "tokens.refreshed",
    "tokens.revoked",
    "tokens.signing-key-made",
    "tokens.signing-keys-forgotten",
    "webhooks.changed",
    "webhooks.made",
    "webhooks.paused",
    "webhooks.removed",
    "webhooks.replayed",
    "webhooks.secret-rotated",
    "webhooks.tested",
];

/// The rooms of the actions, each once.
#[must_use]
pub fn action_rooms() -> Vec<&'static str> {
    let mut rooms: Vec<_> = ACTIONS.iter().filter_map(|action| Some(action.split_once('.')?.0)).collect();
    rooms.dedup();
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_its_action_in_the_list() {
        let tables = [
            include_str!("deed/billing.rs"),
            include_str!("deed/organizations.rs"),
            include_str!("deed/site.rs"),
        ];
        let rows = |source: &'static str| {
            source.split_once("deeds! {").expect("a table of deeds").1.split("= \"").skip(1)
        };
        let mut named: Vec<_> =
            tables.into_iter().flat_map(rows).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
        named.sort_unstable();
        assert!(named.len() > 60, "the names were found");
        assert_eq!(named, ACTIONS, "add what is new to the list, by the alphabet");
    }
}
