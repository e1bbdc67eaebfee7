//! What came of a way to a provider that has just come back to this page.

use domain::AppError;
use leptos::{prelude::*, server::SharedValue};

use crate::{
    error::Problem,
    federation::{WAY, words},
    flash::{Flash, Outcome, use_flash_of},
    ui::{Banner, Tone},
};

/// Why the way has led nowhere, or that it has not. Draws nothing on any other visit.
#[component]
pub fn ProviderTrouble() -> impl IntoView {
    let flash = SharedValue::new(|| use_flash_of(WAY)).into_inner();
    flash.map(|Flash { outcome, .. }| match outcome {
        Outcome::Done(_) => view! { <Banner tone=Tone::Good title=words::CONNECTED/> }.into_any(),
        Outcome::Refused(error) => refused(error),
    })
}

fn refused(error: AppError) -> AnyView {
    let problem = Problem(error);
    view! {
        <div role="alert">
            <Banner tone=Tone::Bad title=problem.title()>
                {problem.detail()}
            </Banner>
        </div>
    }
    .into_any()
}
