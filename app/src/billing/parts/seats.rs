//! How many seats a plan should have: asked by the address, so that the answer has one.

use std::collections::BTreeMap;

use domain::billing::Plan;
use leptos::{context::Provider, prelude::*};
use leptos_router::components::Form as GetForm;

use crate::{
    error::Problem,
    ui::{Field, FormState, TextInput},
};

/// A question about the seats of a plan.
pub struct SeatsAsked<'a> {
    /// In front of the ids of its fields: a page may ask twice.
    pub id: &'static str,
    /// Of which organization.
    pub slug: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// How many there are beside its own, or what somebody typed.
    pub seats: String,
    /// What is wrong with that.
    pub problem: Option<Problem>,
    /// What the button says.
    pub submit: &'static str,
}

/// The form: a plain GET.
pub fn seats_form(asked: SeatsAsked<'_>) -> AnyView {
    let SeatsAsked { id, slug, plan, seats, problem, submit } = asked;
    let (path, name) = (format!("/o/{slug}/billing"), plan.plan.clone());
    let label = format!("More seats of {}", plan.title);
    let hint = plan.seat_price.map_or_else(
        || "There are none beside those of the plan.".to_owned(),
        |price| format!("Beside those of the plan. Each costs {price} a month."),
    );
    let form = FormState::asking(id, problem, BTreeMap::new());
    view! {
        <GetForm method="get" action=path>
            <Provider value=form>
                <input type="hidden" name="plan" value=name/>
                <div class="grid max-w-xl gap-4">
                    <Field name="extra_seats" label hint>
                        <TextInput kind="number" value=seats/>
                    </Field>
                    <div>
                        <button type="submit" class="btn btn-secondary">
                            {submit}
                        </button>
                    </div>
                </div>
            </Provider>
        </GetForm>
    }
    .into_any()
}
