//! Addresses and their pages.
//!
//! The main program is the frame alone; every page is fetched when it is opened. All are
//! rendered completely before the first byte (`SsrMode::Async`), so that status, redirects and titles are right and
//! nothing needs wasm to fall into place.

use std::time::Duration;

use leptos::{LazyViewError, prelude::*};
use leptos_router::{
    Lazy, LazyRoute, SsrMode,
    components::{FlatRoutes, Route},
    path,
};

use crate::ui::{
    browser,
    pages::{FailedPage, NotFoundPage},
};

/// The table of pages.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFoundPage/> }.into_any()>
            <Route path=path!("/") view={Lazy::<HomeRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/login") view={Lazy::<SignInRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/register") view={Lazy::<RegisterRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/2fa/verify") view={Lazy::<VerifyRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/2fa/setup") view={Lazy::<SetupRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/verify-email") view={Lazy::<VerifyEmailRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/forgot-password") view={Lazy::<ForgotPasswordRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/reset-password") view={Lazy::<ResetPasswordRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/welcome") view={Lazy::<BootstrapRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/security") view={Lazy::<SecurityRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/account/profile") view={Lazy::<ProfileRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/settings") view={Lazy::<SettingsRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/users") view={Lazy::<UsersRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/admin/audit-logs") view={Lazy::<AuditRoute>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/dev/ui") view={Lazy::<GalleryRoute>::new()} ssr=SsrMode::Async/>
        </FlatRoutes>
    }
    // Fifteen routes make a deep type; it ends here, before the compiler gives up.
    .into_any()
}

/// What is shown for a page in a part of its own, once the part has arrived or not.
///
/// The router would render a failure as nothing at all (it renders outside of any error boundary), so it ends here:
/// after a deploy the part's file may be gone, and one reload brings the new build.
async fn arrived(page: Result<AnyView, LazyViewError>) -> AnyView {
    match page {
        Ok(page) => page,
        Err(_) if browser::is_hydrated() => {
            // Later, when the router has put the new address into the bar: that is the one to load.
            browser::after(Duration::from_millis(50), browser::reload_once);
            view! { <FailedPage/> }.into_any()
        }
        // The page is there as the server sent it, and works. Never going on is what leaves it so.
        Err(_) => {
            browser::reload_once();
            std::future::pending().await
        }
    }
}

/// A page in a part of its own.
macro_rules! lazy_page {
    ($route:ident, $part:ident, $page:path) => {
        struct $route;

        #[lazy(fallible)]
        fn $part() -> Result<AnyView, LazyViewError> {
            #[cfg(feature = "ssr")]
            crate::hydration::preload_parts();
            Ok($page().into_any())
        }

        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                arrived($part().await).await
            }
        }
    };
}

lazy_page!(HomeRoute, home_part, crate::identity::pages::HomePage);
lazy_page!(SignInRoute, sign_in_part, crate::identity::pages::SignInPage);
lazy_page!(RegisterRoute, register_part, crate::identity::pages::RegisterPage);
lazy_page!(VerifyRoute, verify_part, crate::second_factor::pages::VerifyPage);
lazy_page!(SetupRoute, setup_part, crate::second_factor::pages::SetupPage);
lazy_page!(VerifyEmailRoute, verify_email_part, crate::identity::pages::VerifyEmailPage);
lazy_page!(ForgotPasswordRoute, forgot_password_part, crate::identity::pages::ForgotPasswordPage);
lazy_page!(ResetPasswordRoute, reset_password_part, crate::identity::pages::ResetPasswordPage);
lazy_page!(BootstrapRoute, bootstrap_part, crate::identity::pages::BootstrapPage);
lazy_page!(ProfileRoute, profile_part, crate::identity::pages::ProfilePage);
lazy_page!(SettingsRoute, settings_part, crate::identity::pages::SettingsPage);
lazy_page!(SecurityRoute, security_part, crate::sessions::pages::SecurityPage);
lazy_page!(UsersRoute, users_part, crate::admin::pages::UsersPage);
lazy_page!(AuditRoute, audit_part, crate::audit::pages::AuditPage);
lazy_page!(GalleryRoute, gallery_part, crate::ui::pages::GalleryPage);
