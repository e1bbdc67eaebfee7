//! The rules of groups.

mod look;
mod people;
mod tree;

pub use look::{Looking, group, look_for};
pub use people::{add, members, remove};
pub use tree::{create, delete, groups, move_to, rename};

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::roles::service::{above_yourself, given, read_id};
use super::store;
use crate::{
    AppError,
    access::{Permissions, Tx, evaluator},
};

/// How many groups an organization has.
pub(in crate::organizations) async fn count(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<i64, AppError> {
    store::count(conn, organization).await
}

fn group_id(field: &str, text: &str) -> Result<Uuid, AppError> {
    read_id(field, text)
}

/// The group that is meant, where one is; an empty field is the top of the tree.
fn parent_id(text: Option<&str>) -> Result<Option<Uuid>, AppError> {
    given(text).map(|text| read_id("parent_id", text)).transpose()
}

/// What being in a group allows; at the top of the tree nothing.
async fn allowed_by(tx: &mut Tx, group: Option<Uuid>) -> Result<Permissions, AppError> {
    let organization = tx.organization()?;
    match group {
        Some(group) => evaluator::of_group(tx.conn(), organization, group).await,
        None => Ok(Permissions::NONE),
    }
}

/// Nobody gives and takes what they have not.
fn demand_own(field: &str, own: Permissions, moved: Permissions) -> Result<(), AppError> {
    if own.include(moved) { Ok(()) } else { Err(above_yourself(field)) }
}

async fn find(tx: &mut Tx, group: Uuid) -> Result<store::Held, AppError> {
    let organization = tx.organization()?;
    store::find(tx.conn(), organization, group).await?.ok_or(AppError::NotFound)
}
