//! The HTML document around every page.
//!
//! The pages at the door carry their styles within: on a slow line a second request is what keeps them from being
//! readable in time.

use domain::federation::Offered;
use leptos::{html::meta, hydration::AutoReload, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{
    app::App,
    hydration::{Build, Hydration},
    ui::theme::Theme,
};

/// Provided by the server: whether this is the profile in which the gallery of parts is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevelopmentProfile(pub bool);

/// Provided by the server: the providers by which one can sign in. They stand in the head of every page, so that the door
/// need not ask for them.
#[derive(Clone, Debug, Default)]
pub struct SignInProviders(pub Vec<Offered>);

/// What search engines and installers read.
const DESCRIPTION: &str =
    "Gatehouse stands in front of your team's tools: who may use them, and what they spend.";

/// The pages people arrive at with an empty cache.
const DOORS: [&str; 10] = [
    "/",
    "/login",
    "/register",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/2fa/verify",
    "/not-me",
    "/confirm",
    "/welcome",
];

/// The colours of the browser's own frame: the `canvas` token of `style/tokens.css`, which a test compares.
pub(crate) const CANVAS_LIGHT: &str = "#f7f9fa";
/// The same in the dark.
pub(crate) const CANVAS_DARK: &str = "#0c1214";

/// The document. Every request renders it anew, so it is also where the choice of colours is read.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let build = Build::of(&options);
    let theme = Theme::current();
    let is_development = use_context::<DevelopmentProfile>().is_some_and(|profile| profile.0);
    provide_context(options.clone());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute() data-development=is_development.then_some("true")>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                {theme_colors(theme)}
                {providers()}
                <meta name="description" content=DESCRIPTION/>
                <meta name="build" content=build.id.as_str()/>
                {styles(build)}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="alternate icon" href="/favicon.ico" sizes="32x32"/>
                <link rel="apple-touch-icon" href="/icon-180.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <AutoReload options/>
                <Hydration files=build/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Two colours and the device's choice, or one where the person has chosen.
fn theme_colors(theme: Theme) -> AnyView {
    let color = |value: &'static str| meta().name("theme-color").content(value);
    match theme {
        Theme::System => (
            color(CANVAS_LIGHT).attr("media", "(prefers-color-scheme: light)"),
            color(CANVAS_DARK).attr("media", "(prefers-color-scheme: dark)"),
        )
            .into_any(),
        Theme::Light => color(CANVAS_LIGHT).into_any(),
        Theme::Dark => color(CANVAS_DARK).into_any(),
    }
}

fn providers() -> Vec<AnyView> {
    let SignInProviders(offered) = use_context().unwrap_or_default();
    let line = |Offered { id, name }: Offered| {
        meta().name("sign-in-provider").content(format!("{id} {name}")).into_any()
    };
    offered.into_iter().map(line).collect()
}

fn styles(build: &'static Build) -> AnyView {
    if is_door() && !build.styles.is_empty() {
        return view! { <style nonce=use_nonce() inner_html=build.styles.as_str()></style> }.into_any();
    }
    // The id lets the development server swap the stylesheet in place.
    view! { <link id="gate-css" rel="stylesheet" href=build.stylesheet.as_str()/> }.into_any()
}

fn is_door() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| DOORS.contains(&parts.uri.path()))
}
