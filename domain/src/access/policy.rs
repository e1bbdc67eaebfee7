//! The table of site actions and the roles that may do them. Pure, so that the menu hides what the server refuses.

use super::SiteRole;

/// Something that concerns the whole site rather than one organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiteAction {
    /// See who has an account.
    ReadUsers,
    /// Keep a person from signing in.
    LockUser,
    /// Let a locked person in again.
    UnlockUser,
    /// Give and take site roles.
    SetRoles,
    /// Take a lost second factor away.
    ResetSecondFactor,
    /// Send the letter that confirms an address again.
    ResendVerification,
    /// See the site as somebody else does.
    Impersonate,
    /// Invite somebody to open an account, and take it back.
    InviteUser,
    /// See what holds for the whole site, and who is invited to it.
    ReadSettings,
    /// Change what holds for the whole site.
    ChangeSettings,
    /// Read what happened.
    ReadAudit,
    /// Check that nobody tampered with the trail.
    VerifyAudit,
    /// See where events are sent to, and what came of it.
    ReadWebhooks,
    /// Send a test, or events once more.
    SendWebhooks,
    /// Decide where events are sent to, and with which secret.
    ChangeWebhooks,
    /// See which organizations there are, and who owns them.
    ReadOrganizations,
    /// See what every organization owes, and the taxes.
    ReadBilling,
    /// Say that invoices are paid.
    ChangeBilling,
    /// Take back what was issued, end plans, and set taxes and what usage costs.
    CorrectBilling,
}

impl SiteAction {
    /// Whether the last proof of identity must be fresh: what the act opens is somebody else's, or stays open when the
    /// session has ended, or it gives money away. What shuts somebody out does not wait for a proof.
    #[must_use]
    pub fn needs_fresh_proof(self) -> bool {
        matches!(
            self,
            Self::UnlockUser
                | Self::SetRoles
                | Self::ResetSecondFactor
                | Self::Impersonate
                | Self::InviteUser
                | Self::ChangeSettings
                | Self::ChangeWebhooks
                | Self::CorrectBilling
        )
    }
}

/// Whether one of `roles` may do `action`.
#[must_use]
pub fn site_allows(roles: &[SiteRole], action: SiteAction) -> bool {
    roles.iter().any(|role| allows(*role, action))
}

fn allows(role: SiteRole, action: SiteAction) -> bool {
    match action {
        SiteAction::ReadUsers => matches!(role, SiteRole::Admin | SiteRole::Support),
        SiteAction::ReadOrganizations => {
            matches!(role, SiteRole::Admin | SiteRole::Support | SiteRole::BillingAdmin)
        }
        SiteAction::ReadBilling | SiteAction::ChangeBilling | SiteAction::CorrectBilling => {
            matches!(role, SiteRole::Admin | SiteRole::BillingAdmin)
        }
        SiteAction::LockUser
        | SiteAction::UnlockUser
        | SiteAction::ResetSecondFactor
        | SiteAction::ResendVerification => matches!(role, SiteRole::Admin | SiteRole::Support),
        SiteAction::SetRoles
        | SiteAction::Impersonate
        | SiteAction::InviteUser
        | SiteAction::ReadSettings
        | SiteAction::ChangeSettings
        | SiteAction::ReadAudit
        | SiteAction::VerifyAudit
        | SiteAction::ReadWebhooks
        | SiteAction::SendWebhooks
        | SiteAction::ChangeWebhooks => {
            matches!(role, SiteRole::Admin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_user_may_do_nothing_to_the_site() {
        for action in [
            SiteAction::ReadUsers,
            SiteAction::LockUser,
            SiteAction::UnlockUser,
            SiteAction::SetRoles,
            SiteAction::ResetSecondFactor,
            SiteAction::ResendVerification,
            SiteAction::Impersonate,
            SiteAction::InviteUser,
            SiteAction::ReadSettings,
            SiteAction::ChangeSettings,
            SiteAction::ReadAudit,
            SiteAction::VerifyAudit,
            SiteAction::ReadWebhooks,
            SiteAction::SendWebhooks,
            SiteAction::ChangeWebhooks,
        ] {
            assert!(!site_allows(&[SiteRole::User, SiteRole::BillingAdmin], action));
            assert!(site_allows(&[SiteRole::Admin], action));
        }
    }

    #[test]
    fn what_opens_a_door_asks_for_a_fresh_proof_and_what_shuts_one_does_not() {
        for action in [
            SiteAction::UnlockUser,
            SiteAction::SetRoles,
            SiteAction::ResetSecondFactor,
            SiteAction::Impersonate,
            SiteAction::InviteUser,
            SiteAction::ChangeSettings,
            SiteAction::ChangeWebhooks,
            SiteAction::CorrectBilling,
        ] {
            assert!(action.needs_fresh_proof(), "{action:?}");
        }
        for action in [SiteAction::LockUser, SiteAction::ReadSettings, SiteAction::ReadAudit] {
            assert!(!action.needs_fresh_proof(), "{action:?}");
        }
    }

    #[test]
    fn whoever_looks_after_money_reads_and_settles_what_is_owed_and_nothing_else() {
        for action in [SiteAction::ReadBilling, SiteAction::ChangeBilling, SiteAction::CorrectBilling] {
            assert!(
                site_allows(&[SiteRole::BillingAdmin], action) && site_allows(&[SiteRole::Admin], action)
            );
            assert!(!site_allows(&[SiteRole::User, SiteRole::Support], action));
        }
        assert!(!site_allows(&[SiteRole::BillingAdmin], SiteAction::ReadUsers));
    }

    #[test]
    fn support_helps_people_and_neither_raises_anybody_nor_reads_the_trail() {
        for action in [SiteAction::ResetSecondFactor, SiteAction::ResendVerification, SiteAction::LockUser] {
            assert!(site_allows(&[SiteRole::Support], action));
        }
        for action in [
            SiteAction::SetRoles,
            SiteAction::Impersonate,
            SiteAction::InviteUser,
            SiteAction::ReadAudit,
            SiteAction::VerifyAudit,
            SiteAction::ReadWebhooks,
            SiteAction::SendWebhooks,
            SiteAction::ChangeWebhooks,
        ] {
            assert!(!site_allows(&[SiteRole::Support], action));
        }
    }
}
