//! Accounts as a list.

use std::time::Duration;

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::super::{Factor, Seen, Sort, Status, UserRow};
use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing};

/// Which accounts to read.
pub(crate) struct Filter {
    pub(crate) pattern: Option<String>,
    pub(crate) role: Option<SiteRole>,
    pub(crate) status: Option<Status>,
    pub(crate) second_factor: Option<Factor>,
    pub(crate) seen: Option<Seen>,
    pub(crate) now: Timestamp,
    pub(crate) sort: Sort,
    pub(crate) after: Option<Place>,
    pub(crate) limit: i64,
}

const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);
const MONTH: Duration = Duration::from_hours(30 * 24);

impl Filter {
    fn seen_from(&self) -> Option<OffsetDateTime> {
        let age = match self.seen? {
            Seen::Day => DAY,
            Seen::Week => WEEK,
            Seen::Month => MONTH,
            Seen::Longer | Seen::Never => return None,
        };
        Some((self.now - age).get())
    }

    fn seen_before(&self) -> Option<OffsetDateTime> {
        (self.seen == Some(Seen::Longer)).then(|| (self.now - MONTH).get())
    }
}

/// Where a page ended: what the last row was sorted by, and its id. The row itself may have moved or gone since.
pub(crate) struct Place {
    pub(crate) key: Key,
    pub(crate) id: Uuid,
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
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
pub(crate) struct Found {
    pub(crate) user: UserRow,
    pub(crate) key: Key,
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
                       OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                      u.deletion_due_at, u.created_at, u.last_seen_at
               FROM users u
               WHERE ($1::text IS NULL OR u.email ILIKE $1 OR u.display_name ILIKE $1)
                 AND ($2::site_role IS NULL OR u.roles @> ARRAY[$2::site_role])
                 AND ($3::text IS NULL OR $3 = CASE WHEN u.locked_at IS NOT NULL THEN 'locked'
                                                    WHEN u.deletion_due_at IS NOT NULL THEN 'leaving'
                                                    WHEN u.email_verified_at IS NULL THEN 'unverified'
                                                    ELSE 'active' END)
                 AND ($7::boolean IS NULL OR $7 = (EXISTS (SELECT FROM authenticators a
                                                           WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                                                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)))
                 AND ($8::timestamptz IS NULL OR u.last_seen_at >= $8)
                 AND ($9::timestamptz IS NULL OR u.last_seen_at < $9)
                 AND (NOT $10::boolean OR u.last_seen_at IS NULL)
                 AND ($4::uuid IS NULL OR "#
                + $order
                + " LIMIT $6",
            $filter.pattern,
            $filter.role as Option<SiteRole>,
            $filter.status.map(Status::name),
            $filter.after.as_ref().map(|place| place.id),
            $key,
            $filter.limit,
            $filter.second_factor.map(|factor| factor == Factor::On),
            $filter.seen_from(),
            $filter.seen_before(),
            $filter.seen == Some(Seen::Never),
        )
        .fetch_all($db)
        .await
    };
}

pub(crate) async fn list(db: &PgPool, filter: &Filter) -> Result<Vec<Found>, AppError> {
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

/// One account.
pub(crate) async fn find(db: &PgPool, user: Uuid) -> Result<Option<UserRow>, AppError> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT u.id, u.email, lower(u.email) AS "lower_email!", u.display_name, u.roles AS "roles: Vec<SiteRole>",
                  u.email_verified_at IS NOT NULL AS "verified!", u.locked_at IS NOT NULL AS "locked!",
                  (EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                  u.deletion_due_at, u.created_at, u.last_seen_at
           FROM users u WHERE u.id = $1"#,
        user,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading an account")?;
    Ok(row.map(UserRow::from))
}
