//! One file for each address of this room.

pub mod policy;

pub use policy::PolicyPage;
