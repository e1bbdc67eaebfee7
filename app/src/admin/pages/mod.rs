//! One file for each address of this room.

pub mod person;
pub mod users;

pub use person::PersonPage;
pub use users::UsersPage;
