//! Addresses and their pages.
//!
//! The main program is the frame and the sign-in page; the others come in parts, each fetched when one of its pages is
//! opened. All are rendered completely before the first byte (`SsrMode::Async`), so that status, redirects and titles
//! are right and nothing needs wasm to fall into place.

use std::time::Duration;

use leptos::{LazyViewError, prelude::*};
use leptos_router::{
    Lazy, LazyRoute, SsrMode,
    components::{FlatRoutes, Route},
    path,
};

use crate::{
    identity::pages::SignInPage,
    ui::{
        browser,
        pages::{FailedPage, NotFoundPage},
    },
};

/// The table of pages.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFoundPage/> }.into_any()>
            <Route path=path!("/") view={Lazy::<Home>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/login") view=|| SignInPage().into_any() ssr=SsrMode::Async/>
            <Route path=path!("/register") view={Lazy::<Register>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/2fa/verify") view={Lazy::<Verify>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/2fa/setup") view={Lazy::<Setup>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/verify-email") view={Lazy::<VerifyEmail>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/forgot-password") view={Lazy::<ForgotPassword>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/reset-password") view={Lazy::<ResetPassword>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/not-me") view={Lazy::<NotMe>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/confirm") view={Lazy::<Confirm>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/confirm-email") view={Lazy::<ConfirmEmail>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/undo-email") view={Lazy::<UndoEmail>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/keep-account") view={Lazy::<KeepAccount>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/welcome") view={Lazy::<Bootstrap>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/security") view={Lazy::<Security>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/passkeys") view={Lazy::<Passkeys>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/tokens") view={Lazy::<Tokens>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/profile") view={Lazy::<Profile>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/orgs") view={Lazy::<Organizations>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug") view={Lazy::<OneOrganization>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/members") view={Lazy::<Members>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/audit") view={Lazy::<OrganizationTrail>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/settings") view={Lazy::<OrganizationSettings>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/invitations/:token") view={Lazy::<Invitation>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/organizations") view={Lazy::<EveryOrganization>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/limits") view={Lazy::<CurrentLimits>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/limits") view={Lazy::<Limits>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/usage") view={Lazy::<Usage>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/billing") view={Lazy::<CurrentBilling>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/billing") view={Lazy::<Billing>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/billing/invoices/:number") view={Lazy::<OneInvoice>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/billing") view={Lazy::<Books>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/settings") view={Lazy::<Settings>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/users") view={Lazy::<Users>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/users/:id") view={Lazy::<OnePerson>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/settings") view={Lazy::<SiteSettings>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/webhooks") view={Lazy::<Webhooks>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/webhooks/:id") view={Lazy::<OneWebhook>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/audit-logs") view={Lazy::<Audit>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/groups") view={Lazy::<Groups>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/roles") view={Lazy::<Roles>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/access") view={Lazy::<WhoMay>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/o/:slug/policy") view={Lazy::<Policy>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/dev/ui") view={Lazy::<Blocks>::new()} ssr=SsrMode::Async/>
        </FlatRoutes>
    }
    // So many routes make a deep type; it ends here, before the compiler gives up.
    .into_any()
}

/// What is shown for a page of a part that has arrived, or has not.
///
/// The router would render a failure as nothing at all (it renders outside of any error boundary), so it ends here:
/// after a deploy the part's file may be gone, and one reload brings the new build.
fn arrived(page: Result<AnyView, LazyViewError>) -> AnyView {
    page.unwrap_or_else(|_| {
        // Later, when the router has put the new address into the bar: that is the one to load.
        browser::after(Duration::from_millis(50), browser::reload_once);
        view! { <FailedPage/> }.into_any()
    })
}

/// Declares a part: pages that are fetched together, because whoever opens one will open the others. Few parts, as
/// what several of them use is a file of its own for each combination.
macro_rules! part {
    ($part:ident, $pages:ident { $($page:ident => $view:path),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug)]
        enum $pages { $($page),+ }

        #[lazy(fallible)]
        fn $part(page: $pages) -> Result<AnyView, LazyViewError> {
            #[cfg(feature = "ssr")]
            crate::hydration::preload_parts();
            Ok(match page { $($pages::$page => $view().into_any()),+ })
        }

        $(
            struct $page;

            impl LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    arrived($part($pages::$page).await)
                }
            }
        )+
    };
}

part!(doors, Door {
    Register => crate::identity::pages::RegisterPage,
    VerifyEmail => crate::identity::pages::VerifyEmailPage,
    ForgotPassword => crate::identity::pages::ForgotPasswordPage,
    ResetPassword => crate::identity::pages::ResetPasswordPage,
    NotMe => crate::identity::pages::NotMePage,
    Confirm => crate::identity::pages::ConfirmPage,
    ConfirmEmail => crate::identity::pages::ConfirmEmailPage,
    UndoEmail => crate::identity::pages::UndoEmailPage,
    KeepAccount => crate::identity::pages::KeepAccountPage,
    Bootstrap => crate::identity::pages::BootstrapPage,
    Verify => crate::second_factor::pages::VerifyPage,
});
part!(account, Account {
    Home => crate::identity::pages::HomePage,
    Setup => crate::second_factor::pages::SetupPage,
    Settings => crate::identity::pages::SettingsPage,
    Security => crate::sessions::pages::SecurityPage,
});
part!(own, Own {
    Profile => crate::identity::pages::ProfilePage,
    Passkeys => crate::second_factor::pages::PasskeysPage,
    Tokens => crate::tokens::pages::TokensPage,
});
part!(people, People {
    Users => crate::admin::pages::UsersPage,
    OnePerson => crate::admin::pages::PersonPage,
    Audit => crate::audit::pages::AuditPage,
});
part!(site, InSite {
    SiteSettings => crate::admin::pages::SiteSettingsPage,
    Books => crate::billing::pages::BooksPage,
    // Only in development; a part of its own would make the script that fetches the parts longer for everybody.
    Blocks => crate::ui::pages::GalleryPage,
});
part!(hooks, Hooks {
    Webhooks => crate::webhooks::pages::WebhooksPage,
    OneWebhook => crate::webhooks::pages::WebhookPage,
});
part!(organizations, InOrganizations {
    Organizations => crate::organizations::pages::OrganizationsPage,
    OneOrganization => crate::organizations::pages::OverviewPage,
    Members => crate::organizations::pages::MembersPage,
    OrganizationTrail => crate::organizations::pages::TrailPage,
    OrganizationSettings => crate::organizations::pages::SettingsPage,
    Invitation => crate::organizations::pages::InvitationPage,
    EveryOrganization => crate::organizations::pages::EveryOrganizationPage,
});
part!(groups, InGroups {
    Groups => crate::organizations::groups::pages::GroupsPage,
    Policy => crate::organizations::policy::pages::PolicyPage,
});
part!(rights, Rights {
    Roles => crate::organizations::roles::pages::RolesPage,
    WhoMay => crate::organizations::roles::pages::AccessPage,
});
part!(spending, Spending {
    Limits => crate::spend::pages::LimitsPage,
    Usage => crate::spend::pages::UsagePage,
    CurrentLimits => crate::spend::pages::CurrentLimitsPage,
});
part!(billing, InBilling {
    Billing => crate::billing::pages::BillingPage,
    OneInvoice => crate::billing::pages::InvoicePage,
    CurrentBilling => crate::billing::pages::CurrentBillingPage,
});

/// Fetches the part that the page of an address is in, so that hydration finds it in place.
///
/// # Errors
///
/// When the part did not arrive, or is not of this build.
#[cfg(feature = "hydrate")]
pub async fn fetch_part(path: &str) -> Result<(), LazyViewError> {
    match path.trim_matches('/') {
        "login" => {}
        "" | "settings" | "2fa/setup" => __preload_account().await?,
        "account/profile" | "account/passkeys" | "account/tokens" => __preload_own().await?,
        "account/limits" => __preload_spending().await?,
        "account/billing" => __preload_billing().await?,
        "orgs" | "admin/organizations" => __preload_organizations().await?,
        "admin/settings" | "admin/billing" => __preload_site().await?,
        path if path == "admin/webhooks" || path.starts_with("admin/webhooks/") => __preload_hooks().await?,
        path if path.starts_with("o/") => match path.split('/').nth(2) {
            Some("groups" | "policy") => __preload_groups().await?,
            Some("roles" | "access") => __preload_rights().await?,
            Some("limits" | "usage") => __preload_spending().await?,
            Some("billing") => __preload_billing().await?,
            _ => __preload_organizations().await?,
        },
        path => match path.split_once('/').map_or(path, |(first, _)| first) {
            "account" => __preload_account().await?,
            "invitations" => __preload_organizations().await?,
            "admin" => __preload_people().await?,
            "dev" => __preload_site().await?,
            _ => __preload_doors().await?,
        },
    }
    Ok(())
}
