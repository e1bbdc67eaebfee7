//! One file for each address of this room.

pub mod access;
pub mod roles;

pub use access::AccessPage;
pub use roles::RolesPage;
