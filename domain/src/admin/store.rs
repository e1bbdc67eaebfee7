//! Accounts as a list, and their lock.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Sort, Status, UserRow};
use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing};

/// Which accounts to read.
pub(super) struct Filter {
    pub(super) pattern: Option<String>,
    pub(super) role: Option<SiteRole>,
    pub(super) status: Option<Status>,
    pub(super) sort: Sort,
    pub(super) after: Option<Place>,
    pub(super) limit: i64,
}

/// Where a page ended: what the last row was sorted by, and its id. The row itself may have moved or gone since.
pub(super) struct Place {
    pub(super) key: Key,
    pub(super) id: Uuid,
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A moment; `None` comes before all others.
    Time(Option<Timestamp>),
    /// An address in small letters, as Postgres writes them.
    Address(String),
}

impl Key {
    fn time(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Time(at) => at.map(Timestamp::get),
            Self::Address(_) => None,
        }
    }

    fn address(&self) -> Option<&str> {
        match self {
            Self::Time(_) => None,
            Self::Address(address) => Some(address),
        }
    }
}

/// An account and what it was sorted by.
pub(super) struct Found {
    pub(super) user: UserRow,
    pub(super) key: Key,
}

struct Row {
    id: Uuid,
    email: String,
    lower_email: String,
    display_name: String,
    roles: Vec<SiteRole>,
    verified: bool,
    locked: bool,
    second_factor: bool,
    deletion_due_at: Option<OffsetDateTime>,
    created_at: OffsetDateTime,
    last_seen_at: Option<OffsetDateTime>,
}

impl Row {
    fn found(self, sort: Sort) -> Found {
        let key = match sort {
            Sort::Newest => Key::Time(Some(self.created_at.into())),
            Sort::Email => Key::Address(self.lower_email.clone()),
            Sort::LastSeen => Key::Time(self.last_seen_at.map(Timestamp::from)),
        };
        Found { user: self.into(), key }
    }
}

impl From<Row> for UserRow {
    fn from(row: Row) -> Self {
        let status = match (row.locked, row.deletion_due_at, row.verified) {
            (true, _, _) => Status::Locked,
            (false, Some(_), _) => Status::Leaving,
            (false, None, false) => Status::Unverified,
            (false, None, true) => Status::Active,
        };
        Self {
            id: row.id,
            email: row.email,
            display_name: row.display_name,
            status,
            roles: row.roles,
            second_factor: row.second_factor,
            deletion_due_at: row.deletion_due_at.map(Timestamp::from),
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.map(Timestamp::from),
        }
    }
}

/// One query per order, because each has its own index and its own place to go on from.
macro_rules! listed {
    ($db:expr, $filter:expr, $key:expr, $order:literal) => {
        sqlx::query_as!(
            Row,
            r#"SELECT u.id, u.email, lower(u.email) AS "lower_email!", u.display_name, u.roles AS "roles: Vec<SiteRole>",
                      u.email_verified_at IS NOT NULL AS "verified!", u.locked_at IS NOT NULL AS "locked!",
                      (EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                       OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!", u.deletion_due_at, u.created_at, u.last_seen_at
               FROM users u
               WHERE ($1::text IS NULL OR u.email ILIKE $1 OR u.display_name ILIKE $1)
                 AND ($2::site_role IS NULL OR u.roles @> ARRAY[$2::site_role])
                 AND ($3::text IS NULL OR $3 = CASE WHEN u.locked_at IS NOT NULL THEN 'locked'
                                                    WHEN u.deletion_due_at IS NOT NULL THEN 'leaving'
                                                    WHEN u.email_verified_at IS NULL THEN 'unverified'
                                                    ELSE 'active' END)
                 AND ($4::uuid IS NULL OR "#
                + $order
                + " LIMIT $6",
            $filter.pattern,
            $filter.role as Option<SiteRole>,
            $filter.status.map(Status::name),
            $filter.after.as_ref().map(|place| place.id),
            $key,
            $filter.limit,
        )
        .fetch_all($db)
        .await
    };
}

pub(super) async fn list(db: &PgPool, filter: &Filter) -> Result<Vec<Found>, AppError> {
    let key = filter.after.as_ref().map(|place| &place.key);
    let (time, address) = (key.and_then(Key::time), key.and_then(Key::address));
    let rows = match filter.sort {
        Sort::Newest => listed!(
            db,
            filter,
            time,
            "(u.created_at, u.id) < ($5::timestamptz, $4)) ORDER BY u.created_at DESC, u.id DESC"
        ),
        Sort::Email => listed!(db, filter, address, "lower(u.email) > $5::text) ORDER BY lower(u.email)"),
        Sort::LastSeen => listed!(
            db,
            filter,
            time,
            "(coalesce(u.last_seen_at, '-infinity'), u.id) < (coalesce($5::timestamptz, '-infinity'), $4))
             ORDER BY coalesce(u.last_seen_at, '-infinity') DESC, u.id DESC"
        ),
    };
    let rows = rows.while_doing("listing accounts")?;
    Ok(rows.into_iter().map(|row| row.found(filter.sort)).collect())
}

/// An account that cannot change until the transaction ends.
pub(super) struct Held {
    pub(super) id: Uuid,
    pub(super) roles: Vec<SiteRole>,
    /// Locked, or about to be deleted: whoever is out acts no more.
    pub(super) out: bool,
}

/// Locks the one who acts and the one it is done to, always in the same order, so that of two who lock each other one
/// comes after the other.
pub(super) async fn hold(conn: &mut PgConnection, users: &[Uuid]) -> Result<Vec<Held>, AppError> {
    sqlx::query_as!(
        Held,
        r#"SELECT id, roles AS "roles: Vec<SiteRole>", locked_at IS NOT NULL OR deletion_due_at IS NOT NULL AS "out!"
           FROM users WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"#,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding accounts")
}

/// The account that has this address, held like [`hold`] does.
pub(super) async fn hold_by_address(
    conn: &mut PgConnection,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1) FOR NO KEY UPDATE", address)
        .fetch_optional(conn)
        .await
        .while_doing("holding an account by its address")
}

pub(super) async fn lock(conn: &mut PgConnection, user: Uuid, now: Timestamp) -> Result<bool, AppError> {
    let done =
        sqlx::query!("UPDATE users SET locked_at = $2 WHERE id = $1 AND locked_at IS NULL", user, now.get())
            .execute(conn)
            .await
            .while_doing("locking an account")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn unlock(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    let done =
        sqlx::query!("UPDATE users SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL", user)
            .execute(conn)
            .await
            .while_doing("unlocking an account")?;
    Ok(done.rows_affected() == 1)
}
