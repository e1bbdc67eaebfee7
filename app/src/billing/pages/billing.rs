//! `/o/:slug/billing`: plan, usage, offers, invoices, and to whom they are written. The plan that somebody thinks about is in the
//! address, so that what it would cost is said without wasm, too.

use domain::{
    Page,
    billing::{
        BillingDetails, InvoiceHead, Money, OpenUsage, PaymentMethod, Plan, PlanPreview, Subscription,
    },
    identity::Viewer,
    organizations::OrganizationDetail,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    billing::{
        api::{list_invoices, list_plans, preview_plan, read_details, read_open_usage, read_plan},
        methods_api::list_payment_methods,
        parts::{
            Changing, INVOICES, PREVIEW, Paying, came_back, details_form, invoice_list, more_seats, offers,
            open_usage, payment_methods, present, preview,
        },
        words,
    },
    error::Problem,
    frame::refused,
    organizations::parts::{OrganizationFrame, organization_in_address},
    ui::{Address, Banner, Skeleton, Tone, focus_follows},
};

/// What of the query says which plan is thought about.
const THOUGHT: [&str; 2] = ["plan", "extra_seats"];
/// What says how somebody came back from Stripe's page.
const RETURNED: [&str; 2] = ["payment", "card"];
/// What says which page of invoices is seen.
const PLACE: [&str; 1] = ["cursor"];

/// Everything about the plan and the invoices of one organization.
#[component]
pub fn BillingPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let address = move |names: &'static [&'static str]| {
        Memo::new(move |_| {
            query.with(|query| Address::of(format!("/o/{}/billing", slug.get()), query, names))
        })
    };
    let (thought, place, returned) = (address(&THOUGHT), address(&PLACE), address(&RETURNED));
    let changing = Changing::new();
    let changes = changing.changes();
    let paying = Paying::new();
    let paid = paying.changes();
    let state = Resource::new(move || (slug.get(), changes.get(), paid.get()), |(slug, ..)| load(slug));
    let invoices = Resource::new(
        move || (slug.get(), place.get(), changes.get()),
        |(slug, place, _)| list_invoices(slug, None, place.get("cursor")),
    );
    let told = Resource::new(
        move || (slug.get(), thought.get(), changes.get()),
        |(slug, thought, _)| think(slug, thought),
    );
    focus_follows(thought, PREVIEW);
    focus_follows(place, INVOICES);
    let page = move |_: Viewer, _: OrganizationDetail| {
        let content = move || {
            let (thought, place, returned) = (thought.get(), place.get(), returned.get());
            Suspend::new(async move {
                match (state.await, invoices.await, told.await) {
                    (Ok(state), Ok(invoices), told) => {
                        let (state, methods) = state;
                        let notice = came_back(returned.get("payment"), &state.0);
                        let cards = payment_methods(methods, returned.get("card"), &state.0, &paying);
                        let page = whole(state, invoices, (&thought, told), &place, &changing, cards);
                        view! { {notice} {page} }.into_any()
                    }
                    (Err(problem), ..) | (_, Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{words::LEAD}</p>
                {changing.said()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Billing" page/> }
}

/// What the page shows besides invoices.
type State = (Subscription, Vec<Plan>, BillingDetails, OpenUsage);

/// What of it is Stripe's; nothing where nothing is paid there.
type Methods = Option<Result<Vec<PaymentMethod>, Problem>>;

async fn load(slug: String) -> Result<(State, Methods), Problem> {
    let subscription = read_plan(slug.clone()).await?;
    let currency = subscription.monthly_price.currency.code().to_owned();
    let plans = list_plans(Some(currency)).await?.items;
    let details = read_details(slug.clone()).await?;
    // What is wrong with these is said in their card, and hides nothing else.
    let methods = if subscription.takes_cards {
        Some(list_payment_methods(slug.clone()).await.map(|page| page.items))
    } else {
        None
    };
    Ok(((subscription, plans, details, read_open_usage(slug).await?), methods))
}

/// What the plan in the address would cost. After a change it is there, or comes already, and nothing is asked: it would be
/// refused.
async fn think(slug: String, thought: Address) -> Option<Result<PlanPreview, Problem>> {
    let (plan, seats) = (thought.get("plan")?, thought.get("extra_seats"));
    // Where it cannot be read, the page says so.
    let subscription = read_plan(slug.clone()).await.ok()?;
    if is_taken(&subscription, &plan, seats.as_deref()) {
        return None;
    }
    Some(preview_plan(slug, plan, seats).await)
}

/// Whether a plan with so many seats is what the organization has, or will have. Where nobody says how many, the plan that is
/// there keeps its seats.
fn is_taken(subscription: &Subscription, plan: &str, seats: Option<&str>) -> bool {
    let is_present = subscription.plan.plan.eq_ignore_ascii_case(plan);
    let kept = if is_present { subscription.extra_seats } else { 0 };
    let wanted = seats.map_or(Some(kept), |typed| typed.trim().parse().ok());
    let (name, comes) = match &subscription.next {
        Some(next) => (&next.plan, next.extra_seats),
        None => (&subscription.plan.plan, subscription.extra_seats),
    };
    name.eq_ignore_ascii_case(plan) && wanted == Some(comes)
}

fn whole(
    (subscription, plans, details, usage): State,
    invoices: Page<InvoiceHead>,
    (thought, told): (&Address, Option<Result<PlanPreview, Problem>>),
    place: &Address,
    changing: &Changing,
    cards: Option<AnyView>,
) -> AnyView {
    let slug = subscription.slug.clone();
    let price = told.as_ref().and_then(|told| told.as_ref().ok()).map(|told| told.monthly_price);
    let card = told.and_then(|told| preview(thought, told, &subscription, &plans, changing));
    // The seats of one plan are asked for once.
    let of_present = |plan: String| plan.eq_ignore_ascii_case(&subscription.plan.plan);
    let is_asked = card.is_some() && thought.get("plan").is_some_and(of_present);
    let more_seats = if is_asked { None } else { more_seats(&subscription) };
    let country = lacks_country(price, &details);
    let offers = offers(&subscription, plans, &usage);
    let used = usage.has_prices.then(|| open_usage(usage));
    view! {
        {country} {card} {present(&subscription, more_seats, changing)}
        {cards} {used} {offers}
        {invoice_list(invoices, &slug, place)}
        {details_form(&subscription, details, changing)}
    }
    .into_any()
}

/// Says what is missing before a plan of this price is taken.
fn lacks_country(price: Option<Money>, details: &BillingDetails) -> Option<AnyView> {
    let costs = price.is_some_and(|price| price.minor.get() > 0);
    let banner = || view! { <Banner tone=Tone::Info title=words::COUNTRY_FIRST/> }.into_any();
    (costs && details.country.is_empty()).then(banner)
}
