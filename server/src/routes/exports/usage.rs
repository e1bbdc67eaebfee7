//! `/exports/usage.csv`: what an organization has used as comma-separated values, a line for each day and key.

use app::spend::api::OfUsage;
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    http::Method,
    response::Response,
};
use domain::{
    AppError,
    access::{Caller, Permission},
    spend::{
        UsageOfDay,
        service::{UsageExport, UsageQuery, export_usage},
    },
};

use super::{
    csv::{
        Cell::{Number, Text},
        line,
    },
    pages::{self, Pages},
};
use crate::{answer::refuse, state::AppState};

const HEAD: [&str; 5] = ["day", "dimension", "key", "calls", "amount_usd"];

type Asked = Result<Query<OfUsage>, QueryRejection>;

pub(crate) async fn csv(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    method: Method,
    asked: Asked,
) -> Response {
    answer(&state, &caller, &method, asked).await.unwrap_or_else(refuse)
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    method: &Method,
    asked: Asked,
) -> Result<Response, AppError> {
    caller.signed_in()?;
    let Query(OfUsage { organization_id, from, to, dimension }) =
        asked.map_err(|_| AppError::MalformedRequest)?;
    let grant = caller.in_organization(&organization_id).await?.may(Permission::ReadSpend)?;
    let date = state.platform().now().rfc3339();
    let name = format!("gatehouse-usage-{}.csv", date.get(..10).unwrap_or_default());
    let mut head = String::new();
    line(&mut head, HEAD.map(Text));
    let export = export_usage(&grant, &UsageQuery { from, to, dimension }).await?;
    pages::file(method, &name, head, export).await
}

impl Pages for UsageExport {
    async fn next(&mut self) -> Result<Option<String>, AppError> {
        let page = self.next_page().await?;
        Ok(page.map(|page| page.iter().map(written).collect()))
    }
}

fn written(it: &UsageOfDay) -> String {
    let (calls, amount) = (it.calls.to_string(), it.amount.to_string());
    let mut text = String::new();
    let cells = [Text(&it.day), Text(&it.dimension), Text(&it.key), Number(&calls), Number(&amount)];
    line(&mut text, cells);
    text
}
