//! The accounts as administrators see and change them.

mod accounts;
mod list;

pub(crate) use accounts::{Held, hold, hold_by_address, hold_with_administrators, lock, set_roles, unlock};
pub(crate) use list::{Filter, Key, Place, find, list};
