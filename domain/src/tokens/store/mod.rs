//! The tables of this room, one file each.

pub(super) mod api_tokens;
pub(super) mod copy;
pub(super) mod families;
pub(super) mod keys;
