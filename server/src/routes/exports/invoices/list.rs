//! `/exports/invoices.csv`: the documents of an organization as comma-separated values, a line for each.

use app::billing::api::OfOrganization;
use axum::{
    Extension,
    extract::{Query, State, rejection::QueryRejection},
    http::Method,
    response::Response,
};
use domain::{
    AppError,
    access::{Caller, Permission},
    billing::service::{Export, Exported, export},
};

use super::super::{
    csv::{
        Cell::{Number, Text},
        line,
    },
    pages::{self, Pages},
};
use crate::{answer::refuse, state::AppState};

const HEAD: [&str; 17] = [
    "number",
    "kind",
    "state",
    "provider",
    "customer",
    "customer_address",
    "customer_country",
    "customer_tax_id",
    "issued_at",
    "due_at",
    "net",
    "tax",
    "total",
    "credited",
    "currency",
    "id",
    "organization_id",
];

type Asked = Result<Query<OfOrganization>, QueryRejection>;

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
    let Query(asked) = asked.map_err(|_| AppError::MalformedRequest)?;
    let grant = caller.in_organization(&asked.organization_id).await?.may(Permission::ReadBilling)?;
    let date = state.platform().now().rfc3339();
    let name = format!("gatehouse-invoices-{}.csv", date.get(..10).unwrap_or_default());
    let mut head = String::new();
    line(&mut head, HEAD.map(Text));
    pages::file(method, &name, head, export(&grant)?).await
}

impl Pages for Export {
    async fn next(&mut self) -> Result<Option<String>, AppError> {
        let page = self.next_page().await?;
        Ok(page.map(|page| page.iter().map(written).collect()))
    }
}

fn written(it: &Exported) -> String {
    let head = &it.head;
    let due_at = head.due_at.map(|at| at.rfc3339()).unwrap_or_default();
    let (net, tax) = (it.net.digits(), it.tax.digits());
    let (total, credited) = (head.total.digits(), head.credited.digits());
    let mut text = String::new();
    line(
        &mut text,
        [
            Text(&head.number),
            Text(head.kind.name()),
            Text(head.state.name()),
            Text(&head.provider),
            Text(&head.customer),
            Text(&it.customer.address),
            Text(&it.customer.country),
            Text(&it.customer.tax_id),
            Text(&head.issued_at.rfc3339()),
            Text(&due_at),
            Number(&net),
            Number(&tax),
            Number(&total),
            Number(&credited),
            Text(head.total.currency.code()),
            Text(&head.id.to_string()),
            Text(&head.organization_id.to_string()),
        ],
    );
    text
}
