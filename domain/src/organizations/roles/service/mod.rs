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
