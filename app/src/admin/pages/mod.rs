//! One file for each address of this room.

pub mod users;

pub use users::UsersPage;
