//! `/`: what Gatehouse is, for visitors; what to do next, for people who are in.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    frame::{inside, turned_away},
    identity::{
        api::me,
        parts::{Dashboard, Visitor},
    },
    second_factor::api::second_factor_state,
    sessions::api::list_sessions,
    ui::{Skeleton, tell_time_as},
};

/// The start page. All three answers are asked for at once; for visitors they cost no query.
#[component]
pub fn HomePage() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| me());
    let factor = Resource::new(|| (), |()| second_factor_state());
    let sessions = Resource::new(|| (), |()| list_sessions());
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton lines=6/> }>
            {move || Suspend::new(async move {
                let viewer = match viewer.await {
                    Ok(viewer) => viewer,
                    Err(Problem(AppError::SignInRequired)) => return view! { <Visitor/> }.into_any(),
                    Err(Problem(AppError::SecondFactorRequired)) => {
                        return view! { <Visitor waits_for_code=true/> }.into_any();
                    }
                    Err(problem) => return turned_away(&problem),
                };
                match (factor.await, sessions.await) {
                    (Ok(factor), Ok(sessions)) => {
                        tell_time_as(viewer.local_time.clone());
                        let content = view! { <Dashboard viewer=viewer.clone() factor sessions=sessions.items/> };
                        inside(&viewer, content.into_any())
                    }
                    (Err(problem), _) | (_, Err(problem)) => turned_away(&problem),
                }
            })}
        </Suspense>
    }
}
