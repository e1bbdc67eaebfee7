//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(clippy::too_many_arguments, reason = "calls, prices and budgets have so many parts")]
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    spend::{
        CorrectedEvents, Explained, Forecast, Held, LimitSet, Limits, Price, PriceSet, Settled, UsageReport,
    },
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        AppError,
        access::{Grant, Need, Organization, Permission},
        spend::service::{
            self, NewDispatch, NewLimit, NewPrice, NewUsage, Reprice, Reservation, Settlement, UsageQuery,
        },
    },
};

/// Who asks, in their organization.
#[cfg(feature = "ssr")]
async fn may(organization_id: &str, permission: Permission) -> Result<Grant<Organization>, AppError> {
    caller()?.in_organization(organization_id).await?.may(permission)
}

/// Every budget, and how it stands.
#[server(prefix = "/api/v1", endpoint = "spend/limits", input = GetUrl)]
pub async fn list_limits(#[server(default)] organization_id: String) -> Result<Limits, Problem> {
    let grant = may(&organization_id, Permission::ReadSpend).await?;
    Ok(service::limits(&grant).await?)
}

/// Sets the budget of a scope and period.
#[server(prefix = "/api/v1", endpoint = "spend/set-limit", input = PostUrl)]
pub async fn set_limit(
    #[server(default)] organization_id: String,
    cap: Option<String>,
    monthly_cap: Option<String>,
    scope: Option<String>,
    subject: Option<String>,
    period: Option<String>,
    rolling_days: Option<String>,
    #[server(default)] warn_at: Vec<i16>,
    action: Option<String>,
) -> Result<LimitSet, Problem> {
    let grant = may(&organization_id, Permission::UpdateSpend).await?;
    // The monthly cap of the organization has a name of its own.
    let cap = cap.or(monthly_cap);
    let typed = NewLimit { scope, subject, period, rolling_days, cap, warn_at, action };
    Ok(service::set_limit(&grant, &typed).await?)
}

/// Removes a budget.
#[server(prefix = "/api/v1", endpoint = "spend/remove-limit", input = PostUrl)]
pub async fn remove_limit(
    #[server(default)] organization_id: String,
    #[server(default)] id: String,
) -> Result<(), Problem> {
    let grant = may(&organization_id, Permission::UpdateSpend).await?;
    Ok(service::remove_limit(&grant, &id).await?)
}

/// Reserves what a call can cost.
#[server(prefix = "/api/v1", endpoint = "spend/reserve", input = PostUrl)]
pub async fn reserve(
    #[server(default)] organization_id: String,
    #[server(default)] request_id: String,
    amount: Option<String>,
    usage: Option<String>,
    provider: Option<String>,
    item: Option<String>,
    scope: Option<String>,
    expires_in_s: Option<String>,
) -> Result<Held, Problem> {
    let grant = may(&organization_id, Permission::ReserveSpend).await?;
    let typed = Reservation { amount, usage, provider, item, scope, request_id, expires_in_s };
    Ok(service::reserve(&grant, &typed).await?)
}

/// Notes that a call is sent on.
#[server(prefix = "/api/v1", endpoint = "spend/dispatch", input = PostUrl)]
pub async fn dispatch(
    #[server(default)] organization_id: String,
    #[server(default)] hold_id: String,
    known: Option<String>,
    expires_in_s: Option<String>,
) -> Result<Held, Problem> {
    let grant = may(&organization_id, Permission::ReserveSpend).await?;
    Ok(service::dispatch(&grant, &NewDispatch { hold_id, known, expires_in_s }).await?)
}

/// Settles a call at what it has cost.
#[server(prefix = "/api/v1", endpoint = "spend/settle", input = PostUrl)]
pub async fn settle(
    #[server(default)] organization_id: String,
    #[server(default)] hold_id: String,
    amount: Option<String>,
    usage: Option<String>,
    event_id: Option<String>,
    occurred_at: Option<String>,
) -> Result<Settled, Problem> {
    let grant = may(&organization_id, Permission::ReserveSpend).await?;
    let typed = Settlement { hold_id, amount, usage, event_id, occurred_at };
    Ok(service::settle(&grant, &typed).await?)
}

/// Gives back what was held for a call.
#[server(prefix = "/api/v1", endpoint = "spend/release", input = PostUrl)]
pub async fn release(
    #[server(default)] organization_id: String,
    #[server(default)] hold_id: String,
) -> Result<Settled, Problem> {
    let grant = may(&organization_id, Permission::ReserveSpend).await?;
    Ok(service::release(&grant, &hold_id).await?)
}

/// Notes what was used without asking first.
#[server(prefix = "/api/v1", endpoint = "spend/record", input = PostUrl)]
pub async fn record(
    #[server(default)] organization_id: String,
    #[server(default)] event_id: String,
    #[server(default)] provider: String,
    #[server(default)] item: String,
    usage: Option<String>,
    amount: Option<String>,
    occurred_at: Option<String>,
    scope: Option<String>,
) -> Result<Settled, Problem> {
    let grant = may(&organization_id, Permission::ReserveSpend).await?;
    let typed = NewUsage { event_id, provider, item, usage, amount, occurred_at, scope };
    Ok(service::record(&grant, &typed).await?)
}

/// What was spent, by day and by dimension.
#[server(prefix = "/api/v1", endpoint = "spend/usage", input = GetUrl)]
pub async fn read_usage(
    #[server(default)] organization_id: String,
    from: Option<String>,
    to: Option<String>,
    dimension: Option<String>,
) -> Result<UsageReport, Problem> {
    let grant = may(&organization_id, Permission::ReadSpend).await?;
    Ok(service::usage(&grant, &UsageQuery { from, to, dimension }).await?)
}

/// What will have been spent at the end of the month.
#[server(prefix = "/api/v1", endpoint = "spend/forecast", input = GetUrl)]
pub async fn read_forecast(#[server(default)] organization_id: String) -> Result<Forecast, Problem> {
    let grant = may(&organization_id, Permission::ReadSpend).await?;
    Ok(service::forecast(&grant).await?)
}

/// Why a call was billed, or why not.
#[server(prefix = "/api/v1", endpoint = "spend/explain", input = GetUrl)]
pub async fn explain(
    #[server(default)] organization_id: String,
    #[server(default)] event_id: String,
) -> Result<Explained, Problem> {
    let grant = may(&organization_id, Permission::ReadSpend).await?;
    Ok(service::explain(&grant, &event_id).await?)
}

/// The price book.
#[server(prefix = "/api/v1", endpoint = "spend/prices", input = GetUrl)]
pub async fn list_prices(
    #[server(default)] organization_id: String,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Price>, Problem> {
    let grant = may(&organization_id, Permission::ReadSpend).await?;
    Ok(service::prices(&grant, limit, cursor.as_deref()).await?)
}

/// Writes a price down.
#[server(prefix = "/api/v1", endpoint = "spend/set-price", input = PostUrl)]
pub async fn set_price(
    #[server(default)] organization_id: String,
    #[server(default)] provider: String,
    #[server(default)] item: String,
    #[server(default)] unit: String,
    #[server(default)] price: String,
    per: Option<String>,
    effective_from: Option<String>,
) -> Result<PriceSet, Problem> {
    let grant = may(&organization_id, Permission::UpdateSpend).await?;
    let typed = NewPrice { provider, item, unit, price, per, effective_from };
    Ok(service::set_price(&grant, &typed).await?)
}

/// Bills calls anew by the prices there are now.
#[server(prefix = "/api/v1", endpoint = "spend/correct", input = PostUrl)]
pub async fn correct(
    #[server(default)] organization_id: String,
    event_id: Option<String>,
    provider: Option<String>,
    item: Option<String>,
    from: Option<String>,
    cursor: Option<String>,
) -> Result<CorrectedEvents, Problem> {
    let grant = may(&organization_id, Permission::UpdateSpend).await?;
    Ok(service::correct(&grant, &Reprice { event_id, provider, item, from, cursor }).await?)
}

/// What was used as a file; written by a route of the server.
pub const CSV: &str = "/exports/usage.csv";

/// Whose usage a file has, and which.
#[cfg(feature = "ssr")]
#[derive(Debug, serde::Deserialize)]
pub struct OfUsage {
    /// An id, or a name in addresses.
    #[serde(default)]
    pub organization_id: String,
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// By what.
    pub dimension: Option<String>,
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), changes(), calls()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReadSpend);
    vec![
        Endpoint::of::<ListLimits, GetUrl>(
            need,
            Rate::Read,
            "Every budget of an organization, and how it stands.",
        ),
        Endpoint::of::<ReadUsage, GetUrl>(
            need,
            Rate::Read,
            "What was spent from a day (`from`) to a day (`to`), by day and by `dimension` (workspace, project, group, person, \
             token, tag, model, provider).",
        ),
        Endpoint::of::<ReadForecast, GetUrl>(
            need,
            Rate::Read,
            "What will have been spent at the end of the month, with an interval, and when the cap is reached.",
        ),
        Endpoint::of::<Explain, GetUrl>(
            need,
            Rate::Read,
            "Why a call was billed, or why not: price, budgets, hold and ledger.",
        ),
        Endpoint::of::<ListPrices, GetUrl>(need, Rate::Read, "The price book, the latest written first."),
        Endpoint::file::<OfUsage>(
            "spend",
            CSV,
            "text/csv",
            need,
            Rate::SignIn,
            "What was spent from a day (`from`) to a day (`to`) by `dimension` as CSV (RFC 4180): a line for each day and key, \
             amounts in US dollars.",
        ),
    ]
}

#[cfg(feature = "ssr")]
fn changes() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::UpdateSpend);
    vec![
        Endpoint::of::<SetLimit, PostUrl>(
            need,
            Rate::Write,
            "Sets the budget (`cap`, in US dollars) of a scope (organization, or workspace, project, group, person, token, tag, \
             model with a `subject`) for a period (month, day, rolling). `monthly_cap` is that of the organization. `warn_at` \
             says at how many per cent people are told, `action` what happens at the cap (block, throttle, notify).",
        )
        .with_problems(&["conflict", "quota-exceeded"]),
        Endpoint::of::<RemoveLimit, PostUrl>(need, Rate::Write, "Removes a budget."),
        Endpoint::of::<SetPrice, PostUrl>(
            need,
            Rate::Write,
            "Writes down what `per` units cost from a moment on (`effective_from`, which may be past). It changes no bill by \
             itself; the answer says how many calls it outdates.",
        ),
        Endpoint::of::<Correct, PostUrl>(
            need,
            Rate::Write,
            "Bills calls anew by the prices there are now, by reversing entries: one (`event_id`), or those of a `provider` and \
             `item` since a moment (`from`), a thousand at a time: `next_cursor` says where to go on.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn calls() -> Vec<Endpoint> {
    let need = Need::Organization(Permission::ReserveSpend);
    vec![
        Endpoint::of::<Reserve, PostUrl>(
            need,
            Rate::Meter,
            "Reserves the most that a call can cost (`amount`, or `usage` such as input-token=1200, output-token=4000 by the \
             prices of `provider` and `item`) against every budget above it, or against none. `scope` says what it belongs \
             to: workspace:…, project:…, tag:…, model:…. The same `request_id` gets the same hold, until that has \
             ended.",
        )
        // Its own name for a request is its key; the same holds for the others.
        .without_keys()
        .with_problems(&["spend-cap-reached", "idempotency-mismatch", "conflict"]),
        Endpoint::of::<Dispatch, PostUrl>(
            need,
            Rate::Meter,
            "Notes that a call is sent on: from now on it costs at least what is `known`, whatever becomes of it.",
        )
        .without_keys()
        .with_problems(&["conflict"]),
        Endpoint::of::<Settle, PostUrl>(
            need,
            Rate::Meter,
            "Settles a hold at what the call has cost: `amount`, or what its `usage` costs.",
        )
        .without_keys()
        .with_problems(&["conflict"]),
        Endpoint::of::<Release, PostUrl>(
            need,
            Rate::Meter,
            "Gives back what was held for a call that is not made. One that was sent on is settled at what is known of it.",
        )
        .without_keys()
        .with_problems(&["conflict"]),
        Endpoint::of::<Record, PostUrl>(
            need,
            Rate::Meter,
            "Notes what was used without asking first, once for each `event_id`.",
        )
        .without_keys()
        .with_problems(&["conflict"]),
    ]
}
