//! One file for each address of this room.

pub mod groups;

pub use groups::GroupsPage;
