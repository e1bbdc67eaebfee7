//! The rules of roles.

mod ask;
mod assign;
mod chains;
mod manage;
mod preview;
mod typed;

pub use ask::{explain, matrix, who_can};
pub use assign::{assign, assigned, unassign};
pub use manage::{NewRole, create, delete, roles, update};
pub use preview::{Trying, preview};

pub(in crate::organizations) use typed::{Paging, above_yourself, given, member_id, name, of_page, read_id};

use sqlx::PgConnection;
use uuid::Uuid;

use super::store;
use crate::AppError;

/// How many roles an organization has made.
pub(in crate::organizations) async fn count(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<i64, AppError> {
    store::count(conn, organization).await
}
