//! The tables `invoices`, `invoice_lines` and `invoice_taxes`, to be read.

use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::currency;
use crate::{
    AppError, Timestamp,
    billing::{
        DocumentKind, Invoice, InvoiceHead, InvoiceLine, InvoiceState, LineKind, Minor, Money, Party, Span,
        TaxLine,
    },
    platform::log::WhileDoing,
};

/// Which documents are looked for. What is not said does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::billing) struct Filter<'a> {
    pub(in crate::billing) organization: Option<Uuid>,
    pub(in crate::billing) id: Option<Uuid>,
    pub(in crate::billing) number: Option<&'a str>,
    pub(in crate::billing) state: Option<InvoiceState>,
    /// Part of a number, or of what the customer is called.
    pub(in crate::billing) text: Option<&'a str>,
    pub(in crate::billing) only_overdue: bool,
    /// Those that were issued before this one.
    pub(in crate::billing) before: Option<(Timestamp, Uuid)>,
    pub(in crate::billing) limit: i64,
}

/// A document without its parts.
pub(in crate::billing) struct Row {
    pub(in crate::billing) id: Uuid,
    organization_id: Uuid,
    kind: String,
    state: String,
    provider: String,
    currency: String,
    number: String,
    issued_at: OffsetDateTime,
    due_at: Option<OffsetDateTime>,
    supplier: Json<Party>,
    customer: Json<Party>,
    net: i64,
    total: i64,
    credited: i64,
    credits: Option<String>,
    reason: Option<String>,
    ended_at: Option<OffsetDateTime>,
    paid_at: Option<OffsetDateTime>,
    reference: Option<String>,
}

/// What is issued and matches, the newest first.
pub(in crate::billing) async fn list(
    conn: &mut PgConnection,
    filter: Filter<'_>,
    now: Timestamp,
) -> Result<Vec<Row>, AppError> {
    let before = filter.before.map(|(at, _)| at.get());
    sqlx::query_as!(
        Row,
        r#"SELECT i.id, i.organization_id, i.kind, i.state, i.provider, i.currency, i.number AS "number!", i.issued_at AS "issued_at!",
                  i.due_at, i.supplier AS "supplier!: Json<Party>", i.customer AS "customer!: Json<Party>",
                  i.net AS "net!", i.total AS "total!", c.number AS "credits?", i.reason, i.ended_at, i.paid_at, i.reference,
                  (SELECT coalesce(-sum(n.total), 0)::bigint FROM invoices n WHERE n.credits = i.id) AS "credited!"
           FROM invoices i LEFT JOIN invoices c ON c.id = i.credits
           WHERE i.state <> 'draft'
             AND ($1::uuid IS NULL OR i.organization_id = $1)
             AND ($2::uuid IS NULL OR i.id = $2)
             AND ($3::text IS NULL OR i.number = $3)
             AND ($4::text IS NULL OR i.state = $4)
             AND ($5::text IS NULL OR position(lower($5) IN lower(i.number)) > 0
                  OR position(lower($5) IN lower(i.customer ->> 'name')) > 0)
             AND (NOT $6 OR i.state = 'open' AND i.due_at <= $7)
             AND ($8::timestamptz IS NULL OR (i.issued_at, i.id) < ($8, $9))
           ORDER BY i.issued_at DESC, i.id DESC LIMIT $10"#,
        filter.organization,
        filter.id,
        filter.number,
        filter.state.map(InvoiceState::name),
        filter.text,
        filter.only_overdue,
        now.get(),
        before,
        filter.before.map(|(_, id)| id),
        filter.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing invoices")
}

/// What lists say of a document that is issued.
pub(in crate::billing) async fn head(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
) -> Result<InvoiceHead, AppError> {
    let filter = Filter { id: Some(id), limit: 1, ..Filter::default() };
    let found = list(conn, filter, now).await?.into_iter().next();
    found.ok_or(AppError::NotFound)?.head(now)
}

impl Row {
    /// What lists say of it.
    pub(in crate::billing) fn head(&self, now: Timestamp) -> Result<InvoiceHead, AppError> {
        let currency = currency(&self.currency)?;
        let (kind, state) = self.what_it_is()?;
        let due_at = self.due_at.map(Timestamp::from);
        Ok(InvoiceHead {
            id: self.id,
            organization_id: self.organization_id,
            kind,
            number: self.number.clone(),
            provider: self.provider.clone(),
            state,
            customer: self.customer.name.clone(),
            issued_at: self.issued_at.into(),
            due_at,
            is_overdue: state == InvoiceState::Open && due_at.is_some_and(|due_at| due_at <= now),
            total: Money::new(Minor::new(self.total), currency),
            credited: Money::new(Minor::new(self.credited), currency),
        })
    }

    /// What it comes to without taxes, and its taxes.
    pub(in crate::billing) fn net_and_tax(&self) -> (Minor, Minor) {
        // The table adds them up.
        (Minor::new(self.net), Minor::new(self.total - self.net))
    }

    /// To whom it is written.
    pub(in crate::billing) fn customer(&self) -> &Party {
        &self.customer
    }

    fn what_it_is(&self) -> Result<(DocumentKind, InvoiceState), AppError> {
        let both = DocumentKind::parse(&self.kind).zip(InvoiceState::parse(&self.state));
        // The table knows no other.
        both.ok_or(AppError::Internal)
    }

    /// The document with its parts.
    pub(in crate::billing) async fn whole(
        self,
        conn: &mut PgConnection,
        now: Timestamp,
    ) -> Result<Invoice, AppError> {
        let head = self.head(now)?;
        let lines = lines(&mut *conn, &head).await?;
        let taxes = taxes(conn, &head).await?;
        Ok(Invoice {
            net: Money::new(Minor::new(self.net), head.total.currency),
            head,
            supplier: self.supplier.0,
            customer: self.customer.0,
            lines,
            taxes,
            credits: self.credits,
            reason: self.reason,
            ended_at: self.ended_at.map(Timestamp::from),
            paid_at: self.paid_at.map(Timestamp::from),
            reference: self.reference,
        })
    }
}

async fn lines(conn: &mut PgConnection, head: &InvoiceHead) -> Result<Vec<InvoiceLine>, AppError> {
    let rows = sqlx::query!(
        "SELECT kind, description, quantity, unit, amount, covers_from, covers_until
         FROM invoice_lines WHERE invoice_id = $1 AND organization_id = $2 ORDER BY position",
        head.id,
        head.organization_id,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the lines of an invoice")?;
    let money = |minor| Money::new(Minor::new(minor), head.total.currency);
    let lines = rows.into_iter().map(|row| {
        let covers = row.covers_from.zip(row.covers_until);
        Ok(InvoiceLine {
            kind: LineKind::parse(&row.kind).ok_or(AppError::Internal)?,
            description: row.description,
            quantity: row.quantity,
            unit: row.unit.map(money),
            amount: money(row.amount),
            covers: covers.map(|(from, until)| Span::new(from.into(), until.into())),
        })
    });
    lines.collect()
}

async fn taxes(conn: &mut PgConnection, head: &InvoiceHead) -> Result<Vec<TaxLine>, AppError> {
    let rows = sqlx::query!(
        "SELECT name, rate, base, amount, note FROM invoice_taxes
         WHERE invoice_id = $1 AND organization_id = $2 ORDER BY position",
        head.id,
        head.organization_id,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the taxes of an invoice")?;
    let money = |minor| Money::new(Minor::new(minor), head.total.currency);
    let taxes = rows.into_iter().map(|row| TaxLine {
        name: row.name,
        rate: row.rate,
        base: money(row.base),
        amount: money(row.amount),
        note: row.note,
    });
    Ok(taxes.collect())
}

/// Whose a document is, as far as the transaction may know.
pub(in crate::billing) async fn owner(conn: &mut PgConnection, id: Uuid) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT organization_id FROM invoices WHERE id = $1 AND state <> 'draft'", id)
        .fetch_optional(conn)
        .await
        .while_doing("looking whose an invoice is")
}

/// From what a document can be computed anew.
pub(in crate::billing) struct Origin {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization_id: Uuid,
    pub(in crate::billing) change_no: Option<i32>,
    pub(in crate::billing) credits: Option<Uuid>,
    /// What Stripe calls it, where it is one of Stripe's. It has no number of ours then.
    pub(in crate::billing) provider_ref: Option<String>,
    pub(in crate::billing) issued_at: OffsetDateTime,
    pub(in crate::billing) number: String,
    pub(in crate::billing) year: Option<i32>,
    pub(in crate::billing) running: Option<i32>,
}

/// What is issued, in the order of its making, after one that was seen.
pub(in crate::billing) async fn origins(
    conn: &mut PgConnection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Origin>, AppError> {
    sqlx::query_as!(
        Origin,
        r#"SELECT id, organization_id, change_no, credits, provider_ref, issued_at AS "issued_at!",
                  number AS "number!", year, running
           FROM invoices WHERE state <> 'draft' AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2"#,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading issued invoices")
}

/// What was taken back of an invoice; only before the credit note of a year and number, where they are given. Numbers are in
/// the order of the documents of an invoice, whatever clocks say.
pub(in crate::billing) async fn credited(
    conn: &mut PgConnection,
    invoice: Uuid,
    before: Option<(i32, i32)>,
) -> Result<Minor, AppError> {
    let sum = sqlx::query_scalar!(
        r#"SELECT coalesce(-sum(total), 0)::bigint AS "sum!" FROM invoices
           WHERE credits = $1 AND ($2::int IS NULL OR (year, running) < ($2, $3::int))"#,
        invoice,
        before.map(|(year, _)| year),
        before.map(|(_, running)| running),
    )
    .fetch_one(conn)
    .await
    .while_doing("adding up credit notes")?;
    Ok(Minor::new(sum))
}

/// Numbers between the first and the last of a year that no document has.
pub(in crate::billing) async fn missing(
    conn: &mut PgConnection,
) -> Result<Vec<(String, i32, i32)>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT n.kind, n.year, r.running AS "running!"
           FROM invoice_numbers n, LATERAL generate_series(1, n.last) AS r (running)
           WHERE NOT EXISTS (SELECT FROM invoices i
                             WHERE i.kind = n.kind AND i.year = n.year AND i.running = r.running)
           ORDER BY n.kind, n.year, r.running LIMIT 100"#,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for gaps between invoices")?;
    Ok(rows.into_iter().map(|row| (row.kind, row.year, row.running)).collect())
}

/// A party as it is kept.
pub(in crate::billing) fn kept(party: &Party) -> Value {
    serde_json::to_value(party).unwrap_or_default()
}
