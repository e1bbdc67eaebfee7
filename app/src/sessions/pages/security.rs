//! `/account/security`: the second factor, the password, and every device that is signed in.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    federation::{
        api::sign_in_ways,
        parts::{WaysCard, ways_card::WaysActions},
    },
    frame::Inside,
    identity::api::ChangePassword,
    second_factor::api::second_factor_state,
    sessions::{
        api::{ForgetDevice, list_sessions, list_trusted_devices},
        parts::{Devices, Ending, FactorCard, PasswordCard, TrustedDevices},
    },
    ui::{FormAction, PageHeader, times_done},
};

/// The page of what guards an account.
#[component]
pub fn SecurityPage() -> impl IntoView {
    let change_password = FormAction::<ChangePassword>::new();
    let ending = Ending::new();
    let factor = Resource::new(|| (), |()| second_factor_state());
    let (changed, one, others) =
        (times_done(change_password), times_done(ending.one), times_done(ending.others));
    // A new password ends the other sessions as well.
    let devices = Resource::new(move || (changed.get(), one.get(), others.get()), |_| list_sessions());
    let forget = FormAction::<ForgetDevice>::new();
    let forgotten = times_done(forget);
    let trusted =
        Resource::new(move || (changed.get(), others.get(), forgotten.get()), |_| list_trusted_devices());
    let ways_actions = WaysActions::default();
    let (disconnected, proved) = (times_done(ways_actions.disconnect), times_done(ways_actions.step_up));
    let ways = Resource::new(move || (changed.get(), disconnected.get(), proved.get()), |_| sign_in_ways());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up.clone();
        view! {
            <PageHeader title="Security" lead="What guards your account, and where you are signed in."/>
            <div class="stack">
                <FactorCard state=factor/>
                <WaysCard ways actions=ways_actions proof=viewer.step_up/>
                <PasswordCard action=change_password email=viewer.email has_password=viewer.has_password/>
                <Devices devices ending proof/>
                <TrustedDevices devices=trusted forget/>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
