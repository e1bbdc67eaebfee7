//! The tables of documents, to be written: drafts, numbers, and how documents end.

use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    billing::{
        Currency, DocumentKind, InvoiceState, Minor, Party, lines::NewLine, store::documents::kept,
        taxes::NewTax,
    },
    platform::log::WhileDoing,
};

/// A document without a number.
pub(in crate::billing) struct NewDraft<'a> {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization: Uuid,
    pub(in crate::billing) kind: DocumentKind,
    pub(in crate::billing) provider: &'a str,
    /// What Stripe calls it, where it is one of Stripe's.
    pub(in crate::billing) provider_ref: Option<&'a str>,
    pub(in crate::billing) change_no: Option<i32>,
    pub(in crate::billing) credits: Option<Uuid>,
    pub(in crate::billing) reason: Option<&'a str>,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) now: Timestamp,
}

pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    draft: &NewDraft<'_>,
    lines: &[NewLine],
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO invoices
             (id, organization_id, kind, provider, change_no, credits, reason, currency, created_at, provider_ref)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        draft.id,
        draft.organization,
        draft.kind.name(),
        draft.provider,
        draft.change_no,
        draft.credits,
        draft.reason,
        draft.currency.code(),
        draft.now.get(),
        draft.provider_ref,
    )
    .execute(&mut *conn)
    .await
    .while_doing("writing an invoice")?;
    for (position, line) in (1_i32..).zip(lines) {
        sqlx::query!(
            "INSERT INTO invoice_lines
                 (invoice_id, organization_id, position, kind, description, quantity, unit, amount, covers_from, covers_until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            draft.id,
            draft.organization,
            position,
            line.kind.name(),
            line.description,
            line.quantity,
            line.unit.map(Minor::get),
            line.amount.get(),
            line.covers.map(|span| span.from.get()),
            line.covers.map(|span| span.until.get()),
        )
        .execute(&mut *conn)
        .await
        .while_doing("writing a line of an invoice")?;
    }
    Ok(())
}

pub(in crate::billing) async fn insert_taxes(
    conn: &mut PgConnection,
    invoice: Uuid,
    organization: Uuid,
    taxes: &[NewTax],
) -> Result<(), AppError> {
    for (position, tax) in (1_i32..).zip(taxes) {
        sqlx::query!(
            "INSERT INTO invoice_taxes (invoice_id, organization_id, position, name, rate, base, amount, note)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            invoice,
            organization,
            position,
            tax.name,
            tax.rate,
            tax.base.get(),
            tax.amount.get(),
            tax.note,
        )
        .execute(&mut *conn)
        .await
        .while_doing("writing a tax of an invoice")?;
    }
    Ok(())
}

/// The next number of a kind and year. Others wait for it until the transaction has ended.
pub(in crate::billing) async fn next_number(
    conn: &mut PgConnection,
    kind: DocumentKind,
    year: i32,
) -> Result<i32, AppError> {
    sqlx::query_scalar!(
        "INSERT INTO invoice_numbers AS n (kind, year, last) VALUES ($1, $2, 1)
         ON CONFLICT (kind, year) DO UPDATE SET last = n.last + 1 RETURNING last",
        kind.name(),
        year,
    )
    .fetch_one(conn)
    .await
    .while_doing("taking the next number of an invoice")
}

/// What a document says from the moment it is issued.
pub(in crate::billing) struct Issued<'a> {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) state: InvoiceState,
    pub(in crate::billing) number: &'a str,
    /// Of the number, where it is one of ours.
    pub(in crate::billing) year: Option<i32>,
    pub(in crate::billing) running: Option<i32>,
    pub(in crate::billing) now: Timestamp,
    pub(in crate::billing) due_at: Option<Timestamp>,
    /// When somebody is told of it, where anybody is.
    pub(in crate::billing) told_at: Option<Timestamp>,
    pub(in crate::billing) supplier: &'a Party,
    pub(in crate::billing) customer: &'a Party,
    pub(in crate::billing) net: Minor,
    pub(in crate::billing) tax: Minor,
    pub(in crate::billing) total: Minor,
}

pub(in crate::billing) async fn issue(conn: &mut PgConnection, it: &Issued<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE invoices SET state = $2, number = $3, year = $4, running = $5, issued_at = $6, due_at = $7, supplier = $8,
                customer = $9, net = $10, tax = $11, total = $12, told_at = $13
         WHERE id = $1 AND state = 'draft'",
        it.id,
        it.state.name(),
        it.number,
        it.year,
        it.running,
        it.now.get(),
        it.due_at.map(Timestamp::get),
        kept(it.supplier),
        kept(it.customer),
        it.net.get(),
        it.tax.get(),
        it.total.get(),
        it.told_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("issuing an invoice")?;
    Ok(())
}

/// Whether an organization was told of an invoice after a moment.
pub(in crate::billing) async fn is_told_since(
    conn: &mut PgConnection,
    organization: Uuid,
    since: Timestamp,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM invoices
                          WHERE organization_id = $1 AND issued_at > $2 AND told_at IS NOT NULL) AS "is_told!""#,
        organization,
        since.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("looking when an organization was told of an invoice")
}

/// An invoice that is to be issued, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::billing) struct Draft {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization: Uuid,
    created_at: OffsetDateTime,
    change_no: i32,
}

impl Draft {
    /// Before every other.
    pub(in crate::billing) const FIRST: Self = Self {
        id: Uuid::nil(),
        organization: Uuid::nil(),
        created_at: OffsetDateTime::UNIX_EPOCH,
        change_no: 0,
    };
}

/// Drafts, the oldest first, from behind one on.
pub(in crate::billing) async fn drafts(
    conn: &mut PgConnection,
    after: Draft,
    limit: i64,
) -> Result<Vec<Draft>, AppError> {
    sqlx::query_as!(
        Draft,
        r#"SELECT i.id, i.organization_id AS organization, i.created_at, i.change_no AS "change_no!"
           FROM invoices i JOIN organizations o ON o.id = i.organization_id
           WHERE i.state = 'draft' AND (i.created_at, i.organization_id, i.change_no) > ($1, $2, $3)
           ORDER BY i.created_at, i.organization_id, i.change_no LIMIT $4"#,
        after.created_at,
        after.organization,
        after.change_no,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for invoices to issue")
}

/// Holds a draft, so that nobody else issues it until the transaction ends; answers the sum of its lines.
pub(in crate::billing) async fn hold_draft(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<Minor>, AppError> {
    let net = sqlx::query_scalar!(
        r#"SELECT (SELECT coalesce(sum(amount), 0)::bigint FROM invoice_lines WHERE invoice_id = $1) AS "net!"
           FROM invoices WHERE id = $1 AND state = 'draft' FOR NO KEY UPDATE"#,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a draft")?;
    Ok(net.map(Minor::new))
}

/// A document that nobody else changes until the transaction ends.
pub(in crate::billing) struct Held {
    pub(in crate::billing) number: String,
    pub(in crate::billing) kind: String,
    pub(in crate::billing) state: String,
    pub(in crate::billing) provider: String,
    pub(in crate::billing) currency: String,
    pub(in crate::billing) total: i64,
    pub(in crate::billing) supplier: Json<Party>,
    pub(in crate::billing) customer: Json<Party>,
}

pub(in crate::billing) async fn hold(conn: &mut PgConnection, id: Uuid) -> Result<Option<Held>, AppError> {
    sqlx::query_as!(
        Held,
        r#"SELECT number AS "number!", kind, state, provider, currency, total AS "total!",
                  supplier AS "supplier!: Json<Party>", customer AS "customer!: Json<Party>"
           FROM invoices WHERE id = $1 AND state <> 'draft' FOR NO KEY UPDATE"#,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding an invoice")
}

/// Says how a document ends. When it was paid stays, also where what was paid is taken back.
pub(in crate::billing) async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    state: InvoiceState,
    now: Timestamp,
    reference: Option<&str>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE invoices SET state = $2, ended_at = $3, paid_at = CASE WHEN $2 = 'paid' THEN $3 ELSE paid_at END,
                reference = coalesce($4, reference)
         WHERE id = $1",
        id,
        state.name(),
        now.get(),
        reference,
    )
    .execute(conn)
    .await
    .while_doing("ending an invoice")?;
    Ok(())
}

/// An invoice that should have been paid, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::billing) struct Overdue {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization: Uuid,
    due_at: OffsetDateTime,
}

impl Overdue {
    /// Before every other.
    pub(in crate::billing) const FIRST: Self =
        Self { id: Uuid::nil(), organization: Uuid::nil(), due_at: OffsetDateTime::UNIX_EPOCH };
}

/// Whether an organization has an invoice that should have been paid by then, and is still open. Whether it pays those of
/// Stripe's, Stripe says.
pub(in crate::billing) async fn is_unpaid_since(
    conn: &mut PgConnection,
    organization: Uuid,
    since: Timestamp,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM invoices
                          WHERE organization_id = $1 AND state = 'open' AND due_at <= $2 AND provider_ref IS NULL)
               AS "is_unpaid!""#,
        organization,
        since.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("looking whether an organization pays")
}

/// Whether an organization has an invoice that is not issued yet.
pub(in crate::billing) async fn has_drafts(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM invoices WHERE organization_id = $1 AND state = 'draft') AS "has_some!""#,
        organization,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for drafts of an organization")
}

/// Invoices that should have been paid, of which nobody has been told, from behind one on. Of its own Stripe tells.
pub(in crate::billing) async fn overdue(
    conn: &mut PgConnection,
    now: Timestamp,
    after: Overdue,
    limit: i64,
) -> Result<Vec<Overdue>, AppError> {
    sqlx::query_as!(
        Overdue,
        r#"SELECT i.id, i.organization_id AS organization, i.due_at AS "due_at!"
           FROM invoices i JOIN organizations o ON o.id = i.organization_id
           WHERE i.state = 'open' AND i.overdue_told_at IS NULL AND i.due_at <= $1 AND (i.due_at, i.id) > ($2, $3)
             AND i.provider_ref IS NULL
           ORDER BY i.due_at, i.id LIMIT $4"#,
        now.get(),
        after.due_at,
        after.id,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for invoices that are overdue")
}

/// Notes that somebody is told; answers whether nobody was before.
pub(in crate::billing) async fn note_overdue(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE invoices SET overdue_told_at = $2
         WHERE id = $1 AND state = 'open' AND overdue_told_at IS NULL AND due_at <= $2",
        id,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting that somebody is told of an overdue invoice")?;
    Ok(done.rows_affected() == 1)
}
