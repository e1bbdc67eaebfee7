//! The tables `subscriptions` and `subscription_changes`.

use sqlx::PgConnection;
use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

use super::currency;
use crate::{
    AppError, Timestamp,
    billing::{Currency, PaymentProvider, Span, Stretch, lines::ChangeKind},
    platform::log::WhileDoing,
};

/// A subscription with what is needed of its organization.
#[derive(Clone, Debug)]
pub(in crate::billing) struct Row {
    pub(in crate::billing) organization: Uuid,
    pub(in crate::billing) slug: String,
    pub(in crate::billing) name: String,
    pub(in crate::billing) time_zone: String,
    /// When the organization goes, if it is about to be deleted, or its account is.
    pub(in crate::billing) goes_at: Option<Timestamp>,
    pub(in crate::billing) provider: String,
    pub(in crate::billing) version: Uuid,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) extra_seats: i64,
    pub(in crate::billing) anchor: PrimitiveDateTime,
    pub(in crate::billing) period: i32,
    pub(in crate::billing) span: Span,
    pub(in crate::billing) next: Option<(Uuid, i64)>,
    pub(in crate::billing) changes: i32,
    /// Up to which number of the ledger usage was charged.
    pub(in crate::billing) usage_through: i64,
}

impl Row {
    /// By what it is paid. What this version does not know is left alone, as what Stripe looks after is.
    pub(in crate::billing) fn paid_by(&self) -> PaymentProvider {
        PaymentProvider::parse(&self.provider).unwrap_or(PaymentProvider::Stripe)
    }

    /// What it is at present, as whoever takes the money for it would say it.
    pub(in crate::billing) fn described(&self) -> Described {
        let Self { version, currency, extra_seats, span, next, .. } = *self;
        Described { version, currency, extra_seats, span, next }
    }

    /// What it is by a change.
    pub(in crate::billing) fn changed(&self, change: &NewChange) -> Self {
        Self {
            version: change.version,
            currency: change.currency,
            extra_seats: change.extra_seats,
            anchor: change.anchor,
            period: change.period,
            span: change.span,
            next: None,
            changes: change.no,
            usage_through: change.usage.map_or(self.usage_through, |stretch| stretch.through),
            ..self.clone()
        }
    }
}

/// The subscription of an organization. Whoever changes something of it holds the organization first.
pub(in crate::billing) async fn read(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<Row>, AppError> {
    let row = sqlx::query!(
        r#"SELECT s.organization_id, o.slug, o.name, o.time_zone, s.provider, s.plan_version_id, s.currency, s.extra_seats,
                  s.anchor, s.period, s.period_from, s.period_until, s.next_plan_version_id, s.next_extra_seats, s.changes,
                  s.usage_through, least(o.deletes_at, u.deletion_due_at) AS goes_at
           FROM subscriptions s JOIN organizations o ON o.id = s.organization_id LEFT JOIN users u ON u.id = o.personal_of
           WHERE s.organization_id = $1"#,
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading a subscription")?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Row {
        organization: row.organization_id,
        slug: row.slug,
        name: row.name,
        time_zone: row.time_zone,
        goes_at: row.goes_at.map(Timestamp::from),
        provider: row.provider,
        version: row.plan_version_id,
        currency: currency(&row.currency)?,
        extra_seats: row.extra_seats,
        anchor: row.anchor,
        period: row.period,
        span: Span::new(row.period_from.into(), row.period_until.into()),
        next: row.next_plan_version_id.zip(row.next_extra_seats),
        changes: row.changes,
        usage_through: row.usage_through,
    }))
}

/// What of an organization its subscription begins with.
pub(in crate::billing) struct Made {
    pub(in crate::billing) at: Timestamp,
    pub(in crate::billing) time_zone: String,
}

/// When an organization was made, and on whose clocks.
pub(in crate::billing) async fn made(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<Made>, AppError> {
    let row = sqlx::query!("SELECT created_at, time_zone FROM organizations WHERE id = $1", organization)
        .fetch_optional(conn)
        .await
        .while_doing("reading when an organization was made")?;
    Ok(row.map(|row| Made { at: row.created_at.into(), time_zone: row.time_zone }))
}

/// Organizations without a subscription, from behind one on.
pub(in crate::billing) async fn unbegun(
    conn: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT o.id FROM organizations o
         WHERE o.id > $1 AND NOT EXISTS (SELECT FROM subscriptions s WHERE s.organization_id = o.id)
         ORDER BY o.id LIMIT $2",
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for organizations without a subscription")
}

/// What a change makes of a subscription.
pub(in crate::billing) struct NewChange {
    pub(in crate::billing) organization: Uuid,
    pub(in crate::billing) no: i32,
    pub(in crate::billing) at: Timestamp,
    pub(in crate::billing) kind: ChangeKind,
    pub(in crate::billing) version: Uuid,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) extra_seats: i64,
    pub(in crate::billing) anchor: PrimitiveDateTime,
    pub(in crate::billing) period: i32,
    pub(in crate::billing) span: Span,
    /// Which usage it charges, where it charges any.
    pub(in crate::billing) usage: Option<Stretch>,
}

/// Writes a subscription that begins; one that is there already stays as it is.
pub(in crate::billing) async fn begin(conn: &mut PgConnection, change: &NewChange) -> Result<(), AppError> {
    let done = sqlx::query!(
        "INSERT INTO subscriptions (organization_id, plan_version_id, currency, anchor, period_from, period_until)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id) DO NOTHING",
        change.organization,
        change.version,
        change.currency.code(),
        change.anchor,
        change.span.from.get(),
        change.span.until.get(),
    )
    .execute(&mut *conn)
    .await
    .while_doing("beginning a subscription")?;
    if done.rows_affected() == 1 { log(conn, change).await } else { Ok(()) }
}

/// Makes a change true and writes it into the log. What waited for the period's end does not wait any more.
pub(in crate::billing) async fn apply(conn: &mut PgConnection, change: &NewChange) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE subscriptions
         SET plan_version_id = $2, extra_seats = $3, anchor = $4, period = $5, period_from = $6, period_until = $7,
             changes = $8, usage_through = coalesce($9, usage_through), next_plan_version_id = NULL, next_extra_seats = NULL
         WHERE organization_id = $1",
        change.organization,
        change.version,
        change.extra_seats,
        change.anchor,
        change.period,
        change.span.from.get(),
        change.span.until.get(),
        change.no,
        change.usage.map(|stretch| stretch.through),
    )
    .execute(&mut *conn)
    .await
    .while_doing("changing a subscription")?;
    log(conn, change).await
}

/// A number that is there already is somebody else's: the key refuses the second one.
async fn log(conn: &mut PgConnection, change: &NewChange) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO subscription_changes
             (organization_id, no, at, kind, plan_version_id, currency, extra_seats, period, period_from, period_until,
              usage_after, usage_through)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        change.organization,
        change.no,
        change.at.get(),
        change.kind.name(),
        change.version,
        change.currency.code(),
        change.extra_seats,
        change.period,
        change.span.from.get(),
        change.span.until.get(),
        change.usage.map(|stretch| stretch.after),
        change.usage.map(|stretch| stretch.through),
    )
    .execute(conn)
    .await
    .while_doing("writing down a change of a subscription")?;
    Ok(())
}

/// Notes what begins with the next period; nothing else where it is `None`.
pub(in crate::billing) async fn schedule(
    conn: &mut PgConnection,
    organization: Uuid,
    next: Option<(Uuid, i64)>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE subscriptions SET next_plan_version_id = $2, next_extra_seats = $3 WHERE organization_id = $1",
        organization,
        next.map(|(version, _)| version),
        next.map(|(_, seats)| seats),
    )
    .execute(conn)
    .await
    .while_doing("noting what comes after a period")?;
    Ok(())
}

/// A subscription as whoever takes the money for it describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::billing) struct Described {
    pub(in crate::billing) version: Uuid,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) extra_seats: i64,
    pub(in crate::billing) span: Span,
    pub(in crate::billing) next: Option<(Uuid, i64)>,
}

/// Makes true what somebody else says of a subscription, with what comes then, and writes it into the log.
pub(in crate::billing) async fn follow(
    conn: &mut PgConnection,
    provider: PaymentProvider,
    change: &NewChange,
    next: Option<(Uuid, i64)>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE subscriptions
         SET provider = $2, plan_version_id = $3, currency = $4, extra_seats = $5, anchor = $6, period = $7,
             period_from = $8, period_until = $9, changes = $10, usage_through = coalesce($11, usage_through),
             next_plan_version_id = $12, next_extra_seats = $13
         WHERE organization_id = $1",
        change.organization,
        provider.name(),
        change.version,
        change.currency.code(),
        change.extra_seats,
        change.anchor,
        change.period,
        change.span.from.get(),
        change.span.until.get(),
        change.no,
        change.usage.map(|stretch| stretch.through),
        next.map(|(version, _)| version),
        next.map(|(_, seats)| seats),
    )
    .execute(&mut *conn)
    .await
    .while_doing("keeping what somebody else says of a subscription")?;
    log(conn, change).await
}

/// Organizations that are about to be deleted, whose plan Stripe would go on with, and of which nothing was
/// asked since a moment.
pub(in crate::billing) async fn ending_at_stripe(
    conn: &mut PgConnection,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT s.organization_id FROM subscriptions s JOIN organizations o ON o.id = s.organization_id
         LEFT JOIN users u ON u.id = o.personal_of LEFT JOIN plan_versions v ON v.id = s.next_plan_version_id
         WHERE s.provider = 'stripe' AND (o.deletes_at IS NOT NULL OR u.deletion_due_at IS NOT NULL)
           AND v.plan IS DISTINCT FROM 'FREE'
           AND NOT EXISTS (SELECT FROM stripe_intents i
                           WHERE i.organization_id = s.organization_id AND i.kind <> 'customer'
                             AND (i.state = 'asked' OR i.created_at > $1))
         ORDER BY s.organization_id LIMIT $2",
        since.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for plans that end with their organization")
}

/// Chooses the currency of what comes.
pub(in crate::billing) async fn set_currency(
    conn: &mut PgConnection,
    organization: Uuid,
    currency: Currency,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE subscriptions SET currency = $2 WHERE organization_id = $1",
        organization,
        currency.code()
    )
    .execute(conn)
    .await
    .while_doing("changing the currency of a subscription")?;
    Ok(())
}

/// An organization whose period has ended, and when.
#[derive(Clone, Copy, Debug)]
pub(in crate::billing) struct Due {
    pub(in crate::billing) organization: Uuid,
    until: OffsetDateTime,
}

impl Due {
    /// Before every other.
    pub(in crate::billing) const FIRST: Self =
        Self { organization: Uuid::nil(), until: OffsetDateTime::UNIX_EPOCH };
}

/// Organizations whose period has ended, the longest first, from behind one on. Periods that somebody else counts are left out.
pub(in crate::billing) async fn due(
    conn: &mut PgConnection,
    now: Timestamp,
    after: Due,
    limit: i64,
) -> Result<Vec<Due>, AppError> {
    sqlx::query_as!(
        Due,
        "SELECT organization_id AS organization, period_until AS until FROM subscriptions
         WHERE provider = 'invoice' AND period_until <= $1 AND (period_until, organization_id) > ($2, $3)
         ORDER BY period_until, organization_id LIMIT $4",
        now.get(),
        after.until,
        after.organization,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for periods that have ended")
}

/// Organizations that were to go by now and whose last period began before that, from behind one on.
pub(in crate::billing) async fn leaving(
    conn: &mut PgConnection,
    now: Timestamp,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        r#"SELECT s.organization_id
           FROM (SELECT id, deletes_at AS goes_at FROM organizations WHERE deletes_at <= $1
                 UNION ALL
                 SELECT o.id, u.deletion_due_at FROM users u JOIN organizations o ON o.personal_of = u.id
                 WHERE u.deletion_due_at <= $1) AS o
           JOIN subscriptions s ON s.organization_id = o.id
           WHERE s.organization_id > $2 GROUP BY s.organization_id HAVING s.period_from < min(o.goes_at)
           ORDER BY s.organization_id LIMIT $3"#,
        now.get(),
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for organizations that go")
}

/// An entry of the log of changes.
pub(in crate::billing) struct Logged {
    pub(in crate::billing) at: Timestamp,
    pub(in crate::billing) kind: ChangeKind,
    pub(in crate::billing) version: Uuid,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) extra_seats: i64,
    pub(in crate::billing) span: Span,
    pub(in crate::billing) usage: Option<Stretch>,
}

/// Changes that have no issued invoice, and no draft since a moment, in the order of their organizations and numbers, from behind
/// one on. Most of them cost nothing.
pub(in crate::billing) async fn without_invoice(
    conn: &mut PgConnection,
    after: (Uuid, i32),
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(Uuid, i32)>, AppError> {
    let rows = sqlx::query!(
        "SELECT c.organization_id, c.no FROM subscription_changes c
         WHERE c.kind <> 'began' AND (c.organization_id, c.no) > ($1, $2)
           AND NOT EXISTS (SELECT FROM invoices i
                           WHERE i.organization_id = c.organization_id AND i.change_no = c.no
                             AND (i.state <> 'draft' OR i.created_at > $3))
         ORDER BY c.organization_id, c.no LIMIT $4",
        after.0,
        after.1,
        since.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for changes without an invoice")?;
    Ok(rows.into_iter().map(|row| (row.organization_id, row.no)).collect())
}

/// A change and the one before it.
pub(in crate::billing) async fn logged(
    conn: &mut PgConnection,
    organization: Uuid,
    no: i32,
) -> Result<Option<(Logged, Logged)>, AppError> {
    let rows = sqlx::query!(
        "SELECT at, kind, plan_version_id, currency, extra_seats, period_from, period_until, usage_after, usage_through
         FROM subscription_changes WHERE organization_id = $1 AND no IN ($2, $2 - 1) ORDER BY no",
        organization,
        no,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the log of a subscription")?;
    let mut all = Vec::new();
    for row in rows {
        let Some(kind) = ChangeKind::parse(&row.kind) else { return Ok(None) };
        let usage = row.usage_after.zip(row.usage_through);
        all.push(Logged {
            at: row.at.into(),
            kind,
            version: row.plan_version_id,
            currency: currency(&row.currency)?,
            extra_seats: row.extra_seats,
            span: Span::new(row.period_from.into(), row.period_until.into()),
            usage: usage.map(|(after, through)| Stretch { organization, after, through }),
        });
    }
    let mut all = all.into_iter();
    Ok(all.next().zip(all.next()))
}

/// Whether the stretch of a change begins where the one before it has ended; the first may begin anywhere.
pub(in crate::billing) async fn follows(
    conn: &mut PgConnection,
    stretch: Stretch,
    no: i32,
) -> Result<bool, AppError> {
    let before = sqlx::query_scalar!(
        r#"SELECT usage_through AS "through!" FROM subscription_changes
           WHERE organization_id = $1 AND no < $2 AND usage_through IS NOT NULL ORDER BY no DESC LIMIT 1"#,
        stretch.organization,
        no,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking where usage was charged last")?;
    Ok(before.is_none_or(|through| through == stretch.after))
}
