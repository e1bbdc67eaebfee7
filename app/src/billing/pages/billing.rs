//! `/o/<organization>/billing`: plan, usage, offers, invoices, and to whom they are written. The plan that somebody thinks about
//! is in the address, so that what it would cost is said without wasm, too.

use domain::{
    Page,
    billing::{BillingDetails, InvoiceHead, Plan, PlanPreview, Subscription},
    identity::Viewer,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    billing::{
        api::{list_invoices, list_plans, preview_plan, read_details, read_plan},
        parts::{Changing, details_form, invoice_list, offers, present, preview},
        words,
    },
    error::Problem,
    frame::{Inside, refused},
    ui::{Address, PageHeader, Skeleton},
};

/// What of the query says which plan is thought about, and which page of invoices is seen.
const PARAMETERS: [&str; 3] = ["plan", "extra_seats", "cursor"];

/// Everything about the plan and the invoices of one organization.
#[component]
pub fn BillingPage() -> impl IntoView {
    let (parameters, query) = (use_params_map(), use_query_map());
    let slug = Memo::new(move |_| parameters.with(|all| all.get("slug")).unwrap_or_default());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/o/{}/billing", slug.get()), query, &PARAMETERS))
    });
    let changing = Changing::new();
    let changes = changing.count();
    let state = Resource::new(move || (slug.get(), changes.get()), |(slug, _)| load(slug));
    let invoices = Resource::new(
        move || (slug.get(), address.get().get("cursor"), changes.get()),
        |(slug, cursor, _)| list_invoices(slug, None, cursor),
    );
    let thought = Resource::new(
        move || (slug.get(), address.get(), changes.get()),
        |(slug, address, _)| think(slug, address),
    );
    let page = move |_: Viewer| {
        let content = move || {
            let address = address.get();
            Suspend::new(async move {
                match (state.await, invoices.await, thought.await) {
                    (Ok(state), Ok(invoices), thought) => {
                        whole(state, invoices, thought, &address, &changing)
                    }
                    (Err(problem), ..) | (_, Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Billing" lead=words::LEAD/>
            <div class="stack">
                {changing.said()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

/// What the page shows besides invoices.
type State = (Subscription, Vec<Plan>, BillingDetails);

async fn load(slug: String) -> Result<State, Problem> {
    let subscription = read_plan(slug.clone()).await?;
    let currency = subscription.month.currency.code().to_owned();
    let plans = list_plans(Some(currency)).await?.items;
    Ok((subscription, plans, read_details(slug).await?))
}

/// What the plan in the address would cost.
async fn think(slug: String, address: Address) -> Option<Result<PlanPreview, Problem>> {
    let plan = address.get("plan")?;
    Some(preview_plan(slug, plan, address.get("extra_seats")).await)
}

fn whole(
    (subscription, plans, details): State,
    invoices: Page<InvoiceHead>,
    thought: Option<Result<PlanPreview, Problem>>,
    address: &Address,
    changing: &Changing,
) -> AnyView {
    let slug = subscription.slug.clone();
    view! {
        {thought.and_then(|thought| preview(thought, &subscription, changing))}
        {present(&subscription, changing)}
        {offers(&subscription, plans)}
        {invoice_list(invoices, &slug, address)}
        {details_form(&subscription, details, changing)}
    }
    .into_any()
}
